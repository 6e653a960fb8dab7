"""Table `events`. Unsent events carry `lshard` and are in the sparse index `unsent`, ordered by aggregate and seq.

What nothing can listen to is for the log alone: it is written as sent, and neither the index nor the relay sees it.
"""

import json
import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from chalicelib.core import clock
from chalicelib.core.aws import client
from chalicelib.core.conversion import item_from, new_item
from chalicelib.core.dynamo import IndexSpec, batch_get, put_all, query, table, table_name
from chalicelib.core.settings import settings
from chalicelib.core.threads import side_by_side
from chalicelib.core.transactions import Transaction
from chalicelib.events.model import Event, Record

KEPT = timedelta(days=90)
COMMON, EACH = "*common", "*each"  # no event has fields of these names
KEYS_PER_AGGREGATE = 40  # keys of a shard that may be read in search of those of one aggregate: a query costs as much
UNSENT = IndexSpec("unsent", "lshard", "waiting", ("occurred_at",))


class Waiting(NamedTuple):
    """A record that is not on the bus yet, as its index knows it: where it is, and since when."""

    aggregate: str
    seq: str
    occurred_at: datetime


@table("events", indexes=[UNSENT], stream=True, ttl="expires_at")
class EventItem(Model):
    """A record of the outbox, and of the log. `lshard` and `waiting` are there until it is on the bus.

    `data` is the event's, or of many (`model.Record`) what is common to all, and what each has beside it.
    """

    class Meta:
        pass

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
    """The shard of the unsent index that holds the events of an aggregate."""
    return str(zlib.crc32(aggregate.encode()) % settings().listing_shards)


def add(tx: Transaction, record: Record, *, to_send: bool = True) -> None:
    """Write a record; one that is not `to_send` counts as sent when it happened."""
    item = _item(record)
    if to_send:
        item.lshard, item.waiting = shard_of(record.aggregate), f"{record.aggregate}#{record.seq}"
    else:
        item.sent_at = clock.to_text(record.occurred_at)
    tx.put(item)


def mark_sent(records: Sequence[Record], at: datetime) -> None:
    """Take records out of the unsent index, written whole: one request for all, and twice is harmless."""
    items = [_item(record) for record in records]
    for item in items:
        item.sent_at = clock.to_text(at)
    put_all(items)


def of_aggregate(aggregate: str) -> Iterator[Event]:
    """The log of one aggregate, oldest first."""
    for item in query(EventItem, aggregate):
        yield from _record(item).events()


def newest(aggregate: str, count: int, before: str | None, shown: Callable[[Event], Event | None]) -> list[Event]:
    """The last `count` events of an aggregate that are shown, newest first, of those with a seq below `before`.

    The seq of an event begins with that of its record, so a record is found from any place inside it.
    """
    found: list[Event] = []
    for item in query(EventItem, aggregate, sort=("<", before) if before else None, descending=True, limit=count):
        inside = [event for event in _record(item).events() if not before or event.seq < before]
        found += filter(None, map(shown, reversed(inside)))
        if len(found) >= count:
            break
    return found[:count]


def some(aggregate: str, most: int, *, since: str = "", descending: bool = False) -> list[Record]:
    """The first `most` records of an aggregate from a seq on, or the last ones, newest first."""
    sort = (">=", since) if since else None
    found = query(EventItem, aggregate, sort=sort, descending=descending, limit=most)
    return [_record(item) for item in islice(found, most)]


def waiting(aggregates: Collection[str]) -> list[Waiting]:
    """What of these aggregates is not on the bus yet, oldest first; the shards are asked side by side.

    Mostly a shard holds little more than what was asked for, so one query reads it whole; with a backlog there is a
    query for each aggregate.
    """
    by_shard: dict[str, set[str]] = {}
    for aggregate in aggregates:
        by_shard.setdefault(shard_of(aggregate), set()).add(aggregate)
    if len(by_shard) == 1:
        return _of_shard(*next(iter(by_shard.items())))
    client("dynamodb")  # made once, not by all threads at the same time
    return [each for found in side_by_side(lambda pair: _of_shard(*pair), by_shard.items()) for each in found]


