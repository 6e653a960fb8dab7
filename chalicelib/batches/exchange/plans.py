"""Plans for rows: a new batch, changes of an existing one, or nothing; or the reason why a row is refused."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chalicelib.batches import model, service, store
from chalicelib.batches.exchange.schemas import BatchRow
from chalicelib.batches.schemas import BatchFields
from chalicelib.batches.store import BatchItem
from chalicelib.core import clock
from chalicelib.core.conversion import new_item
from chalicelib.core.errors import AppError

NAMESPACE = uuid.UUID("b1c0a8de-0f0b-5c7e-8a55-6d1f2c7d9a10")
KEYS = {"batch_number", "batch_date"}
FIELDS = set(BatchFields.model_fields) - KEYS


class RowRefused(Exception):
    """A row that cannot be applied, and the column that is the reason."""

    def __init__(self, error: AppError, column: str | None = None, code: str | None = None) -> None:
        super().__init__(error.message)
        self.reason, self.column, self.code = error.message, column, code or error.error_code.lower()


@dataclass
class Plan:
    """What to write for a row. `changes` are fields of the batch as the table has them."""

    item: BatchItem
    created: bool  # by this import, in this run or an earlier one
    is_new: bool = False  # not written yet
    changes: dict[str, Any] = field(default_factory=dict)
    codes: list[str] = field(default_factory=list)  # of products to add
    reopen: bool = False
    close_at: datetime | None = None
    user_id: int | None = None  # of the import


def batch_id(task_id: str, row: int) -> str:
    """Return the id of the batch that a row of an import creates, the same in every run."""
    return str(uuid.uuid5(NAMESPACE, f"{task_id}/{row}"))


def to_create(row: BatchRow, new_id: str, work_center_id: str, at: datetime) -> Plan:
    """Plan a new batch."""
    values = store.as_attributes(row.model_dump(include=FIELDS | KEYS, exclude_none=True))
    values |= {"uuid": new_id, "created_at": clock.to_text(at), "is_closed": False, "work_center_id": work_center_id}
    item = new_item(BatchItem, **values)
    plan = Plan(item, created=True, is_new=True, codes=list(row.products))
    _plan_closing(plan, row, at)
    return plan


def to_finish(row: BatchRow, item: BatchItem, missing: list[str], at: datetime) -> Plan:
    """Plan what an earlier run of this import, which created the batch, has not written. Closing is last."""
    if item.is_closed:
        return Plan(item, created=True)
    plan = Plan(item, created=True, codes=missing)
    _plan_closing(plan, row, at)
    return plan


def to_update(row: BatchRow, item: BatchItem, work_center_id: str, missing: list[str], at: datetime) -> Plan:
    """Plan changes of an existing batch: fields that differ, and missing products.

    Nothing is removed, neither products nor what has an empty cell.
    """
    values = store.as_attributes(row.model_dump(include=FIELDS, exclude_none=True))
    values["work_center_id"] = work_center_id
    plan = Plan(item, created=False, codes=missing)
    plan.changes = {name: value for name, value in values.items() if getattr(item, name) != value}
    plan.reopen = item.is_closed and row.is_closed is False
    if not item.is_closed:
        _plan_closing(plan, row, at)
    elif not plan.reopen:
        if missing:
            raise RowRefused(model.Closed(model.NOT_ADDED), "products")
        if row.closed_at and clock.to_text(row.closed_at) != item.closed_at:
            plan.changes["closed_at"] = clock.to_text(row.closed_at)
    return plan


def _plan_closing(plan: Plan, row: BatchRow, at: datetime) -> None:
    if not (row.is_closed or (row.is_closed is None and row.closed_at)):
        return
    try:
        service.check_closing(plan.item, at, len(plan.codes))
    except AppError as error:
        raise RowRefused(error, "is_closed") from None
    plan.close_at = row.closed_at or at
