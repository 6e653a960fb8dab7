"""The relay: from the outbox to the bus, at least once, in order per aggregate.

A stream record is only the knock on the door: for each aggregate in the batch everything unsent is sent, oldest
first, and what was sent is marked. When the bus refuses an event, the rest of that aggregate waits behind it, the
record is reported as failed, and the stream (on AWS) or the sweep (everywhere) tries again. A relay that dies
between sending and marking sends twice; the event id tells listeners.
"""

import json
from datetime import timedelta
from itertools import zip_longest
from typing import Any

from chalicelib.core import clock
from chalicelib.core.aws import client
from chalicelib.core.logs import log
from chalicelib.core.settings import settings
from chalicelib.events import store
from chalicelib.events.model import Event

BUS_BATCH = 10  # entries of one PutEvents call
SWEEP_AFTER = timedelta(seconds=20)  # younger events are still the stream's


def relay(stream_event: dict[str, Any]) -> dict[str, Any]:
    """Send what a batch of stream records announces; the answer names the records to try again."""
    first_record: dict[str, str] = {}
    queues: dict[str, dict[str, Event]] = {}
    for record in stream_event["Records"]:
        event = store.from_image(record["dynamodb"]["NewImage"]) if record["eventName"] == "INSERT" else None
        if event and not event.sent_at:
            first_record.setdefault(event.aggregate, record["dynamodb"]["SequenceNumber"])
            queues.setdefault(event.aggregate, {})[event.seq] = event
    # The index may lag behind the stream, and the stream may bring again what was sent: the union of both.
    unsent: dict[str, dict[str, Event]] = {}
    for event in store.unsent(queues):
        unsent.setdefault(event.aggregate, {})[event.seq] = event
    _, refused = _send([_in_order(queue, unsent.get(aggregate, {})) for aggregate, queue in queues.items()])
    return {"batchItemFailures": [{"itemIdentifier": first_record[aggregate]} for aggregate in sorted(refused)]}


def _in_order(announced: dict[str, Event], unsent: dict[str, Event]) -> list[Event]:
    """What was left behind, then what the stream announces in its order, which is that of the commits, then the rest.

    Clocks of two functions differ by milliseconds, so of events written side by side the stream knows better
    than `seq`.
    """
    first = next(iter(announced))
    others = [unsent[seq] for seq in sorted(unsent.keys() - announced.keys())]
    before = [event for event in others if event.seq < first]
    return [*before, *announced.values(), *others[len(before) :]]


def sweep() -> int:
    """Send what has waited too long; returns how many events were sent."""
    before = clock.now() - SWEEP_AFTER
    late: dict[str, list[Event]] = {}
    for event in store.all_unsent():
        if event.occurred_at < before or event.aggregate in late:
            late.setdefault(event.aggregate, []).append(event)
    sent, _ = _send(list(late.values()))
    return sent


def _send(queues: list[list[Event]]) -> tuple[int, set[str]]:
    """Put queues of events, one of each aggregate, on the bus; returns how many were sent and which were refused.

    A call carries at most one event of an aggregate: entries of one call are accepted one by one, and a later one must
    not overtake a refused one.
    """
    sent, refused = 0, set[str]()
    for turn in zip_longest(*queues):
        heads = [event for event in turn if event and event.aggregate not in refused]
        for start in range(0, len(heads), BUS_BATCH):
            batch = heads[start : start + BUS_BATCH]
            answer = client("events").put_events(Entries=[_entry(event) for event in batch])
            taken = []
            for event, result in zip(batch, answer["Entries"], strict=True):
                if "ErrorCode" in result:
                    refused.add(event.aggregate)
                    log.error("the bus refused an event", extra={"event_id": event.id, "reason": result})
                else:
                    taken.append(event)
            store.mark_sent(taken, clock.now())
            sent += len(taken)
    return sent, refused


def _entry(event: Event) -> dict[str, Any]:
    detail = {"id": event.id, "event": event.name, "timestamp": clock.to_json(event.occurred_at), "data": event.data}
    return {
        "EventBusName": f"{settings().stack_name}-bus",
        "Source": "shopfloor",
        "DetailType": event.name,
        "Detail": json.dumps(detail, ensure_ascii=False),
        "Time": event.occurred_at,
        "Resources": [event.aggregate],
    }