def _of_shard(shard: str, wanted: Collection[str]) -> list[Waiting]:
    if len(wanted) > 1:
        found, more = next(_pages(shard, "", len(wanted) * KEYS_PER_AGGREGATE))
        if not more:
            return [each for each in found if each.aggregate in wanted]
    return [each for aggregate in wanted for each in _waiting(shard, f"{aggregate}#")]


def all_waiting() -> Iterator[Waiting]:
    """All that is not on the bus yet, by aggregate, oldest first."""
    for shard in range(settings().listing_shards):
        yield from _waiting(str(shard), "")


def read(found: Sequence[Waiting]) -> list[Record]:
    """The records themselves, those that have not been sent since, oldest first."""
    items = batch_get(EventItem, [(each.aggregate, each.seq) for each in found])
    return sorted((_record(item) for item in items if not item.sent_at), key=lambda record: record.seq)


def _waiting(shard: str, prefix: str) -> Iterator[Waiting]:
    for found, _ in _pages(shard, prefix):
        yield from found


def _pages(shard: str, prefix: str, size: int | None = None) -> Iterator[tuple[list[Waiting], bool]]:
    """Pages of the unsent index, each with whether there are more."""
    arguments: dict[str, Any] = {
        "TableName": table_name("events"),
        "IndexName": UNSENT.name,
        "KeyConditionExpression": "lshard = :shard",
        "ExpressionAttributeValues": {":shard": {"S": shard}},
    }
    if prefix:
        arguments["KeyConditionExpression"] += " AND begins_with(waiting, :prefix)"
        arguments["ExpressionAttributeValues"][":prefix"] = {"S": prefix}
    if size:
        arguments["Limit"] = size
    while True:
        answer = client("dynamodb").query(**arguments)
        last = answer.get("LastEvaluatedKey")
        yield [_key_of(raw) for raw in answer["Items"]], bool(last)
        if not last:
            return
        arguments["ExclusiveStartKey"] = last


def _key_of(raw: dict[str, Any]) -> Waiting:
    return Waiting(raw["aggregate"]["S"], raw["seq"]["S"], clock.from_text(raw["occurred_at"]["S"]))


def from_image(raw: dict[str, Any]) -> Record:
    """A record from an item as DynamoDB (or its stream) gives it."""
    return _record(item_from(EventItem, raw))


def _item(record: Record) -> EventItem:
    return new_item(
        EventItem,
        aggregate=record.aggregate,
        seq=record.seq,
        id=record.id,
        name=record.name,
        occurred_at=clock.to_text(record.occurred_at),
        data=json.dumps(_folded(record.data), ensure_ascii=False, sort_keys=True),
        expires_at=int((record.occurred_at + KEPT).timestamp()),
        only_webhooks=record.only_webhooks or None,
    )


def _folded(data: list[dict[str, Any]]) -> dict[str, Any]:
    """The data of events as one object: of many, what they have in common stands there once."""
    first, *others = data
    if not others:
        return first
    common = {name: value for name, value in first.items() if all(other.get(name) == value for other in others)}
    each = [{name: value for name, value in one.items() if name not in common} for one in data]
    return {COMMON: common, EACH: each}


def _unfolded(data: dict[str, Any]) -> list[dict[str, Any]]:
    return [data[COMMON] | own for own in data[EACH]] if EACH in data else [data]


def _record(item: EventItem) -> Record:
    return Record(
        name=item.name,
        aggregate=item.aggregate,
        seq=item.seq,
        id=item.id,
        occurred_at=clock.from_text(item.occurred_at),
        data=_unfolded(json.loads(item.data)),
        sent_at=clock.from_text(item.sent_at) if item.sent_at else None,
        only_webhooks=bool(item.only_webhooks),
    )
