"""Adding many products by one request: tasks of the kind `products`.

The codes are stored in the bucket. The worker adds them in groups: it reserves numbers for a group, saves them in the
checkpoint, and writes the group in portions, one transaction each. So a later run of a group gives the same codes the
same numbers. The pointer of a product names the task that added it (`added_by`); it is read only after a conflict.

Mode `rollback`: codes that cannot be added are found before anything is written. When another writer adds one of the
codes later, the products that the task has added are removed again, even if the batch is closed by then: the mode
promises all or none.
"""

import json
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

from chalicelib.background_tasks import service as background_tasks
from chalicelib.background_tasks.schemas import Accepted
from chalicelib.background_tasks.service import Run
from chalicelib.batches import model, outcome, store
from chalicelib.batches.schemas import AddMode
from chalicelib.batches.store import BatchItem
from chalicelib.core import clock, ids, objects
from chalicelib.core.auth import Actor
from chalicelib.core.errors import Conflict
from chalicelib.core.texts import text
from chalicelib.core.threads import own_threads
from chalicelib.core.transactions import Changed, Transaction, optimistic, transaction
from chalicelib.events import service as events
from chalicelib.products import service as products
from chalicelib.products.service import CodeTaken, Doer, ProductItem

ACCEPTED = "Задача добавления продуктов запущена"
PRODUCTS_PER_PORTION = 45  # 2 of 100 writes each; the other 10: fence, batch, totals, 3 counters, event, 3 pages
PORTIONS_PER_GROUP = 40  # transactions between two checkpoints: a few seconds of work to repeat after a crash
# fewer than PRODUCTS_PER_PORTION: their numbers may not be adjacent, so they touch more pages
PRODUCTS_PER_REMOVAL = 40
CODES_PER_READ = 1_000  # between two reports of progress

TWICE = "Код повторяется в запросе"
TAKEN = "Продукт с таким кодом уже есть в партии"
ERRORS_FILE = "Не добавленные продукты"


def start(
    actor: Actor, *, batch_id: UUID, codes: Sequence[str], mode: AddMode, refused: Sequence[dict[str, str]] = ()
) -> Accepted:
    """Accept codes for an open batch; a task adds them, and reports the `refused` ones with those it cannot add."""
    if store.get(str(batch_id)).is_closed:
        raise model.Closed(model.NOT_ADDED)
    task_id = ids.new()
    given = {"codes": codes, "refused": list(refused)}
    objects.write(_key(task_id), json.dumps(given, ensure_ascii=False).encode())
    params = {"batch_id": str(batch_id), "mode": mode, "total": len(codes) + len(refused)}
    return background_tasks.start(actor, "products", params, text(ACCEPTED), task_id)


def run(task: Run) -> None:
    """Run a task: add its codes, and end it with their results."""
    _AddingRun(task).run()


def undo(task: Run) -> None:
    """After a cancellation, when nothing more can be added: with `rollback` remove what all runs have added."""
    adding = _AddingRun(task)
    if adding.all_or_none:
        adding.remove_added(fenced=False)


def _key(task_id: str) -> str:
    return f"work/tasks/{task_id}/codes.json"


