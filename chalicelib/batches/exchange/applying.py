"""Doing what the rows of an import ask for, a chunk of rows at a time, in as few transactions as will carry it.

New batches go into the tables many to a transaction, 100 writes each; so do changes of fields. When one fails, its rows
are read and decided anew, half of them at a time, until the row that is to blame stands alone: the others get in. Rows
are spread over lanes by the totals they are counted in (totals.py), so that two lanes never meet there.

Everything may be done twice. The id of a batch is made of task and row, so one that is there under that id is this
import's own; the id of a product is made of batch and code. What an earlier run has done is found, and counted as it
was counted then.
"""

import zlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from chalicelib.batches import model, store, totals
from chalicelib.batches.exchange import plans, writing
from chalicelib.batches.exchange.plans import Plan, Refused
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

LANES = 4  # transactions under way at a time
UNKNOWN = "-"  # the work centre of a dry run that would be created

NOT_NOW = (Conflict, NotFound)  # what a transaction may say of a row, or of somebody it met


@dataclass
class Outcome:
    """What became of rows."""

    created: int = 0
    updated: int = 0
    failed: list[Row] = field(default_factory=list)

    def count(self, plan: Plan) -> None:
        """One of them is done."""
        if plan.created:
            self.created += 1
        else:
            self.updated += 1

    def add(self, other: "Outcome") -> None:
        """Those of another one, too."""
        self.created += other.created
        self.updated += other.updated
        self.failed += other.failed


@dataclass(frozen=True)
class Job:
    """A row, and what is to be done for it."""

    row: Row
    batch: BatchRow
    plan: Plan


@dataclass(frozen=True)
class State:
    """What was read for some rows: who has their numbers, the batches, which of their products are there."""

    owners: Mapping[tuple[int, date], str]
    items: Mapping[str, BatchItem]
    present: Collection[str]


