"""Runs of tasks: do them, write what came of them.

The taking (taking.py) and the end are each a conditional transaction, of all tasks that are due or end together. A
worker that dies in between leaves tasks whose lease ends, and another takes them over; one that was only slow finds the
version changed, and its result is dropped.
"""

from collections.abc import Sequence
from typing import Literal

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.core import clock, redaction
from chalicelib.core.actor import Actor
from chalicelib.core.breaker import Open
from chalicelib.core.errors import AppError, Busy
from chalicelib.core.logs import log
from chalicelib.core.outages import is_contention
from chalicelib.core.queues import or_error
from chalicelib.core.retries import DEFERRED_TASK, DEFERRED_TASK_CONTENTION
from chalicelib.core.transactions import Changed, transaction
from chalicelib.core.validation import sentence
from chalicelib.deferred_tasks import dispatch, model, registry, store
from chalicelib.deferred_tasks.model import Failure, Task
from chalicelib.deferred_tasks.registry import Result
from chalicelib.quotas import service as quotas

TRIED_AGAIN = (409, 429, 500, 502, 503, 504)  # refusals that another time may not be given

Outcome = Literal["completed", "failed", "pending", "dropped"]


def attempt(task: Task, owner: Actor | None) -> Result | Failure:
    """Do it for its owner; what came of it. An exception of the task's function ends this attempt and nothing else."""
    if task.doomed:
        return Failure(model.GAVE_UP, final=True)
    try:
        return registry.run(task, owner)
    except Exception as error:  # noqa: BLE001 - whatever a function raises, its task has failed
        failure = _failure_of(error, task)
        failure.text = redaction.scrub(failure.text, task.payload)  # events and logs carry it to others
        return failure


def _failure_of(error: Exception, task: Task) -> Failure:
    if isinstance(error, Failure):
        return error
    if isinstance(error, quotas.Exhausted):
        return Failure(error.message, final=True)
    if isinstance(error, Open):
        return Failure(error.message, retry_after=error.retry_after)
    if is_contention(error):
        return Failure(Busy.default_message, retry_after=DEFERRED_TASK_CONTENTION.base_seconds, counts=False)
    if isinstance(error, AppError):
        text = sentence(error.fields) if error.fields else error.message
        return Failure(text, final=error.status not in TRIED_AGAIN)
    if isinstance(error, ClientError):
        return Failure(f"Ошибка AWS: {error.response['Error']['Code']}")
    if isinstance(error, BotoCoreError):
        return Failure(f"AWS не отвечает: {type(error).__name__}")
    log.error("the function of a task type broke", exc_info=error, extra={"task": task.number, "type": task.task_type})
    return Failure(f"Внутренняя ошибка: {type(error).__name__}")


def conclude(ended: Sequence[tuple[Task, Result | Failure]]) -> list[Outcome | Exception]:
    """Write what came of attempts, with one transaction; what was cancelled or taken over meanwhile is dropped.

    When that fails, each is written by itself; one whose own write fails has the exception.
    """
    at = clock.now()
    for task, came_of_it in ended:
        if isinstance(came_of_it, Failure):
            task.fail(at, came_of_it, DEFERRED_TASK.random_factor())
        else:
            task.succeed(at, came_of_it)
    tasks = [task for task, _ in ended]
    try:
        _write_end(tasks)
        outcomes: list[Outcome | Exception] = [_outcome(task) for task in tasks]
    except Exception:
        outcomes = [or_error(_conclude_alone, task) for task in tasks]
    written = [task for task, outcome in zip(tasks, outcomes, strict=True) if outcome == "pending"]
    dispatch.wake_tasks(written)
    return outcomes


def _conclude_alone(task: Task) -> Outcome:
    try:
        _write_end([task])
    except Changed:
        return "dropped"
    return _outcome(task)


def _outcome(task: Task) -> Outcome:
    assert task.status in ("completed", "failed", "pending")
    return task.status


def _write_end(tasks: Sequence[Task]) -> None:
    """Write tasks whose attempts have ended; those that are refused are as they were."""
    versions = [task.version for task in tasks]
    try:
        with transaction() as tx:
            for task in tasks:
                store.save(tx, task, "processing")
                store.record_end(tx, task)
    except Exception:
        for task, version in zip(tasks, versions, strict=True):
            task.version = version
        raise
