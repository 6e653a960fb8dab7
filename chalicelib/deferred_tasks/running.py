"""A run of a task: take it, do it, write what came of it.

The taking and the end are each one conditional transaction. A worker that dies in between leaves a task whose lease
ends, and another takes it over; one that was only slow finds the version changed, and its result is dropped.
"""

import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.core import clock
from chalicelib.core.breaker import Open
from chalicelib.core.errors import AppError
from chalicelib.core.logs import log
from chalicelib.core.transactions import Changed, Transaction, optimistic, transaction
from chalicelib.core.validation import sentence
from chalicelib.deferred_tasks import dispatch, model, registry, store
from chalicelib.deferred_tasks.model import Failure, Task
from chalicelib.deferred_tasks.registry import Result
from chalicelib.events import service as events

TRIED_AGAIN = (409, 429, 500, 502, 503, 504)  # refusals that another time may not be given

Outcome = Literal["completed", "failed", "pending", "skipped", "dropped"]


def run(number: int) -> Outcome:
    """One attempt of a task that is due, unless somebody else has it or it has ended."""
    task = _take(number)
    if task is None:
        return "skipped"
    return _conclude(task, Failure(model.GAVE_UP, final=True) if task.doomed else _attempt(task))


@optimistic
def _take(number: int) -> Task | None:
    task, at = store.find(number), clock.now()
    if task is None or not task.is_due(at):
        return None
    before = task.status
    task.start(at)
    with transaction() as tx:
        store.save(tx, task, before)
    return task


def _attempt(task: Task) -> Result | Failure:
    """Do it, in a thread of its own: whatever a function raises is the end of this attempt and of nothing else."""
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(registry.run, task)
        error = done.exception()
    return _failure_of(error, task) if error else done.result()


def _failure_of(error: BaseException, task: Task) -> Failure:
    if isinstance(error, Failure):
        return error
    if isinstance(error, Open):
        return Failure(error.message, retry_after=error.retry_after)
    if isinstance(error, AppError):
        text = sentence(error.fields) if error.fields else error.message
        return Failure(text, final=error.status not in TRIED_AGAIN)
    if isinstance(error, ClientError):
        return Failure(f"Ошибка AWS: {error.response['Error']['Code']}")
    if isinstance(error, BotoCoreError):
        return Failure(f"AWS не отвечает: {type(error).__name__}")
    log.error("the function of a task type broke", exc_info=error, extra={"task": task.number, "type": task.task_type})
    return Failure(f"Внутренняя ошибка: {type(error).__name__}")


def _conclude(task: Task, verdict: Result | Failure) -> Outcome:
    """Write what came of it, unless the task was cancelled or taken over meanwhile."""
    at = clock.now()
    if isinstance(verdict, Failure):
        task.fail(at, verdict, random.uniform(0.5, 1.5))
    else:
        task.succeed(at, verdict)
    try:
        with transaction() as tx:
            store.save(tx, task, "processing")
            _record_end(tx, task)
    except Changed:
        return "dropped"
    dispatch.wake_task(task)
    assert task.status in ("completed", "failed", "pending")
    return task.status


def _record_end(tx: Transaction, task: Task) -> None:
    about: dict[str, Any] = {"deferred_task_id": task.number, "task_type": task.task_type, "user_id": task.user_id}
    aggregate, at = f"deferred_task#{task.number}", task.updated_at
    if task.status == "completed":
        events.record(tx, "deferred_task.completed", aggregate, at, **about, attempts=task.attempts)
    elif task.status == "failed":
        reason = task.error_message or ""
        events.record(tx, "deferred_task.failed", aggregate, at, **about, attempts=task.attempts, error=reason)
