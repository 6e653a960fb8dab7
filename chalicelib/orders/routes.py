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
    """Создание заказа.

    Сумму считает сервис по строкам. Пользователь должен существовать (404); заказывать за другого могут только
    роли, которые видят все заказы.
    """
    return OrderData(data=service.create(actor, body=body))


@api.get("/orders")
def list_orders(actor: Actor, query: OrderQuery) -> OrderPage:
    """Список заказов.

    Страница заказов, сначала новые, по пользователю, статусу и времени создания.
    """
    return service.list_page(actor, query=query)


@api.get("/orders/my-stats")
def my_stats(actor: Actor) -> StatsData:
    """Итоги по своим заказам.

    Сколько у вас заказов и на какую сумму, всего и по статусам.
    """
    return StatsData(data=service.my_stats(actor))


@api.get("/orders/{order_id}")
def get_order(actor: Actor, order_id: UUID) -> OrderData:
    """Заказ по UUID.

    Строки, сумма и статус; чужой заказ без права его видеть дает 404.
    """
    return OrderData(data=service.get(actor, order_id=order_id))


@api.put("/orders/{order_id}")
def update_order(actor: Actor, order_id: UUID, body: OrderUpdate) -> OrderData:
    """Изменение заказа.

    Новые строки заменяют прежние, сумма пересчитывается; строки меняются, пока заказ в статусе `created` (иначе
    409).
    """
    return OrderData(data=service.update(actor, order_id=order_id, body=body))


@api.put("/orders/{order_id}/status")
def set_status(actor: Actor, order_id: UUID, body: StatusUpdate) -> OrderData:
    """Изменение статуса заказа.

    Из `created` в `in_progress`, затем в `completed`; отменить можно до выполнения. Другой переход дает 409.
    """
    return OrderData(data=service.change_status(actor, order_id=order_id, status=body.status))


@api.delete("/orders/{order_id}")
def delete_order(actor: Actor, order_id: UUID) -> DeletedOrderData:
    """Удаление заказа.

    Заказ исчезает из списков и итогов без возврата; ответ показывает, что удалено.
    """
    return DeletedOrderData(data=service.delete(actor, order_id=order_id))


@users_api.get("/users/{user_id}/details")
def user_details(actor: Actor, user_id: UUID) -> DetailsData:
    """Пользователь с его заказами.

    Если заказы недоступны, ответ все равно приходит: `orders` равно null, причина в `warnings`.
    """
    return DetailsData(data=details.details(actor, user_id=user_id))


@users_api.delete("/users/{user_id}")
def delete_user(actor: Actor, user_id: UUID, query: UserDelete) -> DeletedUserData:
    """Удаление пользователя.

    Токены пользователя перестают действовать, его отложенные задания кончаются неудачей. Пока есть заказы, ответ
    409, если не указано `cascade=true`.
    """
    return DeletedUserData(data=deletion.delete_user(actor, user_id=user_id, cascade=query.cascade))
