"""Table `background_tasks` and its list."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action
from pynamodb.models import Model

from chalicelib.background_tasks import model
from chalicelib.background_tasks.model import Task
from chalicelib.background_tasks.schemas import BackgroundTaskQuery
from chalicelib.core import clock
from chalicelib.core.dynamo import IndexSpec, batch_get, fetch, query_index, table, update_if
from chalicelib.core.later_work import DueIndex
from chalicelib.core.listing import Listing
from chalicelib.core.paging import PageRequest
from chalicelib.core.records import JSON, LANGUAGE, OPTIONAL_JSON, Records, to_json
from chalicelib.core.transactions import Changed, Transaction, transaction

DUE = DueIndex("background_tasks")
TROUBLE = IndexSpec("trouble", "trouble", "finished_at", include=("user_id",))


@table("background_tasks", indexes=[DUE.spec, TROUBLE])
class TaskItem(Model):
    """A task; params, checkpoint and result are JSON.

    `trouble` is its type if its result needs action: the attribute of a sparse index.
    """

    task_id = UnicodeAttribute(hash_key=True)
    type = UnicodeAttribute()
    status = UnicodeAttribute()
    user_id = NumberAttribute()
    created_at = UnicodeAttribute()
    updated_at = UnicodeAttribute()
    finished_at = UnicodeAttribute(null=True)
    trouble = UnicodeAttribute(null=True)
    lease_until = UnicodeAttribute(null=True)
    due_at = UnicodeAttribute(null=True)
    run = NumberAttribute(default=0)
    runs_without_progress = NumberAttribute(default=0, attr_name="fruitless")
    current = NumberAttribute(default=0)
    total = NumberAttribute(default=0)
    params = UnicodeAttribute()
    checkpoint = UnicodeAttribute(null=True)
    result = UnicodeAttribute(null=True)
    language = UnicodeAttribute(null=True)


TASKS = Listing(
    "background_tasks",
    TaskItem,
    id_field="task_id",
    sorts=BackgroundTaskQuery.SORTS,
    equals=("type", "status", "user_id"),
    counted=("type", "status", "user_id"),
)


_records = Records(
    Task,
    TaskItem,
    {
        "params": JSON,
        "checkpoint": (to_json, lambda text: json.loads(text or "{}")),
        "result": OPTIONAL_JSON,
        "language": LANGUAGE,
    },
    {"id": "task_id", "kind": "type"},
)
task_of = _records.record_of


def add(tx: Transaction, task: Task) -> None:
    """Write a new task."""
    item = _item(task)
    tx.put_new(item, index=TASKS.index(item))
    TASKS.count(tx, item, +1)


def find(task_id: str) -> Task | None:
    """Read a task."""
    item = fetch(TaskItem, task_id)
    return task_of(item) if item else None


def take(task: Task, at: datetime) -> None:
    """Start another run; Changed when another worker has, or the task has ended."""
    before, seen = task.status, task.run
    task.status, task.run, task.runs_without_progress = "PROGRESS", seen + 1, task.runs_without_progress + 1
    task.lease_until, task.updated_at = at + model.LEASE, at
    with transaction() as tx:
        _change(tx, task, before, _is_run(seen, before), Changed())


def save_progress(task: Task, at: datetime, checkpoint: Mapping[str, Any] | None) -> bool:
    """Write the progress of a run and renew its lease; return False when it is not the current one."""
    task.updated_at, task.lease_until = at, at + model.LEASE
    values: dict[str, Any] = {"current": task.current, "total": task.total}
    values |= {"updated_at": clock.to_text(at), **_lease(task.lease_until)}
    if checkpoint is not None:
        if checkpoint != task.checkpoint:
            task.runs_without_progress = 0
        task.checkpoint = dict(checkpoint)
        values |= {"checkpoint": to_json(task.checkpoint), "fruitless": task.runs_without_progress}
    actions: list[Action] = [Path(name).set(value) for name, value in values.items()]
    return update_if(TaskItem(task.id), actions, _is_run(task.run, "PROGRESS"))


def advance(task: Task, amount: int, at: datetime) -> bool:
    """Add to the progress of a run with several workers, renew its lease; False when it is not the current one."""
    values: dict[str, Any] = {"updated_at": clock.to_text(at), **_lease(at + model.LEASE)}
    values |= {"fruitless": 0} if amount else {}
    actions: list[Action] = [Path(name).set(value) for name, value in values.items()]
    actions.append(Path("current").add(amount))
    return update_if(TaskItem(task.id), actions, _is_run(task.run, "PROGRESS"))


def require_current_run(tx: Transaction, task: Task) -> None:
    """Make a transaction raise Stopped unless the run of a task is the current one."""
    tx.require(TaskItem(task.id), _is_run(task.run, "PROGRESS"), model.Stopped())


def release(task: Task, at: datetime) -> None:
    """End the lease of a run, so that the next one can start at once."""
    actions: list[Action] = [Path(name).set(value) for name, value in _lease(at).items()]
    update_if(TaskItem(task.id), actions, _is_run(task.run, "PROGRESS"))


def postpone(task: Task, until: datetime) -> None:
    """Let no run start before that time; the run that ends for now does not count as one."""
    actions: list[Action] = [Path("lease_until").set(clock.to_text(until))]
    actions.append(Path("fruitless").set(max(0, task.runs_without_progress - 1)))
    update_if(TaskItem(task.id), actions, _is_run(task.run, "PROGRESS"), patient=False)


def finish(tx: Transaction, task: Task, status: model.Status, result: Mapping[str, Any], at: datetime) -> None:
    """End a task; Stopped when it was changed since it was read."""
    before = task.status
    task.status, task.result, task.finished_at, task.updated_at = status, dict(result), at, at
    if status == "SUCCESS":
        task.current = task.total
    _change(tx, task, before, _is_run(task.run, before), model.Stopped())


def delete(task: Task) -> None:
    """Delete a task; Changed when it is deleted already."""
    item = _item(task)
    with transaction() as tx:
        tx.delete(item, condition=Path("task_id").exists(), error=Changed())
        TASKS.count(tx, item, -1)


def due(at: datetime, limit: int) -> Iterator[Task]:
    """Yield up to `limit` tasks of each partition that the sweep has to dispatch or to delete."""
    return map(task_of, DUE.items(TaskItem, at, limit))


def in_trouble(kind: model.Kind, since: datetime, shown: int, most: int) -> tuple[int, bool, list[Task]]:
    """Return how many tasks of a kind need action since then, up to `most`; whether that is all; the newest."""
    later = (">", clock.to_text(since))
    page = next(query_index("background_tasks", TROUBLE, kind, sort=later, descending=True, limit=most))
    order = [raw["task_id"]["S"] for raw in page["Items"][:shown]]
    found = {item.task_id: item for item in batch_get(TaskItem, [(one,) for one in order])}
    newest = [task_of(found[one]) for one in order if one in found]
    return len(page["Items"]), "LastEvaluatedKey" not in page, newest


def add_missing_due_times() -> None:
    """Write the due time of the oldest tasks, if a version without the index `due` has made them."""
    for item in TASKS.page(PageRequest(descending=False)).items:
        if item.due_at is None:
            due_at = clock.to_text(task_of(item).due_at)
            update_if(TaskItem(item.task_id), [Path("due_at").set(due_at)], Path("task_id").exists())


def _lease(until: datetime) -> dict[str, str]:
    """Return the attributes of a lease until then."""
    return {"lease_until": clock.to_text(until), "due_at": clock.to_text(until)}


def _change(tx: Transaction, task: Task, before: str, condition: Condition, error: Exception) -> None:
    item = _item(task)
    tx.put(item, index=TASKS.index(item), condition=condition, error=error)
    TASKS.count_change(tx, "status", before, task.status)


def _is_run(run: int, status: str) -> Condition:
    same: Condition = (Path("run") == run) & (Path("status") == status)
    return same


def _item(task: Task) -> TaskItem:
    return _records.item_of(task, trouble=task.kind if task.is_trouble else None, due_at=clock.to_text(task.due_at))
