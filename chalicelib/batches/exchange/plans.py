"""What a row asks to be done: a new batch, changes of one that is there, or nothing; and what forbids it."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chalicelib.batches import model, service, store
from chalicelib.batches.exchange.schemas import BatchRow
from chalicelib.batches.store import BatchItem
from chalicelib.core import clock
from chalicelib.core.conversion import new_item
from chalicelib.core.errors import AppError

NAMESPACE = uuid.UUID("b1c0a8de-0f0b-5c7e-8a55-6d1f2c7d9a10")
FIELDS = {"task_description", "shift", "team", "nomenclature", "ekn_code", "shift_start", "shift_end"}


class Refused(Exception):
    """A row that cannot be done, and the column to blame."""

    def __init__(self, error: AppError, column: str | None = None, code: str | None = None) -> None:
        super().__init__(error.message)
        self.reason, self.column, self.code = error.message, column, code or error.error_code.lower()


@dataclass
class Plan:
    """What is to be done for a row. `changes` are fields of the batch as the table keeps them."""

    item: BatchItem
    created: bool  # by this import, in this run or an earlier one
    is_new: bool = False  # not written yet
    changes: dict[str, Any] = field(default_factory=dict)
    codes: list[str] = field(default_factory=list)  # of products to add
    reopen: bool = False
    close_at: datetime | None = None
    user_id: int | None = None  # whose import it is

    @property
    def empty(self) -> bool:
        """Nothing is to be done."""
        return not (self.is_new or self.changes or self.codes or self.reopen or self.close_at)


def batch_id(task_id: str, row: int) -> str:
    """The id of the batch that a row of an import creates: the same in every run of it."""
    return str(uuid.uuid5(NAMESPACE, f"{task_id}/{row}"))


def to_create(row: BatchRow, new_id: str, work_center_id: str, at: datetime) -> Plan:
    """A batch nobody has yet."""
    values = store.plain(row.model_dump(include={*FIELDS, *_plan(row), "batch_number", "batch_date"}))
    values |= {"uuid": new_id, "created_at": clock.to_text(at), "is_closed": False, "work_center_id": work_center_id}
    item = new_item(BatchItem, **values)
    plan = Plan(item, created=True, is_new=True, codes=list(row.products))
    _close_too(plan, row, at)
    return plan


def to_finish(row: BatchRow, item: BatchItem, missing: list[str], at: datetime) -> Plan:
    """A batch that an earlier run of this import has created: what that run left undone. Closing comes last."""
    if item.is_closed:
        return Plan(item, created=True)
    plan = Plan(item, created=True, codes=missing)
    _close_too(plan, row, at)
    return plan


def to_update(row: BatchRow, item: BatchItem, work_center_id: str, missing: list[str], at: datetime) -> Plan:
    """A batch that is there: what differs, and products it does not have. None is ever removed."""
    wanted = store.plain(row.model_dump(include=FIELDS | _plan(row))) | {"work_center_id": work_center_id}
    plan = Plan(item, created=False, codes=missing)
    plan.changes = {name: value for name, value in wanted.items() if getattr(item, name) != value}
    plan.reopen = item.is_closed and row.is_closed is False
    if not item.is_closed:
        _close_too(plan, row, at)
    elif not plan.reopen:
        if missing:
            raise Refused(model.Closed("продукты не добавляются"), "products")
        if row.closed_at and clock.to_text(row.closed_at) != item.closed_at:
            plan.changes["closed_at"] = clock.to_text(row.closed_at)
    return plan


def _plan(row: BatchRow) -> set[str]:
    """The field of the plan, if the row has one: an empty cell takes none away, nor does a file without the column."""
    return set() if row.planned_quantity is None else {"planned_quantity"}


def _close_too(plan: Plan, row: BatchRow, at: datetime) -> None:
    if not (row.is_closed or (row.is_closed is None and row.closed_at)):
        return
    try:
        service.check_closing(plan.item, at, len(plan.codes))
    except AppError as error:
        raise Refused(error, "is_closed") from None
    plan.close_at = row.closed_at or at
