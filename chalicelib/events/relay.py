"""The relay: from the outbox to the bus, at least once, in order per aggregate.

A stream record is only the knock on the door: for each aggregate in the batch everything unsent is sent, oldest
first, and what was sent is marked. When the bus refuses an event, the rest of that aggregate waits behind it, the
record is reported as failed, and the stream (on AWS) or the sweep (everywhere) tries again. A relay that dies
between sending and marking sends twice; the event id tells listeners.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice, zip_longest
from typing import Any

from chalicelib.core import clock
from chalicelib.core.aws import client
from chalicelib.core.logs import log, measure
from chalicelib.core.settings import settings
from chalicelib.events import store
from chalicelib.events.model import Record

BUS_BATCH = 10  # entries of one PutEvents call
BUS_BYTES = 240_000  # of their details; 256 KB with the rest
SWEEP_PART = 100  # aggregates whose records are in memory at once
SWEEP_AFTER = timedelta(seconds=20)  # younger events are still the stream's


def relay(stream_event: dict[str, Any]) -> dict[str, Any]:
    """Send what a batch of stream records announces; the answer names the records to try again."""
    first_knock: dict[str, str] = {}
    queues: dict[str, dict[str, Record]] = {}
    for knock in stream_event["Records"]:
        record = store.from_image(knock["dynamodb"]["NewImage"]) if knock["eventName"] == "INSERT" else None
        if record and not record.sent_at:
            first_knock.setdefault(record.aggregate, knock["dynamodb"]["SequenceNumber"])
            queues.setdefault(record.aggregate, {})[record.seq] = record
    # The index may lag behind the stream, and the stream may bring again what was sent: the union of both.
    known = {(aggregate, seq) for aggregate, queue in queues.items() for seq in queue}
    others: dict[str, list[Record]] = {}
    for record in store.read([each for each in store.waiting(queues) if each[:2] not in known]):
        others.setdefault(record.aggregate, []).append(record)
    _, refused = _send([_in_order(queue, others.get(aggregate, [])) for aggregate, queue in queues.items()])
    return {"batchItemFailures": [{"itemIdentifier": first_knock[aggregate]} for aggregate in sorted(refused)]}


def _in_order(announced: dict[str, Record], others: list[Record]) -> list[Record]:
    """What was left behind, then what the stream announces in its order, which is that of the commits, then the rest.

    Clocks of two functions differ by milliseconds, so of events written side by side the stream knows better
    than `seq`.
    """
    first = next(iter(announced))
    before = [record for record in others if record.seq < first]
    return [*before, *announced.values(), *others[len(before) :]]


def sweep() -> int:
    """Send what has waited too long, and tell for how long the oldest of it has; returns how many records were sent."""
    at = oldest = clock.now()
    before = at - SWEEP_AFTER
    late: dict[str, list[store.Waiting]] = {}
    for each in store.all_waiting():
        oldest = min(oldest, each.occurred_at)
        if each.occurred_at < before or each.aggregate in late:
            late.setdefault(each.aggregate, []).append(each)
    measure("OldestUnsentEvent", (at - oldest).total_seconds(), "Seconds")
    found, sent = iter(late.values()), 0
    while part := list(islice(found, SWEEP_PART)):
        queues: dict[str, list[Record]] = {}
        for record in store.read([each for aggregate in part for each in aggregate]):
            queues.setdefault(record.aggregate, []).append(record)
        sent += _send(list(queues.values()))[0]
    return sent


def _send(queues: list[list[Record]]) -> tuple[int, set[str]]:
    """Put queues of records, one of each aggregate, on the bus; returns how many were sent and which were refused.

    A call carries at most one record of an aggregate: entries of one call are accepted one by one, and a later one must
    not overtake a refused one.
    """
    sent, refused = 0, set[str]()
    for turn in zip_longest(*queues):
        heads = [record for record in turn if record and record.aggregate not in refused]
        for batch in _calls(heads):
            answer = client("events").put_events(Entries=[entry for _, entry in batch])
            taken = []
            for (record, _), result in zip(batch, answer["Entries"], strict=True):
                if "ErrorCode" in result:
                    refused.add(record.aggregate)
                    log.error("the bus refused an event", extra={"event_id": record.id, "reason": result})
                else:
                    taken.append(record)
            store.mark_sent(taken, clock.now())
            sent += len(taken)
    return sent, refused


def _calls(records: Iterable[Record]) -> Iterator[list[tuple[Record, dict[str, Any]]]]:
    """Records with their entries, as many together as one call takes."""
    batch: list[tuple[Record, dict[str, Any]]] = []
    size = 0
    for record in records:
        entry = _entry(record)
        own = len(entry["Detail"].encode())
        if batch and (len(batch) == BUS_BATCH or size + own > BUS_BYTES):
            yield batch
            batch, size = [], 0
        batch.append((record, entry))
        size += own
    if batch:
        yield batch


def _entry(record: Record) -> dict[str, Any]:
    events = [
        {"id": event.id, "timestamp": clock.to_json(event.occurred_at), "data": event.data}
        for event in record.events()
    ]
    return {
        "EventBusName": f"{settings().stack_name}-bus",
        "Source": "shopfloor",
        "DetailType": record.name,
        "Detail": json.dumps({"event": record.name, "events": events}, ensure_ascii=False),
        "Time": record.occurred_at,
        "Resources": [record.aggregate],
    }
