"""Use cases of schedules, which make deferred tasks repeatedly; and their sweep."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from chalicelib.core import clock, ids, redaction, texts
from chalicelib.core.auth import Actor
from chalicelib.core.index_reads import IndexEntry
from chalicelib.core.newest import Filters, NewestKeys, NewestRequest
from chalicelib.core.texts import text
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

SWEEP_AHEAD = timedelta(seconds=75)  # longer than until the next sweep
SWEEP_LIMIT = 200  # schedules of each partition


def create(actor: Actor, *, body: ScheduleCreate) -> OneSchedule:
    """Make a schedule; Forbidden when the actor's roles may not make tasks of its type."""
    registry.check_may_make(actor, body.task_type)
    registry.check_fits(body.task_type, body.payload, actor.roles)
    at = clock.now()
    schedule = Schedule(
        id=ids.new(),
        user_id=actor.user_id,
        created_at=at,
        updated_at=at,
        anchor=at.replace(microsecond=0),
        language=texts.current(),
        **body.model_dump(),
    )
    schedule.plan(at)
    with transaction() as tx:
        schedules_store.add(tx, schedule)
    if ids.is_repeated():
        schedule = _find(UUID(schedule.id))
    firing.wake(schedule)
    return _response(actor, schedule)


def get(actor: Actor, *, schedule_id: UUID) -> OneSchedule:
    """Return one schedule."""
    return _response(actor, _find(schedule_id))


def list_page(actor: Actor, *, query: ScheduleQuery) -> Schedules:
    """Return a page of schedules."""
    page = schedules_store.page(query.request())
    shown = [_view(actor, schedule) for schedule in page.items]
    return Schedules(schedules=shown, total=page.total, next_cursor=page.next_cursor).with_cursors_of(page)


def newest(filters: Filters, request: NewestRequest) -> NewestKeys:
    """Return the keys of the newest schedules, filtered by `task_type`, `paused`."""
    return schedules_store.SCHEDULES.newest(filters, request)


def find_many(keys: Sequence[IndexEntry]) -> list[Schedule | None]:
    """Return the schedules of these keys; None for deleted ones."""
    return [schedules_store.schedule_of(item) if item else None for item in schedules_store.SCHEDULES.read(keys)]


@optimistic
def change(actor: Actor, *, schedule_id: UUID, body: SchedulePatch) -> OneSchedule:
    """Change fields; `paused` stops and resumes it. Conflict when its owner may not make its tasks any more."""
    schedule, changes = _find(schedule_id), body.changes()
    registry.check_may_make(actor, changes.get("task_type", schedule.task_type))
    service.check_payload(actor, schedule.user_id, changes)
    if not changes.keys().isdisjoint({"task_type", "payload"}):
        kind, payload = changes.get("task_type", schedule.task_type), changes.get("payload", schedule.payload)
        registry.check_fits(kind, payload, actor.roles)
    planned = schedule.next_run_at
    if changes:
        schedule.change(clock.now(), changes)
        if changes.get("paused") is False:
            firing.check_owner(schedule)
        with transaction() as tx:
            schedules_store.save(tx, schedule)
    if schedule.next_run_at != planned:
        firing.wake(schedule)
    return _response(actor, schedule)


@optimistic
def delete(actor: Actor, *, schedule_id: UUID) -> None:
    """Delete a schedule. Its tasks remain."""
    schedule = _find(schedule_id)
    with transaction() as tx:
        schedules_store.remove(tx, schedule)


def run_now(actor: Actor, *, schedule_id: UUID) -> OneDeferredTask:
    """Make a task at once, also of a paused schedule; its next time does not change."""
    schedule = _find(schedule_id)
    registry.check_may_make(actor, schedule.task_type)
    task = firing.fire_now(schedule)
    dispatch.wake_tasks([task])
    return service.response(actor, task)


def _find(schedule_id: UUID) -> Schedule:
    schedule = schedules_store.find(str(schedule_id))
    if schedule is None:
        raise recurrence.not_found()
    return schedule


def _view(actor: Actor, schedule: Schedule) -> ScheduleView:
    """Return a schedule as an actor sees it: only its owner and administrators see the secrets in it."""
    fields = {name: getattr(schedule, name) for name in ScheduleView.model_fields if hasattr(schedule, name)}
    if not actor.sees_secrets_of(schedule.user_id):
        fields["payload"] = redaction.mask_json(schedule.payload)
    reason = schedule.paused_reason and text(schedule.paused_reason)
    return ScheduleView.model_validate(fields | {"last_task_id": schedule.last_task, "paused_reason": reason})


def _response(actor: Actor, schedule: Schedule) -> OneSchedule:
    return OneSchedule(schedule=_view(actor, schedule))


def sweep() -> int:
    """Send messages for schedules that are due before the next sweep; return how many."""
    found = schedules_store.due(clock.now() + SWEEP_AHEAD, SWEEP_LIMIT)
    dispatch.wake([({"schedule": schedule_id}, due_at) for schedule_id, due_at in found])
    return len(found)
