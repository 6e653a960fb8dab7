"""Aggregating a batch in the background: tasks of the kind `aggregation`.

The worker of tasks starts an execution of the state machine (aggregation.asl.json), whose steps are here: `plan`
returns the chunks, `chunk` aggregates one, in parallel with others, `finish` ends the task. A chunk is a range of a
thousand numbers of products, or a thousand of the given codes.

A product has the id of the task that aggregated it, so a chunk that is repeated counts the same products again. Every
transaction has the fence of the run. The task has the lease of the batch, and a later run of the task
keeps it.
"""

import json
import math
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from chalicelib.background_tasks import service as background_tasks
from chalicelib.background_tasks.schemas import Accepted
from chalicelib.background_tasks.service import Run, Task
from chalicelib.batches import contents, leases, model, outcome, store
from chalicelib.batches.schemas import AggregationTask
from chalicelib.core import clock, ids, later_work, objects
from chalicelib.core.auth import ADMINISTRATOR, Actor
from chalicelib.core.errors import AppError, Conflict
from chalicelib.core.settings import settings
from chalicelib.core.texts import text
from chalicelib.core.transactions import optimistic, transaction
from chalicelib.products import service as products
from chalicelib.products.service import Doer, ProductItem

ACCEPTED = "Aggregation task started"
CODES_PER_CHUNK = 1_000  # without codes a chunk is a bucket of products
PROGRESS_SECONDS = 1.0  # between two reports of progress

UNKNOWN = "Продукт с таким кодом не найден в партии"
ALREADY = "Продукт уже агрегирован"
BROKEN = "Агрегация прервана внутренней ошибкой; что уже агрегировано, осталось таким: запустите ее еще раз"
ERRORS_FILE = "Не агрегированные продукты"


@optimistic
def start(actor: Actor, *, batch_id: UUID, body: AggregationTask) -> Accepted:
    """Lease an open batch and start a task that aggregates it."""
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
        leases.take_in(tx, item, task_id, at)
        task = background_tasks.create(tx, actor, "aggregation", params, task_id)
    background_tasks.dispatch(task_id)
    return background_tasks.accepted(task, ACCEPTED)


def run(task: Run) -> None:
    """Run a task: start the execution of this run, named by task and run; the execution ends the task."""
    data = {"task_id": task.task_id, "run": task.number, "batch_id": _batch_of(task)}
    later_work.start_execution(settings().aggregation_arn, _execution(task.task_id, task.number), data)


def is_waiting(task: Task) -> bool:
    """Return whether an execution works on the current run of a task, and renew the lease of its batch then. It may
    wait for minutes while Lambda refuses its calls.
    """
    if task.kind != "aggregation":
        return False
    if later_work.execution_state(settings().aggregation_arn, _execution(task.id, task.run)) != "running":
        return False
    with suppress(AppError):  # the batch was closed or deleted; a step finds it out
        leases.take(str(task.params["batch_id"]), task.id, clock.now())
    return True


def _execution(task_id: str, run_number: int) -> str:
    return f"{task_id}-{run_number}"


# -- the steps ------------------------------------------------------------------------------------------------------


def plan(task: Run) -> list[int]:
    """Renew the lease, and return the numbers of the chunks."""
    item = leases.take(_batch_of(task), task.task_id, clock.now())
    code_count, numbers_used = int(task.params["codes"]), int(item.products_seq)
    left = code_count or int(item.products_total - item.aggregated_total)
    task.progress(0, left, {"numbers": numbers_used})
    chunk_count = math.ceil(code_count / CODES_PER_CHUNK) if code_count else products.buckets(numbers_used)
    return list(range(chunk_count))


def chunk(task: Run, number: int) -> dict[str, int]:
    """Aggregate the products of one chunk; the errors are stored in the bucket for the last step."""
    done = _Chunk(task, number)
    done.aggregate()
    if done.errors:
        objects.write(_key(task.task_id, number), json.dumps(done.errors, ensure_ascii=False).encode())
    return {"number": number, "aggregated": done.aggregated, "failed": len(done.errors)}


