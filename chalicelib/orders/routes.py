"""`/orders`; details and deletion of users, which need orders."""

from uuid import UUID

from chalicelib.core.http import USERS, Actor, Routes
from chalicelib.orders import deletion, details, service
from chalicelib.orders.schemas import (
    DeletedOrderData,
    DeletedUserData,
    DetailsData,
    OrderCreate,
    OrderData,
    OrderPage,
    OrderQuery,
    OrderUpdate,
    StatsData,
    StatusUpdate,
    UserDelete,
)

api = Routes(USERS, dependency="orders")
users_api = Routes(USERS, dependency="users")


@api.post("/orders", status=201)
def create_order(actor: Actor, body: OrderCreate) -> OrderData:
    """Создать новый заказ."""
    return OrderData(data=service.create(actor, body=body))


@api.get("/orders")
def list_orders(actor: Actor, query: OrderQuery) -> OrderPage:
    """Получить список заказов."""
    return service.list_page(actor, query=query)


@api.get("/orders/my-stats")
def my_stats(actor: Actor) -> StatsData:
    """Сколько у меня заказов и на какую сумму, по статусам."""
    return StatsData(data=service.my_stats(actor))


@api.get("/orders/{order_id}")
def get_order(actor: Actor, order_id: UUID) -> OrderData:
    """Получить заказ по ID."""
    return OrderData(data=service.get(actor, order_id=order_id))


@api.put("/orders/{order_id}")
def update_order(actor: Actor, order_id: UUID, body: OrderUpdate) -> OrderData:
    """Обновить заказ."""
    return OrderData(data=service.update(actor, order_id=order_id, body=body))


@api.put("/orders/{order_id}/status")
def set_status(actor: Actor, order_id: UUID, body: StatusUpdate) -> OrderData:
    """Изменить статус заказа."""
    return OrderData(data=service.change_status(actor, order_id=order_id, status=body.status))


@api.delete("/orders/{order_id}")
def delete_order(actor: Actor, order_id: UUID) -> DeletedOrderData:
    """Удалить заказ."""
    return DeletedOrderData(data=service.delete(actor, order_id=order_id))


@users_api.get("/users/{user_id}/details")
def user_details(actor: Actor, user_id: UUID) -> DetailsData:
    """Получить пользователя с его заказами."""
    return DetailsData(data=details.details(actor, user_id=user_id))


@users_api.delete("/users/{user_id}")
def delete_user(actor: Actor, user_id: UUID, query: UserDelete) -> DeletedUserData:
    """Удалить пользователя."""
    return DeletedUserData(data=deletion.delete_user(actor, user_id=user_id, cascade=query.cascade))
