"""Use cases of background tasks: start, read, cancel, run; and the sweep."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.background_tasks import model, store
from chalicelib.background_tasks.model import Kind, OutOfTime, Stopped, Task
from chalicelib.background_tasks.runs import Run
from chalicelib.background_tasks.schemas import Accepted, BackgroundTask, BackgroundTaskQuery
from chalicelib.background_tasks.store import TASKS
from chalicelib.core import clock, ids, queues, texts
from chalicelib.core.auth import Actor
from chalicelib.core.errors import AppError
from chalicelib.core.fields import Page
from chalicelib.core.index_reads import IndexEntry
from chalicelib.core.logs import log, note
from chalicelib.core.newest import Filters, NewestKeys, NewestRequest
from chalicelib.core.outages import is_temporary
from chalicelib.core.retries import BACKGROUND_TASK
from chalicelib.core.settings import settings
from chalicelib.core.transactions import Changed, Transaction, optimistic, transaction
from chalicelib.core.validation import sentence
from chalicelib.quotas import service as quotas

__all__ = ["OutOfTime", "Run", "Runner", "Stopped", "Task"]

Runner = Callable[[Run], None]
SWEEP_LIMIT = 500  # tasks of each partition
UNDO_AFTER_SECONDS = 30  # after a cancellation, when the message sent at once is lost


def create(
    tx: Transaction, actor: Actor, kind: Kind, params: dict[str, Any], task_id: str | None = None, **quota: int
) -> Task:
    """Write a task in the transaction of the use case that starts it. Dispatch it after that. `quota`: what it takes of
    daily quotas beside that of background tasks.
    """
    at = clock.now()
    task = Task(task_id or ids.new(), kind, actor.user_id, at, at, params=params, language=texts.current())
    store.add(tx, task)
    quotas.take(tx, actor, background_tasks=1, **quota)
    return task


def dispatch(task_id: str) -> None:
    """Send the message of a task to the workers. When that fails, the sweep does it."""
    try:
        _send(task_id)
    except (ClientError, BotoCoreError) as error:
        log.error("the task waits for the sweep", extra={"task_id": task_id, "reason": str(error)})


def _send(task_id: str, delay: int = 0) -> None:
    queues.send(settings().work_queue_url, [({"task_id": task_id}, delay)])


def start(
    actor: Actor, kind: Kind, params: dict[str, Any], message: str, task_id: str | None = None, **quota: int
) -> Accepted:
    """Write a task and dispatch it, for use cases that write nothing else."""
    with transaction() as tx:
        task = create(tx, actor, kind, params, task_id, **quota)
    dispatch(task.id)
    return accepted(task, message)


def accepted(task: Task, message: str) -> Accepted:
    """Return the response to the request that started a task."""
    return Accepted(task_id=UUID(task.id), status=task.status, message=message)


def get(actor: Actor, *, task_id: str) -> BackgroundTask:
    """Return one task."""
    return _view(_mine(actor, task_id))


def list_page(actor: Actor, *, query: BackgroundTaskQuery) -> Page[BackgroundTask]:
    """Return a page of tasks: all, or the actor's own."""
    request = query.request()
    if not actor.sees_all:
        request = replace(request, filters={**request.filters, "user_id": actor.user_id})
    page = TASKS.page(request)
    return Page.of(page, [_view(store.task_of(item)) for item in page.items])


def newest(filters: Filters, request: NewestRequest) -> NewestKeys:
    """Return the keys of the newest tasks of all users, filtered by `user_id`, `status`, `type`."""
    return TASKS.newest(filters, request)


def find_many(keys: Sequence[IndexEntry]) -> list[Task | None]:
    """Return the tasks of these keys; None for expired ones."""
    at = clock.now()
    tasks = [store.task_of(item) if item else None for item in TASKS.read(keys)]
    return [task if task and not task.is_expired(at) else None for task in tasks]


def in_trouble(kind: Kind, shown: int, most: int) -> tuple[int, bool, list[Task]]:
    """Return the number of tasks of a kind that failed, or whose rows failed, counted up to `most`; whether that is
    all; and the newest. Cancelled tasks and dry runs are not counted.
    """
    return store.in_trouble(kind, clock.now() - model.RETENTION, shown, most)


def cancel(actor: Actor, *, task_id: str) -> BackgroundTask:
    """Cancel a task that has not ended. Its effects remain, unless the kind of the task undoes them."""
    task = _cancel(actor, task_id)
    dispatch(task_id)  # so that its effects are undone at once
    return _view(task)


@optimistic
def _cancel(actor: Actor, task_id: str) -> Task:
    task = _mine(actor, task_id)
    if task.finished:
        raise model.already_finished(task.status)
    _send(task_id, UNDO_AFTER_SECONDS)  # sent before the end, so that the undoing cannot be lost
    try:
        with transaction() as tx:
            store.finish(tx, task, "FAILURE", {"error": model.CANCELLED}, clock.now())
    except Stopped:
        raise Changed from None
    return task


def _mine(actor: Actor, task_id: str) -> Task:
    task = store.find(task_id)
    if task is None or task.is_expired(clock.now()) or (task.user_id != actor.user_id and not actor.sees_all):
        raise model.not_found()
    return task


