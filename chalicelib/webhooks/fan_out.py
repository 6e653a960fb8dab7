"""From the bus to deliveries: each event of a message becomes one delivery for each subscription that wants it.

A delivery's id is made of the event's and the subscription's, so a message that comes twice makes nothing twice; it
only announces again what nobody has taken yet.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from chalicelib.core import clock, logs, queues
from chalicelib.core.transactions import optimistic
from chalicelib.webhooks import deliveries_store, dispatch, model, signing, store
from chalicelib.webhooks.deliveries_store import TOGETHER, DeliveryItem
from chalicelib.webhooks.store import SubscriptionItem

THREADS = 4


def handle(queue_event: dict[str, Any]) -> dict[str, Any]:
    """Fan out the messages of an SQS batch; the answer names those to be delivered again."""
    answer, made = queues.work_off(queue_event, lambda message: _fan_out(message["detail"]), THREADS)
    logs.note(deliveries=sum(made))
    return answer


def _fan_out(detail: dict[str, Any]) -> int:
    wanted = list(_wanted(detail, store.every()))
    for start in range(0, len(wanted), TOGETHER):
        dispatch.announce(_write(wanted[start : start + TOGETHER]))
    return len(wanted)


def _wanted(detail: dict[str, Any], subscriptions: Sequence[SubscriptionItem]) -> Iterator[DeliveryItem]:
    """The deliveries there should be, those of one subscription together: they share its counters."""
    name, at = detail["event"], clock.now()
    events = [(event["id"], event["timestamp"], signing.dumps(event["data"])) for event in detail["events"]]
    for subscription in subscriptions:
        if subscription.is_active and name in subscription.events:
            for event_id, timestamp, payload in events:
                delivery_id = model.delivery_id(event_id, subscription.uuid)
                yield deliveries_store.new(delivery_id, subscription.uuid, name, timestamp, payload, at)


@optimistic
def _write(items: Sequence[DeliveryItem]) -> list[str]:
    """Write what is not there yet; the ids of those that somebody has to be told of."""
    there = deliveries_store.there([item.uuid for item in items])
    missing = [item for item in items if item.uuid not in there]
    deliveries_store.add(missing)
    untaken = [item.uuid for item in there.values() if item.due_at == item.created_at]
    return [item.uuid for item in missing] + untaken

