"""Use cases of deferred tasks: create, read, change, cancel, restart; and the sweep."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice, takewhile
from typing import Any

from chalicelib.core import clock, ids, redaction, texts
from chalicelib.core.actor import ROLES
from chalicelib.core.answers import RemainingSize
from chalicelib.core.auth import Actor
from chalicelib.core.counters import next_id
from chalicelib.core.errors import FieldProblem
from chalicelib.core.index_reads import IndexEntry
from chalicelib.core.newest import Filters, NewestKeys, NewestRequest
from chalicelib.core.texts import text
from chalicelib.core.transactions import Changed, optimistic, transaction
from chalicelib.core.warnings import foreseen
from chalicelib.deferred_tasks import dispatch, model, registry, store
from chalicelib.deferred_tasks.model import Failure, Task
from chalicelib.deferred_tasks.registry import Job, Result, task_type
from chalicelib.deferred_tasks.schemas import (
    DeferredTask,
    DeferredTaskCreate,
    DeferredTaskPatch,
    DeferredTaskQuery,
    DeferredTasks,
    OneDeferredTask,
    Retried,
    RetryFilter,
    TaskAttempt,
    TaskAttempts,
)
from chalicelib.events import service as events
from chalicelib.quotas import service as quotas

__all__ = ["Failure", "Job", "Result", "task_type"]

MAX_RESTARTS = 1_000  # tasks that one request restarts
SWEEP_GRACE = timedelta(seconds=20)  # due for less long, the message may still come
SWEEP_AHEAD = timedelta(seconds=75)  # longer than until the next sweep
SWEEP_LIMIT = 200  # tasks of each partition


@dataclass(frozen=True)
class Restarted:
    """Which tasks were restarted; `reason`: why the others were not, if it is known."""

    numbers: set[int]
    reason: str | None = None


def create(actor: Actor, *, body: DeferredTaskCreate) -> OneDeferredTask:
    """Make a task; Forbidden when the actor's roles may not make tasks of its type."""
    registry.check_may_make(actor, body.task_type)
    if made := store.find_made():
        return response(actor, made)  # its time may have passed since
    at = clock.now()
    model.check_future(body.execute_at, at)
    task = Task(
        number=next_id("deferred_tasks"),
        user_id=actor.user_id,
        task_type=body.task_type,
        payload=body.payload,
        execute_at=body.execute_at,
        created_at=at,
        updated_at=at,
        due_at=body.execute_at,
        max_attempts=body.max_attempts,
        far=dispatch.is_far(body.execute_at, at),
        language=texts.current(),
    )
    with transaction() as tx:
        store.add(tx, task)
        tx.note_made(str(task.number))
        quotas.take(tx, actor, **registry.quotas_of([task.task_type]))
    dispatch.wake_tasks([task])
    return response(actor, task)


def get(actor: Actor, *, number: int) -> OneDeferredTask:
    """Return one task."""
    return response(actor, _mine(actor, number))


def list_page(actor: Actor, *, query: DeferredTaskQuery) -> DeferredTasks:
    """Return a page of tasks: all, or the actor's own, as many as fit into a response."""
    page, remaining = store.page(query.request(None if actor.sees_all else actor.user_id)), RemainingSize()
    tasks = list(takewhile(remaining.fits, (_view(actor, task) for task in page.items)))
    cursor = page.next_cursor if remaining.all_fit else page.cursor_after(len(tasks))
    return DeferredTasks(tasks=tasks, total=page.total, next_cursor=cursor).with_cursors_of(page)


def attempts(actor: Actor, *, number: int) -> TaskAttempts:
    """Return the attempts of a task."""
    task = _mine(actor, number)
    starts = [TaskAttempt.model_validate(replace(start, error=start.error and text(start.error))) for start in task.log]
    if not actor.sees_secrets_of(task.user_id):
        starts = [TaskAttempt.model_validate(redaction.mask_json(start.model_dump())) for start in starts]
    return TaskAttempts(attempts=starts, total=task.attempts)


@optimistic
def cancel(actor: Actor, *, number: int) -> OneDeferredTask:
    """Cancel a task that has not ended. A running one may still do its work; its result is dropped."""
    task, at = _mine(actor, number), clock.now()
    before, due_at = task.status, task.due_at
    task.cancel(at)
    about: dict[str, Any] = {"deferred_task_id": number, "task_type": task.task_type, "user_id": task.user_id}
    with transaction() as tx:
        store.save(tx, task, before)
        events.record(tx, "deferred_task.cancelled", f"deferred_task#{number}", at, **about)
    if before == "pending" and task.far and due_at:
        dispatch.unschedule(number, due_at)
    return response(actor, task)


@optimistic
def change(actor: Actor, *, number: int, body: DeferredTaskPatch) -> OneDeferredTask:
    """Change time or payload of a pending task."""
    task, at = _mine(actor, number), clock.now()
    registry.check_may_make(actor, task.task_type)
    changes = body.changes()
    if not changes:
        return response(actor, task)
    check_payload(actor, task.user_id, changes)
    was_far, due_at = task.far, task.due_at
    task.change(at, changes)
    moved = due_at if task.due_at != due_at else None
    if moved:
        task.far = dispatch.is_far(task.execute_at, at)
    with transaction() as tx:
        store.save(tx, task, "pending")
    if moved:
        if was_far:
            dispatch.unschedule(number, moved)
        dispatch.wake_tasks([task])
    return response(actor, task)


