"""Use cases of events: record them, and read the event log."""

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
from chalicelib.events.model import Event, OutboxItem
from chalicelib.events.schemas import EventLog, LoggedEvent, LogQuery
from chalicelib.events.types import EVENT_TYPES

ROLES_SEEING_ALL = frozenset({"admin", "manager"})  # they see every event of a log, with email addresses


def record(tx: Transaction, name: str, aggregate: str, at: datetime, **data: Any) -> str:
    """Record the event `name` of `aggregate` in the transaction of the state change; returns the event's id.

    `data` has the fields of the event type, else ValueError; `aggregate_id` and `occurred_at` are added. The events of
    one transaction stay in the order in which they were recorded.
    """
    return _write(tx, name, aggregate, at, [(aggregate.partition("#")[2], data)])


def record_many(
    tx: Transaction, name: str, aggregate: str, at: datetime, entries: Sequence[tuple[str, dict[str, Any]]]
) -> None:
    """Record up to `model.MAX_EVENTS` events of one name as one item, ordered among the events of `aggregate`.

    `entries` has the `aggregate_id` and the data of each event. The item is put on the bus as a whole; listeners and
    webhooks get each event.
    """
    if entries:
        _write(tx, name, aggregate, at, entries)


def _write(
    tx: Transaction, name: str, aggregate: str, at: datetime, entries: Sequence[tuple[str, dict[str, Any]]]
) -> str:
    if len(entries) > model.MAX_EVENTS:
        raise ValueError(f"{len(entries)} events in one item, at most {model.MAX_EVENTS}")
    occurred_at = clock.to_json(at)
    data = [{**fields, "aggregate_id": about, "occurred_at": occurred_at} for about, fields in entries]
    kind = EVENT_TYPES[name]
    checked = None
    for event_data in data:  # data with the field types of the data before it is not checked again
        if (types := {field: type(value) for field, value in event_data.items()}) != checked:
            kind.check(event_data)
            checked = types
    item_id = str(uuid.uuid4())
    moment, number = tx.next_sort_position()
    seq = f"{clock.to_text(moment)}#{number:04d}#{item_id[:8]}"
    item = OutboxItem(name, aggregate, seq, item_id, at, data, has_listener=kind.has_listener)
    store.add(tx, item, may_go_on_bus=kind.may_go_on_bus)
    return item_id


def history(actor: Actor, aggregate: str) -> Iterator[Event]:
    """Yield the events of an aggregate that the actor may see, oldest first."""
    return filter(None, (visible_to(actor, event) for event in store.events_of(aggregate)))


def since(actor: Actor, aggregate: str, at: datetime, limit: int) -> list[Event]:
    """Return the visible events of the first `limit` items of an aggregate from an instant on, oldest first."""
    items = store.items_of(aggregate, limit, since=clock.to_text(at))
    return [shown for item in items for event in item.events() if (shown := visible_to(actor, event))]


def latest(actor: Actor, aggregate: str, limit: int) -> tuple[list[Event], bool]:
    """Return the visible events of the last `limit` items, newest first, and whether these are all items."""
    items = store.items_of(aggregate, limit + 1, descending=True)
    events = [event for item in items[:limit] for event in reversed(list(item.events()))]
    return [shown for event in events if (shown := visible_to(actor, event))], len(items) <= limit


def list_page(actor: Actor, aggregate: str, query: LogQuery) -> EventLog:
    """Return a page of the events of an aggregate that the actor may see, newest first."""
    found = store.newest(aggregate, query.limit + 1, query.cursor, lambda event: visible_to(actor, event))
    shown = found[: query.limit]
    cursor = shown[-1].seq if len(found) > query.limit else None
    items = [LoggedEvent.model_validate(event) for event in shown]
    page = PageOf(shown, len(found), query.limit, 0, cursor, cursor_after=lambda count: shown[count - 1].seq)
    return EventLog(items=items, next_cursor=cursor).with_cursors_of(page)


def visible_to(actor: Actor, event: Event) -> Event | None:
    """Return an event as the actor may see it; None when it is hidden.

    Roles other than admin and manager see no email addresses, and of internal events those of sagas only.
    """
    if not ROLES_SEEING_ALL.isdisjoint(actor.roles):
        return event
    kind = EVENT_TYPES.get(event.name)
    if kind is None or not (kind.webhook_enabled or event.name.startswith("saga.")):
        return None
    return replace(event, data={name: value for name, value in event.data.items() if not name.endswith("email")})
