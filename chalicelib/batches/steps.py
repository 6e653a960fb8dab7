"""The Lambda functions of an aggregation; aggregation.asl.json calls them.

A permanent error ends the task and is a result: {"outcome": "failed"}, or "broken" after an unforeseen error. The
result {"outcome": "stopped"} means that the run is not the current one. After an exception the state machine repeats
the step, and after some attempts leaves the task to the sweep.
"""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.background_tasks import service as background_tasks
from chalicelib.background_tasks.service import Run, Stopped
from chalicelib.batches import aggregation
from chalicelib.core import texts
from chalicelib.core.errors import AppError
from chalicelib.core.later_work import Broken, attempt, is_last_attempt
from chalicelib.core.logs import note
from chalicelib.core.outages import is_temporary
from chalicelib.core.transactions import optimistic

Json = dict[str, Any]


def plan(event: Json) -> Json:
    """Return the chunks of a task."""
    return _step(event, lambda task: {"chunks": aggregation.plan(task)})


def chunk(event: Json) -> Json:
    """Aggregate one chunk."""
    return _step(event, lambda task: aggregation.chunk(task, int(event["chunk"])))


def finish(event: Json) -> Json:
    """End the task, unless a chunk has ended it: then there is no current run, and `_step` returns stopped."""
    if any(result["outcome"] == "broken" for result in event["chunks"]):
        return {"outcome": "broken"}
    return _step(event, lambda task: aggregation.finish(task, event["chunks"]))


def _step(event: Json, work: Callable[[Run], Json | None]) -> Json:
    task_id, number = str(event["task_id"]), int(event["run"])
    note(task_id=task_id, run=number)
    try:
        with attempt(event, aggregation.BROKEN, Stopped):
            return {"outcome": "ok", **(_work(task_id, number, work) or {})}
    except Stopped:
        outcome = "stopped"
    except (AppError, ClientError, BotoCoreError) as error:
        if is_temporary(error) and is_last_attempt(event):
            _postpone(task_id, number, error)
        if is_temporary(error) or not isinstance(error, AppError):
            raise
        outcome = _fail(task_id, number, error)
    aggregation.release(str(event["batch_id"]), task_id)
    note(outcome=outcome)
    return {"outcome": outcome}


@optimistic
def _work(task_id: str, number: int, work: Callable[[Run], Json | None]) -> Json | None:
    task = _resume(task_id, number)
    with texts.language(task.task.language):
        return work(task)


def _postpone(task_id: str, number: int, error: Exception) -> None:
    """Stop the run until later. Not counted as a crash, because AWS or other writers stopped it."""
    if task := background_tasks.resume(task_id, number):
        background_tasks.postpone(task, error)


def _fail(task_id: str, number: int, refusal: AppError) -> str:
    try:
        task = _resume(task_id, number)
        with texts.language(task.task.language):
            task.fail(texts.text(refusal.message))
    except Stopped:
        return "stopped"
    return "broken" if isinstance(refusal, Broken) else "failed"


def _resume(task_id: str, number: int) -> Run:
    task = background_tasks.resume(task_id, number)
    if task is None:
        raise Stopped
    return task
