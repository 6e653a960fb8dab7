"""From the bus to deliveries: each event of a message becomes one delivery for each subscription that wants it.

The deliveries of a whole SQS batch are written together, those of one subscription and event type side by side, because
they share its counters. A delivery's id is made of the event's and the subscription's, so a message that comes twice
makes nothing twice; it only announces again what nobody has taken yet.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from chalicelib.core import clock, logs, queues
from chalicelib.core.queues import result_or_error
from chalicelib.core.threads import own_threads
from chalicelib.core.transactions import Changed, optimistic
from chalicelib.webhooks import deliveries_store, dispatch, model, signing, store
from chalicelib.webhooks.deliveries_store import DeliveryItem
from chalicelib.webhooks.store import SubscriptionItem

THREADS = 4


def handle(queue_event: dict[str, Any]) -> dict[str, Any]:
    """Fan out the messages of an SQS batch; the answer names those to be delivered again."""
    answer, made = queues.process_batch(queue_event, _fan_out)
    logs.note(deliveries=sum(made))
    return answer


def _fan_out(messages: list[dict[str, Any]]) -> list[int | BaseException]:
    """Of each message how many deliveries there are, or why one of them could not be written."""
    subscriptions = store.every()
    wanted = [list(_wanted(message["detail"], subscriptions)) for message in messages]
    items = {item.uuid: item for made in wanted for item in made}  # the same event may come in two messages
    chunks = list(deliveries_store.chunks(sorted(items.values(), key=lambda item: item.of_type)))
    with own_threads(THREADS) as pool:
        errors = list(pool.map(lambda chunk: result_or_error(_write, chunk), chunks))
    failed = {item.uuid: error for chunk, error in zip(chunks, errors, strict=True) if error for item in chunk}
    return [next((failed[item.uuid] for item in made if item.uuid in failed), len(made)) for made in wanted]


def _wanted(detail: dict[str, Any], subscriptions: Sequence[SubscriptionItem]) -> Iterator[DeliveryItem]:
    """The deliveries there should be: to who subscribed to the event before it happened, however late it comes."""
    name, at = detail["event"], clock.now()
    events = [(event["id"], event["timestamp"], signing.dumps(event["data"])) for event in detail["events"]]
    for subscription in subscriptions:
        for event_id, timestamp, payload in events:
            if subscription.receives(name, clock.from_text(timestamp)):
                delivery_id = model.delivery_id(event_id, subscription.uuid)
                yield deliveries_store.new(delivery_id, subscription.uuid, name, timestamp, payload, at)


def _write(items: Sequence[DeliveryItem]) -> None:
    """Write deliveries and announce them; when some are there already, those that nobody has taken yet."""
    try:
        deliveries_store.add(items)
        dispatch.announce(item.uuid for item in items)
    except Changed:
        dispatch.announce(_write_missing(items))


@optimistic
def _write_missing(items: Sequence[DeliveryItem]) -> list[str]:
    """Write what is not there yet; the ids of those that somebody has to be told of."""
    there = deliveries_store.there([item.uuid for item in items])
    missing = [item for item in items if item.uuid not in there]
    deliveries_store.add(missing)
    untaken = [item.uuid for item in there.values() if item.due_at == item.created_at]
    return [item.uuid for item in missing] + untaken
