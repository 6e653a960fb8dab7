"""Table `batch_totals`: totals by day, work centre and shift, so that statistics read no batches.

A totals bucket has the number of batches of one day, work centre and shift, of closed ones, of their products and of
aggregated products. Each transaction that changes one of these changes the bucket too. A bucket is the sum of up to
four shards. The id of a batch decides its shard, so writers to batches of one bucket seldom conflict. Key: month and
shard, then day, work centre, shift. A month is read by four queries.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from chalicelib.core.conversion import new_item
from chalicelib.core.dynamo import query_raw, table
from chalicelib.core.threads import map_in_parallel
from chalicelib.core.transactions import Transaction

SHARDS = 4
AMOUNTS = ("batches", "closed", "products", "aggregated")
END = "\U0010ffff"


@table("batch_totals")
class TotalsItem(Model):
    """One shard of a totals bucket."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    batches = NumberAttribute(default=0)
    closed = NumberAttribute(default=0)
    products = NumberAttribute(default=0)
    aggregated = NumberAttribute(default=0)


@dataclass(frozen=True)
class TotalsBucket:
    """One shard of a totals bucket, as it is read."""

    day: date
    work_center_id: str
    shift: str
    batches: int
    closed: int
    products: int
    aggregated: int


class CountedBatch(Protocol):
    """The fields of a batch that decide in which shard of which bucket it is counted."""

    uuid: str
    batch_date: str
    work_center_id: str
    shift: str


def key_of(batch: CountedBatch) -> tuple[str, str]:
    """Return the key of the shard that counts a batch."""
    shard = zlib.crc32(batch.uuid.encode()) % SHARDS
    return f"{batch.batch_date[:7]}#{shard}", f"{batch.batch_date}#{batch.work_center_id}#{batch.shift}"


def count(tx: Transaction, batch: CountedBatch, **amounts: int) -> None:
    """Add amounts (of `AMOUNTS`) to the shard that counts a batch."""
    add(tx, key_of(batch), **amounts)


def add(tx: Transaction, key: tuple[str, str], **amounts: int) -> None:
    """Add amounts to the shard with a key."""
    tx.add_amounts(new_item(TotalsItem, pk=key[0], sk=key[1]), **amounts)


def between(date_from: date, date_to: date) -> Iterator[TotalsBucket]:
    """Yield the buckets of a period that have batches, both days included, in no order.

    A bucket comes up to four times, once for each of its shards: callers add them up.
    """
    partitions = [f"{month}#{shard}" for month in _months(date_from, date_to) for shard in range(SHARDS)]
    low, high = date_from.isoformat(), f"{date_to.isoformat()}#{END}"
    for items in map_in_parallel(lambda partition: _read(partition, low, high), partitions):
        yield from (bucket for bucket in map(_bucket, items) if bucket.batches)


def _read(partition: str, low: str, high: str) -> list[dict[str, Any]]:
    return [item for item in query_raw(TotalsItem, partition, sort=(">=", low)) if item["sk"]["S"] <= high]


def _months(date_from: date, date_to: date) -> Iterator[str]:
    year, month = date_from.year, date_from.month
    while (year, month) <= (date_to.year, date_to.month):
        yield f"{year:04d}-{month:02d}"
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


def _bucket(item: dict[str, Any]) -> TotalsBucket:
    day, work_center_id, shift = item["sk"]["S"].split("#", 2)
    amounts = {name: int(item[name]["N"]) if name in item else 0 for name in AMOUNTS}
    return TotalsBucket(date.fromisoformat(day), work_center_id, shift, **amounts)
