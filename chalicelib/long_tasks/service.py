"""Use cases of long tasks: users of this area, tasks made and looked at; and the sweep."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice, takewhile

from chalicelib.core import clock, redaction, texts
from chalicelib.core.answers import BareList, RemainingSize
from chalicelib.core.auth import Actor
from chalicelib.core.counters import next_id
from chalicelib.core.index_reads import IndexEntry
from chalicelib.core.newest import Filters, NewestKeys, NewestRequest, newest_in_memory
from chalicelib.core.paging import CREATED, PageRequest, foreign_cursor
from chalicelib.core.texts import text
from chalicelib.core.transactions import transaction
from chalicelib.long_tasks import kinds, model, running, store
from chalicelib.long_tasks.model import Task
from chalicelib.long_tasks.schemas import LongTask, LongTaskCreate, LongTaskCreated, LongTaskQuery, Person, PersonCreate
from chalicelib.quotas import service as quotas
from chalicelib.users import model as users_model
from chalicelib.users import service as users
from chalicelib.users.service import User

__all__ = ["Task"]

MAX_NUMBER_DIGITS = 18  # digits of the key of a task
MAX_SORTED_HERE = 500  # tasks that are sorted in memory


def create_user(actor: Actor, *, body: PersonCreate) -> Person:
    """Make a user without email address and password."""
    return _user_view(users.create(body.name, None))


def get_user(actor: Actor, *, number: int) -> Person:
    """Return one user."""
    return _user_view(_user(actor, number))


def create(actor: Actor, *, user_id: int, body: LongTaskCreate) -> LongTaskCreated:
    """Make a task of a user and start it; Forbidden when the actor's roles may not make one of its kind."""
    _user(actor, user_id)
    kinds.check_may_make(actor, body.task)
    at = clock.now()
    task = Task(next_id("long_tasks"), user_id, body.task, at, due_at=at + model.SWEEP_GRACE, made_by=actor.user_id)
    task.language = texts.current()
    with transaction() as tx:
        store.add(tx, task)
        quotas.take(tx, actor, long_tasks=1)
    running.start(task)
    return LongTaskCreated(message=text("Таск с id {number} создан", number=task.number))


def get(actor: Actor, *, number: int) -> LongTask:
    """Return one task."""
    task = store.find_by_number(number)
    if task is None or (task.user_id != actor.user_id and not actor.sees_all):
        raise model.not_found(number)
    return view(actor, task)


def list_of_user(actor: Actor, *, user_id: int, query: LongTaskQuery) -> BareList[LongTask]:
    """Return the tasks of a user, oldest first: all or a part, as many as fit into a response."""
    _user(actor, user_id)
    name, request = f"long_tasks#{user_id}", PageRequest(cursor=query.cursor)
    after = request.position(name)
    if after is not None and not (after.isdecimal() and len(after) <= MAX_NUMBER_DIGITS):
        raise foreign_cursor()
    skipped, remaining = 0 if after else query.offset, RemainingSize()
    limit = query.limit + 1 if query.limit else None
    tasks = islice(store.of_user(user_id, limit and skipped + limit, int(after or 0)), skipped, None)
    shown = list(takewhile(remaining.fits, (view(actor, task) for task in islice(tasks, query.limit))))

    def cursor_after(count: int) -> str:
        return request.next_cursor(name, str(shown[count - 1].id))

    more = not remaining.all_fit or (bool(query.limit) and next(tasks, None) is not None)
    return BareList(shown, cursor_after(len(shown)) if more and shown else None, cursor_after)


def newest(filters: Filters, request: NewestRequest) -> NewestKeys:
    """Return the keys of the newest tasks of all users, filtered by one `user_id`, and by `status` where few match.

    The list has no index for either. Up to `MAX_SORTED_HERE` tasks of a user, or pending ones, are read and sorted; if
    there are more, keys of all tasks are returned, and the caller filters them.
    """
    (user_id,) = filters.get("user_id", {None})
    few = _read_few(user_id, filters.get("status") == {"pending"})
    if few is not None:
        return newest_in_memory(((store.position_of(task), store.key_of(task)) for task in few), request)
    owners = {} if user_id is None else {"owner": {f"{user_id}#{shard}" for shard in range(model.SHARDS)}}
    return store.TASKS.newest({CREATED: {""}, **owners}, request)


def _read_few(user_id: int | None, is_pending: bool) -> list[Task] | None:
    """Return the tasks that match, and perhaps others; None when they are too many."""
    if user_id is not None:
        found = list(store.of_user(user_id, MAX_SORTED_HERE + 1))
    elif is_pending:
        found = store.pending(MAX_SORTED_HERE + 1)
    else:
        return None
    return found if len(found) <= MAX_SORTED_HERE else None


def find_many(keys: Sequence[IndexEntry]) -> list[Task | None]:
    """Return the tasks of these keys; None for deleted ones."""
    return [store.task_of(item) if item else None for item in store.TASKS.read(keys)]


def kind_of(task: Task) -> str:
    """Return the kind of a task: the first word of its text, or `wait`."""
    return kinds.name_of(task.text)


def between(start: datetime | None, end: datetime | None, user_id: int | None = None) -> Iterator[Task]:
    """Return all tasks made in a period, both ends included, oldest first; `user_id`: those of one user."""
    if user_id is None:
        return store.every(start, end)
    return (
        task
        for task in store.of_user(user_id)
        if (start is None or task.created_at >= start) and (end is None or task.created_at <= end)
    )


def count_between(start: datetime | None, end: datetime | None, user_id: int | None = None) -> int:
    """Return how many tasks were made in a period."""
    return store.count(start, end) if user_id is None else sum(1 for _ in between(start, end, user_id))


def sweep() -> int:
    """Start lost executions again; return how many tasks were checked."""
    return running.sweep()


def _user(actor: Actor, number: int) -> User:
    """Return a user; NotFound for another user than the actor, unless the actor sees all."""
    if not actor.sees_all and actor.user_id != number:
        raise users_model.not_found(number)
    return users.get(number)


def _user_view(user: User) -> Person:
    return Person(id=user.number, name=user.name)


def view(actor: Actor, task: Task) -> LongTask:
    """Return a task as an actor sees it: its user, its maker and administrators see the secrets in it."""
    sees = actor.sees_secrets_of(task.user_id) or actor.user_id == task.made_by
    work, result, error = (one if sees else redaction.mask_text(one) for one in (task.text, task.result, task.error))
    return LongTask(
        id=task.number,
        status=task.status,
        task=work,
        result=result,
        error=text(error),
        created_at=task.created_at,
        ended_at=task.ended_at,
        user_id=task.user_id,
    )
