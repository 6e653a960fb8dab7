"""Applies the rows of an import to the tables, a chunk of rows at a time, in as few transactions as possible.

Each row becomes a plan (plans.py). Small plans share transactions of up to 100 writes. When one fails, its rows are
read and planned again in halves, until the row that causes the failure is alone: the others are applied. Rows are
divided into lanes by the totals bucket that counts them (totals.py), so two lanes never conflict there.

Everything may be applied twice. The id of a batch is made of task and row, so a batch with that id belongs to this
import; the id of a product is made of batch and code. What an earlier run has applied is found and counted again.
"""

import zlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from chalicelib.batches import model, store, totals
from chalicelib.batches.exchange import plans, writing
from chalicelib.batches.exchange.plans import Plan, RowRefused
from chalicelib.batches.exchange.rows import Row
from chalicelib.batches.exchange.schemas import BatchRow
from chalicelib.batches.store import BatchItem
from chalicelib.core import clock
from chalicelib.core.auth import ADMINISTRATOR
from chalicelib.core.errors import AppError, Conflict, NotFound
from chalicelib.core.threads import own_threads
from chalicelib.core.transactions import Changed, optimistic
from chalicelib.products import service as products
from chalicelib.products.model import product_id
from chalicelib.work_centers import service as work_centers

LANES = 4  # transactions in parallel
MAX_RENAMED = 20  # work centres whose names are told
NOT_CREATED = "-"  # the id of a work centre that a dry run would create

RETRYABLE = (Conflict, NotFound)  # errors of a transaction: of a row, or of another writer


@dataclass
class Outcome:
    """How many rows were applied, and which failed."""

    created: int = 0
    updated: int = 0
    failed: list[Row] = field(default_factory=list)

    def count(self, plan: Plan) -> None:
        """Count an applied row."""
        if plan.created:
            self.created += 1
        else:
            self.updated += 1

    def add(self, other: "Outcome") -> None:
        """Add another outcome."""
        self.created += other.created
        self.updated += other.updated
        self.failed += other.failed


@dataclass(frozen=True)
class PlannedRow:
    """A row, its batch and the plan for it."""

    row: Row
    batch: BatchRow
    plan: Plan


@dataclass(frozen=True)
class State:
    """What exists for some rows: ids of batches by number and date, batches by id, ids of products."""

    ids_by_key: Mapping[tuple[int, date], str]
    batches: Mapping[str, BatchItem]
    product_ids: Collection[str]


