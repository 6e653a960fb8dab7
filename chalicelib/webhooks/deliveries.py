"""Use cases of deliveries: list, read, send again, send an example."""

import json
from itertools import islice
from typing import Any
from uuid import UUID

from chalicelib.core import clock, ids
from chalicelib.core.auth import Actor
from chalicelib.core.fields import Page
from chalicelib.core.paging import PageRequest
from chalicelib.core.texts import text
from chalicelib.core.transactions import Changed, optimistic, transaction
from chalicelib.events import types
from chalicelib.webhooks import deliveries_store, dispatch, model, signing, store
from chalicelib.webhooks.deliveries_store import DELIVERIES, DELIVERIES_PER_TRANSACTION, DeliveryItem
from chalicelib.webhooks.schemas import (
    Attempt,
    Delivery,
    DeliveryDetails,
    DeliveryQuery,
    ExampleSend,
    FailingDeliveries,
    FailingDelivery,
    FailingQuery,
    Redelivered,
    RedeliverSince,
)

MAX_RESTARTS = 1_000  # deliveries that one request sends again


def list_page(actor: Actor, *, subscription_id: UUID, query: DeliveryQuery) -> Page[Delivery]:
    """Return a page of the deliveries of a subscription, newest first."""
    found = store.get(str(subscription_id))
    filters = _filters(found.uuid, query)
    page = DELIVERIES.page(PageRequest(query.limit, query.offset, filters=filters, cursor=query.cursor))
    return Page.of(page, [Delivery.model_validate(_view(item)) for item in page.items])


def list_failing(actor: Actor, *, query: FailingQuery) -> FailingDeliveries:
    """Return a page of the deliveries of all subscriptions that have failed or wait for a retry, newest first."""
    page = deliveries_store.failing(PageRequest(query.limit, cursor=query.cursor))
    urls = {item.uuid: item.url for item in store.every()} if page.items else {}
    shown = [{**_view(item), "subscription_url": urls.get(item.subscription_id)} for item in page.items]
    items = [FailingDelivery.model_validate(fields) for fields in shown]
    return FailingDeliveries(items=items, limit=query.limit, next_cursor=page.next_cursor).with_cursors_of(page)


def get(actor: Actor, *, subscription_id: UUID, delivery_id: UUID) -> DeliveryDetails:
    """Return one delivery with its attempts."""
    found = store.get(str(subscription_id))
    return _details(deliveries_store.get(found.uuid, str(delivery_id)))


def redeliver(actor: Actor, *, subscription_id: UUID, delivery_id: UUID) -> DeliveryDetails:
    """Send a delivery that has ended again, with the same `webhook-id`."""
    item = _redeliver(str(subscription_id), str(delivery_id))
    dispatch.announce([item.uuid])
    return _details(item)


@optimistic
def _redeliver(subscription_id: str, delivery_id: str) -> DeliveryItem:
    if ids.made_before():  # it may have ended again, or its subscription may be disabled by now
        return deliveries_store.get(store.get(subscription_id).uuid, delivery_id)
    item = deliveries_store.get(_active_id(subscription_id), delivery_id)
    if item.status == "pending":
        raise model.still_pending()
    with transaction() as tx:
        deliveries_store.restart(tx, item, clock.now())
        tx.note_made(item.uuid)
    return item


def redeliver_failed(actor: Actor, *, subscription_id: UUID, body: RedeliverSince) -> Redelivered:
    """Send failed deliveries of events since a time again, the oldest first, as many as one request can."""
    found = _active_id(str(subscription_id))
    filters = {"of_status": deliveries_store.of_status(found, "failed"), "created_from": clock.to_text(body.since)}
    failed = (item for item in DELIVERIES.every(filters) if item.status == "failed")
    restarted = 0
    while restarted < MAX_RESTARTS and (chunk := list(islice(failed, DELIVERIES_PER_TRANSACTION))):
        restarted += _restart(chunk)
    return Redelivered(redelivered=restarted, more=next(failed, None) is not None)


def _restart(chunk: list[DeliveryItem]) -> int:
    at = clock.now()
    try:
        with transaction() as tx:
            for item in chunk:
                deliveries_store.restart(tx, item, at)
    except Changed:
        return 0  # another request has changed one of them
    dispatch.announce(item.uuid for item in chunk)
    return len(chunk)


def send_example(actor: Actor, *, subscription_id: UUID, body: ExampleSend) -> DeliveryDetails:
    """Send the example of an event type, as a delivery that is marked as a test."""
    found, at = _active_id(str(subscription_id)), clock.now()
    payload = signing.dumps(types.get(body.event).example_data())
    item = deliveries_store.new(ids.new(), found, body.event, clock.to_json(at), payload, at)
    item.is_test = True
    deliveries_store.add([item])
    dispatch.announce([item.uuid])
    return _details(item)


def _active_id(subscription_id: str) -> str:
    found = store.get(subscription_id)
    if not found.is_active:
        raise model.inactive()
    return found.uuid


def _filters(subscription_id: str, query: DeliveryQuery) -> dict[str, str]:
    filters = {}
    if query.status:
        filters["of_status"] = deliveries_store.of_status(subscription_id, query.status)
    if query.event_type:
        filters["of_type"] = deliveries_store.of_type(subscription_id, query.event_type)
    return filters or {"subscription_id": subscription_id}


def _view(item: DeliveryItem) -> dict[str, Any]:
    shown = {name: getattr(item, name) for name in Delivery.model_fields if hasattr(item, name)}
    waits = item.status == "pending" and item.postponed
    shown["error_message"] = item.error_message and text(item.error_message)
    reason = text(model.POSTPONED) if waits else None
    return shown | {"payload": json.loads(item.payload), "next_attempt_at": item.due_at, "reason": reason}


def _details(item: DeliveryItem) -> DeliveryDetails:
    attempts = [Attempt.model_validate(entry) for entry in json.loads(item.log)]
    return DeliveryDetails.model_validate(_view(item) | {"attempt_log": attempts})
