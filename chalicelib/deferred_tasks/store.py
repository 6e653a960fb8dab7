"""Table `deferred_tasks` and its list."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, cast

from pydantic import TypeAdapter
from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from chalicelib.core import clock, later_work
from chalicelib.core.dynamo import batch_get, fetch, table
from chalicelib.core.later_work import DueIndex
from chalicelib.core.listing import Listing, Range
from chalicelib.core.paging import PageOf, PageRequest
from chalicelib.core.transactions import Transaction
from chalicelib.deferred_tasks.model import Attempt, Status, Task
from chalicelib.events import service as events

DUE = DueIndex("deferred_tasks", include=("far",))
TOGETHER = 10  # tasks of one transaction, which carries 4 MB
_LOG = TypeAdapter(list[Attempt])


@table("deferred_tasks", indexes=[DUE.spec])
class TaskItem(Model):
    """A task. `id` is its number as text of fixed width; payload and log are JSON; the rest see model.py."""

    class Meta:
        pass

    id = UnicodeAttribute(hash_key=True)
    user_id = NumberAttribute()
    task_type = UnicodeAttribute()
    payload = UnicodeAttribute()
    execute_at = UnicodeAttribute()
    created_at = UnicodeAttribute()
    updated_at = UnicodeAttribute()
    due_at = UnicodeAttribute(null=True)
    max_attempts = NumberAttribute()
    status = UnicodeAttribute()
    attempts = NumberAttribute(default=0)
    failures = NumberAttribute(default=0)
    deaths = NumberAttribute(default=0)
    next_attempt_at = UnicodeAttribute(null=True)
    completed_at = UnicodeAttribute(null=True)
    error_message = UnicodeAttribute(null=True)
    schedule_id = UnicodeAttribute(null=True)
    far = BooleanAttribute(null=True)
    version = NumberAttribute(default=1)
    log = UnicodeAttribute(default="[]")


TASKS = Listing(
    "deferred_tasks",
    TaskItem,
    id_field="id",
    sorts=("created_at",),
    equals=("status", "task_type", "user_id"),
    ranges={"created_from": Range("created_at", lower=True), "created_before": Range("created_at", lower=False)},
    counted=("status", "task_type", "user_id"),
)


def key_of(number: int) -> str:
    """A number as the key of an item."""
    return f"{number:018d}"


def find(number: int) -> Task | None:
    """The task with that number."""
    item = fetch(TaskItem, key_of(number))
    return task_of(item) if item else None


def find_many(numbers: Sequence[int]) -> list[Task]:
    """Those of these tasks that exist, in no order."""
    return [task_of(item) for item in batch_get(TaskItem, [(key_of(number),) for number in numbers])]


def add(tx: Transaction, task: Task) -> None:
    """Write a new task."""
    item = _item(task)
    tx.put_new(item, index=TASKS.index(item))
    TASKS.count(tx, item, +1)


def save(tx: Transaction, task: Task, before: Status) -> None:
    """Write a task that had the status `before` when it was read; Changed when somebody has changed it since."""
    later_work.save(tx, TASKS, task, _item)
    TASKS.recount(tx, "status", before, task.status)


def record_end(tx: Transaction, task: Task) -> None:
    """Record the event of a task that has ended."""
    about: dict[str, Any] = {"deferred_task_id": task.number, "task_type": task.task_type, "user_id": task.user_id}
    aggregate, at = f"deferred_task#{task.number}", task.updated_at
    if task.status == "completed":
        events.record(tx, "deferred_task.completed", aggregate, at, **about, attempts=task.attempts)
    elif task.status == "failed":
        reason = task.error_message or ""
        events.record(tx, "deferred_task.failed", aggregate, at, **about, attempts=task.attempts, error=reason)


def page(request: PageRequest) -> PageOf[Task]:
    """A page of tasks."""
    return TASKS.page(request).map(task_of)


def every(**filters: Any) -> Iterator[Task]:
    """All tasks the filters match, oldest first; None means not filtered."""
    return map(task_of, TASKS.every({name: value for name, value in filters.items() if value is not None}))


def count(**filters: Any) -> int:
    """How many match; None means not filtered."""
    return TASKS.total(filters)


def due(late: datetime, soon: datetime, limit: int) -> list[tuple[int, datetime]]:
    """Return number and due time of tasks that have been due since `late`, of far ones also when they are due before
    `soon`: of up to `limit` tasks of each partition.
    """
    found = [(key, clock.from_text(key["due_at"]["S"])) for key in DUE.keys(soon, limit)]
    return [(int(key["id"]["S"]), at) for key, at in found if at < late or key.get("far", {}).get("BOOL")]


def _text(at: datetime | None) -> str | None:
    return clock.to_text(at) if at else None


def _moment(text: str | None) -> datetime | None:
    return clock.from_text(text) if text else None


def _item(task: Task) -> TaskItem:
    return TaskItem(
        key_of(task.number),
        user_id=task.user_id,
        task_type=task.task_type,
        payload=json.dumps(task.payload, ensure_ascii=False),
        execute_at=clock.to_text(task.execute_at),
        created_at=clock.to_text(task.created_at),
        updated_at=clock.to_text(task.updated_at),
        due_at=_text(task.due_at),
        max_attempts=task.max_attempts,
        status=task.status,
        attempts=task.attempts,
        failures=task.failures,
        deaths=task.deaths,
        next_attempt_at=_text(task.next_attempt_at),
        completed_at=_text(task.completed_at),
        error_message=task.error_message,
        schedule_id=task.schedule_id,
        far=task.far or None,
        version=task.version,
        log=_LOG.dump_json(task.log, exclude_none=True).decode(),
    )


def task_of(item: TaskItem) -> Task:
    """The task an item holds."""
    return Task(
        number=int(item.id),
        user_id=int(item.user_id),
        task_type=item.task_type,
        payload=json.loads(item.payload),
        execute_at=clock.from_text(item.execute_at),
        created_at=clock.from_text(item.created_at),
        updated_at=clock.from_text(item.updated_at),
        due_at=_moment(item.due_at),
        max_attempts=int(item.max_attempts),
        status=cast(Status, item.status),
        attempts=int(item.attempts),
        failures=int(item.failures),
        deaths=int(item.deaths),
        next_attempt_at=_moment(item.next_attempt_at),
        completed_at=_moment(item.completed_at),
        error_message=item.error_message,
        schedule_id=item.schedule_id,
        far=bool(item.far),
        version=int(item.version),
        log=_LOG.validate_json(item.log),
    )
