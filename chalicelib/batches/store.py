"""Table `batches` and its list. Leases of batches: leases.py."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action
from pynamodb.models import Model

from chalicelib.batches import model, totals
from chalicelib.batches.schemas import BatchQuery
from chalicelib.core import clock
from chalicelib.core.conversion import item_from
from chalicelib.core.dynamo import IndexSpec, batch_get, fetch, owners_of, table, update_if
from chalicelib.core.listing import Listing, Range
from chalicelib.core.reads import ItemKey, Raw, fetch_together
from chalicelib.core.transactions import Changed, Transaction
from chalicelib.work_centers import model as work_centers

OPEN: Condition = Path("is_closed") == False  # noqa: E712 - a condition expression, not a comparison


BY_SHIFT_END = IndexSpec("by_shift_end", "lshard", "shift_end", include=("shift_start",))


@table("batches", indexes=[BY_SHIFT_END])
class BatchItem(Model):
    """A batch. `version` grows with each change of its own fields, `v` with each change of its products.

    `products_seq` is how many numbers of products are used, `numbers_used` in the code: by products ever added, and by
    reservations. `busy_until` and `busy_by` are the lease of an aggregation.
    """

    uuid = UnicodeAttribute(hash_key=True)
    created_at = UnicodeAttribute()
    updated_at = UnicodeAttribute(null=True)
    is_closed = BooleanAttribute()
    closed_at = UnicodeAttribute(null=True)
    task_description = UnicodeAttribute()
    shift = UnicodeAttribute()
    team = UnicodeAttribute()
    batch_number = NumberAttribute()
    batch_date = UnicodeAttribute()
    nomenclature = UnicodeAttribute()
    ekn_code = UnicodeAttribute()
    shift_start = UnicodeAttribute()
    shift_end = UnicodeAttribute()
    work_center_id = UnicodeAttribute()
    planned_quantity = NumberAttribute(null=True)
    products_seq = NumberAttribute(default=0)
    products_total = NumberAttribute(default=0)
    aggregated_total = NumberAttribute(default=0)
    busy_until = UnicodeAttribute(null=True)
    busy_by = UnicodeAttribute(null=True)
    version = NumberAttribute(default=1)
    v = NumberAttribute(null=True)  # for the recount, for `revision` and for `count_next_product`


BATCHES = Listing(
    "batches",
    BatchItem,
    id_field="uuid",
    sorts=BatchQuery.SORTS,
    equals=("is_closed", "batch_number", "batch_date", "work_center_id", "shift"),
    ranges={
        "batch_date_from": Range("batch_date", lower=True),
        "batch_date_to": Range("batch_date", lower=False),
    },
    counted=("is_closed", "batch_date", "work_center_id", "shift"),  # few batches have one number: they are read
)


def find(batch_id: str) -> BatchItem | None:
    """Return the batch; None when it does not exist."""
    return fetch(BatchItem, batch_id)


def get(batch_id: str) -> BatchItem:
    """Return the batch, or raise NotFound."""
    item = find(batch_id)
    if item is None:
        raise model.not_found()
    return item


def item_key(batch_id: str) -> ItemKey:
    """Return the key of a batch, to read it together with other items."""
    return BatchItem, batch_id, None


def from_raw(raw: Raw | None) -> BatchItem:
    """Return the batch that was read, or raise NotFound."""
    if raw is None:
        raise model.not_found()
    return item_from(BatchItem, raw)


def get_with(batch_id: str, related: Iterable[ItemKey]) -> tuple[BatchItem, dict[ItemKey, Raw | None]]:
    """Return the batch, or raise NotFound, and other items that are read in the same request."""
    raw, others = fetch_together(item_key(batch_id), related)
    return from_raw(raw), others


def find_many(ids: Sequence[str]) -> dict[str, BatchItem]:
    """Return the batches that exist, by id."""
    return {item.uuid: item for item in batch_get(BatchItem, [(batch_id,) for batch_id in ids])}


def ids_by_number(keys: Sequence[tuple[int, date]]) -> dict[tuple[int, date], str]:
    """Return the ids of the batches with these numbers and dates; those without a batch are left out."""
    claims = {model.number_claim(*key): key for key in keys}
    return {claims[claim]: owner for claim, owner in owners_of(list(claims)).items()}


def as_attributes(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return field values as the table has them: instants, days and ids as text."""
    return {
        name: clock.to_text(value)
        if isinstance(value, datetime)
        else value
        if isinstance(value, bool | int | None)
        else str(value)
        for name, value in values.items()
    }


