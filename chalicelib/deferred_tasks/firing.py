"""Firing of schedules: one transaction makes a task and sets the next time.

A schedule may get several messages for one time. The transaction requires the schedule as it was read and changes its
time, so the task is made once.
"""

from datetime import datetime
from typing import Literal

from chalicelib.core import clock, texts
from chalicelib.core.actor import Actor
from chalicelib.core.counters import next_id
from chalicelib.core.errors import Conflict
from chalicelib.core.transactions import Changed, Transaction, optimistic, transaction
from chalicelib.deferred_tasks import dispatch, model, recurrence, registry, schedules_store, store
from chalicelib.deferred_tasks.model import Task
from chalicelib.deferred_tasks.recurrence import Schedule
from chalicelib.quotas import service as quotas
from chalicelib.users import service as users

Outcome = Literal["fired", "overlapped", "paused", "skipped"]


def fire(schedule_id: str) -> Outcome:
    """Fire a schedule that is due."""
    outcome, schedule, task = _fire(schedule_id)
    if task:
        dispatch.wake_tasks([task])
    if schedule:
        wake(schedule)
    return outcome


@optimistic
def _fire(schedule_id: str) -> tuple[Outcome, Schedule | None, Task | None]:
    schedule, at = schedules_store.find(schedule_id), clock.now()
    if schedule is None or schedule.next_run_at is None or not schedule.is_due(at):
        return "skipped", None, None
    with texts.language(schedule.language):
        return _fire_due(schedule, schedule.next_run_at, at)


def _fire_due(schedule: Schedule, due_at: datetime, at: datetime) -> tuple[Outcome, Schedule | None, Task | None]:
    owner = _owner(schedule)
    if reason := refusal_reason(schedule, owner):
        schedule.pause(at, reason)
        with transaction() as tx:
            schedules_store.save(tx, schedule)
        return "paused", None, None
    task = None if unfinished(schedule) else new_task(schedule, due_at, at)
    schedule.fire(at, task.number if task else None)
    refused = _refuse(task, owner, at) if task and owner else False
    try:
        with transaction() as tx:
            schedules_store.save(tx, schedule)
            if task:
                _add(tx, task, None if refused else owner)
    except quotas.Exhausted:
        raise Changed from None  # another request has just used the rest of it
    return "fired" if task else "overlapped", schedule, None if refused else task


def _refuse(task: Task, owner: Actor, at: datetime) -> bool:
    """Fail a task that exceeds a daily quota of its owner; return whether it does."""
    try:
        quotas.check(owner, **registry.quotas_of([task.task_type]))
    except quotas.Exhausted as refusal:
        task.refuse(at, refusal.message)
        return True
    return False


def _add(tx: Transaction, task: Task, owner: Actor | None) -> None:
    """Write a task and charge its owner's quotas; for a refused task record its failure."""
    store.add(tx, task)
    if owner:
        quotas.take(tx, owner, **registry.quotas_of([task.task_type]))
    elif task.status == "failed":
        store.record_end(tx, task)


@optimistic
def fire_now(schedule: Schedule) -> Task:
    """Make a task of a schedule at once; Conflict while the task before is unfinished and may not overlap, or when its
    owner may not make it any more.
    """
    if made := store.find_made():
        return made
    found, at = schedules_store.find(schedule.id), clock.now()
    if found is None:
        raise recurrence.not_found()
    owner = check_owner(found)
    if running := unfinished(found):
        raise recurrence.still_running(running)
    task = new_task(found, at, at)
    found.count_run(at, task.number)
    with transaction() as tx:
        schedules_store.save(tx, found)
        _add(tx, task, owner)
        tx.note_made(str(task.number))
    return task


def refusal_reason(schedule: Schedule, owner: Actor | None) -> str | None:
    """Return why a schedule may not make tasks for its owner any more; None: it may."""
    reason = registry.refusal_reason(owner, schedule.task_type)
    if owner and not reason and set(model.SCHEDULE_MAKERS).isdisjoint(owner.roles):
        return model.role_lost("расписаний", model.SCHEDULE_MAKERS)
    return reason


def check_owner(schedule: Schedule) -> Actor | None:
    """Return the owner of a schedule; Conflict when it may not make tasks for the owner any more."""
    owner = _owner(schedule)
    if reason := refusal_reason(schedule, owner):
        raise Conflict(reason)
    return owner


def _owner(schedule: Schedule) -> Actor | None:
    return users.actors({schedule.user_id}).get(schedule.user_id)


def unfinished(schedule: Schedule) -> int | None:
    """Return the number of the unfinished task that prevents another one."""
    if schedule.overlap == "allow" or schedule.last_task is None:
        return None
    last = store.find(schedule.last_task)
    return last.number if last and last.is_active else None


def new_task(schedule: Schedule, due_at: datetime, at: datetime) -> Task:
    """Return a new task of a schedule."""
    return Task(
        number=next_id("deferred_tasks"),
        user_id=schedule.user_id,
        task_type=schedule.task_type,
        payload=schedule.payload,
        execute_at=due_at,
        created_at=at,
        updated_at=at,
        due_at=due_at,
        max_attempts=schedule.max_attempts,
        schedule_id=schedule.id,
        language=schedule.language,
    )


def wake(schedule: Schedule) -> None:
    """Send a message for the time when a schedule is due."""
    if schedule.next_run_at:
        dispatch.wake([({"schedule": schedule.id}, schedule.next_run_at)])
