"""Table `deferred_tasks` and its list."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from chalicelib.core import clock, ids, later_work
from chalicelib.core.dynamo import batch_get, fetch, table
from chalicelib.core.later_work import DueIndex
from chalicelib.core.listing import Listing, Range
from chalicelib.core.paging import PageOf, PageRequest
from chalicelib.core.records import JSON, LANGUAGE, Records
from chalicelib.core.transactions import Transaction
from chalicelib.deferred_tasks.model import Attempt, Status, Task
from chalicelib.events import service as events

DUE = DueIndex("deferred_tasks", include=("far",))
TASKS_PER_TRANSACTION = 10  # as a transaction carries 4 MB
_LOG = TypeAdapter(list[Attempt])


@table("deferred_tasks", indexes=[DUE.spec])
class TaskItem(Model):
    """A task (model.Task). `id` is its number as text of fixed width; payload and log are JSON."""

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
    crashed_attempts = NumberAttribute(default=0, attr_name="deaths")
    next_attempt_at = UnicodeAttribute(null=True)
    completed_at = UnicodeAttribute(null=True)
    error_message = UnicodeAttribute(null=True)
    schedule_id = UnicodeAttribute(null=True)
    far = BooleanAttribute(null=True)
    version = NumberAttribute(default=1)
    log = UnicodeAttribute(default="[]")
    language = UnicodeAttribute(null=True)


TASKS = Listing(
    "deferred_tasks",
    TaskItem,
    id_field="id",
    sorts=("created_at",),
    equals=("status", "task_type", "user_id"),
    ranges={"created_from": Range("created_at", lower=True), "created_before": Range("created_at", lower=False)},
    counted=("status", "task_type", "user_id"),
)


def _dump_log(log: list[Attempt]) -> str:
    return _LOG.dump_json(log, exclude_none=True).decode()


_records = Records(
    Task,
    TaskItem,
    {
        "number": (lambda number: key_of(number), int),
        "payload": JSON,
        "far": (lambda is_far: is_far or None, bool),
        "log": (_dump_log, _LOG.validate_json),
        "language": LANGUAGE,
    },
    {"number": "id"},
)
task_of = _records.record_of


def key_of(number: int) -> str:
    """Return a number as the key of an item."""
    return f"{number:018d}"


def find(number: int) -> Task | None:
    """Read a task."""
    item = fetch(TaskItem, key_of(number))
    return task_of(item) if item else None


def find_made() -> Task | None:
    """Read the task that a killed run of the same request has noted."""
    number = ids.made_before()
    return find(int(number)) if number else None


def find_many(numbers: Sequence[int]) -> list[Task]:
    """Read those of these tasks that exist, in no order."""
    return [task_of(item) for item in batch_get(TaskItem, [(key_of(number),) for number in numbers])]


def add(tx: Transaction, task: Task) -> None:
    """Write a new task."""
    item = _records.item_of(task)
    tx.put_new(item, index=TASKS.index(item))
    TASKS.count(tx, item, +1)


def save(tx: Transaction, task: Task, before: Status) -> None:
    """Write a task that was read with the status `before` and changed."""
    later_work.save(tx, TASKS, task, _records.item_of)
    TASKS.count_change(tx, "status", before, task.status)


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
    """Read a page of tasks."""
    return TASKS.page(request).map(task_of)


def every(**filters: Any) -> Iterator[Task]:
    """Read all tasks that match the filters, oldest first; None: not filtered."""
    return map(task_of, TASKS.every({name: value for name, value in filters.items() if value is not None}))


def count(**filters: Any) -> int:
    """Return how many tasks match the filters; None: not filtered."""
    return TASKS.total(filters)


def due(late: datetime, soon: datetime, limit: int) -> list[tuple[int, datetime]]:
    """Return number and due time of tasks that have been due since `late`, of far ones also when they are due before
    `soon`: of up to `limit` tasks of each partition.
    """
    found = [(key, clock.from_text(key["due_at"]["S"])) for key in DUE.keys(soon, limit)]
    return [(int(key["id"]["S"]), at) for key, at in found if at < late or key.get("far", {}).get("BOOL")]