def add(tx: Transaction, item: BatchItem) -> None:
    """Write a new batch, and count it with the products that are written in the same transaction.

    Conflict when its number is taken on its date, NotFound when its work centre is gone.
    """
    _take_claim(tx, item)
    tx.put_new(item, index=BATCHES.index(item))
    BATCHES.count(tx, item, +1, work_center_id=work_centers.not_found())
    _count_with_products(tx, item, totals.key_of(item), +1, item.is_closed)


def change(
    tx: Transaction, item: BatchItem, at: datetime, changes: Mapping[str, Any], only_if: Condition | None = None
) -> None:
    """Set fields of a batch whose own fields have not changed since `item` was read; `item` gets them too.

    Products may be added and removed meanwhile, so only changed fields are written. When the batch moves to another
    bucket, its products must be as counted when read.
    """
    changes = dict(changes)
    before = {name: getattr(item, name) for name in changes}
    claim, seen, bucket, was_closed = _claim(item), item.version, totals.key_of(item), item.is_closed
    changes |= {"updated_at": clock.to_text(at), "version": seen + 1}
    for name, value in changes.items():
        setattr(item, name, value)
    condition: Condition = Path("version") == seen
    if _claim(item) != claim:
        tx.release(claim)
        _take_claim(tx, item)
    _count_changed(tx, item, before)
    if totals.key_of(item) != bucket:
        condition &= same_products(item)
        _count_with_products(tx, item, bucket, -1, was_closed)
        _count_with_products(tx, item, totals.key_of(item), +1, item.is_closed)
    else:
        totals.count(tx, item, closed=int(item.is_closed) - int(was_closed))
    if only_if is not None:
        condition &= only_if
    tx.update(item, set_fields(item, changes), condition=condition, error=Changed())


def _count_changed(tx: Transaction, item: BatchItem, before: Mapping[str, Any]) -> None:
    """Count the new values of counted fields; `before` has the values that fields had."""
    for name, value in before.items():
        gone = work_centers.not_found() if name == "work_center_id" else None
        BATCHES.count_change(tx, name, value, getattr(item, name), gone)


def revision(item: BatchItem) -> list[Any]:
    """Return a revision mark, as JSON: it differs after every change of the batch or its products."""
    return [int(item.version), None if item.v is None else int(item.v), item.updated_at]


def require_revision(tx: Transaction, batch_id: str, seen: Sequence[Any], error: Exception) -> None:
    """Require that a batch still has the revision mark `seen`."""
    version, count, updated_at = seen
    same = (Path("version") == version) & _equals("v", count) & _equals("updated_at", updated_at)
    tx.require(BatchItem(batch_id), same, error)


def count_products(tx: Transaction, item: BatchItem, at: datetime, *, products: int = 0, aggregated: int = 0) -> None:
    """Count products added (+) or removed (-) in a batch whose own fields are as `item` was read."""
    _count_products(tx, item, set_fields(item, {"updated_at": clock.to_text(at)}), products, aggregated)


def reserve_numbers(batch_id: str, count: int, error: Exception) -> BatchItem:
    """Reserve numbers for the next `count` products of an open batch.

    Returns the batch after the reservation. Raises `error` when it is closed. The numbers are `products_seq - count` to
    `products_seq - 1` of the result; a number without a product is not reserved again.
    """
    item = BatchItem(batch_id)
    if not update_if(item, [Path("products_seq").add(count)], Path("uuid").exists() & OPEN, keeps_snapshot=True):
        get(batch_id)
        raise error
    return item


