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
    """Создание подписки.

    С этого момента события приходят на ваш адрес подписанными запросами POST; прежних событий не будет. Адрес
    проверяется: вне локального стека только https и не внутренняя сеть (422).
    """
    return service.create(actor, body=body)


@api.get("/api/webhooks")
def list_webhooks(actor: Actor, query: SubscriptionQuery) -> Page[Subscription]:
    """Список подписок.

    Подписки с тем, как идут их доставки (`health`), сначала новые.
    """
    return service.list_page(actor, query=query)


@api.post("/api/webhooks/test", public=True, raw=True, replays=False, accepts={"application/json": Any})
def receive_webhook(request: Request, query: ReceiverQuery) -> Received:
    """Тестовый приемник.

    Возвращает то, что получил, и с `secret_key` говорит, верна ли подпись: удобно как адрес подписки на время проб.
    """
    return receiver.receive(request, query.secret_key)


@api.get("/api/webhooks/failing")
def list_failing_deliveries(actor: Actor, query: FailingQuery) -> FailingDeliveries:
    """Неудачные доставки всех подписок.

    Не удались за 30 дней и не отправлены снова, или ждут повтора; `reason` говорит, если их держит предохранитель.
    """
    return deliveries.list_failing(actor, query=query)


@api.get("/api/webhooks/{subscription_id}")
def get_webhook(actor: Actor, subscription_id: UUID) -> Subscription:
    """Подписка по UUID.

    Адрес, события и как идут доставки; ключ не показывается.
    """
    return service.get(actor, subscription_id=subscription_id)


@api.patch("/api/webhooks/{subscription_id}")
def update_webhook(actor: Actor, subscription_id: UUID, body: SubscriptionPatch) -> Subscription:
    """Изменение подписки.

    Адрес, события и ключ меняются вместе; `is_active: true` включает отключенную.
    """
    return service.update(actor, subscription_id=subscription_id, body=body)


@api.delete("/api/webhooks/{subscription_id}", status=204)
def delete_webhook(actor: Actor, subscription_id: UUID) -> None:
    """Удаление подписки.

    Новых доставок не будет, ожидающие кончатся неудачей.
    """
    service.delete(actor, subscription_id=subscription_id)


@api.post("/api/webhooks/{subscription_id}/rotate_secret")
def rotate_webhook_secret(actor: Actor, subscription_id: UUID, body: Rotation) -> Subscription:
    """Новый ключ подписи.

    Сутки запросы подписаны обоими ключами: за это время поменяйте ключ у получателя.
    """
    return service.rotate_secret(actor, subscription_id=subscription_id, body=body)


@api.post("/api/webhooks/{subscription_id}/test", status=202)
def send_example(actor: Actor, subscription_id: UUID, body: ExampleSend) -> DeliveryDetails:
    """Отправка примера события.

    Проверка получателя без настоящих событий: доставка помечена `is_test`, чем она кончилась, покажет ее состояние.
    """
    return deliveries.send_example(actor, subscription_id=subscription_id, body=body)


@api.post("/api/webhooks/{subscription_id}/redeliver", status=202)
def redeliver_failed(actor: Actor, subscription_id: UUID, body: RedeliverSince) -> Redelivered:
    """Повтор неудачных доставок.

    Все неудачные доставки событий с указанного времени, например после простоя получателя. Если `more` равно
    `true`, повторите запрос.
    """
    return deliveries.redeliver_failed(actor, subscription_id=subscription_id, body=body)


@api.get("/api/webhooks/{subscription_id}/deliveries")
def list_deliveries(actor: Actor, subscription_id: UUID, query: DeliveryQuery) -> Page[Delivery]:
    """Доставки подписки.

    Что отправлено, что ждет и что не удалось за 30 дней, сначала новые.
    """
    return deliveries.list_page(actor, subscription_id=subscription_id, query=query)


@api.get("/api/webhooks/{subscription_id}/deliveries/{delivery_id}")
def get_delivery(actor: Actor, subscription_id: UUID, delivery_id: UUID) -> DeliveryDetails:
    """Доставка и ее попытки.

    Что отправлено, что ответил получатель и сколько длилась каждая попытка.
    """
    return deliveries.get(actor, subscription_id=subscription_id, delivery_id=delivery_id)


@api.post("/api/webhooks/{subscription_id}/deliveries/{delivery_id}/redeliver", status=202)
def redeliver(actor: Actor, subscription_id: UUID, delivery_id: UUID) -> DeliveryDetails:
    """Повтор доставки.

    Отправляет то же событие с тем же `webhook-id`: получатель узнает повтор. Ожидающая доставка дает 409.
    """
    return deliveries.redeliver(actor, subscription_id=subscription_id, delivery_id=delivery_id)
