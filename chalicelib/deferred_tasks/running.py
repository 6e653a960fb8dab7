"""Attempts of tasks: run the function, write the result.

Start (taking.py) and end are each a conditional transaction for all tasks that start or end together. When a worker
dies in between, another worker takes its tasks at the end of their leases; when it was only slow, its result is dropped
because the versions have changed.
"""

from collections.abc import Sequence
from typing import Literal

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.core import clock, redaction, texts
from chalicelib.core.actor import Actor
from chalicelib.core.breaker import CircuitOpen
from chalicelib.core.errors import AppError, Busy
from chalicelib.core.logs import log
from chalicelib.core.outages import is_overload
from chalicelib.core.retries import DEFERRED_TASK, DEFERRED_TASK_CONTENTION
from chalicelib.core.texts import text
from chalicelib.core.threads import result_or_error
from chalicelib.core.transactions import Changed, transaction
from chalicelib.core.validation import sentence
from chalicelib.deferred_tasks import dispatch, model, registry, store
from chalicelib.deferred_tasks.model import Failure, Task
from chalicelib.deferred_tasks.registry import Result
from chalicelib.quotas import service as quotas

RETRYABLE_STATUSES = (409, 429, 500, 502, 503, 504)  # refusals that may not be repeated later

Outcome = Literal["completed", "failed", "pending", "dropped"]


def attempt(task: Task, owner: Actor | None) -> Result | Failure:
    """Run the function of a task for its owner; return its result or the failure that its exception means."""
    with texts.language(task.language):
        return _attempt(task, owner)


def _attempt(task: Task, owner: Actor | None) -> Result | Failure:
    if task.is_out_of_attempts:
        return Failure(text(model.GAVE_UP, limit=DEFERRED_TASK.max_crashes), final=True)
    try:
        return registry.run(task, owner)
    except Exception as error:  # noqa: BLE001 - any exception of the function is a failure of its task
        failure = _failure_of(error, task)
        failure.text = redaction.scrub(failure.text, task.payload)  # events and logs show it to others
        return failure


def _failure_of(error: Exception, task: Task) -> Failure:
    if isinstance(error, Failure):
        return error
    if isinstance(error, quotas.Exhausted):
        return Failure(error.message, final=True)
    if isinstance(error, CircuitOpen):
        return Failure(error.message, retry_after=error.retry_after)
    if is_overload(error):
        return Failure(Busy.default_message, retry_after=DEFERRED_TASK_CONTENTION.base_seconds, counts=False)
    if isinstance(error, AppError):
        reason = sentence(error.fields) if error.fields else error.message
        return Failure(reason, final=error.status not in RETRYABLE_STATUSES)
    if isinstance(error, ClientError):
        return Failure(text("Ошибка AWS: {code}", code=error.response["Error"]["Code"]))
    if isinstance(error, BotoCoreError):
        return Failure(text("AWS не отвечает: {name}", name=type(error).__name__))
    log.error("the function of a task type broke", exc_info=error, extra={"task": task.number, "type": task.task_type})
    return Failure(text("Внутренняя ошибка: {name}", name=type(error).__name__))


def conclude(ended: Sequence[tuple[Task, Result | Failure]]) -> list[Outcome | Exception]:
    """Write the results of attempts, with one transaction; those of tasks that were changed meanwhile are dropped.

    When that fails, each is written by itself; the outcome of one that cannot be written is the exception.
    """
    at = clock.now()
    for task, result in ended:
        if isinstance(result, Failure):
            task.fail(at, result, DEFERRED_TASK.random_factor())
        else:
            task.succeed(at, result)
    tasks = [task for task, _ in ended]
    try:
        _write_end(tasks)
        outcomes: list[Outcome | Exception] = [_outcome(task) for task in tasks]
    except Exception:
        outcomes = [result_or_error(_conclude_one, task) for task in tasks]
    written = [task for task, outcome in zip(tasks, outcomes, strict=True) if outcome == "pending"]
    dispatch.wake_tasks(written)
    return outcomes


def _conclude_one(task: Task) -> Outcome:
    try:
        _write_end([task])
    except Changed:
        return "dropped"
    return _outcome(task)


def _outcome(task: Task) -> Outcome:
    assert task.status in ("completed", "failed", "pending")
    return task.status


def _write_end(tasks: Sequence[Task]) -> None:
    """Write tasks whose attempts have ended; when that fails, restore their versions."""
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
