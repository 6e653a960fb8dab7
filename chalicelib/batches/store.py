"""Table `batches` and its list."""

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
    """A batch. `version` grows with every change of its own fields, not when products come and go; then `v` does.

    `products_seq` numbers the products ever added; `busy_until` reserves the batch for the aggregation `busy_by`.
    """

    class Meta:
        pass

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
    v = NumberAttribute(null=True)


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
    counted=("is_closed", "batch_date", "work_center_id", "shift"),  # of one number there are few: they are read
)


def find(batch_id: str) -> BatchItem | None:
    """The batch, if there is one."""
    return fetch(BatchItem, batch_id)


def get(batch_id: str) -> BatchItem:
    """The batch, or NotFound."""
    item = find(batch_id)
    if item is None:
        raise model.not_found()
    return item


def key(batch_id: str) -> ItemKey:
    """The key of a batch, for who reads it together with other items."""
    return BatchItem, batch_id, None


def of_raw(raw: Raw | None) -> BatchItem:
    """The batch that was read so, or NotFound."""
    if raw is None:
        raise model.not_found()
    return item_from(BatchItem, raw)


def read(batch_id: str, beside: Iterable[ItemKey]) -> tuple[BatchItem, dict[ItemKey, Raw | None]]:
    """The batch, or NotFound, and other items that are read in the same request."""
    raw, others = fetch_together(key(batch_id), beside)
    return of_raw(raw), others


def several(ids: Sequence[str]) -> dict[str, BatchItem]:
    """Those of the batches that are there, by id."""
    return {item.uuid: item for item in batch_get(BatchItem, [(one,) for one in ids])}


def owners(keys: Sequence[tuple[int, date]]) -> dict[tuple[int, date], str]:
    """The ids of the batches that have these numbers and dates; those that nobody has are left out."""
    claims = {model.number_claim(*key): key for key in keys}
    return {claims[claim]: owner for claim, owner in owners_of(list(claims)).items()}


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Field values as the table keeps them: instants, days and ids as text."""
    return {
        name: clock.to_text(value)
        if isinstance(value, datetime)
        else value
        if isinstance(value, bool | int | None)
        else str(value)
        for name, value in values.items()
    }


def add(tx: Transaction, item: BatchItem) -> None:
    """Write a new batch, whose products are written with it.

    Conflict when its number is taken on its date, NotFound when its work centre is gone.
    """
    day = date.fromisoformat(item.batch_date)
    tx.claim(_claim(item), item.uuid, model.number_taken(int(item.batch_number), day))
    tx.put_new(item, index=BATCHES.index(item))
    BATCHES.count(tx, item, +1, work_center_id=work_centers.not_found())
    _count_with_products(tx, item, totals.key_of(item), +1, item.is_closed)


def change(
    tx: Transaction, item: BatchItem, at: datetime, changes: Mapping[str, Any], only_if: Condition | None = None
) -> None:
    """Set fields of a batch whose own fields have not changed since `item` was read.

    Products may come and go meanwhile, so only what changes is written; but not while the batch moves to another day,
    work centre or shift, whose totals count its products.
    """
    changes = dict(changes)
    before = {name: getattr(item, name) for name in changes}
    claim, seen, bucket, was_closed = _claim(item), item.version, totals.key_of(item), item.is_closed
    changes |= {"updated_at": clock.to_text(at), "version": seen + 1}
    for name, value in changes.items():
        setattr(item, name, value)
    if _claim(item) != claim:
        tx.release(claim)
        day = date.fromisoformat(item.batch_date)
        tx.claim(_claim(item), item.uuid, model.number_taken(int(item.batch_number), day))
    for name, value in before.items():
        gone = work_centers.not_found() if name == "work_center_id" else None
        BATCHES.count_change(tx, name, value, getattr(item, name), gone)
    condition: Condition = Path("version") == seen
    if totals.key_of(item) != bucket:
        condition &= same_products(item)
        _count_with_products(tx, item, bucket, -1, was_closed)
        _count_with_products(tx, item, totals.key_of(item), +1, item.is_closed)
    else:
        totals.count(tx, item, closed=int(item.is_closed) - int(was_closed))
    if only_if is not None:
        condition &= only_if
    tx.update(item, _set(item, changes), condition=condition, error=Changed())


def revision(item: BatchItem) -> list[Any]:
    """What is another after every change of a batch or its products, as JSON."""
    return [int(item.version), None if item.v is None else int(item.v), item.updated_at]


def require_revision(tx: Transaction, batch_id: str, seen: Sequence[Any], error: Exception) -> None:
    """Let `tx` happen only while a batch has the revision that was seen."""
    version, count, updated_at = seen
    same_count: Condition = Path("v").does_not_exist() if count is None else Path("v") == count
    same_time: Condition = Path("updated_at") == updated_at if updated_at else Path("updated_at").does_not_exist()
    tx.require(BatchItem(batch_id), (Path("version") == version) & same_count & same_time, error)


def touch(tx: Transaction, item: BatchItem, at: datetime, *, products: int = 0, aggregated: int = 0) -> None:
    """Note a change of the products of an open batch whose own fields have not changed since `item` was read."""
    _count_products(tx, item, _set(item, {"updated_at": clock.to_text(at)}), products, aggregated)


def reserve_numbers(batch_id: str, count: int, error: Exception) -> BatchItem:
    """Give out the numbers of the next `count` products of an open batch; returns it as it is now.

    The numbers are `products_seq - count` to `products_seq - 1`; numbers that are not used stay free for ever.
    """
    return _update_open(BatchItem(batch_id), [Path("products_seq").add(count)], OPEN, error)


def add_next(tx: Transaction, item: BatchItem, at: datetime) -> None:
    """Count a product added under the next number to a batch that is just as `item` was read; `item` follows."""
    seen = item.v
    same_count: Condition = Path("v").does_not_exist() if seen is None else Path("v") == seen
    as_read = (Path("version") == item.version) & (Path("products_seq") == item.products_seq) & same_count
    added = [Path(name).add(1) for name in ("products_seq", "products_total", "v")]
    actions = [*_set(item, {"updated_at": clock.to_text(at)}), *added]
    tx.update(item, actions, condition=as_read, error=Changed())
    totals.count(tx, item, products=1)
    item.products_seq, item.products_total, item.v = item.products_seq + 1, item.products_total + 1, (seen or 0) + 1
    item.updated_at = clock.to_text(at)


def take_lease(batch_id: str, owner: str, at: datetime) -> BatchItem:
    """Reserve an open batch for one aggregation, or go on with its own reservation; returns it as it is now."""
    item = BatchItem(batch_id)
    free: Condition = idle(at) | (Path("busy_by") == owner)
    if not update_if(item, _lease(owner, at), Path("uuid").exists() & OPEN & free, keeps_snapshot=True):
        raise model.Closed("продукты не агрегируются") if get(batch_id).is_closed else model.BeingAggregated
    return item


def begin_lease(tx: Transaction, item: BatchItem, owner: str, at: datetime) -> None:
    """Reserve a batch that has not changed since `item` was read for the aggregation that `tx` records."""
    tx.update(item, _lease(owner, at), condition=(Path("version") == item.version) & idle(at), error=Changed())


def drop_lease(tx: Transaction, item: BatchItem, owner: str, at: datetime) -> None:
    """End the reservation, if it is still the owner's, and note the change."""
    actions = _set(item, {"updated_at": clock.to_text(at)})
    condition: Condition = Path("uuid").exists()
    if item.busy_by == owner:
        actions, condition = actions + _NO_LEASE, Path("busy_by") == owner
    tx.update(item, actions, condition=condition, error=Changed())


