"""Table `events`: the outbox and the event log.

Unsent items have `lshard` and are in the sparse index `unsent`, in the order of `seq`, which begins with the time. An
item that never goes on the bus is written as sent: it is in the log, not in the index, and the relay skips it.
"""

import json
import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from operator import attrgetter
from typing import Any, NamedTuple

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from chalicelib.core import clock
from chalicelib.core.aws import client
from chalicelib.core.conversion import item_from, new_item
from chalicelib.core.dynamo import IndexSpec, batch_get, put_all, query, query_index, query_raw, table
from chalicelib.core.settings import settings
from chalicelib.core.threads import map_in_parallel
from chalicelib.core.transactions import Transaction
from chalicelib.events.model import Event, OutboxItem

RETENTION = timedelta(days=90)
COMMON, EACH = "*common", "*each"  # keys of folded data; no event has fields of these names
FEW_KEYS, KEYS_PER_AGGREGATE = 100, 40  # keys of others that are read at most to save the queries of single aggregates
UNSENT = IndexSpec("unsent", "lshard", "waiting", ("occurred_at",))


class UnsentKey(NamedTuple):
    """An entry of the index `unsent`: the key of an item that is not on the bus yet, and when it occurred."""

    aggregate: str
    seq: str
    occurred_at: datetime


@table("events", indexes=[UNSENT], stream=True, ttl="expires_at")
class EventItem(Model):
    """An item of the outbox and of the log. `lshard` and `waiting` are removed when it is on the bus.

    `data` is the data of the event; of several events (`model.OutboxItem`) the common fields, and the others of each.
    `only_webhooks` is set when the event has no listener.
    """

    aggregate = UnicodeAttribute(hash_key=True)
    seq = UnicodeAttribute(range_key=True)
    id = UnicodeAttribute()
    name = UnicodeAttribute()
    occurred_at = UnicodeAttribute()
    data = UnicodeAttribute()
    sent_at = UnicodeAttribute(null=True)
    expires_at = NumberAttribute()
    only_webhooks = BooleanAttribute(null=True)
    lshard = UnicodeAttribute(null=True)
    waiting = UnicodeAttribute(null=True)


def shard_of(aggregate: str) -> str:
    """Return the shard of the index `unsent` that has the items of an aggregate."""
    return str(zlib.crc32(aggregate.encode()) % settings().listing_shards)


def add(tx: Transaction, item: OutboxItem, *, may_go_on_bus: bool = True) -> None:
    """Write an item; without `may_go_on_bus` it is written as sent."""
    row = _event_item(item)
    if may_go_on_bus:
        row.lshard, row.waiting = shard_of(item.aggregate), item.seq
    else:
        row.sent_at = clock.to_text(item.occurred_at)
    tx.put(row)


def mark_sent(items: Sequence[OutboxItem], at: datetime) -> None:
    """Write items as sent, which removes them from the index `unsent`. Doing so twice changes nothing."""
    rows = [_event_item(item) for item in items]
    for row in rows:
        row.sent_at = clock.to_text(at)
    put_all(rows)


def events_of(aggregate: str) -> Iterator[Event]:
    """Yield the events of an aggregate, oldest first."""
    for item in query(EventItem, aggregate):
        yield from _outbox_item(item).events()


def newest(aggregate: str, count: int, before: str | None, visible: Callable[[Event], Event | None]) -> list[Event]:
    """Return the last `count` visible events of an aggregate with a seq below `before`, newest first.

    The seq of an event begins with that of its item, so `before` may be inside an item.
    """
    found: list[Event] = []
    for item in query(EventItem, aggregate, sort=("<", before) if before else None, descending=True, limit=count):
        inside = [event for event in _outbox_item(item).events() if not before or event.seq < before]
        found += filter(None, map(visible, reversed(inside)))
        if len(found) >= count:
            break
    return found[:count]


def items_of(aggregate: str, limit: int, *, since: str = "", descending: bool = False) -> list[OutboxItem]:
    """Return the first `limit` items of an aggregate from a seq on, or with `descending` the last, newest first."""
    sort = (">=", since) if since else None
    found = query(EventItem, aggregate, sort=sort, descending=descending, limit=limit)
    return [_outbox_item(item) for item in islice(found, limit)]


