"""Table `batch_totals`: what the writes keep for each day, work centre and shift, so that statistics read no batches.

A cell is the day, the work centre and the shift of batches; it holds how many there are, how many of them are closed,
and their products and aggregated products. Every transaction that changes one of these changes the cell with it. Key:
month and shard, then day, work centre, shift; the shard is the batch's, so writers to batches of one cell seldom meet,
and a month is read by four queries.
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
from chalicelib.core.threads import side_by_side
from chalicelib.core.transactions import Transaction

SHARDS = 4
AMOUNTS = ("batches", "closed", "products", "aggregated")
END = "\U0010ffff"


@table("batch_totals")
class TotalsItem(Model):
    """One shard of a cell."""

    class Meta:
        pass

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    batches = NumberAttribute(default=0)
    closed = NumberAttribute(default=0)
    products = NumberAttribute(default=0)
    aggregated = NumberAttribute(default=0)


@dataclass(frozen=True)
class Cell:
    """The totals of the batches of one day, work centre and shift; of one shard of them."""

    day: date
    work_center_id: str
    shift: str
    batches: int
    closed: int
    products: int
    aggregated: int


class Counted(Protocol):
    """A batch, as far as it decides where it is counted."""

    uuid: str
    batch_date: str
    work_center_id: str
    shift: str


def key_of(batch: Counted) -> tuple[str, str]:
    """Where a batch is counted."""
    shard = zlib.crc32(batch.uuid.encode()) % SHARDS
    return f"{batch.batch_date[:7]}#{shard}", f"{batch.batch_date}#{batch.work_center_id}#{batch.shift}"


def count(tx: Transaction, batch: Counted, **amounts: int) -> None:
    """Add to the cell of a batch: any of `AMOUNTS`."""
    move(tx, key_of(batch), **amounts)


def move(tx: Transaction, key: tuple[str, str], **amounts: int) -> None:
    """Add to a cell."""
    tx.add_amounts(new_item(TotalsItem, pk=key[0], sk=key[1]), **amounts)


def between(date_from: date, date_to: date) -> Iterator[Cell]:
    """The cells of a period, both days included, in no order; what has come to nothing is left out."""
    partitions = [f"{month}#{shard}" for month in _months(date_from, date_to) for shard in range(SHARDS)]
    low, high = date_from.isoformat(), f"{date_to.isoformat()}#{END}"
    for items in side_by_side(lambda partition: _read(partition, low, high), partitions):
        yield from (cell for cell in map(_cell, items) if cell.batches)


def _read(partition: str, low: str, high: str) -> list[dict[str, Any]]:
    return [item for item in query_raw(TotalsItem, partition, sort=(">=", low)) if item["sk"]["S"] <= high]


def _months(date_from: date, date_to: date) -> Iterator[str]:
    year, month = date_from.year, date_from.month
    while (year, month) <= (date_to.year, date_to.month):
        yield f"{year:04d}-{month:02d}"
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


def _cell(item: dict[str, Any]) -> Cell:
    day, work_center_id, shift = item["sk"]["S"].split("#", 2)
    amounts = {name: int(item[name]["N"]) if name in item else 0 for name in AMOUNTS}
    return Cell(date.fromisoformat(day), work_center_id, shift, **amounts)