@dataclass
class Applier:
    """Does the rows of one import of a user. `tick` is called after each transaction, with how many rows it did."""

    task_id: str
    user_id: int
    update_existing: bool
    dry_run: bool
    tick: Callable[[int], None]
    _centers: dict[str, str] = field(default_factory=dict)

    def apply(self, rows: Sequence[Row]) -> Outcome:
        """Do these rows; those that cannot be done come back in `failed`, each with the reason."""
        outcome = Outcome(failed=[row for row in rows if row.batch is None])
        jobs = self._decide(rows, outcome)
        if self.dry_run:
            for job in jobs:
                outcome.count(job.plan)
        else:
            with own_threads(LANES) as pool:
                for part in pool.map(self._pack, _lanes(jobs)):
                    outcome.add(part)
            for job in jobs:
                if not writing.is_small(job.plan):
                    self._alone(job.row, job.batch, outcome)
        outcome.failed.sort(key=lambda row: row.number)
        return outcome

    def _pack(self, jobs: Sequence[Job]) -> Outcome:
        """Do small jobs, many to a transaction."""
        outcome = Outcome()
        for tx, taken in writing.packed([job.plan for job in jobs]):
            pack, jobs = jobs[:taken], jobs[taken:]
            try:
                tx.commit()
            except NOT_NOW:
                self._apart(pack, outcome)
            else:
                for job in pack:
                    outcome.count(job.plan)
            self.tick(taken)
        return outcome

    def _apart(self, pack: Sequence[Job], outcome: Outcome) -> None:
        """Do again, in halves, jobs whose transaction failed; the state they were decided on is not the current one."""
        if len(pack) == 1:
            self._alone(pack[0].row, pack[0].batch, outcome)
            return
        middle = len(pack) // 2
        for half in (pack[:middle], pack[middle:]):
            jobs = self._decide([job.row for job in half], outcome)
            outcome.add(self._pack([job for job in jobs if writing.is_small(job.plan)]))
            for job in jobs:
                if not writing.is_small(job.plan):
                    self._alone(job.row, job.batch, outcome)

    def _alone(self, row: Row, batch: BatchRow, outcome: Outcome) -> None:
        """Do one row, whatever it takes; Changed when others write there all the time: the run goes on later."""
        try:
            outcome.count(self._insist(row, batch))
        except Refused as refused:
            outcome.failed.append(row.refused(refused.column, refused.code, str(refused)))
        except Changed as changed:
            cause = changed.__cause__
            if not isinstance(cause, AppError) or cause.temporary:
                raise
            outcome.failed.append(row.refused(None, "conflict", cause.message))

    @optimistic
    def _insist(self, row: Row, batch: BatchRow) -> Plan:
        """Decide and do one row, again and again while others change what it was decided on."""
        plan = self._plan(row.number, batch, self._read([(row.number, batch)]))
        try:
            writing.alone(plan, self.tick)
        except NOT_NOW as error:
            self._centers.pop(batch.work_center_identifier, None)
            raise Changed from error
        return plan

    def _decide(self, rows: Iterable[Row], outcome: Outcome) -> list[Job]:
        """What is to be done for each row; those for which nothing can be done go to `failed`."""
        pairs = [(row, row.batch) for row in rows if row.batch]
        state = self._read([(row.number, batch) for row, batch in pairs])
        jobs = []
        for row, batch in pairs:
            try:
                jobs.append(Job(row, batch, self._plan(row.number, batch, state)))
            except Refused as refused:
                outcome.failed.append(row.refused(refused.column, refused.code, str(refused)))
        return jobs

    def _read(self, rows: Sequence[tuple[int, BatchRow]]) -> State:
        """What is there of these rows, in few reads."""
        owners = store.owners([batch.key for _, batch in rows])
        mine = {plans.batch_id(self.task_id, number) for number, _ in rows}
        items = store.several([owner for owner in owners.values() if self.update_existing or owner in mine])
        filled = [(items[owners[batch.key]], batch) for _, batch in rows if owners.get(batch.key) in items]
        ids = [product_id(item.uuid, code) for item, batch in filled if item.products_seq for code in batch.products]
        return State(owners, items, products.present(ids))

    def _plan(self, number: int, batch: BatchRow, state: State) -> Plan:
        plan = self._decided(number, batch, state)
        plan.user_id = self.user_id
        return plan

    def _decided(self, number: int, batch: BatchRow, state: State) -> Plan:
        own, owner, at = plans.batch_id(self.task_id, number), state.owners.get(batch.key), clock.now()
        if owner not in (None, own) and not self.update_existing:
            raise Refused(model.number_taken(*batch.key), "batch_number", "already_exists")
        item = state.items.get(owner or own)
        if item is None:
            return plans.to_create(batch, own, self._center(batch), at)
        missing = [code for code in batch.products if product_id(item.uuid, code) not in state.present]
        if owner == own:
            return plans.to_finish(batch, item, missing, at)
        return plans.to_update(batch, item, self._center(batch), missing, at)

    def _center(self, batch: BatchRow) -> str:
        """The id of the work centre of a row, which is created when there is none."""
        name = batch.work_center_identifier
        if name not in self._centers:
            title = batch.work_center_name or name
            found = work_centers.find(name) or (UNKNOWN if self.dry_run else "")
            self._centers[name] = found or work_centers.find_or_create(ADMINISTRATOR, identifier=name, name=title)
        return self._centers[name]


def _lanes(jobs: Iterable[Job]) -> list[list[Job]]:
    """Small jobs by day, work centre and shift: those of one are in one lane, one after the other."""
    lanes: list[list[Job]] = [[] for _ in range(LANES)]
    for cell, job in sorted(((totals.key_of(job.plan.item)[1], job) for job in jobs), key=lambda pair: pair[0]):
        if writing.is_small(job.plan):
            lanes[zlib.crc32(cell.encode()) % LANES].append(job)
    return lanes