@optimistic
def retry(actor: Actor, *, number: int) -> OneDeferredTask:
    """Restart a failed task, at once and with all its attempts."""
    task = _mine(actor, number)
    registry.check_may_make(actor, task.task_type)
    if not ids.made_before():  # else it may have failed again by now
        task.restart(clock.now())
        with transaction() as tx:
            store.save(tx, task, "failed")
            tx.note_made(str(number))
            quotas.take(tx, actor, **registry.quotas_of([task.task_type]))
    dispatch.wake_tasks([task])
    return response(actor, task)


def retry_failed(actor: Actor, *, body: RetryFilter) -> Retried:
    """Restart failed tasks of types that the actor may make, the oldest first, as many as one request can."""
    chosen = {name: value for name, value in body.model_dump().items() if value is not None}
    failed = (task for task in store.every(status="failed", **chosen) if task.status == "failed")
    allowed = (task for task in failed if may_make(actor, task.task_type))
    restarted = 0
    while restarted < MAX_RESTARTS and (chunk := list(islice(allowed, store.TASKS_PER_TRANSACTION))):
        try:
            restarted += _restart(actor, chunk)
        except quotas.Exhausted:
            if not restarted:
                raise
            return Retried(retried=restarted, more=True)
    return Retried(retried=restarted, more=next(allowed, None) is not None)


def retry_many(actor: Actor, *, numbers: Sequence[int]) -> Restarted:
    """Restart those of these tasks that have failed and that the actor may make, some at a time."""
    found = {task.number: task for task in store.find_many(numbers)}
    tasks = [found[number] for number in numbers if number in found]
    failed = iter([task for task in tasks if task.status == "failed" and may_make(actor, task.task_type)])
    restarted = set[int]()
    while chunk := list(islice(failed, store.TASKS_PER_TRANSACTION)):
        try:
            restarted |= {task.number for task in chunk} if _restart(actor, chunk) else set()
        except quotas.Exhausted as exhausted:
            if not restarted:
                raise
            return Restarted(restarted, exhausted.message)
    return Restarted(restarted)


def _restart(actor: Actor, chunk: list[Task]) -> int:
    try:
        with transaction() as tx:
            quotas.take(tx, actor, **registry.quotas_of(task.task_type for task in chunk))
            for task in chunk:
                task.restart(clock.now())
                store.save(tx, task, "failed")
    except Changed:
        return 0  # another request has changed one of them
    dispatch.wake_tasks(chunk)
    return len(chunk)


def newest(filters: Filters, request: NewestRequest) -> NewestKeys:
    """Return the keys of the newest tasks of all users, filtered by `user_id`, `status`, `task_type`."""
    return store.TASKS.newest(filters, request)


def find_many(keys: Sequence[IndexEntry]) -> list[Task | None]:
    """Return the tasks of these keys; None for deleted ones."""
    return [store.task_of(item) if item else None for item in store.TASKS.read(keys)]


def keys_of(numbers: Iterable[int]) -> list[IndexEntry]:
    """Return the keys of tasks, for `find_many`."""
    return [{"id": {"S": store.key_of(number)}} for number in numbers]


def may_make(actor: Actor, name: str) -> bool:
    """Return whether an actor's roles may make tasks of that type."""
    return not registry.roles_for(name).isdisjoint(actor.roles)


def between(start: datetime | None, end: datetime | None, user_id: int | None = None) -> Iterator[Task]:
    """Return all tasks made in a period, both ends included, oldest first; `user_id`: those of one user."""
    return store.every(created_from=start, created_before=end, user_id=user_id)


def count_between(start: datetime | None, end: datetime | None, user_id: int | None = None) -> int:
    """Return how many tasks were made in a period."""
    return store.count(created_from=start, created_before=end, user_id=user_id)


def response(actor: Actor, task: Task) -> OneDeferredTask:
    """Return a task as an actor sees it: only its owner and administrators see the secrets in it."""
    return OneDeferredTask(task=_view(actor, task), warnings=foreseen(lambda: _problems(actor, task)))


def _problems(actor: Actor, task: Task) -> Sequence[FieldProblem]:
    """Return why a task will fail. Who reads the task of another user may see what the task may."""
    roles = actor.roles if actor.user_id == task.user_id else ROLES
    return registry.problems_of(task.task_type, task.payload, roles) if task.is_active else []


def _view(actor: Actor, task: Task) -> DeferredTask:
    fields = {name: getattr(task, name) for name in DeferredTask.model_fields if hasattr(task, name)}
    fields["error_message"] = task.error_message and text(task.error_message)
    if not actor.sees_secrets_of(task.user_id):
        fields |= redaction.mask_json({name: fields[name] for name in ("payload", "error_message")})
    return DeferredTask.model_validate(fields | {"id": task.number})


def check_payload(actor: Actor, user_id: int, changes: Mapping[str, Any]) -> None:
    """Raise Invalid when an actor to whom the secrets of a user are hidden sends `***` in place of one."""
    if not actor.sees_secrets_of(user_id) and redaction.MASK in redaction.secrets_in(changes.get("payload")):
        raise model.payload_hidden()


def _mine(actor: Actor, number: int) -> Task:
    task = store.find(number)
    if task is None or (task.user_id != actor.user_id and not actor.sees_all):
        raise model.not_found()
    return task


def sweep() -> int:
    """Send messages for tasks that are due without one, and for scheduled ones that are due soon; return how many."""
    at = clock.now()
    found = store.due(at - SWEEP_GRACE, at + SWEEP_AHEAD, SWEEP_LIMIT)
    dispatch.wake([({"task": number}, due_at) for number, due_at in found])
    return len(found)
