"""The relay: from the outbox to the bus, at least once, in order per aggregate.

A stream record is only a trigger: for each aggregate in the batch everything unsent is sent, oldest first, and what was
sent is marked. When the bus refuses an event, the rest of that aggregate waits behind it, the record is reported as
failed, and the stream (on AWS) or the sweep (everywhere) tries again. A relay that dies between sending and marking
sends twice; the event id tells listeners.

An event that only webhooks could get is marked without being sent while no active subscription asks for its name. The
subscriptions are read consistently after the event was committed, so a subscription from before it gets it.
Such events of one name travel together, up to `MAX_EVENTS` in a message; those with a listener travel alone, because
the work of a listener may be long.
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
from chalicelib.events.model import MOST as MAX_EVENTS
from chalicelib.events.model import Record

BUS_BATCH = 10  # entries of one PutEvents call
BUS_BYTES = 240_000  # of their details and aggregates; 256 KB with the rest
SWEEP_PART = 100  # aggregates whose records are in memory at once
SWEEP_AFTER = timedelta(seconds=20)  # younger events are still the stream's

Subscribed = Callable[[], Collection[str]]
"""Reads the names of the events that an active subscription asks for now."""


def relay(stream_event: dict[str, Any], subscribed: Subscribed) -> dict[str, Any]:
    """Send what a batch of stream records announces; the answer names the records to try again."""
    first_number: dict[str, str] = {}
    queues: dict[str, dict[str, Record]] = {}
    for trigger in stream_event["Records"]:
        record = store.from_image(trigger["dynamodb"]["NewImage"]) if trigger["eventName"] == "INSERT" else None
        if record and not record.sent_at:
            first_number.setdefault(record.aggregate, trigger["dynamodb"]["SequenceNumber"])
            queues.setdefault(record.aggregate, {})[record.seq] = record
    audience = _Audience(subscribed)
    # Where nothing is sent nothing can overtake, so what was left behind there is left to the sweep.
    sending = {aggregate for aggregate, queue in queues.items() if any(map(audience.wants, queue.values()))}
    # The index may lag behind the stream, and the stream may bring again what was sent: the union of both.
    others: dict[str, list[Record]] = {}
    for record in _left_behind({aggregate: queues[aggregate] for aggregate in sending}):
        others.setdefault(record.aggregate, []).append(record)
    ordered = [_in_order(queue, others.get(aggregate, [])) for aggregate, queue in queues.items()]
    _, refused = _send(ordered, audience)
    return {"batchItemFailures": [{"itemIdentifier": first_number[aggregate]} for aggregate in sorted(refused)]}


def _left_behind(queues: dict[str, dict[str, Record]]) -> list[Record]:
    """Unsent records of these aggregates that the stream does not bring now."""
    if not queues:
        return []
    known = {(aggregate, seq) for aggregate, queue in queues.items() for seq in queue}
    return store.read([each for each in store.waiting(queues) if each[:2] not in known])


def _in_order(announced: dict[str, Record], others: list[Record]) -> list[Record]:
    """What was left behind, then what the stream announces in its order, which is that of the commits, then the rest.

    Clocks of two functions differ by milliseconds, so of events written side by side the stream knows better
    than `seq`.
    """
    first = next(iter(announced))
    before = [record for record in others if record.seq < first]
    return [*before, *announced.values(), *others[len(before) :]]


def sweep(subscribed: Subscribed) -> int:
    """Send what has waited too long, and tell for how long the oldest of it has; returns how many records were sent."""
    at = oldest = clock.now()
    before = at - SWEEP_AFTER
    late: dict[str, list[store.Waiting]] = {}
    for each in store.all_waiting():
        oldest = min(oldest, each.occurred_at)
        if each.occurred_at < before or each.aggregate in late:
            late.setdefault(each.aggregate, []).append(each)
    measure("OldestUnsentEvent", (at - oldest).total_seconds(), "Seconds")
    found, sent, audience = iter(late.values()), 0, _Audience(subscribed)
    while part := list(islice(found, SWEEP_PART)):
        queues: dict[str, list[Record]] = {}
        for record in store.read([each for aggregate in part for each in aggregate]):
            queues.setdefault(record.aggregate, []).append(record)
        sent += _send(list(queues.values()), audience)[0]
    return sent


class _Audience:
    """Who could get a record; the subscriptions are read once, and only when a record depends on them."""

    def __init__(self, subscribed: Subscribed) -> None:
        self._read = subscribed

    @cached_property
    def _subscribed(self) -> Collection[str]:
        return self._read()

    def wants(self, record: Record) -> bool:
        """Whether a listener or a subscription gets it."""
        return not record.only_webhooks or record.name in self._subscribed


def _send(queues: list[list[Record]], audience: _Audience) -> tuple[int, set[str]]:
    """Put queues of records, one of each aggregate, on the bus; returns how many were sent and which were refused.

    A call carries at most one record of an aggregate: entries of one call are accepted one by one, and a later one must
    not overtake a refused one. All that was sent is marked together, also when a later call fails.
    """
    done, refused = list[Record](), set[str]()
    try:
        for turn in zip_longest(*queues):
            heads = [record for record in turn if record and record.aggregate not in refused]
            done += [record for record in heads if not audience.wants(record)]
            for batch in _calls(_messages(record for record in heads if audience.wants(record))):
                answer = client("events").put_events(Entries=[message.entry for message in batch])
                for message, result in zip(batch, answer["Entries"], strict=True):
                    if "ErrorCode" in result:
                        refused |= {record.aggregate for record in message.records}
                        log.error("the bus refused events", extra={"event_ids": message.ids, "reason": result})
                    else:
                        done += message.records
    finally:
        store.mark_sent(done, clock.now())
    return len(done), refused


@dataclass
class _Message:
    """Records of one name that travel as one entry of the bus."""

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

    def takes(self, other: "_Message") -> bool:
        """Whether the records of another message of this name may travel with these."""
        fits = self.size + other.size <= BUS_BYTES and len(self.events) + len(other.events) <= MAX_EVENTS
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
    """Records as messages, in their order; a record joins the last message of its name when it may."""
    made: list[_Message] = []
    last: dict[str, _Message] = {}
    for record in records:
        message = _message(record)
        before = last.get(record.name)
        if before and before.takes(message):
            before.add(message)
        else:
            made.append(message)
            last[record.name] = message
    return made


def _calls(messages: Iterable[_Message]) -> Iterator[list[_Message]]:
    """As many messages together as one call takes."""
    batch: list[_Message] = []
    for message in messages:
        if batch and (len(batch) == BUS_BATCH or sum(each.size for each in batch) + message.size > BUS_BYTES):
            yield batch
            batch = []
        batch.append(message)
    if batch:
        yield batch