def finish(task: Run, chunks: Sequence[Mapping[str, Any]]) -> None:
    """End the task and the lease; `chunks` are the results of the chunks."""
    batch_id, when = _batch_of(task), clock.from_text(task.params["aggregated_at"])
    count = sum(int(result["aggregated"]) for result in chunks)
    errors: list[dict[str, str]] = []
    for result in chunks:
        if result["failed"]:
            errors += json.loads(objects.read(_key(task.task_id, result["number"])))
    with transaction() as tx:
        counts = {"total": count + len(errors), "aggregated": count}
        outcome.succeed(tx, task, text(ERRORS_FILE), counts, errors)
        contents.write_end(tx, store.get(batch_id), task.task_id, when, count)


def undo(task: Run) -> None:
    """After a cancellation: end the lease at once, also when no run has started. Aggregated products stay so."""
    leases.release(_batch_of(task), task.task_id)


def release(batch_id: str, task_id: str) -> None:
    """End the lease of a task that has ended; a task that continues in another run keeps it."""
    if background_tasks.get(ADMINISTRATOR, task_id=task_id).status in ("SUCCESS", "FAILURE"):
        leases.release(batch_id, task_id)


class _Chunk:
    """One chunk: how many of its products the task has aggregated, and the errors of the others."""

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
        """Aggregate those not aggregated yet.

        Errors are refusals; of given codes also missing products and those that are aggregated already.
        """
        waiting = [product for product in self.found if not product.is_aggregated]
        settled = [product for product in self.found if product.is_aggregated]
        count, refusal = self._try(waiting)
        if count < len(waiting):  # refused, or other writers came first: read again
            waiting = products.read_again(waiting)
            settled += [product for product in waiting if product.is_aggregated]
            count = 0
        own = [product for product in settled if product.aggregated_by == self.task.task_id]
        self.aggregated = count + len(own)
        # count > 0 here: all that waited were aggregated
        reasons = {} if count else {item.unique_code: refusal for item in waiting if not item.is_aggregated}
        if self.codes:
            others = (item for item in settled if item.aggregated_by != self.task.task_id)
            reasons |= dict.fromkeys((item.unique_code for item in others), text(ALREADY))
            existing = {item.unique_code for item in (*settled, *waiting)}
            reasons |= dict.fromkeys((code for code in self.codes if code not in existing), text(UNKNOWN))
        self.errors = [{"code": code, "reason": reasons[code]} for code in self.codes or reasons if code in reasons]

    def _try(self, waiting: list[ProductItem]) -> tuple[int, str]:
        """Aggregate products, one transaction after the other; returns how many, and the reason of a refusal."""
        when, count, reported = clock.from_text(self.task.params["aggregated_at"]), 0, 0
        due = time.monotonic() + PROGRESS_SECONDS
        try:
            batch = leases.take(self.batch_id, self.task.task_id, clock.now())
            by = Doer(self.task.task.user_id, self.task.task_id)
            for done in contents.aggregate_many(batch, waiting, when, by, self.task.add_fence):
                count += done
                if time.monotonic() > due:
                    self.task.advance(count - reported)
                    reported, due = count, time.monotonic() + PROGRESS_SECONDS
        except Conflict as refusal:
            if refusal.temporary:
                raise
            return count, refusal.message
        self.task.advance(count - reported)
        return count, ""


def _codes(task: Run, chunk: int) -> list[str]:
    """Return the codes of a chunk; none when the whole batch is aggregated."""
    if not task.params["codes"]:
        return []
    codes: list[str] = json.loads(objects.read(_key(task.task_id)))
    return codes[chunk * CODES_PER_CHUNK : (chunk + 1) * CODES_PER_CHUNK]


def _batch_of(task: Run) -> str:
    return str(task.params["batch_id"])


def _key(task_id: str, chunk: int | None = None) -> str:
    return f"work/tasks/{task_id}/{'codes' if chunk is None else f'errors-{chunk}'}.json"
