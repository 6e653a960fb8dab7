"""Recording events, and reading the log."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.core import clock
from chalicelib.core.actor import Actor
from chalicelib.core.paging import PageOf
from chalicelib.core.transactions import Transaction
from chalicelib.events import model, store
from chalicelib.events.model import Event, Record
from chalicelib.events.schemas import EventLog, LoggedEvent, LogQuery
from chalicelib.events.types import EVENT_TYPES

MANAGING = frozenset({"admin", "manager"})  # roles that see internal events and the addresses in them


def record(tx: Transaction, name: str, aggregate: str, at: datetime, **data: Any) -> str:
    """Record that `name` happened to `aggregate`, in the transaction that makes it so; returns the event's id.

    `data` are the fields of the event as its type in the catalog has them, other data are a ValueError; `aggregate_id`
    and `occurred_at` are added. The events of one transaction stay in the order in which they were recorded.
    """
    return _record(tx, name, aggregate, at, [(aggregate.partition("#")[2], data)])


def record_many(
    tx: Transaction, name: str, aggregate: str, at: datetime, entries: Sequence[tuple[str, dict[str, Any]]]
) -> None:
    """Record up to `model.MOST` events of one name as one item, ordered among the events of `aggregate`.

    An entry is the id of the thing it happened to, and the data. On the bus they travel together too, and every
    listener and webhook gets each of them.
    """
    if entries:
        _record(tx, name, aggregate, at, entries)


def _record(
    tx: Transaction, name: str, aggregate: str, at: datetime, entries: Sequence[tuple[str, dict[str, Any]]]
) -> str:
    if len(entries) > model.MOST:
        raise ValueError(f"{len(entries)} events in one record, at most {model.MOST}")
    occurred_at = clock.to_json(at)
    data = [{**fields, "aggregate_id": about, "occurred_at": occurred_at} for about, fields in entries]
    kind = EVENT_TYPES[name]
    shape = None
    for one in data:  # those of one record are made by the same lines: the first shows whether these are right
        if (own := {field: type(value) for field, value in one.items()}) != shape:
            kind.check(one)
            shape = own
    record_id = str(uuid.uuid4())
    moment, number = tx.next_place()
    seq = f"{clock.to_text(moment)}#{number:04d}#{record_id[:8]}"
    made = Record(name, aggregate, seq, record_id, at, data, only_webhooks=not kind.has_listener)
    store.add(tx, made, to_send=kind.has_listener or kind.webhook_enabled)
    return record_id


def history(actor: Actor, aggregate: str) -> Iterator[Event]:
    """The events of one aggregate that the actor may see, oldest first."""
    return filter(None, (shown_to(actor, event) for event in store.of_aggregate(aggregate)))


def since(actor: Actor, aggregate: str, at: datetime, most: int) -> list[Event]:
    """The events that the actor may see of the first `most` records of an aggregate from a moment on, oldest first."""
    records = store.some(aggregate, most, since=clock.to_text(at))
    return [shown for one in records for event in one.events() if (shown := shown_to(actor, event))]


def last(actor: Actor, aggregate: str, most: int) -> tuple[list[Event], bool]:
    """The same of the last records, newest first, and whether these are all there are."""
    records = store.some(aggregate, most + 1, descending=True)
    found = [event for one in records[:most] for event in reversed(list(one.events()))]
    return [shown for event in found if (shown := shown_to(actor, event))], len(records) <= most


def log(actor: Actor, aggregate: str, query: LogQuery) -> EventLog:
    """A page of the events of one aggregate that the actor may see, newest first."""
    found = store.newest(aggregate, query.limit + 1, query.cursor, lambda event: shown_to(actor, event))
    shown = found[: query.limit]
    cursor = shown[-1].seq if len(found) > query.limit else None
    items = [LoggedEvent.model_validate(event) for event in shown]
    page = PageOf(shown, len(found), query.limit, 0, cursor, cursor_after=lambda count: shown[count - 1].seq)
    return EventLog(items=items, next_cursor=cursor).cut_by(page)


def shown_to(actor: Actor, event: Event) -> Event | None:
    """An event of a log as the actor may see it: those who do not manage see no address, and nothing internal but the
    course of a saga, which is all that the log of a saga has.
    """
    if not MANAGING.isdisjoint(actor.roles):
        return event
    kind = EVENT_TYPES.get(event.name)
    if kind is None or not (kind.webhook_enabled or event.name.startswith("saga.")):
        return None
    return replace(event, data={name: value for name, value in event.data.items() if not name.endswith("email")})
