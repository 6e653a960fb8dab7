"""Table `events`. Unsent events carry `lshard` and are in the sparse index `unsent`, ordered by aggregate and seq."""

import json
import zlib
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from chalicelib.core import clock
from chalicelib.core.aws import client
from chalicelib.core.dynamo import IndexSpec, put_all, query, table, table_name
from chalicelib.core.settings import settings
from chalicelib.core.transactions import Transaction
from chalicelib.events.model import Event, Record

KEPT = timedelta(days=90)
GLANCE = 500  # events of a shard that are read at once in search of those of some aggregates
UNSENT = IndexSpec("unsent", "lshard", "waiting", ("name", "id", "occurred_at", "data", "aggregate", "seq"))


@table("events", indexes=[UNSENT], stream=True, ttl="expires_at")
class EventItem(Model):
    """A record of the outbox, and of the log. `lshard` and `waiting` are there until it is on the bus.

    `data` is the event's, or a list of those of many (`model.Record`).
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
    lshard = UnicodeAttribute(null=True)
    waiting = UnicodeAttribute(null=True)


def shard_of(aggregate: str) -> str:
    """The shard of the unsent index that holds the events of an aggregate."""
    return str(zlib.crc32(aggregate.encode()) % settings().listing_shards)


def add(tx: Transaction, record: Record) -> None:
    """Write a record, still to be sent."""
    item = _item(record)
    item.lshard, item.waiting = shard_of(record.aggregate), f"{record.aggregate}#{record.seq}"
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


def newest(aggregate: str, count: int, before: str | None) -> list[Event]:
    """The last `count` events of an aggregate, newest first, of those with a seq below `before`.

    The seq of an event begins with that of its record, so a record is found from any place inside it.
    """
    found: list[Event] = []
    for item in query(EventItem, aggregate, sort=("<", before) if before else None, descending=True, page=count):
        inside = [event for event in _record(item).events() if not before or event.seq < before]
        found += reversed(inside)
        if len(found) >= count:
            break
    return found[:count]


def unsent(aggregates: Collection[str]) -> Iterator[Record]:
    """What of these aggregates is not on the bus yet, oldest first.

    Mostly a shard holds little more than what was asked for, so it is read whole; with a backlog, one by one.
    """
    by_shard: dict[str, set[str]] = {}
    for aggregate in aggregates:
        by_shard.setdefault(shard_of(aggregate), set()).add(aggregate)
    for shard, wanted in by_shard.items():
        first, more = next(_pages(shard, "", GLANCE)) if len(wanted) > 1 else ([], True)
        if more:
            first = [record for aggregate in wanted for record in _unsent(shard, f"{aggregate}#")]
        yield from (record for record in first if record.aggregate in wanted)


def all_unsent() -> Iterator[Record]:
    """All that is not on the bus yet, by aggregate, oldest first."""
    for shard in range(settings().listing_shards):
        yield from _unsent(str(shard), "")


def _unsent(shard: str, prefix: str) -> Iterator[Record]:
    for records, _ in _pages(shard, prefix):
        yield from records


def _pages(shard: str, prefix: str, size: int | None = None) -> Iterator[tuple[list[Record], bool]]:
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
        yield [from_image(raw) for raw in answer["Items"]], bool(last)
        if not last:
            return
        arguments["ExclusiveStartKey"] = last


def from_image(raw: dict[str, Any]) -> Record:
    """A record from an item as DynamoDB (or its stream) gives it."""
    return _record(EventItem.from_raw_data(raw))


def _item(record: Record) -> EventItem:
    return EventItem(
        record.aggregate,
        record.seq,
        id=record.id,
        name=record.name,
        occurred_at=clock.to_text(record.occurred_at),
        data=json.dumps(record.data if len(record.data) > 1 else record.data[0], ensure_ascii=False, sort_keys=True),
        expires_at=int((record.occurred_at + KEPT).timestamp()),
    )


def _record(item: EventItem) -> Record:
    data = json.loads(item.data)
    return Record(
        name=item.name,
        aggregate=item.aggregate,
        seq=item.seq,
        id=item.id,
        occurred_at=clock.from_text(item.occurred_at),
        data=data if isinstance(data, list) else [data],
        sent_at=clock.from_text(item.sent_at) if item.sent_at else None,
    )
