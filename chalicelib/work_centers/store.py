"""Table `work_centers` and its list."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.operand import Path
from pynamodb.models import Model

from chalicelib.core import clock
from chalicelib.core.dynamo import batch_get, fetch, table
from chalicelib.core.listing import Listing
from chalicelib.core.transactions import Changed, Transaction
from chalicelib.work_centers import model
from chalicelib.work_centers.schemas import WorkCenterQuery


@table("work_centers")
class WorkCenterItem(Model):
    """A work centre; `version` grows with every change."""

    uuid = UnicodeAttribute(hash_key=True)
    created_at = UnicodeAttribute()
    updated_at = UnicodeAttribute(null=True)
    identifier = UnicodeAttribute()
    name = UnicodeAttribute()
    version = NumberAttribute(default=1)


WORK_CENTERS = Listing(
    "work_centers",
    WorkCenterItem,
    id_field="uuid",
    sorts=WorkCenterQuery.SORTS,
    equals=("identifier",),
)


def get(work_center_id: str) -> WorkCenterItem:
    """Return the work centre, or raise NotFound."""
    item = fetch(WorkCenterItem, work_center_id)
    if item is None:
        raise model.not_found()
    return item


def several(ids: Sequence[str]) -> list[WorkCenterItem]:
    """Return the work centres that exist of these ids, in no order."""
    return batch_get(WorkCenterItem, [(one,) for one in ids])


def add(tx: Transaction, item: WorkCenterItem) -> None:
    """Write a new work centre; Conflict when its identifier is taken."""
    tx.claim(model.identifier_claim(item.identifier), item.uuid, model.identifier_taken(item.identifier))
    tx.put_new(item, index=WORK_CENTERS.index(item))
    WORK_CENTERS.count(tx, item, +1)


def change(tx: Transaction, item: WorkCenterItem, at: datetime, **changes: Any) -> None:
    """Set fields of a work centre that has not changed since `item` was read."""
    seen = item.version
    if changes.get("identifier", item.identifier) != item.identifier:
        tx.release(model.identifier_claim(item.identifier))
        taken = model.identifier_taken(changes["identifier"])
        tx.claim(model.identifier_claim(changes["identifier"]), item.uuid, taken)
    for name, value in changes.items():
        setattr(item, name, value)
    item.updated_at, item.version = clock.to_text(at), seen + 1
    tx.put(
        item,
        index=WORK_CENTERS.index(item),
        condition=Path("version") == seen,
        error=Changed(),
    )


def remove(tx: Transaction, item: WorkCenterItem) -> None:
    """Delete a work centre; Conflict when it has batches."""
    tx.delete(item, condition=Path("version") == item.version, error=Changed())
    tx.release(model.identifier_claim(item.identifier))
    tx.seal(model.batches_counter(item.uuid), model.has_batches())
    WORK_CENTERS.count(tx, item, -1)
