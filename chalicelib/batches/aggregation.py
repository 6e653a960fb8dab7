"""Aggregating a batch in the background: tasks of the kind `aggregation`.

The worker of tasks starts an execution of the state machine (aggregation.asl.json), whose steps are here: `plan` says
how many chunks there are, `chunk` does one, side by side with others, `finish` ends the task. A chunk is a range of a
thousand numbers of products, or of a thousand of the codes that were given.

A product says by which task it was aggregated, so a chunk that is done again counts what it did before. Every
transaction holds only while the run is wanted; the batch is reserved by the task, and a later run of it goes on with
that reservation.
"""

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from chalicelib.background_tasks import service as background_tasks
from chalicelib.background_tasks.schemas import Accepted
from chalicelib.background_tasks.service import Run
from chalicelib.batches import contents, leases, model, outcome, store
from chalicelib.batches.schemas import AggregationTask
from chalicelib.core import clock, ids, later_work, objects
from chalicelib.core.auth import ADMINISTRATOR, Actor
from chalicelib.core.errors import Conflict
from chalicelib.core.settings import settings
from chalicelib.core.transactions import optimistic, transaction
from chalicelib.products import service as products
from chalicelib.products.service import Doer, ProductItem

ACCEPTED = "Aggregation task started"
CHUNK = 1_000  # codes of a chunk, where codes were given; else it is a bucket of products
TELL_SECONDS = 1.0  # between two signs of life

UNKNOWN = "Продукт с таким кодом не найден в партии"
ALREADY = "Продукт уже агрегирован"
BROKEN = "Агрегация прервана внутренней ошибкой; что уже агрегировано, осталось таким: запустите ее еще раз"
ERRORS_FILE = "Не агрегированные продукты"


@optimistic
def start(actor: Actor, *, batch_id: UUID, body: AggregationTask) -> Accepted:
    """Reserve an open batch for an aggregation; a task does it."""
    item, at = store.get(str(batch_id)), clock.now()
    if item.is_closed:
        raise model.Closed(model.NOT_AGGREGATED)
    if item.busy_until and item.busy_until >= clock.to_text(at):
        raise model.BeingAggregated
    task_id, codes = ids.new(), list(dict.fromkeys(body.unique_codes or []))
    if codes:
        objects.write(_key(task_id), json.dumps(codes, ensure_ascii=False).encode())
    params = {"batch_id": item.uuid, "aggregated_at": clock.to_text(body.aggregated_at or at), "codes": len(codes)}
    with transaction() as tx:
        leases.begin(tx, item, task_id, at)
        task = background_tasks.create(tx, actor, "aggregation", params, task_id)
    background_tasks.dispatch(task_id)
    return background_tasks.accepted(task, ACCEPTED)


def run(task: Run) -> None:
    """The runner: starts the execution of this run, which ends the task. Its name says which one it is."""
    data = {"task_id": task.task_id, "run": task.number, "batch_id": _batch_of(task)}
    later_work.start_execution(settings().aggregation_arn, f"{task.task_id}-{task.number}", data)


# -- the steps ------------------------------------------------------------------------------------------------------