def forget_lease(batch_id: str, owner: str) -> None:
    """End the reservation, if it is still the owner's, and nothing else."""
    update_if(BatchItem(batch_id), _NO_LEASE, Path("busy_by") == owner)


def count_aggregated(tx: Transaction, item: BatchItem, amount: int) -> None:
    """Note that products of an open batch, unchanged since `item` was read, were aggregated."""
    _count_products(tx, item, [], 0, amount)


_NO_LEASE: list[Action] = [Path("busy_until").remove(), Path("busy_by").remove()]


def _lease(owner: str, at: datetime) -> list[Action]:
    until = clock.to_text(at + model.AGGREGATION_LEASE)
    return [Path("busy_until").set(until), Path("busy_by").set(owner)]


def _count_products(tx: Transaction, item: BatchItem, actions: list[Action], products: int, aggregated: int) -> None:
    """The version guards the totals: they are counted where the batch was when it was read, and it was open."""
    amounts = {"products_total": products, "aggregated_total": aggregated}
    counted = [Path(name).add(amount) for name, amount in amounts.items() if amount]
    actions = [*actions, *counted, Path("v").add(1)]
    tx.update(item, actions, condition=Path("version") == item.version, error=Changed())
    totals.count(tx, item, products=products, aggregated=aggregated)


def remove(tx: Transaction, item: BatchItem) -> None:
    """Delete a batch that is as it was read; its products are purged apart."""
    seen = (Path("version") == item.version) & (Path("products_seq") == item.products_seq) & same_products(item)
    tx.delete(item, condition=seen, error=Changed())
    tx.release(_claim(item))
    BATCHES.count(tx, item, -1)
    _count_with_products(tx, item, totals.key_of(item), -1, item.is_closed)


def same_products(item: BatchItem) -> Condition:
    """No product has come, gone or been aggregated since `item` was read."""
    same: Condition = (Path("products_total") == item.products_total) & (
        Path("aggregated_total") == item.aggregated_total
    )
    return same


def idle(at: datetime) -> Condition:
    """No aggregation of the whole batch is running."""
    free_or_expired: Condition = Path("busy_until").does_not_exist() | (Path("busy_until") < clock.to_text(at))
    return free_or_expired


def _set(item: BatchItem, changes: Mapping[str, Any]) -> list[Action]:
    """The update actions for fields and the sort keys that follow from them."""
    actions: list[Action] = []
    for name, value in changes.items():
        actions.append(Path(name).remove() if value is None else Path(name).set(value))
        if name in BATCHES.fields:
            actions.append(Path(f"s_{name}").set(BATCHES.sort_key(item, name, value)))
    return actions


def _count_with_products(tx: Transaction, item: BatchItem, bucket: tuple[str, str], sign: int, closed: bool) -> None:
    """Add a batch with its products to a totals bucket (sign +1), or subtract it (-1)."""
    products, aggregated = sign * int(item.products_total), sign * int(item.aggregated_total)
    totals.add(tx, bucket, batches=sign, closed=sign * int(closed), products=products, aggregated=aggregated)


def _claim(item: BatchItem) -> str:
    return model.number_claim(int(item.batch_number), date.fromisoformat(item.batch_date))


def _update_open(item: BatchItem, actions: list[Action], condition: Condition, error: Exception) -> BatchItem:
    if not update_if(item, actions, Path("uuid").exists() & condition, keeps_snapshot=True):
        get(item.uuid)
        raise error
    return item
