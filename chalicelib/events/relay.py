"""The relay: from the outbox to the bus, at least once, in order per aggregate.

A stream record is only the knock on the door: for each aggregate in the batch everything unsent is sent, oldest
first, and what was sent is marked. When the bus refuses an event, the rest of that aggregate waits behind it, the
record is reported as failed, and the stream (on AWS) or the sweep (everywhere) tries again. A relay that dies
between sending and marking sends twice; the event id tells listeners.
"""

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from chalicelib.core import clock
from chalicelib.core.aws import client
from chalicelib.core.logs import logger
from chalicelib.core.settings import settings
from chalicelib.events import store
from chalicelib.events.model import Event

BUS_BATCH = 10  # entries of one PutEvents call
SWEEP_AFTER = timedelta(seconds=20)  # younger events are still the stream's


def relay(stream_event: dict[str, Any]) -> dict[str, Any]:
    """Send what a batch of stream records announces; the answer names the records to try again."""
    first_record: dict[str, str] = {}
    announced: dict[str, dict[str, Event]] = {}
    for record in stream_event["Records"]:
        if record["eventName"] != "INSERT":
            continue
        event = store.from_image(record["dynamodb"]["NewImage"])
        first_record.setdefault(event.aggregate, record["dynamodb"]["SequenceNumber"])
        announced.setdefault(event.aggregate, {})[event.seq] = event
    failed = []
    for aggregate, events in announced.items():
        # The index may lag behind the stream, and the stream may bring again what was sent: the union of both.
        waiting = {event.seq: event for event in store.unsent(aggregate)} | events
        if not _send(waiting[seq] for seq in sorted(waiting)):
            failed.append({"itemIdentifier": first_record[aggregate]})
    return {"batchItemFailures": failed}


def sweep() -> int:
    """Send what has waited too long; returns how many events were sent."""
    before = clock.now() - SWEEP_AFTER
    late: dict[str, list[Event]] = {}
    for event in store.all_unsent():
        if event.occurred_at < before:
            late.setdefault(event.aggregate, []).append(event)
    return sum(len(events) for events in late.values() if _send(events))


def _send(events: Iterable[Event]) -> bool:
    """Put the events of one aggregate on the bus in order, marking each; False when the bus refused one."""
    queue = list(events)
    for start in range(0, len(queue), BUS_BATCH):
        batch = queue[start : start + BUS_BATCH]
        answer = client("events").put_events(Entries=[_entry(event) for event in batch])
        for event, result in zip(batch, answer["Entries"], strict=True):
            if "ErrorCode" in result:
                logger().error("the bus refused an event", extra={"event_id": event.id, "reason": result})
                return False
            store.mark_sent(event, clock.now())
    return True


def _entry(event: Event) -> dict[str, Any]:
    detail = {"id": event.id, "event": event.name, "timestamp": clock.to_text(event.occurred_at), "data": event.data}
    return {
        "EventBusName": f"{settings().stack_name}-bus",
        "Source": "shopfloor",
        "DetailType": event.name,
        "Detail": json.dumps(detail, ensure_ascii=False),
        "Time": event.occurred_at,
        "Resources": [event.aggregate],
    }
