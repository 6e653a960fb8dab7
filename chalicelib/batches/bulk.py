"""Adding many products by one call: tasks of the kind `products`.

The codes lie in the bucket. The worker adds them in groups: numbers for a group are reserved, the checkpoint says
which, and then the group is written, 45 products to a transaction. So whoever comes back to a group gives the same
codes the same numbers; products that are there are known as the task's own by `added_by` of their pointers, which are
read only when a transaction has met one.

Mode `rollback`: codes that cannot be added are looked for before anything is written, and when somebody was faster in
the end, what the task has added is taken out again. That is done even when the batch was closed meanwhile: all or
nothing is what the caller was promised.
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
from chalicelib.core.threads import own_threads
from chalicelib.core.transactions import Changed, Transaction, optimistic, transaction
from chalicelib.events import service as events
from chalicelib.products import service as products
from chalicelib.products.service import CodeTaken, Doer, ProductItem

ACCEPTED = "Задача добавления продуктов запущена"
CHUNK = 45  # products of one transaction: 2 writes each, 10 for fence, batch, totals, 3 counters, event and pages
CHUNKS = 40  # transactions between two checkpoints: a few seconds, which a run that died leaves to be done again
REMOVED = 40  # products taken out by one transaction: they may lie on more pages
READ = 1_000  # codes looked at between two signs of life

TWICE = "Код повторяется в запросе"
TAKEN = "Продукт с таким кодом уже есть в партии"
CLOSED = "продукты не добавляются"
ERRORS_FILE = "Не добавленные продукты"


def start(
    actor: Actor, *, batch_id: UUID, codes: Sequence[str], mode: AddMode, refused: Sequence[dict[str, str]] = ()
) -> Accepted:
    """Take in codes for an open batch; a task adds them, and reports those that were refused with the others."""
    if store.get(str(batch_id)).is_closed:
        raise model.Closed(CLOSED)
    task_id = ids.new()
    taken = {"codes": codes, "refused": list(refused)}
    objects.write(_key(task_id), json.dumps(taken, ensure_ascii=False).encode())
    params = {"batch_id": str(batch_id), "mode": mode, "total": len(codes) + len(refused)}
    return background_tasks.start(actor, "products", params, ACCEPTED, task_id)


def run(task: Run) -> None:
    """The runner: adds the codes, and ends the task with what became of them."""
    _Adding(task).run()


def undo(task: Run) -> None:
    """After a cancellation, when nothing can be added any more: with `rollback` take out what any run has added."""
    adding = _Adding(task)
    if adding.whole:
        adding.take_out(fenced=False)


def _key(task_id: str) -> str:
    return f"work/tasks/{task_id}/codes.json"


class _Adding:
    """One run of a task. Codes are known by their places in `distinct`.

    The group that begins at `position` has the numbers from `first` on, `size` of them; size 0: none are reserved yet.
    """

    def __init__(self, task: Run) -> None:
        self.task, self.batch_id = task, str(task.params["batch_id"])
        self.whole = task.params["mode"] == "rollback"
        given = json.loads(objects.read(_key(task.task_id)))
        if isinstance(given, list):  # of a task that the release before has started
            given = {"codes": given, "refused": []}
        self.codes: list[str] = given["codes"]
        self.no_codes: list[dict[str, Any]] = given["refused"]
        self.distinct = list(dict.fromkeys(self.codes))
        self.position = int(task.checkpoint.get("position", 0))
        self.first, self.size = int(task.checkpoint.get("first", 0)), int(task.checkpoint.get("size", 0))
        self.taken = model.unpacked(task.checkpoint.get("taken", ""))
        self.undoing = bool(task.checkpoint.get("undoing"))
        self.refusal = str(task.checkpoint.get("refusal", ""))
        self.refused: set[int] = set(range(len(self.distinct))) - self.taken if self.refusal else set()
        self._batch: BatchItem | None = None

    def run(self) -> None:
        """Add, or go on adding; with `rollback` undo when that did not work for all."""
        if self.whole and not self.task.checkpoint:
            self._look_for_taken()
        if not self.undoing and not (self.whole and self._errors()):
            self._add_all()
            self.undoing = self.whole and bool(self.taken or self.refused)
        if self.undoing:
            self._save()
            self.take_out(fenced=True)
        self._finish()

    # -- adding -----------------------------------------------------------------------------------------------------

    def _look_for_taken(self) -> None:
        for start in range(0, len(self.distinct), READ):
            part = self.distinct[start : start + READ]
            there = products.added_by(self.batch_id, part)
            self.taken.update(place for place, code in enumerate(part, start) if code in there)
            self.task.progress(0, len(self.codes))

    def _add_all(self) -> None:
        try:
            while self.position < len(self.distinct):
                self._add_group()
        except CodeTaken:
            pass  # `rollback`, and somebody was faster
        except Conflict as met:
            if met.temporary:  # the run stops, and goes on later
                raise
            self._refuse_rest(met.message)

    def _add_group(self) -> None:
        if not self.size:
            self.size = min(CHUNKS * CHUNK, len(self.distinct) - self.position)
            self._batch = store.reserve_numbers(self.batch_id, self.size, model.Closed(CLOSED))
            self.first = int(self._batch.products_seq) - self.size
            self._save()
        end, under_way = self.position + self.size, None
        with own_threads(1) as pool:  # a transaction is on its way while the next one is made
            for start in range(self.position, end, CHUNK):
                places = range(start, min(start + CHUNK, end))
                numbers = {self.distinct[place]: self.first + place - self.position for place in places}
                tx = self._transaction(numbers)
                if not self._landed(under_way):
                    tx = self._transaction(numbers)  # later than what was done again
                self.task.progress(start, len(self.codes))
                under_way = _Chunk(start, numbers, pool.submit(tx.commit))
            self._landed(under_way)
        self.position, self.size = end, 0

    def _landed(self, chunk: "_Chunk | None") -> bool:
        """Wait for a chunk that is on its way; False when it had met something, and was done again with care."""
        if chunk is None:
            return True
        try:
            chunk.sent.result()
        except (CodeTaken, Changed):
            self._batch = None
            self._add_chunk(chunk)
            return False
        return True

    def _add_chunk(self, chunk: "_Chunk") -> None:
        """Add the products of a chunk; those that are there are this task's, or taken."""
        numbers = chunk.numbers
        while numbers:
            try:
                self._write(numbers)
            except CodeTaken:
                owners = products.added_by(self.batch_id, list(numbers))
                foreign = {code for code, owner in owners.items() if owner != self.task.task_id}
                self.taken.update(place for place, code in enumerate(chunk.numbers, chunk.start) if code in foreign)
                numbers = {code: number for code, number in numbers.items() if code not in owners}
                if self.whole and foreign:
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
        """What adds products with these numbers to the batch as it is known."""
        self._batch = batch = self._batch or self._open()
        at = clock.now()
        instants = (at + timedelta(microseconds=order) for order in count())  # lists keep the order of the call too
        made = [
            products.new(self.batch_id, number, code, instant)
            for (code, number), instant in zip(numbers.items(), instants, strict=False)
        ]
        tx = Transaction()
        self.task.hold(tx)
        products.add(tx, made, Doer(self.task.task.user_id, self.task.task_id))
        store.touch(tx, batch, at, products=len(made))
        _record(tx, "batch.product_added", batch, made)
        return tx

    def _open(self) -> BatchItem:
        batch = store.get(self.batch_id)
        if batch.is_closed:
            raise model.Closed(CLOSED)
        return batch

    def _refuse_rest(self, reason: str) -> None:
        """Nothing more can be added. An earlier run may have added some of the group that was to be added now."""
        self.refusal = reason
        rest = range(0 if self.whole else self.position, len(self.distinct))
        group = self.distinct[self.position : self.position + self.size]
        owners = products.added_by(self.batch_id, group)
        own = {code for code, owner in owners.items() if owner == self.task.task_id} if not self.whole else set()
        self.refused = {place for place in rest if self.distinct[place] not in own} - self.taken

    # -- undoing ----------------------------------------------------------------------------------------------------

    def take_out(self, *, fenced: bool) -> None:
        """Remove what this task has added. After a cancellation there is no run whose fence could hold."""
        for start in range(0, len(self.distinct), READ):
            for first in range(start, min(start + READ, len(self.distinct)), REMOVED):
                self._take_out_chunk(self.distinct[first : min(first + REMOVED, start + READ)], fenced)
            if fenced:
                self._save()

    @optimistic
    def _take_out_chunk(self, codes: list[str], fenced: bool) -> None:
        own = products.items_of_codes(self.batch_id, codes, added_by=self.task.task_id)
        if not own:
            return
        batch = store.find(self.batch_id)
        if batch is None:
            return  # deleted meanwhile, with all its products
        with transaction() as tx:
            if fenced:
                self.task.hold(tx)
            products.take_out(tx, own)
            store.touch(tx, batch, clock.now(), products=-len(own), aggregated=-sum(one.is_aggregated for one in own))
            _record(tx, "batch.product_removed", batch, own)

    # -- what is noted ----------------------------------------------------------------------------------------------

    def _save(self) -> None:
        """The checkpoint."""
        checkpoint: dict[str, Any] = {"position": self.position, "first": self.first, "size": self.size}
        checkpoint |= {"taken": model.packed(self.taken), "undoing": self.undoing}
        if self.undoing:
            checkpoint["refusal"] = self.refusal
        self.task.progress(self.position, len(self.codes), checkpoint)

    def _errors(self) -> list[dict[str, Any]]:
        """What is wrong, in the order of the call, and then what was no code."""
        reasons = {self.distinct[place]: TAKEN for place in self.taken}
        reasons |= {self.distinct[place]: self.refusal for place in self.refused}
        errors, seen = [], set[str]()
        for code in self.codes:
            reason = TWICE if code in seen else reasons.get(code)
            seen.add(code)
            if reason:
                errors.append({"code": code, "reason": reason})
        return errors + self.no_codes

    def _finish(self) -> None:
        errors = self._errors()
        failed = self.undoing or (self.whole and errors)
        added = 0 if failed else len(self.distinct) - len(self.taken) - len(self.refused)
        total = len(self.codes) + len(self.no_codes)
        with transaction() as tx:
            outcome.succeed(tx, self.task, ERRORS_FILE, {"total": total, "added": added}, errors)


@dataclass(frozen=True)
class _Chunk:
    """Products on their way into the tables: the place of the first, their codes with their numbers."""

    start: int
    numbers: dict[str, int]
    sent: Future[None]


def _record(tx: Transaction, name: str, batch: BatchItem, changed: Sequence[ProductItem]) -> None:
    about = {"batch_id": batch.uuid, "batch_number": int(batch.batch_number)}
    entries = [
        (batch.uuid, {**about, "product_id": product.uuid, "unique_code": product.unique_code}) for product in changed
    ]
    events.record_many(tx, name, f"batch#{batch.uuid}", clock.now(), entries)