@dataclass
class Applier:
    """Applies the rows of one import of a user. `tick` is called after each transaction with its number of rows.

    `renamed` has the work centres whose name is another one in the file, which an import does not change: by
    identifier, the name and that of the file.
    """

    task_id: str
    user_id: int
    update_existing: bool
    dry_run: bool
    tick: Callable[[int], None]
    renamed: dict[str, list[str]] = field(default_factory=dict)
    _centers: dict[str, str] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)

    def apply(self, rows: Sequence[Row]) -> Outcome:
        """Apply rows; those that cannot be applied are in `failed` of the result, each with the reason."""
        outcome = Outcome(failed=[row for row in rows if row.batch is None])
        planned = self._plan_all(rows, outcome)
        if self.dry_run:
            for planned_row in planned:
                outcome.count(planned_row.plan)
        else:
            with own_threads(LANES) as pool:
                for part in pool.map(self._apply_packed, _lanes(planned)):
                    outcome.add(part)
            for planned_row in planned:
                if not writing.is_small(planned_row.plan):
                    self._apply_one(planned_row.row, planned_row.batch, outcome)
        outcome.failed.sort(key=lambda row: row.number)
        return outcome

    def _apply_packed(self, planned: Sequence[PlannedRow]) -> Outcome:
        """Apply small plans, many in one transaction."""
        outcome = Outcome()
        for tx, taken in writing.pack([planned_row.plan for planned_row in planned]):
            part, planned = planned[:taken], planned[taken:]
            try:
                tx.commit()
            except RETRYABLE:
                self._apply_individually(part, outcome)
            else:
                for planned_row in part:
                    outcome.count(planned_row.plan)
            self.tick(taken)
        return outcome

    def _apply_individually(self, part: Sequence[PlannedRow], outcome: Outcome) -> None:
        """Apply in halves the rows whose transaction failed, planned on the current state."""
        if len(part) == 1:
            self._apply_one(part[0].row, part[0].batch, outcome)
            return
        middle = len(part) // 2
        for half in (part[:middle], part[middle:]):
            planned = self._plan_all([planned_row.row for planned_row in half], outcome)
            small = [planned_row for planned_row in planned if writing.is_small(planned_row.plan)]
            outcome.add(self._apply_packed(small))
            for planned_row in planned:
                if not writing.is_small(planned_row.plan):
                    self._apply_one(planned_row.row, planned_row.batch, outcome)

    def _apply_one(self, row: Row, batch: BatchRow, outcome: Outcome) -> None:
        """Apply one row. Changed when other writers always come first: the run continues later."""
        try:
            outcome.count(self._retry_until_applied(row, batch))
        except RowRefused as refused:
            outcome.failed.append(row.refused(refused.column, refused.code, str(refused)))
        except Changed as changed:
            cause = changed.__cause__
            if not isinstance(cause, AppError) or cause.temporary:
                raise
            outcome.failed.append(row.refused(None, "conflict", cause.message))

    @optimistic
    def _retry_until_applied(self, row: Row, batch: BatchRow) -> Plan:
        """Plan and apply one row, again while other writers change its batch."""
        plan = self._plan(row.number, batch, self._read([(row.number, batch)]))
        try:
            writing.apply(plan, self.tick)
        except RETRYABLE as error:
            self._centers.pop(batch.work_center_identifier, None)
            raise Changed from error
        return plan

    def _plan_all(self, rows: Iterable[Row], outcome: Outcome) -> list[PlannedRow]:
        """Plan rows; those that are refused go to `failed` of `outcome`."""
        pairs = [(row, row.batch) for row in rows if row.batch]
        state = self._read([(row.number, batch) for row, batch in pairs])
        planned = []
        for row, batch in pairs:
            try:
                planned.append(PlannedRow(row, batch, self._plan(row.number, batch, state)))
            except RowRefused as refused:
                outcome.failed.append(row.refused(refused.column, refused.code, str(refused)))
        return planned

    def _read(self, rows: Sequence[tuple[int, BatchRow]]) -> State:
        """Read what exists for rows, in few reads."""
        ids_by_key = store.ids_by_number([batch.key for _, batch in rows])
        own_ids = {plans.batch_id(self.task_id, number) for number, _ in rows}
        batches = store.find_many([owner for owner in ids_by_key.values() if self.update_existing or owner in own_ids])
        found = [(batches[ids_by_key[row.key]], row) for _, row in rows if ids_by_key.get(row.key) in batches]
        ids = [product_id(item.uuid, code) for item, row in found if item.products_seq for code in row.products]
        return State(ids_by_key, batches, products.present(ids))

    def _plan(self, number: int, batch: BatchRow, state: State) -> Plan:
        plan = self._plan_for(number, batch, state)
        plan.user_id = self.user_id
        return plan

    def _plan_for(self, number: int, batch: BatchRow, state: State) -> Plan:
        own_id, owner_id, at = plans.batch_id(self.task_id, number), state.ids_by_key.get(batch.key), clock.now()
        if owner_id not in (None, own_id) and not self.update_existing:
            raise RowRefused(model.number_taken(*batch.key), "batch_number", "already_exists")
        item = state.batches.get(owner_id or own_id)
        if item is None:
            return plans.to_create(batch, own_id, self._center(batch), at)
        missing = [code for code in batch.products if product_id(item.uuid, code) not in state.product_ids]
        if owner_id == own_id:
            return plans.to_finish(batch, item, missing, at)
        return plans.to_update(batch, item, self._center(batch), missing, at)

    def _center(self, batch: BatchRow) -> str:
        """Return the id of the work centre of a row, which is created when it does not exist."""
        identifier, title = batch.work_center_identifier, batch.work_center_name
        if identifier not in self._centers:
            found = work_centers.find(identifier) or (NOT_CREATED if self.dry_run else "")
            if not found:
                made = work_centers.find_or_create(ADMINISTRATOR, identifier=identifier, name=title or identifier)
                self._names[identifier] = title or identifier
            self._centers[identifier] = found or made
        if title and title != self._name(identifier, title) and len(self.renamed) < MAX_RENAMED:
            self.renamed.setdefault(identifier, [self._names[identifier], title])
        return self._centers[identifier]

    def _name(self, identifier: str, title: str) -> str:
        """Return the name of a work centre; `title` if it does not exist yet."""
        if identifier not in self._names:
            existing = work_centers.several([self._centers[identifier]])
            self._names[identifier] = existing[0].name if existing else title
        return self._names[identifier]


def _lanes(planned: Iterable[PlannedRow]) -> list[list[PlannedRow]]:
    """Divide small plans into lanes by day, work centre and shift: those of one bucket are in one lane."""
    lanes: list[list[PlannedRow]] = [[] for _ in range(LANES)]
    by_bucket = ((totals.key_of(row.plan.item)[1], row) for row in planned if writing.is_small(row.plan))
    for bucket, row in sorted(by_bucket, key=lambda pair: pair[0]):
        lanes[zlib.crc32(bucket.encode()) % LANES].append(row)
    return lanes
