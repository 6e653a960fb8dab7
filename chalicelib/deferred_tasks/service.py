"""Use cases of deferred tasks: make one, look at it, change it, cancel it, have it made again; and the sweep."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, takewhile
from typing import Any

from chalicelib.core import clock, ids, redaction
from chalicelib.core.answers import RemainingSize
from chalicelib.core.auth import Actor
from chalicelib.core.counters import next_id
from chalicelib.core.index_reads import Key
from chalicelib.core.newest import Filters, NewestKeys, Section
from chalicelib.core.transactions import Changed, optimistic, transaction
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

MOST_AT_ONCE = 1_000  # tasks that one request sets going
LATE = timedelta(seconds=20)  # due for less long: the message is on its way
SOON = timedelta(seconds=75)  # until after the next sweep
SWEPT = 200  # of each shard


@dataclass(frozen=True)
class Going:
    """Which tasks were set going; `reason`: why the others were not, where it is known."""

    numbers: set[int]
    reason: str | None = None


def create(actor: Actor, *, body: DeferredTaskCreate) -> OneDeferredTask:
    """Plan a task; Forbidden when the actor's roles may not make tasks of its type."""
    registry.check_may_make(actor, body.task_type)
    if (number := ids.made_before()) and (made := store.find(int(number))):
        return shown(actor, made)  # it may be due meanwhile
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
    )
    with transaction() as tx:
        store.add(tx, task)
        tx.note_made(str(task.number))
        quotas.take(tx, actor, **registry.quotas_of([task.task_type]))
    dispatch.wake_tasks([task])
    return shown(actor, task)


def get(actor: Actor, *, number: int) -> OneDeferredTask:
    """One task."""
    return shown(actor, _mine(actor, number))


def list_page(actor: Actor, *, query: DeferredTaskQuery) -> DeferredTasks:
    """A page of tasks: all, or one's own. Secrets are hidden in as many as fit into an answer."""
    page, remaining = store.page(query.request(None if actor.sees_all else actor.user_id)), RemainingSize()
    tasks = list(takewhile(remaining.fits, (_view(actor, task) for task in page.items)))
    cursor = page.next_cursor if remaining.is_left else page.cursor_after(len(tasks))
    return DeferredTasks(tasks=tasks, total=page.total, next_cursor=cursor).cut_by(page)


def attempts(actor: Actor, *, number: int) -> TaskAttempts:
    """The starts of a task."""
    task = _mine(actor, number)
    starts = [TaskAttempt.model_validate(one) for one in task.log]
    if not actor.sees_secrets_of(task.user_id):
        starts = [TaskAttempt.model_validate(redaction.hidden(one.model_dump())) for one in starts]
    return TaskAttempts(attempts=starts, total=task.attempts)


@optimistic
def cancel(actor: Actor, *, number: int) -> OneDeferredTask:
    """Stop a task that has not ended. One that runs may still do its work; its result is dropped."""
    task, at = _mine(actor, number), clock.now()
    before, due_at = task.status, task.due_at
    task.cancel(at)
    about: dict[str, Any] = {"deferred_task_id": number, "task_type": task.task_type, "user_id": task.user_id}
    with transaction() as tx:
        store.save(tx, task, before)
        events.record(tx, "deferred_task.cancelled", f"deferred_task#{number}", at, **about)
    if before == "pending" and task.far and due_at:
        dispatch.forget(number, due_at)
    return shown(actor, task)


@optimistic
def change(actor: Actor, *, number: int, body: DeferredTaskPatch) -> OneDeferredTask:
    """Give a task that waits another time or other work."""
    task, at = _mine(actor, number), clock.now()
    registry.check_may_make(actor, task.task_type)
    changes = body.changes()
    if not changes:
        return shown(actor, task)
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
            dispatch.forget(number, moved)
        dispatch.wake_tasks([task])
    return shown(actor, task)


@optimistic
def retry(actor: Actor, *, number: int) -> OneDeferredTask:
    """Have a task that failed made again, at once and with all its attempts."""
    task = _mine(actor, number)
    registry.check_may_make(actor, task.task_type)
    task.set_going(clock.now())
    with transaction() as tx:
        store.save(tx, task, "failed")
        quotas.take(tx, actor, **registry.quotas_of([task.task_type]))
    dispatch.wake_tasks([task])
    return shown(actor, task)