def count_next_product(tx: Transaction, item: BatchItem, at: datetime) -> None:
    """Count a product added under the next number to a batch that is as `item` was read; `item` is updated too."""
    seen = item.v
    as_read = (Path("version") == item.version) & (Path("products_seq") == item.products_seq) & _equals("v", seen)
    added = [Path(name).add(1) for name in ("products_seq", "products_total", "v")]
    actions = [*set_fields(item, {"updated_at": clock.to_text(at)}), *added]
    tx.update(item, actions, condition=as_read, error=Changed())
    totals.count(tx, item, products=1)
    item.products_seq, item.products_total, item.v = item.products_seq + 1, item.products_total + 1, (seen or 0) + 1
    item.updated_at = clock.to_text(at)


def count_aggregated(tx: Transaction, item: BatchItem, amount: int) -> None:
    """Count aggregated products of an open batch whose own fields are as `item` was read."""
    _count_products(tx, item, [], 0, amount)


def _count_products(tx: Transaction, item: BatchItem, actions: list[Action], products: int, aggregated: int) -> None:
    """Write the counts. The batch is as it was read: open or closed as then, in the same bucket."""
    amounts = {"products_total": products, "aggregated_total": aggregated}
    counted = [Path(name).add(amount) for name, amount in amounts.items() if amount]
    actions = [*actions, *counted, Path("v").add(1)]
    tx.update(item, actions, condition=Path("version") == item.version, error=Changed())
    totals.count(tx, item, products=products, aggregated=aggregated)


def remove(tx: Transaction, item: BatchItem) -> None:
    """Delete a batch that is as it was read; its products are deleted later."""
    seen = (Path("version") == item.version) & (Path("products_seq") == item.products_seq) & same_products(item)
    tx.delete(item, condition=seen, error=Changed())
    tx.release(_claim(item))
    BATCHES.count(tx, item, -1)
    _count_with_products(tx, item, totals.key_of(item), -1, item.is_closed)


def same_products(item: BatchItem) -> Condition:
    """Return the condition that the batch counts as many products and aggregated ones as when `item` was read."""
    same: Condition = (Path("products_total") == item.products_total) & (
        Path("aggregated_total") == item.aggregated_total
    )
    return same


def set_fields(item: BatchItem, changes: Mapping[str, Any]) -> list[Action]:
    """Return the actions that set fields and the index attributes that follow from them.

    The condition of the write must be that the batch has the version of `item`: see `Listing.index_change`.
    """
    actions: list[Action] = [
        Path(name).remove() if value is None else Path(name).set(value) for name, value in changes.items()
    ]
    return actions + BATCHES.index_change(item, changes)


def _count_with_products(tx: Transaction, item: BatchItem, bucket: tuple[str, str], sign: int, closed: bool) -> None:
    """Add a batch with its products to a totals bucket (sign +1), or subtract it (-1)."""
    products, aggregated = sign * int(item.products_total), sign * int(item.aggregated_total)
    totals.add(tx, bucket, batches=sign, closed=sign * int(closed), products=products, aggregated=aggregated)


def _equals(name: str, value: Any) -> Condition:
    """Return the condition that an attribute has a value; None: that it does not exist."""
    same: Condition = Path(name).does_not_exist() if value is None else Path(name) == value
    return same


def _take_claim(tx: Transaction, item: BatchItem) -> None:
    taken = model.number_taken(int(item.batch_number), date.fromisoformat(item.batch_date))
    tx.claim(_claim(item), item.uuid, taken)


def _claim(item: BatchItem) -> str:
    return model.number_claim(int(item.batch_number), date.fromisoformat(item.batch_date))
