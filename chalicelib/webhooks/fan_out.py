"""Fan-out: one delivery for each event of a message and each of its subscriptions.

The deliveries of an SQS batch are written together, grouped by subscription and event type, which share counters. The
id of a delivery is made of the ids of event and subscription. So a message that is delivered twice creates no delivery
twice; it only sends the messages of deliveries again that were not taken yet.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from chalicelib.core import clock, logs, queues
from chalicelib.core.threads import own_threads, result_or_error
from chalicelib.core.transactions import Changed, optimistic
from chalicelib.webhooks import deliveries_store, dispatch, model, signing, store
from chalicelib.webhooks.deliveries_store import DeliveryItem
from chalicelib.webhooks.store import SubscriptionItem

THREADS = 4


def handle(queue_event: dict[str, Any]) -> dict[str, Any]:
    """Fan out the messages of an SQS batch; return those to be delivered again."""
    answer, made = queues.process_batch(queue_event, _fan_out)
    logs.note(deliveries=sum(made))
    return answer


def _fan_out(messages: list[dict[str, Any]]) -> list[int | BaseException]:
    """Return for each message the number of its deliveries, or the error of one that could not be written."""
    subscriptions = store.every()
    by_message = [list(_deliveries(message["detail"], subscriptions)) for message in messages]
    items = {item.uuid: item for made in by_message for item in made}  # two messages may have the same event
    chunks = list(deliveries_store.chunks(sorted(items.values(), key=lambda item: item.of_type)))
    with own_threads(THREADS) as pool:
        errors = list(pool.map(lambda chunk: result_or_error(_write, chunk), chunks))
    failed = {item.uuid: error for chunk, error in zip(chunks, errors, strict=True) if error for item in chunk}
    return [next((failed[item.uuid] for item in made if item.uuid in failed), len(made)) for made in by_message]


def _deliveries(detail: dict[str, Any], subscriptions: Sequence[SubscriptionItem]) -> Iterator[DeliveryItem]:
    """Yield the deliveries of events, to subscriptions that received the event type when it happened."""
    name, at = detail["event"], clock.now()
    events = [(event["id"], event["timestamp"], signing.dumps(event["data"])) for event in detail["events"]]
    for subscription in subscriptions:
        for event_id, timestamp, payload in events:
            if subscription.receives(name, clock.from_text(timestamp)):
                delivery_id = model.delivery_id(event_id, subscription.uuid)
                yield deliveries_store.new(delivery_id, subscription.uuid, name, timestamp, payload, at)


def _write(items: Sequence[DeliveryItem]) -> None:
    """Write deliveries and send their messages; of deliveries that exist, only the messages of untaken ones."""
    try:
        deliveries_store.add(items)
        dispatch.announce(item.uuid for item in items)
    except Changed:
        dispatch.announce(_write_missing(items))


@optimistic
def _write_missing(items: Sequence[DeliveryItem]) -> list[str]:
    """Write the deliveries that do not exist; return the ids of those that need a message."""
    existing = deliveries_store.find_many([item.uuid for item in items])
    missing = [item for item in items if item.uuid not in existing]
    deliveries_store.add(missing)
    untaken = [item.uuid for item in existing.values() if item.due_at == item.created_at]
    return [item.uuid for item in missing] + untaken
