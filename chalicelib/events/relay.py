"""The relay: puts events from the outbox on the bus, at least once, in order per aggregate.

A stream record is only a trigger: all unsent records of its aggregate are sent, oldest first, and marked as sent. When
the bus rejects a record, the later ones of the same aggregate are not sent, the stream record is returned as failed,
and the stream (on AWS) or the sweep (everywhere) tries again. A relay that dies between sending and marking sends
twice; receivers recognize the event by its id.

An event without a listener is marked as sent and not put on the bus while no active subscription has its name. The
subscriptions are read consistently after the event was committed, so a subscription from before the event gets it.
Such events of one name are sent together, up to `MAX_EVENTS` in an entry; events with a listener have an entry each,
because a listener may take long.
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
from chalicelib.events.model import MAX_EVENTS, Record

MAX_ENTRIES = 10  # of one PutEvents call
MAX_BYTES = 240_000  # details and aggregates of one call; with the other fields its limit is 256 KB
AGGREGATES_PER_READ = 100  # aggregates whose records the sweep has in memory at once
SWEEP_AFTER = timedelta(seconds=20)  # younger events are left to the stream

Subscribed = Callable[[], Collection[str]]
"""Reads the names of the events that active subscriptions have now."""


def relay(stream_event: dict[str, Any], subscribed: Subscribed) -> dict[str, Any]:
    """Send the records of a batch of stream records; returns the stream records to be delivered again."""
    first_number: dict[str, str] = {}
    queues: dict[str, dict[str, Record]] = {}
    for trigger in stream_event["Records"]:
        record = store.from_image(trigger["dynamodb"]["NewImage"]) if trigger["eventName"] == "INSERT" else None
        if record and not record.sent_at:
            first_number.setdefault(record.aggregate, trigger["dynamodb"]["SequenceNumber"])
            queues.setdefault(record.aggregate, {})[record.seq] = record
    audience = _Audience(subscribed)
    # Only an aggregate of which something is sent needs its order; the others leave older records to the sweep.
    sending = {aggregate for aggregate, queue in queues.items() if any(map(audience.receives, queue.values()))}
    # The index may lag behind the stream, and the stream may repeat what was sent, so both are needed.
    others: dict[str, list[Record]] = {}
    for record in _older_unsent({aggregate: queues[aggregate] for aggregate in sending}):
        others.setdefault(record.aggregate, []).append(record)
    ordered = [_in_order(queue, others.get(aggregate, [])) for aggregate, queue in queues.items()]
    _, rejected = _send(ordered, audience)
    return {"batchItemFailures": [{"itemIdentifier": first_number[aggregate]} for aggregate in sorted(rejected)]}


def _older_unsent(queues: dict[str, dict[str, Record]]) -> list[Record]:
    """Return the unsent records of these aggregates that are not in the stream batch."""
    if not queues:
        return []
    known = {(aggregate, seq) for aggregate, queue in queues.items() for seq in queue}
    return store.read_unsent([key for key in store.unsent_of(queues) if key[:2] not in known])


def _in_order(streamed: dict[str, Record], others: list[Record]) -> list[Record]:
    """Return the older records, then those of the stream in its order, which is the commit order, then the later ones.

    The clocks of two functions differ by milliseconds, so for events written at the same time the stream's order is
    right and that of `seq` may be wrong.
    """
    first = next(iter(streamed))
    before = [record for record in others if record.seq < first]
    return [*before, *streamed.values(), *others[len(before) :]]


def sweep(subscribed: Subscribed) -> int:
    """Send what the stream has missed, and measure the age of the oldest unsent record; returns how many were sent."""
    at = oldest = clock.now()
    before = at - SWEEP_AFTER
    late: dict[str, list[store.UnsentKey]] = {}
    for key in store.all_unsent():
        oldest = min(oldest, key.occurred_at)
        if key.occurred_at < before or key.aggregate in late:
            late.setdefault(key.aggregate, []).append(key)
    measure("OldestUnsentEvent", (at - oldest).total_seconds(), "Seconds")
    aggregates, sent, audience = iter(late.values()), 0, _Audience(subscribed)
    while part := list(islice(aggregates, AGGREGATES_PER_READ)):
        queues: dict[str, list[Record]] = {}
        for record in store.read_unsent([key for keys in part for key in keys]):
            queues.setdefault(record.aggregate, []).append(record)
        sent += _send(list(queues.values()), audience)[0]
    return sent


class _Audience:
    """The receivers of records. The subscriptions are read once, and only when a record depends on them."""

    def __init__(self, subscribed: Subscribed) -> None:
        self._read = subscribed

    @cached_property
    def _subscribed(self) -> Collection[str]:
        return self._read()

    def receives(self, record: Record) -> bool:
        """Return whether a listener or a subscription gets a record."""
        return not record.only_webhooks or record.name in self._subscribed


def _send(queues: list[list[Record]], audience: _Audience) -> tuple[int, set[str]]:
    """Put queues of records, one for each aggregate, on the bus; returns how many were sent, and rejected aggregates.

    A call has at most one record of an aggregate: the bus accepts each entry of a call or not, and a later record must
    not be accepted before an earlier one. All that was sent is marked at the end, also when a call fails.
    """
    done, rejected = list[Record](), set[str]()
    try:
        for turn in zip_longest(*queues):
            heads = [record for record in turn if record and record.aggregate not in rejected]
            done += [record for record in heads if not audience.receives(record)]
            for batch in _calls(_messages(record for record in heads if audience.receives(record))):
                response = client("events").put_events(Entries=[message.entry for message in batch])
                for message, result in zip(batch, response["Entries"], strict=True):
                    if "ErrorCode" in result:
                        rejected |= {record.aggregate for record in message.records}
                        log.error("the bus refused events", extra={"event_ids": message.ids, "reason": result})
                    else:
                        done += message.records
    finally:
        store.mark_sent(done, clock.now())
    return len(done), rejected


@dataclass
class _Message:
    """Records of one name that are one entry of PutEvents."""

    records: list[Record]
    events: list[str]  # as JSON
    size: int

    @property
    def ids(self) -> list[str]:
        return [record.id for record in self.records]

    @property
    def entry(self) -> dict[str, Any]:
        first = self.records[0]
        return {
            "EventBusName": f"{settings().stack_name}-bus",
            "Source": "shopfloor",
            "DetailType": first.name,
            "Detail": f'{{"event": {json.dumps(first.name)}, "events": [{", ".join(self.events)}]}}',
            "Time": first.occurred_at,
            "Resources": [record.aggregate for record in self.records],
        }

    def has_room_for(self, other: "_Message") -> bool:
        """Return whether the records of another message of this name may be sent in this one."""
        fits = self.size + other.size <= MAX_BYTES and len(self.events) + len(other.events) <= MAX_EVENTS
        return fits and self.records[0].only_webhooks and other.records[0].only_webhooks

    def add(self, other: "_Message") -> None:
        self.records += other.records
        self.events += other.events
        self.size += other.size


def _message(record: Record) -> _Message:
    events = [
        json.dumps(
            {"id": event.id, "timestamp": clock.to_json(event.occurred_at), "data": event.data}, ensure_ascii=False
        )
        for event in record.events()
    ]
    return _Message([record], events, sum(len(event.encode()) + 2 for event in events) + len(record.aggregate) + 100)


def _messages(records: Iterable[Record]) -> list[_Message]:
    """Return records as messages, in their order; a record is added to the last message of its name if it may be."""
    messages: list[_Message] = []
    last: dict[str, _Message] = {}
    for record in records:
        message = _message(record)
        before = last.get(record.name)
        if before and before.has_room_for(message):
            before.add(message)
        else:
            messages.append(message)
            last[record.name] = message
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