def plan(task: Run) -> list[int]:
    """Take the reservation again, and say which chunks there are."""
    item = leases.take(_batch_of(task), task.task_id, clock.now())
    codes, numbers = int(task.params["codes"]), int(item.products_seq)
    left = codes or int(item.products_total - item.aggregated_total)
    task.progress(0, left, {"numbers": numbers})
    return list(range(-(-codes // CHUNK) if codes else products.buckets(numbers)))


def chunk(task: Run, number: int) -> dict[str, int]:
    """Aggregate the products of one chunk; what could not be aggregated is left in the bucket for the last step."""
    done = _Chunk(task, number)
    done.aggregate()
    if done.errors:
        objects.write(_key(task.task_id, number), json.dumps(done.errors, ensure_ascii=False).encode())
    return {"number": number, "aggregated": done.aggregated, "failed": len(done.errors)}


def finish(task: Run, chunks: Sequence[Mapping[str, Any]]) -> None:
    """End the task, and with it the reservation; `chunks` is what each chunk answered."""
    batch_id, when = _batch_of(task), clock.from_text(task.params["aggregated_at"])
    count = sum(int(one["aggregated"]) for one in chunks)
    errors: list[dict[str, str]] = []
    for one in chunks:
        if one["failed"]:
            errors += json.loads(objects.read(_key(task.task_id, one["number"])))
    with transaction() as tx:
        counts = {"total": count + len(errors), "aggregated": count}
        outcome.succeed(tx, task, ERRORS_FILE, counts, errors)
        contents.write_end(tx, store.get(batch_id), task.task_id, when, count)


def undo(task: Run) -> None:
    """After a cancellation: end the reservation at once, also when nobody has begun. What is aggregated stays."""
    leases.release(_batch_of(task), task.task_id)


def release(batch_id: str, task_id: str) -> None:
    """End the reservation of a task that has ended; of one that goes on in another run it stays."""
    if background_tasks.get(ADMINISTRATOR, task_id=task_id).status in ("SUCCESS", "FAILURE"):
        leases.release(batch_id, task_id)


class _Chunk:
    """One chunk: how many of its products are aggregated by the task, and which are not, with the reason."""

    def __init__(self, task: Run, number: int) -> None:
        self.task, self.batch_id = task, _batch_of(task)
        self.codes = _codes(task, number)
        self.found = self._of_codes() if self.codes else self._of_bucket(number)
        self.aggregated, self.errors = 0, list[dict[str, str]]()

    def _of_codes(self) -> list[ProductItem]:
        return products.items_of_codes(self.batch_id, self.codes)

    def _of_bucket(self, number: int) -> list[ProductItem]:
        return list(products.items_of_bucket(self.batch_id, number, int(self.task.checkpoint["numbers"])))

    def aggregate(self) -> None:
        """Do what is still to be done. Of a whole batch only what was refused is an error; codes must be there too."""
        waiting = [one for one in self.found if not one.is_aggregated]
        settled = [one for one in self.found if one.is_aggregated]
        count, refusal = self._try(waiting)
        if count < len(waiting):  # refused, or others were faster: what is there now decides
            waiting = products.read_again(waiting)
            settled += [one for one in waiting if one.is_aggregated]
            count = 0
        mine = [one for one in settled if one.aggregated_by == self.task.task_id]
        self.aggregated = count + len(mine)
        reasons = {} if count else {one.unique_code: refusal for one in waiting if not one.is_aggregated}
        if self.codes:
            others = (one for one in settled if one.aggregated_by != self.task.task_id)
            reasons |= dict.fromkeys((one.unique_code for one in others), ALREADY)
            there = {one.unique_code for one in (*settled, *waiting)}
            reasons |= dict.fromkeys((code for code in self.codes if code not in there), UNKNOWN)
        self.errors = [{"code": code, "reason": reasons[code]} for code in self.codes or reasons if code in reasons]

    def _try(self, waiting: list[ProductItem]) -> tuple[int, str]:
        """Aggregate products, a transaction after the other; returns how many are now, and why not more."""
        when, count, told = clock.from_text(self.task.params["aggregated_at"]), 0, 0
        due = time.monotonic() + TELL_SECONDS
        try:
            batch = leases.take(self.batch_id, self.task.task_id, clock.now())
            by = Doer(self.task.task.user_id, self.task.task_id)
            for done in contents.aggregate_many(batch, waiting, when, by, self.task.assert_current_run):
                count += done
                if time.monotonic() > due:
                    self.task.advance(count - told)
                    told, due = count, time.monotonic() + TELL_SECONDS
        except Conflict as refusal:
            if refusal.temporary:
                raise
            return count, refusal.message
        self.task.advance(count - told)
        return count, ""


def _codes(task: Run, chunk: int) -> list[str]:
    """The codes of a chunk; none when all products of the batch are meant."""
    if not task.params["codes"]:
        return []
    codes: list[str] = json.loads(objects.read(_key(task.task_id)))
    return codes[chunk * CHUNK : (chunk + 1) * CHUNK]


def _batch_of(task: Run) -> str:
    return str(task.params["batch_id"])


def _key(task_id: str, chunk: int | None = None) -> str:
    return f"work/tasks/{task_id}/{'codes' if chunk is None else f'errors-{chunk}'}.json"
