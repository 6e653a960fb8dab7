"""Table `events`. Unsent events carry `lshard` and are in the sparse index `unsent`, ordered by aggregate and seq."""

import json
import zlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action
from pynamodb.models import Model

from chalicelib.core import clock
from chalicelib.core.aws import client
from chalicelib.core.dynamo import IndexSpec, query, table, table_name, update_if
from chalicelib.core.settings import settings
from chalicelib.core.transactions import Transaction
from chalicelib.events.model import Event

KEPT = timedelta(days=90)
UNSENT = IndexSpec("unsent", "lshard", "waiting", ("name", "id", "occurred_at", "data", "aggregate", "seq"))


@table("events", indexes=[UNSENT], stream=True, ttl="expires_at")
class EventItem(Model):
    """An event of the log. `lshard` and `waiting` are there until it is on the bus."""

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


def add(tx: Transaction, event: Event) -> None:
    """Write an event, still to be sent."""
    item = EventItem(
        event.aggregate,
        event.seq,
        id=event.id,
        name=event.name,
        occurred_at=clock.to_text(event.occurred_at),
        data=json.dumps(event.data, ensure_ascii=False, sort_keys=True),
        expires_at=int((event.occurred_at + KEPT).timestamp()),
        lshard=shard_of(event.aggregate),
        waiting=f"{event.aggregate}#{event.seq}",
    )
    tx.put(item)


def of_aggregate(aggregate: str) -> Iterator[Event]:
    """The log of one aggregate, oldest first."""
    for item in query(EventItem, aggregate):
        yield _event(item)


def newest(aggregate: str, count: int, before: str | None) -> list[Event]:
    """The last `count` events of an aggregate, newest first, of those with a seq below `before`."""
    found = query(EventItem, aggregate, sort=("<", before) if before else None, descending=True, limit=count)
    return [_event(item) for item in found]


def unsent(aggregate: str) -> list[Event]:
    """What of an aggregate is not on the bus yet, oldest first."""
    return list(_unsent(shard_of(aggregate), f"{aggregate}#"))


def all_unsent() -> Iterator[Event]:
    """All that is not on the bus yet, by aggregate, oldest first."""
    for shard in range(settings().listing_shards):
        yield from _unsent(str(shard), "")


def _unsent(shard: str, prefix: str) -> Iterator[Event]:
    condition, values = "lshard = :shard", {":shard": {"S": shard}}
    if prefix:
        condition += " AND begins_with(waiting, :prefix)"
        values[":prefix"] = {"S": prefix}
    pages = client("dynamodb").get_paginator("query").paginate(
        TableName=table_name("events"),
        IndexName=UNSENT.name,
        KeyConditionExpression=condition,
        ExpressionAttributeValues=values,
    )
    for page in pages:
        for raw in page["Items"]:
            yield from_image(raw)


def mark_sent(event: Event, at: datetime) -> None:
    """Take an event out of the unsent index. Marking twice is harmless; an event that has expired stays gone."""
    changes: list[Action] = [Path("sent_at").set(clock.to_text(at)), Path("lshard").remove(), Path("waiting").remove()]
    update_if(EventItem(event.aggregate, event.seq), changes, Path("aggregate").exists())


def from_image(raw: dict[str, Any]) -> Event:
    """An event from an item as DynamoDB (or its stream) gives it."""
    return _event(EventItem.from_raw_data(raw))


def _event(item: EventItem) -> Event:
    return Event(
        name=item.name,
        aggregate=item.aggregate,
        seq=item.seq,
        id=item.id,
        occurred_at=clock.from_text(item.occurred_at),
        data=json.loads(item.data),
        sent_at=clock.from_text(item.sent_at) if item.sent_at else None,
    )
