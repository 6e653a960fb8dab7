"""`/api/webhooks`."""

from typing import Any
from uuid import UUID

from chalicelib.core.fields import Page
from chalicelib.core.http import PRODUCTION, Actor, Request, Routes
from chalicelib.webhooks import deliveries, receiver, service
from chalicelib.webhooks.schemas import (
    Delivery,
    DeliveryDetails,
    DeliveryQuery,
    ExampleSend,
    FailingDeliveries,
    FailingQuery,
    Received,
    ReceiverQuery,
    Redelivered,
    RedeliverSince,
    Rotation,
    Subscription,
    SubscriptionCreate,
    SubscriptionPatch,
    SubscriptionQuery,
)

api = Routes(PRODUCTION)


@api.post("/api/webhooks", status=201)
def create_webhook(actor: Actor, body: SubscriptionCreate) -> Subscription:
    """Создание подписки на вебхук."""
    return service.create(actor, body=body)


@api.get("/api/webhooks")
def list_webhooks(actor: Actor, query: SubscriptionQuery) -> Page[Subscription]:
    """Список подписок."""
    return service.list_page(actor, query=query)


@api.post("/api/webhooks/test", public=True, raw=True, replays=False, accepts={"application/json": Any})
def receive_webhook(request: Request, query: ReceiverQuery) -> Received:
    """Тестовый эндпоинт для приема webhook."""
    return receiver.receive(request, query.secret_key)


@api.get("/api/webhooks/failing")
def list_failing_deliveries(actor: Actor, query: FailingQuery) -> FailingDeliveries:
    """Доставки всех подписок, которые не удались или ждут следующей попытки."""
    return deliveries.list_failing(actor, query=query)


@api.get("/api/webhooks/{subscription_id}")
def get_webhook(actor: Actor, subscription_id: UUID) -> Subscription:
    """Получение подписки по ID."""
    return service.get(actor, subscription_id=subscription_id)


@api.patch("/api/webhooks/{subscription_id}")
def update_webhook(actor: Actor, subscription_id: UUID, body: SubscriptionPatch) -> Subscription:
    """Изменение подписки."""
    return service.update(actor, subscription_id=subscription_id, body=body)


@api.delete("/api/webhooks/{subscription_id}", status=204)
def delete_webhook(actor: Actor, subscription_id: UUID) -> None:
    """Удаление подписки."""
    service.delete(actor, subscription_id=subscription_id)


@api.post("/api/webhooks/{subscription_id}/rotate_secret")
def rotate_webhook_secret(actor: Actor, subscription_id: UUID, body: Rotation) -> Subscription:
    """Замена секретного ключа: сутки подписывают оба."""
    return service.rotate_secret(actor, subscription_id=subscription_id, body=body)


@api.post("/api/webhooks/{subscription_id}/test", status=202)
def send_example(actor: Actor, subscription_id: UUID, body: ExampleSend) -> DeliveryDetails:
    """Отправка примера события."""
    return deliveries.send_example(actor, subscription_id=subscription_id, body=body)


@api.post("/api/webhooks/{subscription_id}/redeliver", status=202)
def redeliver_failed(actor: Actor, subscription_id: UUID, body: RedeliverSince) -> Redelivered:
    """Повторная отправка всех неудачных доставок с указанного времени."""
    return deliveries.redeliver_failed(actor, subscription_id=subscription_id, body=body)


@api.get("/api/webhooks/{subscription_id}/deliveries")
def list_deliveries(actor: Actor, subscription_id: UUID, query: DeliveryQuery) -> Page[Delivery]:
    """Список доставок для подписки."""
    return deliveries.list_page(actor, subscription_id=subscription_id, query=query)


@api.get("/api/webhooks/{subscription_id}/deliveries/{delivery_id}")
def get_delivery(actor: Actor, subscription_id: UUID, delivery_id: UUID) -> DeliveryDetails:
    """Доставка и ее попытки."""
    return deliveries.get(actor, subscription_id=subscription_id, delivery_id=delivery_id)


@api.post("/api/webhooks/{subscription_id}/deliveries/{delivery_id}/redeliver", status=202)
def redeliver(actor: Actor, subscription_id: UUID, delivery_id: UUID) -> DeliveryDetails:
    """Повторная отправка доставки."""
    return deliveries.redeliver(actor, subscription_id=subscription_id, delivery_id=delivery_id)