class _AddingRun:
    """One run of a task. `taken` and `refused` are positions in `distinct`: of codes that the batch already has, and of
    codes that could not be added for `refusal`. `malformed` are texts that are no codes, each with the reason.

    The group that begins at `position` has `size` numbers from `first` on; size 0: they are not reserved yet.
    """

    def __init__(self, task: Run) -> None:
        self.task, self.batch_id = task, str(task.params["batch_id"])
        self.all_or_none = task.params["mode"] == "rollback"
        given = json.loads(objects.read(_key(task.task_id)))
        if isinstance(given, list):  # of a task that an earlier release has started
            given = {"codes": given, "refused": []}
        self.codes: list[str] = given["codes"]
        self.malformed: list[dict[str, Any]] = given["refused"]
        self.distinct = list(dict.fromkeys(self.codes))
        self.position = int(task.checkpoint.get("position", 0))
        self.first, self.size = int(task.checkpoint.get("first", 0)), int(task.checkpoint.get("size", 0))
        self.taken = model.unpacked(task.checkpoint.get("taken", ""))
        self.undoing = bool(task.checkpoint.get("undoing"))
        self.refusal = str(task.checkpoint.get("refusal", ""))
        self.refused: set[int] = set(range(len(self.distinct))) - self.taken if self.refusal else set()
        self._batch: BatchItem | None = None

    def run(self) -> None:
        """Add the codes, or continue; with `rollback` remove them again unless all were added."""
        if self.all_or_none and not self.task.checkpoint:
            self._find_taken()
        if not self.undoing and not (self.all_or_none and self._errors()):
            self._add_all()
            self.undoing = self.all_or_none and bool(self.taken or self.refused)
        if self.undoing:
            self._save()
            self.remove_added(fenced=True)
        self._finish()

    # -- adding -----------------------------------------------------------------------------------------------------

    def _find_taken(self) -> None:
        for start in range(0, len(self.distinct), CODES_PER_READ):
            part = self.distinct[start : start + CODES_PER_READ]
            existing = products.added_by(self.batch_id, part)
            self.taken.update(position for position, code in enumerate(part, start) if code in existing)
            self.task.progress(0, len(self.codes))

    def _add_all(self) -> None:
        try:
            while self.position < len(self.distinct):
                self._add_group()
        except CodeTaken:
            pass  # `rollback`, and another writer has added a code
        except Conflict as conflict:
            if conflict.temporary:  # the run stops and continues later
                raise
            self._refuse_rest(conflict.message)

    def _add_group(self) -> None:
        if not self.size:
            self.size = min(PORTIONS_PER_GROUP * PRODUCTS_PER_PORTION, len(self.distinct) - self.position)
            self._batch = store.reserve_numbers(self.batch_id, self.size, model.Closed(model.NOT_ADDED))
            self.first = int(self._batch.products_seq) - self.size
            self._save()
        end, sent = self.position + self.size, None
        with own_threads(1) as pool:  # a transaction is sent while the next one is made
            for start in range(self.position, end, PRODUCTS_PER_PORTION):
                positions = range(start, min(start + PRODUCTS_PER_PORTION, end))
                numbers = {self.distinct[position]: self.first + position - self.position for position in positions}
                tx = self._transaction(numbers)
                if not self._wait_for(sent):
                    tx = self._transaction(numbers)  # the batch has changed since this one was made
                self.task.progress(start, len(self.codes))
                sent = _Portion(start, numbers, pool.submit(tx.commit))
            self._wait_for(sent)
        self.position, self.size = end, 0

    def _wait_for(self, portion: "_Portion | None") -> bool:
        """Wait for a portion that was sent; False when it had a conflict and was written again."""
        if portion is None:
            return True
        try:
            portion.sent.result()
        except (CodeTaken, Changed):
            self._batch = None
            self._add_portion(portion)
            return False
        return True

    def _add_portion(self, portion: "_Portion") -> None:
        """Add the products of a portion that do not exist. Of the others, those of other writers are `taken`."""
        numbers = portion.numbers
        while numbers:
            try:
                self._write(numbers)
            except CodeTaken:
                owners = products.added_by(self.batch_id, list(numbers))
                foreign = {code for code, owner in owners.items() if owner != self.task.task_id}
                self.taken.update(
                    position for position, code in enumerate(portion.numbers, portion.start) if code in foreign
                )
                numbers = {code: number for code, number in numbers.items() if code not in owners}
                if self.all_or_none and foreign:
                    raise
            else:
                return

    @optimistic
    def _write(self, numbers: dict[str, int]) -> None:
        try:
            self._transaction(numbers).commit()
        except Changed:
            self._batch = None  # to be read again
            raise

    def _transaction(self, numbers: dict[str, int]) -> Transaction:
        """Return the writes that add products with these numbers to the batch as it was read."""
        self._batch = batch = self._batch or self._open()
        at = clock.now()
        instants = (at + timedelta(microseconds=order) for order in count())  # lists keep the order of the call too
        made = [
            products.new(self.batch_id, number, code, instant)
            for (code, number), instant in zip(numbers.items(), instants, strict=False)
        ]
        tx = Transaction()
        self.task.add_fence(tx)
        products.add(tx, made, Doer(self.task.task.user_id, self.task.task_id))
        store.count_products(tx, batch, at, products=len(made))
        _record(tx, "batch.product_added", batch, made)
        return tx

    def _open(self) -> BatchItem:
        batch = store.get(self.batch_id)
        if batch.is_closed:
            raise model.Closed(model.NOT_ADDED)
        return batch

    def _refuse_rest(self, reason: str) -> None:
        """Refuse all codes that are not added; an earlier run may have added some of the current group.

        With `rollback` all count as refused, from the first.
        """
        self.refusal = reason
        rest = range(0 if self.all_or_none else self.position, len(self.distinct))
        group = self.distinct[self.position : self.position + self.size]
        owners = products.added_by(self.batch_id, group)
        own = {code for code, owner in owners.items() if owner == self.task.task_id} if not self.all_or_none else set()
        self.refused = {position for position in rest if self.distinct[position] not in own} - self.taken

    # -- undoing ----------------------------------------------------------------------------------------------------

    def remove_added(self, *, fenced: bool) -> None:
        """Remove the products that this task has added; after a cancellation no run is current, so without a fence."""
        for start in range(0, len(self.distinct), CODES_PER_READ):
            for first in range(start, min(start + CODES_PER_READ, len(self.distinct)), PRODUCTS_PER_REMOVAL):
                self._remove_portion(
                    self.distinct[first : min(first + PRODUCTS_PER_REMOVAL, start + CODES_PER_READ)], fenced
                )
            if fenced:
                self._save()

    @optimistic
    def _remove_portion(self, codes: list[str], fenced: bool) -> None:
        own = products.items_of_codes(self.batch_id, codes, added_by=self.task.task_id)
        if not own:
            return
        batch = store.find(self.batch_id)
        if batch is None:
            return  # deleted with all its products
        with transaction() as tx:
            if fenced:
                self.task.add_fence(tx)
            products.remove(tx, own)
            aggregated = sum(item.is_aggregated for item in own)
            store.count_products(tx, batch, clock.now(), products=-len(own), aggregated=-aggregated)
            _record(tx, "batch.product_removed", batch, own)

    # -- state and result ----------------------------------------------------------------------------------------------

    def _save(self) -> None:
        """Save the checkpoint."""
        checkpoint: dict[str, Any] = {"position": self.position, "first": self.first, "size": self.size}
        checkpoint |= {"taken": model.packed(self.taken), "undoing": self.undoing}
        if self.undoing:
            checkpoint["refusal"] = self.refusal
        self.task.progress(self.position, len(self.codes), checkpoint)

    def _errors(self) -> list[dict[str, Any]]:
        """Return the errors in the order of the codes, and then those of malformed ones."""
        reasons = {self.distinct[position]: text(TAKEN) for position in self.taken}
        reasons |= {self.distinct[position]: self.refusal for position in self.refused}
        errors, seen = [], set[str]()
        for code in self.codes:
            reason = text(TWICE) if code in seen else reasons.get(code)
            seen.add(code)
            if reason:
                errors.append({"code": code, "reason": reason})
        return errors + self.malformed

    def _finish(self) -> None:
        errors = self._errors()
        failed = self.undoing or (self.all_or_none and errors)
        added = 0 if failed else len(self.distinct) - len(self.taken) - len(self.refused)
        total = len(self.codes) + len(self.malformed)
        with transaction() as tx:
            outcome.succeed(tx, self.task, text(ERRORS_FILE), {"total": total, "added": added}, errors)


@dataclass(frozen=True)
class _Portion:
    """Products whose transaction was sent: the position of the first code, and all codes with their numbers."""

    start: int
    numbers: dict[str, int]
    sent: Future[None]


def _record(tx: Transaction, name: str, batch: BatchItem, changed: Sequence[ProductItem]) -> None:
    about = {"batch_id": batch.uuid, "batch_number": int(batch.batch_number)}
    entries = [
        (batch.uuid, {**about, "product_id": product.uuid, "unique_code": product.unique_code}) for product in changed
    ]
    events.record_many(tx, name, f"batch#{batch.uuid}", clock.now(), entries)
