"""Use cases of schedules, which make deferred tasks again and again; and the sweep behind them."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from chalicelib.core import clock, ids, redaction
from chalicelib.core.auth import Actor
from chalicelib.core.index_reads import Key
from chalicelib.core.newest import Filters, NewestKeys, Section
from chalicelib.core.transactions import optimistic, transaction
from chalicelib.deferred_tasks import dispatch, firing, recurrence, registry, schedules_store, service
from chalicelib.deferred_tasks.recurrence import Schedule
from chalicelib.deferred_tasks.schedules_schemas import (
    OneSchedule,
    ScheduleCreate,
    SchedulePatch,
    ScheduleQuery,
    Schedules,
    ScheduleView,
)
from chalicelib.deferred_tasks.schemas import OneDeferredTask

SOON = timedelta(seconds=75)  # until after the next sweep
SWEPT = 200  # of each shard


def create(actor: Actor, *, body: ScheduleCreate) -> OneSchedule:
    """Make a schedule; Forbidden when the actor's roles may not make tasks of its type."""
    registry.check_may_make(actor, body.task_type)
    at = clock.now()
    schedule = Schedule(
        id=ids.new(),
        user_id=actor.user_id,
        created_at=at,
        updated_at=at,
        anchor=at.replace(microsecond=0),
        **body.model_dump(),
    )
    schedule.plan(at)
    with transaction() as tx:
        schedules_store.add(tx, schedule)
    firing.wake(schedule)
    return _shown(actor, schedule)


def get(actor: Actor, *, schedule_id: UUID) -> OneSchedule:
    """One schedule."""
    return _shown(actor, _found(schedule_id))


def list_page(actor: Actor, *, query: ScheduleQuery) -> Schedules:
    """A page of schedules."""
    page = schedules_store.page(query.request())
    shown = [_view(actor, schedule) for schedule in page.items]
    return Schedules(schedules=shown, total=page.total, next_cursor=page.next_cursor).cut_by(page)


def newest(filters: Filters, section: Section) -> NewestKeys:
    """The keys of the newest schedules: by `task_type`, `paused`."""
    return schedules_store.SCHEDULES.newest(filters, section)


def several(keys: Sequence[Key]) -> list[Schedule | None]:
    """The schedules of such keys; None for what is not there any more."""
    return [schedules_store.schedule_of(item) if item else None for item in schedules_store.SCHEDULES.read(keys)]


@optimistic
def change(actor: Actor, *, schedule_id: UUID, body: SchedulePatch) -> OneSchedule:
    """Change the given fields; `paused` stops it and lets it go on, Conflict when its owner may not go on."""
    schedule, changes = _found(schedule_id), body.changes()
    registry.check_may_make(actor, changes.get("task_type", schedule.task_type))
    service.check_payload(actor, schedule.user_id, changes)
    planned = schedule.next_run_at
    if changes:
        schedule.change(clock.now(), changes)
        if changes.get("paused") is False:
            firing.check_owner(schedule)
        with transaction() as tx:
            schedules_store.save(tx, schedule)
    if schedule.next_run_at != planned:
        firing.wake(schedule)
    return _shown(actor, schedule)


@optimistic
def delete(actor: Actor, *, schedule_id: UUID) -> None:
    """Delete a schedule. The tasks it has made stay."""
    schedule = _found(schedule_id)
    with transaction() as tx:
        schedules_store.remove(tx, schedule)


def run_now(actor: Actor, *, schedule_id: UUID) -> OneDeferredTask:
    """Make a task at once; when it fires next does not change, and a paused one may be run too."""
    schedule = _found(schedule_id)
    registry.check_may_make(actor, schedule.task_type)
    task = firing.fire_now(schedule)
    dispatch.wake_tasks([task])
    return service.shown(actor, task)


def _found(schedule_id: UUID) -> Schedule:
    schedule = schedules_store.find(str(schedule_id))
    if schedule is None:
        raise recurrence.not_found()
    return schedule


def _view(actor: Actor, schedule: Schedule) -> ScheduleView:
    """A schedule as an actor sees it: only its owner and administrators see the secrets in it."""
    fields = {name: getattr(schedule, name) for name in ScheduleView.model_fields if hasattr(schedule, name)}
    if not actor.sees_secrets_of(schedule.user_id):
        fields["payload"] = redaction.hidden(schedule.payload)
    return ScheduleView.model_validate(fields | {"last_task_id": schedule.last_task})


def _shown(actor: Actor, schedule: Schedule) -> OneSchedule:
    return OneSchedule(schedule=_view(actor, schedule))


def sweep() -> int:
    """Wake schedules that are due, or will be before the next sweep, whatever became of their messages; how many."""
    found = schedules_store.due(clock.now() + SOON, SWEPT)
    dispatch.wake([({"schedule": schedule_id}, due_at) for schedule_id, due_at in found])
    return len(found)