def unsent_of(aggregates: Collection[str]) -> list[UnsentKey]:
    """Return the keys of the unsent items of these aggregates, each aggregate's oldest first. The shards are read in
    parallel.
    """
    by_shard: dict[str, set[str]] = {}
    for aggregate in aggregates:
        by_shard.setdefault(shard_of(aggregate), set()).add(aggregate)
    if len(by_shard) == 1:
        return _of_shard(*next(iter(by_shard.items())))
    client("dynamodb")  # created here, so that the threads do not create one each
    return [key for keys in map_in_parallel(lambda pair: _of_shard(*pair), by_shard.items()) for key in keys]


def _of_shard(shard: str, aggregates: Collection[str]) -> list[UnsentKey]:
    """Usually a shard has few items, and one query reads all of it. With a backlog each aggregate's log is read, from
    the oldest unsent item of the shard on.
    """
    keys, has_more = _oldest_of(shard, FEW_KEYS + len(aggregates) * KEYS_PER_AGGREGATE)
    if has_more:
        since = min(key.seq for key in keys)
        logs = (query_raw(EventItem, aggregate, sort=(">=", since)) for aggregate in aggregates)
        keys = [_key_of(raw) for log in logs for raw in log if "lshard" in raw]
    return sorted((key for key in keys if key.aggregate in aggregates), key=attrgetter("seq"))


def oldest_unsent(limit: int) -> list[UnsentKey]:
    """Return the keys of up to `limit` unsent items of each shard, oldest first."""
    client("dynamodb")  # as above
    shards = map_in_parallel(lambda shard: _oldest_of(str(shard), limit)[0], range(settings().listing_shards))
    return sorted((key for keys in shards for key in keys), key=attrgetter("occurred_at"))


def _oldest_of(shard: str, limit: int) -> tuple[list[UnsentKey], bool]:
    """Return the keys of the first unsent items of a shard, and whether there are more."""
    page = next(query_index("events", UNSENT, shard, limit=limit))
    return [_key_of(raw) for raw in page["Items"]], "LastEvaluatedKey" in page


def read_unsent(keys: Sequence[UnsentKey]) -> list[OutboxItem]:
    """Return the items of these keys that have not been sent meanwhile, oldest first."""
    items = batch_get(EventItem, [(key.aggregate, key.seq) for key in keys])
    return sorted((_outbox_item(item) for item in items if not item.sent_at), key=lambda item: item.seq)


def _key_of(raw: dict[str, Any]) -> UnsentKey:
    return UnsentKey(raw["aggregate"]["S"], raw["seq"]["S"], clock.from_text(raw["occurred_at"]["S"]))


def from_image(raw: dict[str, Any]) -> OutboxItem:
    """Return the item of an image of the stream."""
    return _outbox_item(item_from(EventItem, raw))


def _event_item(item: OutboxItem) -> EventItem:
    return new_item(
        EventItem,
        aggregate=item.aggregate,
        seq=item.seq,
        id=item.id,
        name=item.name,
        occurred_at=clock.to_text(item.occurred_at),
        data=json.dumps(_folded(item.data), ensure_ascii=False, sort_keys=True),
        expires_at=int((item.occurred_at + RETENTION).timestamp()),
        only_webhooks=None if item.has_listener else True,
    )


def _folded(data: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the data of events as one object; of several events it has the common fields once."""
    first, *others = data
    if not others:
        return first
    common = {name: value for name, value in first.items() if all(other.get(name) == value for other in others)}
    each = [{name: value for name, value in fields.items() if name not in common} for fields in data]
    return {COMMON: common, EACH: each}


def _unfolded(data: dict[str, Any]) -> list[dict[str, Any]]:
    return [data[COMMON] | own for own in data[EACH]] if EACH in data else [data]


def _outbox_item(item: EventItem) -> OutboxItem:
    return OutboxItem(
        name=item.name,
        aggregate=item.aggregate,
        seq=item.seq,
        id=item.id,
        occurred_at=clock.from_text(item.occurred_at),
        data=_unfolded(json.loads(item.data)),
        sent_at=clock.from_text(item.sent_at) if item.sent_at else None,
        has_listener=not item.only_webhooks,
    )