def _view(task: Task) -> BackgroundTask:
    return BackgroundTask(
        task_id=UUID(task.id),
        type=task.kind,
        status=task.status,
        params=task.shown_params(),
        result=task.shown_result(),
        created_at=task.created_at,
        updated_at=task.updated_at,
    )


# -- running --------------------------------------------------------------------------------------------------------


def work(
    queue_event: Mapping[str, Any], runners: Mapping[str, Runner], undoers: Mapping[str, Runner], context: Any
) -> dict[str, Any]:
    """Run the tasks of an SQS batch; the response names the messages to be delivered again: none.

    A run that dies is repeated by the sweep, at the end of its lease. The undoing of a cancelled task is repeated by
    the queue: the message of a worker that dies comes again.
    """
    for record in queue_event["Records"]:
        task_id, remaining = str(json.loads(record["body"])["task_id"]), context.get_remaining_time_in_millis()
        run_task(task_id, runners, remaining)
        _undo(task_id, undoers, remaining)
    return {"batchItemFailures": []}


def _undo(task_id: str, undoers: Mapping[str, Runner], remaining_ms: int) -> None:
    """Undo the effects of a cancelled task; may run twice."""
    task = store.find(task_id)
    if task and task.cancelled and task.kind in undoers:
        undoers[task.kind](Run(task, remaining_ms))


def run_task(task_id: str, runners: Mapping[str, Runner], remaining_ms: int) -> None:
    """Do one run of a task, unless it has ended or another run has the lease."""
    note(task_id=task_id)
    run = _begin(task_id, remaining_ms)
    if run is None:
        return
    note(kind=run.task.kind, run=run.number)
    with texts.language(run.task.language):
        _run(run, runners[run.task.kind])


def _run(run: Run, runner: Runner) -> None:
    try:
        runner(run)
    except Stopped:
        note(outcome="stopped")
    except OutOfTime:
        store.release(run.task, clock.now())
        dispatch(run.task_id)
    except (AppError, ClientError, BotoCoreError) as error:
        if is_temporary(error):
            postpone(run, error)
        elif isinstance(error, AppError):
            _fail(run, sentence(error.fields) if error.fields else error.message)
        else:
            raise


def postpone(run: Run, error: Exception) -> None:
    """Stop a run whose writes AWS or other writers refuse; the task continues from its checkpoint after a pause.

    When that cannot be written either, the sweep dispatches the task at the end of its lease.
    """
    log.error("a task goes on later", extra={"task_id": run.task_id, "run": run.number, "reason": str(error)})
    note(outcome="postponed")
    pause = BACKGROUND_TASK.backoff(1)
    try:
        store.postpone(run.task, clock.now() + timedelta(seconds=pause))
        _send(run.task_id, int(pause) + 1)
    except (AppError, ClientError, BotoCoreError) as trouble:
        log.error("the task waits for the sweep", extra={"task_id": run.task_id, "reason": str(trouble)})


def resume(task_id: str, number: int, remaining_ms: int = 900_000) -> Run | None:
    """Return the run of a task for another function of the same run; None when it is not the current one."""
    task = store.find(task_id)
    return Run(task, remaining_ms) if task and not task.finished and task.run == number else None


@optimistic
def _begin(task_id: str, remaining_ms: int) -> Run | None:
    task, at = store.find(task_id), clock.now()
    if task is None or task.finished or (task.lease_until and task.lease_until > at):
        return None
    if task.runs_without_progress >= BACKGROUND_TASK.max_crashes:
        log.error("a task was given up", extra={"task_id": task_id, "kind": task.kind, "runs": task.run})
        with texts.language(task.language):
            _fail(Run(task, remaining_ms), texts.text(model.GAVE_UP, limit=BACKGROUND_TASK.max_crashes))
        return None
    store.take(task, at)
    return Run(task, remaining_ms)


def _fail(run: Run, reason: str) -> None:
    try:
        run.fail(reason)
    except Stopped:
        note(outcome="stopped")


# -- the sweep ------------------------------------------------------------------------------------------------------


def sweep(is_waiting: Callable[[Task], bool] | None = None) -> int:
    """Dispatch tasks that no worker runs, delete expired ones; return how many were dispatched.

    `is_waiting`: whether the run of a task only waits for its functions to be called. It keeps the lease: another run
    would not be called sooner, and after some of them the task would be given up.
    """
    dispatched = 0
    store.add_missing_due_times()
    for task in store.due(clock.now(), SWEEP_LIMIT):
        if task.finished:
            _delete(task)
        elif task.run and is_waiting and _waits(task, is_waiting):
            store.advance(task, 0, clock.now())
        else:
            dispatch(task.id)
            dispatched += 1
    return dispatched


def _waits(task: Task, is_waiting: Callable[[Task], bool]) -> bool:
    try:
        return is_waiting(task)
    except (ClientError, BotoCoreError) as error:
        log.error("a task stays for the next sweep", extra={"task_id": task.id, "reason": str(error)})
        return True


def _delete(task: Task) -> None:
    try:
        store.delete(task)
    except Changed:
        return  # another sweep has deleted it
