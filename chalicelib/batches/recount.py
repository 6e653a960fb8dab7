"""Recount of batches and their products: the totals in each batch, and those by day, work centre and shift.

Products of a deleted batch wait for their removal and count nowhere.
"""

from chalicelib.batches import totals
from chalicelib.batches.store import BATCHES, BatchItem
from chalicelib.batches.totals import TotalsItem
from chalicelib.core.listed import value_of
from chalicelib.core.recount import Amounts, TotalsKey, TotalsTable
from chalicelib.products import service as products

_BUCKET = ("uuid", "batch_date", "work_center_id", "shift")


def _by_batch() -> dict[TotalsKey, Amounts]:
    return {(batch_id,): amounts for batch_id, amounts in products.count_by_batch().items()}


def _by_bucket() -> dict[TotalsKey, Amounts]:
    buckets: dict[TotalsKey, Amounts] = {}
    of_batches = products.count_by_batch()
    for entry in BATCHES.all_keys():
        batch_id, day, center, shift = (value_of(entry, name) for name in _BUCKET)
        key = totals.key_of(BatchItem(batch_id, batch_date=day, work_center_id=center, shift=shift))
        added = (1, int(value_of(entry, "is_closed") == "1"), *of_batches.get(batch_id, (0, 0)))
        pairs = zip(buckets.get(key, (0, 0, 0, 0)), added, strict=True)
        buckets[key] = tuple(before + more for before, more in pairs)
    return buckets


RECOUNTS = (
    TotalsTable("batches", BatchItem, ("products_total", "aggregated_total"), _by_batch, must_exist=True),
    TotalsTable("batch_totals", TotalsItem, totals.AMOUNTS, _by_bucket),
)
