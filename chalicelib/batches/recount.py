"""What is kept of batches held against their products: the totals in each batch, and those by day, centre and shift.

Products of a batch that is gone wait for their purge and count nowhere. See core/recount.py.
"""

from collections.abc import Iterable

from pynamodb.expressions.operand import Path

from chalicelib.batches import totals
from chalicelib.batches.store import BATCHES, BatchItem
from chalicelib.batches.totals import TotalsItem
from chalicelib.core.dynamo import update_if
from chalicelib.core.paging import decode
from chalicelib.core.recount import Amounts, Finding, Kept, Names, at_version, number, scan
from chalicelib.products import service as products


class BatchLedger:
    """`products_total` and `aggregated_total` of every batch."""

    title = "batches"
    amounts: Names = ("products_total", "aggregated_total")

    def __init__(self) -> None:
        self._there: set[str] = set()

    def kept(self) -> dict[str, Kept]:
        """As the batches say."""
        found = {item.uuid: _kept_in(item) for item in BATCHES.every({})}
        self._there = set(found)
        return found

    def actual(self) -> dict[str, Amounts]:
        """As the products say, of batches that are there."""
        return {name: amounts for name, amounts in products.count_by_batch().items() if name in self._there}

    def add(self, name: str, finding: Finding) -> bool:
        """Into the batch, while no product was counted there."""
        condition = Path("uuid").exists() & at_version(finding.kept.version[0])
        return update_if(BatchItem(name), [*finding.actions(self.amounts), Path("v").add(1)], condition)


class TotalsLedger:
    """The table `batch_totals`."""

    title = "batch_totals"
    amounts: Names = totals.AMOUNTS

    def kept(self) -> dict[str, Kept]:
        """As the cells say."""
        names = {"pk", "sk", "v", *self.amounts}
        return {
            _name(item["pk"]["S"], item["sk"]["S"]): Kept(
                tuple(number(item, amount) for amount in self.amounts), (number(item, "v"),)
            )
            for item in scan(TotalsItem, names)
        }

    def actual(self) -> dict[str, Amounts]:
        """As batches and products say."""
        cells: dict[str, Amounts] = {}
        made = products.count_by_batch()
        for key in BATCHES.all_keys():
            batch_id, day, center, shift = (decode(key[name]) for name in _PLACE)
            place = _name(*totals.key_of(BatchItem(batch_id, batch_date=day, work_center_id=center, shift=shift)))
            here = (1, int(decode(key["is_closed"]) == "1"), *made.get(batch_id, (0, 0)))
            cells[place] = _sum((cells.get(place, (0, 0, 0, 0)), here))
        return cells

    def add(self, name: str, finding: Finding) -> bool:
        """Into the cell, while it is as it was."""
        version = finding.kept.version[0] if finding.kept.version else 0
        actions = [*finding.actions(self.amounts), Path("v").add(1)]
        partition, _, place = name.partition("|")
        return update_if(TotalsItem(partition, place), actions, at_version(version))


_PLACE = ("uuid", "batch_date", "work_center_id", "shift")


def _kept_in(item: BatchItem) -> Kept:
    return Kept((int(item.products_total), int(item.aggregated_total)), (int(item.v or 0),))


def _name(partition: str, place: str) -> str:
    return f"{partition}|{place}"


def _sum(rows: Iterable[Amounts]) -> Amounts:
    return tuple(map(sum, zip(*rows, strict=True)))
