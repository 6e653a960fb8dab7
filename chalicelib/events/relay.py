"""The relay: puts the items of the outbox on the bus, at least once, in order per aggregate.

The stream has a record for each new item. The relay sends the item with all unsent items of its aggregate, oldest
first, and marks them as sent. When the bus rejects an item, the later ones of the same aggregate are not sent, the
stream record is returned as failed, and the stream (on AWS) or the sweep (everywhere) tries again. A relay that dies
between sending and marking sends twice; receivers recognize an event by its id.

An item without a listener is marked as sent and not put on the bus while no active subscription has its name. The
subscriptions are read consistently after the item was committed, so a subscription from before the event gets it. Such
items of one name are sent together, up to `MAX_EVENTS` events in an entry of the bus; items with a listener have an
entry each, because a listener may take long.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from itertools import islice, zip_longest
from typing import Any

from chalicelib.core import clock
from chalicelib.core.aws import client
from chalicelib.core.logs import log, measure
from chalicelib.core.settings import settings
from chalicelib.events import store
from chalicelib.events.model import MAX_EVENTS, OutboxItem

MAX_ENTRIES = 10  # of one PutEvents call
MAX_BYTES = 240_000  # details and aggregates of one call; with the other fields its limit is 256 KB
AGGREGATES_PER_READ = 100  # aggregates whose items the sweep has in memory at once
SWEEP_AFTER = timedelta(seconds=20)  # younger events are left to the stream
SWEEP_LIMIT = 1_000  # late items of each shard that one sweep begins with; the next one is a minute later

Subscribed = Callable[[], Collection[str]]
"""Reads the names of the events that active subscriptions have now."""


def relay(stream_event: dict[str, Any], subscribed: Subscribed) -> dict[str, Any]:
    """Send the items of a batch of stream records; returns the stream records to be delivered again."""
    first_number: dict[str, str] = {}
    queues: dict[str, dict[str, OutboxItem]] = {}
    for trigger in stream_event["Records"]:
        item = store.from_image(trigger["dynamodb"]["NewImage"]) if trigger["eventName"] == "INSERT" else None
        if item and not item.sent_at:
            first_number.setdefault(item.aggregate, trigger["dynamodb"]["SequenceNumber"])
            queues.setdefault(item.aggregate, {})[item.seq] = item
    audience = _Audience(subscribed)
    # Older unsent items go first. They are read only for an aggregate with an item for the bus; the sweep sends others.
    sending = {aggregate for aggregate, queue in queues.items() if any(map(audience.receives, queue.values()))}
    # The index may lag behind the stream, and the stream may repeat what was sent, so both are needed.
    others: dict[str, list[OutboxItem]] = {}
    for item in _older_unsent({aggregate: queues[aggregate] for aggregate in sending}):
        others.setdefault(item.aggregate, []).append(item)
    ordered = [_in_order(queue, others.get(aggregate, [])) for aggregate, queue in queues.items()]
    _, rejected = _send(ordered, audience)
    return {"batchItemFailures": [{"itemIdentifier": first_number[aggregate]} for aggregate in sorted(rejected)]}


def _older_unsent(queues: dict[str, dict[str, OutboxItem]]) -> list[OutboxItem]:
    """Return the unsent items of these aggregates that are not in the stream batch."""
    if not queues:
        return []
    known = {(aggregate, seq) for aggregate, queue in queues.items() for seq in queue}
    return store.read_unsent([key for key in store.unsent_of(queues) if key[:2] not in known])


def _in_order(streamed: dict[str, OutboxItem], others: list[OutboxItem]) -> list[OutboxItem]:
    """Return the older items, then those of the stream in its order, which is the commit order, then the later ones.

    The clocks of two functions differ by milliseconds, so for events written at the same time the stream's order is
    right and that of `seq` may be wrong.
    """
    first = next(iter(streamed))
    before = [item for item in others if item.seq < first]
    return [*before, *streamed.values(), *others[len(before) :]]


def sweep(subscribed: Subscribed) -> int:
    """Send what the stream has missed, with the younger items of the same aggregates, and measure the age of the oldest
    unsent item; returns how many were sent.
    """
    at = clock.now()
    keys = store.oldest_unsent(SWEEP_LIMIT)
    oldest = min([at, *(key.occurred_at for key in keys[:1])])
    measure("OldestUnsentEvent", (at - oldest).total_seconds(), "Seconds")
    aggregates = iter(dict.fromkeys(key.aggregate for key in keys if key.occurred_at < at - SWEEP_AFTER))
    sent, audience = 0, _Audience(subscribed)
    while part := list(islice(aggregates, AGGREGATES_PER_READ)):
        queues: dict[str, list[OutboxItem]] = {}
        for item in store.read_unsent(store.unsent_of(part)):
            queues.setdefault(item.aggregate, []).append(item)
        sent += _send(list(queues.values()), audience)[0]
    return sent


class _Audience:
    """Decides which items go on the bus. It reads the subscriptions once, for the first item without a listener."""

    def __init__(self, subscribed: Subscribed) -> None:
        self._read = subscribed

    @cached_property
    def _subscribed(self) -> Collection[str]:
        return self._read()

    def receives(self, item: OutboxItem) -> bool:
        """Return whether a listener or a subscription gets an item."""
        return item.has_listener or item.name in self._subscribed


def _send(queues: list[list[OutboxItem]], audience: _Audience) -> tuple[int, set[str]]:
    """Put queues of items, one for each aggregate, on the bus; returns how many were sent, and rejected aggregates.

    A call has at most one item of an aggregate: the bus accepts each entry of a call or not, and a later item must
    not be accepted before an earlier one. All that was sent is marked at the end, also when a call fails.
    """
    done, rejected = list[OutboxItem](), set[str]()
    try:
        for turn in zip_longest(*queues):
            heads = [item for item in turn if item and item.aggregate not in rejected]
            done += [item for item in heads if not audience.receives(item)]
            for batch in _calls(_messages(item for item in heads if audience.receives(item))):
                response = client("events").put_events(Entries=[message.entry for message in batch])
                for message, result in zip(batch, response["Entries"], strict=True):
                    if "ErrorCode" in result:
                        rejected |= {item.aggregate for item in message.items}
                        log.error("the bus refused events", extra={"event_ids": message.ids, "reason": result})
                    else:
                        done += message.items
    finally:
        store.mark_sent(done, clock.now())
    return len(done), rejected


@dataclass
class _Message:
    """Items of one name that are one entry of PutEvents."""

    items: list[OutboxItem]
    events: list[str]  # as JSON
    size: int

    @property
    def ids(self) -> list[str]:
        return [item.id for item in self.items]

    @property
    def entry(self) -> dict[str, Any]:
        first = self.items[0]
        return {
            "EventBusName": f"{settings().stack_name}-bus",
            "Source": "shopfloor",
            "DetailType": first.name,
            "Detail": f'{{"event": {json.dumps(first.name)}, "events": [{", ".join(self.events)}]}}',
            "Time": first.occurred_at,
            "Resources": [item.aggregate for item in self.items],
        }

    def has_room_for(self, other: "_Message") -> bool:
        """Return whether the items of another message of this name may be sent in this one."""
        fits = self.size + other.size <= MAX_BYTES and len(self.events) + len(other.events) <= MAX_EVENTS
        return fits and not self.items[0].has_listener and not other.items[0].has_listener

    def add(self, other: "_Message") -> None:
        self.items += other.items
        self.events += other.events
        self.size += other.size


def _message(item: OutboxItem) -> _Message:
    events = [
        json.dumps(
            {"id": event.id, "timestamp": clock.to_json(event.occurred_at), "data": event.data}, ensure_ascii=False
        )
        for event in item.events()
    ]
    return _Message([item], events, sum(len(event.encode()) + 2 for event in events) + len(item.aggregate) + 100)


def _messages(items: Iterable[OutboxItem]) -> list[_Message]:
    """Return items as messages, in their order; an item is added to the last message of its name if it may be."""
    messages: list[_Message] = []
    last: dict[str, _Message] = {}
    for item in items:
        message = _message(item)
        before = last.get(item.name)
        if before and before.has_room_for(message):
            before.add(message)
        else:
            messages.append(message)
            last[item.name] = message
    return messages


def _calls(messages: Iterable[_Message]) -> Iterator[list[_Message]]:
    """Split messages into the calls that take them."""
    batch: list[_Message] = []
    for message in messages:
        if batch and (len(batch) == MAX_ENTRIES or sum(other.size for other in batch) + message.size > MAX_BYTES):
            yield batch
            batch = []
        batch.append(message)
    if batch:
        yield batch