def retry_failed(actor: Actor, *, body: RetryFilter) -> Retried:
    """Have failed tasks of types that the actor may make made again, the oldest first, as many as one request can."""
    chosen = {name: value for name, value in body.model_dump().items() if value is not None}
    failed = (task for task in store.every(status="failed", **chosen) if task.status == "failed")
    wanted = (task for task in failed if may_make(actor, task.task_type))
    going = 0
    while going < MOST_AT_ONCE and (chunk := list(islice(wanted, store.TOGETHER))):
        try:
            going += _set_going(actor, chunk)
        except quotas.Exhausted:
            if not going:
                raise
            return Retried(retried=going, more=True)
    return Retried(retried=going, more=next(wanted, None) is not None)


def retry_several(actor: Actor, *, numbers: Sequence[int]) -> Going:
    """Have those of these tasks made again that have failed, and that the actor may make, some at a time."""
    found = {task.number: task for task in store.find_many(numbers)}
    tasks = [found[number] for number in numbers if number in found]
    failed = iter([task for task in tasks if task.status == "failed" and may_make(actor, task.task_type)])
    going = set[int]()
    while chunk := list(islice(failed, store.TOGETHER)):
        try:
            going |= {task.number for task in chunk} if _set_going(actor, chunk) else set()
        except quotas.Exhausted as exhausted:
            if not going:
                raise
            return Going(going, exhausted.message)
    return Going(going)


def _set_going(actor: Actor, chunk: list[Task]) -> int:
    try:
        with transaction() as tx:
            quotas.take(tx, actor, **registry.quotas_of(task.task_type for task in chunk))
            for task in chunk:
                task.set_going(clock.now())
                store.save(tx, task, "failed")
    except Changed:
        return 0  # another request is at it
    dispatch.wake_tasks(chunk)
    return len(chunk)


def newest(filters: Filters, section: Section) -> NewestKeys:
    """The keys of the newest tasks, of anybody: by `user_id`, `status`, `task_type`."""
    return store.TASKS.newest(filters, section)


def several(keys: Sequence[Key]) -> list[Task | None]:
    """The tasks of such keys; None for what is not there any more."""
    return [store.task_of(item) if item else None for item in store.TASKS.read(keys)]


def keys_of(numbers: Iterable[int]) -> list[Key]:
    """The keys of tasks, for `several`."""
    return [{"id": {"S": store.key_of(number)}} for number in numbers]


def may_make(actor: Actor, name: str) -> bool:
    """Whether an actor's roles may make tasks of that type."""
    return not registry.roles_for(name).isdisjoint(actor.roles)


def between(start: datetime | None, end: datetime | None, user_id: int | None = None) -> Iterator[Task]:
    """All tasks made in a period, both ends included, oldest first; `user_id`: those of one user."""
    return store.every(created_from=start, created_before=end, user_id=user_id)


def count_between(start: datetime | None, end: datetime | None, user_id: int | None = None) -> int:
    """How many those are."""
    return store.count(created_from=start, created_before=end, user_id=user_id)


def shown(actor: Actor, task: Task) -> OneDeferredTask:
    """A task as an actor sees it: only its owner and administrators see the secrets in it."""
    return OneDeferredTask(task=_view(actor, task))


def _view(actor: Actor, task: Task) -> DeferredTask:
    fields = {name: getattr(task, name) for name in DeferredTask.model_fields if hasattr(task, name)}
    if not actor.sees_secrets_of(task.user_id):
        fields |= redaction.hidden({name: fields[name] for name in ("payload", "error_message")})
    return DeferredTask.model_validate(fields | {"id": task.number})


def check_payload(actor: Actor, user_id: int, changes: Mapping[str, Any]) -> None:
    """Invalid when one who does not see the secrets of a user would put `***` in the place of one of them."""
    if not actor.sees_secrets_of(user_id) and redaction.HIDDEN in redaction.secrets_in(changes.get("payload")):
        raise model.payload_hidden()


def _mine(actor: Actor, number: int) -> Task:
    task = store.find(number)
    if task is None or (task.user_id != actor.user_id and not actor.sees_all):
        raise model.not_found()
    return task


def sweep() -> int:
    """Wake what is due and has no message, and what the Scheduler was told of and is about to be due; how many."""
    at = clock.now()
    found = store.due(at - LATE, at + SOON, SWEPT)
    dispatch.wake([({"task": number}, due_at) for number, due_at in found])
    return len(found)
