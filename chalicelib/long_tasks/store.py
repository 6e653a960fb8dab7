"""Table `long_tasks`: the tasks of each user in `SHARDS` partitions, in the order of their numbers."""

import heapq
from collections.abc import Iterator
from datetime import datetime
from itertools import chain, islice

from pydantic import TypeAdapter
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from chalicelib.core import clock, later_work
from chalicelib.core.conversion import key_names, query_request
from chalicelib.core.dynamo import ClaimItem, batch_get, fetch, owner_of, read_pages, table, table_name
from chalicelib.core.index_reads import IndexEntry
from chalicelib.core.later_work import DueIndex
from chalicelib.core.listing import Listing, Range
from chalicelib.core.paging import SEPARATOR
from chalicelib.core.threads import map_in_parallel
from chalicelib.core.transactions import Transaction
from chalicelib.long_tasks import model
from chalicelib.long_tasks.model import SHARDS, Task

DUE = DueIndex("long_tasks")
_TASK = TypeAdapter(Task)


@table("long_tasks", indexes=[DUE.spec])
class TaskItem(Model):
    """A task. `id` is its number as text of fixed width, `data` the task as JSON, so that a long list parses one
    attribute of each item. The other attributes are for keys, indexes and conditions.
    """

    owner = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)
    created_at = UnicodeAttribute()
    due_at = UnicodeAttribute(null=True)
    version = NumberAttribute()
    data = UnicodeAttribute()


TASKS = Listing(
    "long_tasks",
    TaskItem,
    id_field="id",
    sorts=("created_at",),
    ranges={"created_from": Range("created_at", lower=True), "created_before": Range("created_at", lower=False)},
)


def find(user_id: int, number: int) -> Task | None:
    """Read a task of a user."""
    item = fetch(TaskItem, _owner(user_id, number), _id(number))
    return task_of(item) if item else None


def find_by_number(number: int) -> Task | None:
    """Read a task of any user."""
    owner = owner_of(model.claim(number))
    return find(int(owner), number) if owner else None


def add(tx: Transaction, task: Task) -> None:
    """Write a new task."""
    item = _item(task)
    tx.put_new(item, index=TASKS.index(item))
    tx.put_new(ClaimItem(model.claim(task.number), owner=str(task.user_id)))
    TASKS.count(tx, item, +1)


def save(tx: Transaction, task: Task) -> None:
    """Write a task that was read and changed."""
    later_work.save(tx, TASKS, task, _item)


def of_user(user_id: int, most: int | None = None, after: int = 0) -> Iterator[Task]:
    """Read the tasks of a user, oldest first, consistently: up to `most`, after the number `after`.

    The first pages of all partitions are read in parallel.
    """
    runs = [_run(f"{user_id}#{shard}", most, after) for shard in range(SHARDS)]
    heads = map_in_parallel(next, runs)
    chained = [chain(head, chain.from_iterable(run)) for head, run in zip(heads, runs, strict=True)]
    merged = heapq.merge(*chained, key=lambda task: task.number)
    return islice(merged, most)


def _run(owner: str, most: int | None, after: int) -> Iterator[list[Task]]:
    """Yield the pages of one partition."""
    request = query_request(table_name("long_tasks"), key_names(TaskItem), owner, sort=(">", _id(after)), limit=most)
    request["ProjectionExpression"], request["ExpressionAttributeNames"]["#data"] = "#data", "data"
    for response in read_pages(request):
        yield [_TASK.validate_json(raw["data"]["S"]) for raw in response["Items"]]


def every(start: datetime | None, end: datetime | None) -> Iterator[Task]:
    """Read all tasks made in a period, both ends included, oldest first."""
    filters = {"created_from": start, "created_before": end}
    return map(task_of, TASKS.every({name: value for name, value in filters.items() if value is not None}))


def count(start: datetime | None, end: datetime | None) -> int:
    """Return how many tasks were made in a period."""
    return TASKS.total({"created_from": start, "created_before": end})


def due(at: datetime, limit: int) -> Iterator[Task]:
    """Yield up to `limit` tasks of each partition that the sweep has to check."""
    return map(task_of, DUE.items(TaskItem, at, limit))


def pending(limit: int) -> list[Task]:
    """Return the tasks that have not ended, in no order: all of them, unless that is `limit` or more."""
    keys = [(key["owner"]["S"], key["id"]["S"]) for key in DUE.keys(None, limit)]
    return [task_of(item) for item in batch_get(TaskItem, keys[:limit])]


def position_of(task: Task) -> str:
    """Return the position of a task in the list: its sort key."""
    return clock.to_text(task.created_at) + SEPARATOR + _id(task.number)


def key_of(task: Task) -> IndexEntry:
    """Return the key of a task, as an index has it."""
    return {"owner": {"S": _owner(task.user_id, task.number)}, "id": {"S": _id(task.number)}}


def task_of(item: TaskItem) -> Task:
    """Return the task of an item."""
    return _TASK.validate_json(item.data)


def _item(task: Task) -> TaskItem:
    return TaskItem(
        _owner(task.user_id, task.number),
        _id(task.number),
        created_at=clock.to_text(task.created_at),
        due_at=clock.to_text(task.due_at) if task.due_at else None,
        version=task.version,
        data=_TASK.dump_json(task).decode(),
    )


def _owner(user_id: int, number: int) -> str:
    return f"{user_id}#{number % SHARDS}"


def _id(number: int) -> str:
    return f"{number:018d}"
