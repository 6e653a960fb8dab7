"""Recording events, and reading the log."""

import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from chalicelib.core import clock
from chalicelib.core.transactions import Transaction
from chalicelib.events import store
from chalicelib.events.model import Event
from chalicelib.events.schemas import EventLog, LoggedEvent, LogQuery


def record(tx: Transaction, name: str, aggregate: str, at: datetime, order: int = 0, **data: Any) -> Event:
    """Record that `name` happened to `aggregate`, in the transaction that makes it so.

    `data` are the fields of the event as the contract lists them; `aggregate_id` and `occurred_at` are added. `order`
    sorts events of one aggregate that happen at the same instant.
    """
    event_id = str(uuid.uuid4())
    data |= {"aggregate_id": aggregate.partition("#")[2], "occurred_at": clock.to_json(at)}
    seq = f"{clock.to_text(clock.now())}#{order:04d}#{event_id[:8]}"
    event = Event(name, aggregate, seq, event_id, at, data)
    store.add(tx, event)
    return event


def history(aggregate: str) -> Iterator[Event]:
    """The events of one aggregate, oldest first."""
    return store.of_aggregate(aggregate)


def log(aggregate: str, query: LogQuery) -> EventLog:
    """A page of the events of one aggregate, newest first."""
    found = store.newest(aggregate, query.limit + 1, query.cursor)
    shown = found[: query.limit]
    cursor = shown[-1].seq if len(found) > query.limit else None
    return EventLog(items=[LoggedEvent.model_validate(event) for event in shown], next_cursor=cursor)
