"""Table `schedules` and its list."""

import json
from datetime import datetime
from typing import cast

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.operand import Path
from pynamodb.models import Model

from chalicelib.core import clock, later_work
from chalicelib.core.dynamo import fetch, table
from chalicelib.core.later_work import DueIndex
from chalicelib.core.listing import Listing
from chalicelib.core.paging import PageOf, PageRequest
from chalicelib.core.transactions import Changed, Transaction
from chalicelib.deferred_tasks.recurrence import Overlap, Schedule

DUE = DueIndex("schedules", "next_run_at")


@table("schedules", indexes=[DUE.spec])
class ScheduleItem(Model):
    """A schedule; payload is JSON, the rest see recurrence.py."""

    class Meta:
        pass

    id = UnicodeAttribute(hash_key=True)
    user_id = NumberAttribute()
    name = UnicodeAttribute()
    task_type = UnicodeAttribute()
    payload = UnicodeAttribute()
    max_attempts = NumberAttribute()
    cron = UnicodeAttribute(null=True)
    rate = UnicodeAttribute(null=True)
    time_zone = UnicodeAttribute()
    overlap = UnicodeAttribute()
    created_at = UnicodeAttribute()
    updated_at = UnicodeAttribute()
    anchor = UnicodeAttribute()
    paused = BooleanAttribute(default=False)
    paused_reason = UnicodeAttribute(null=True)
    next_run_at = UnicodeAttribute(null=True)
    fired_at = UnicodeAttribute(null=True)
    last_run_at = UnicodeAttribute(null=True)
    last_task = NumberAttribute(null=True)
    runs = NumberAttribute(default=0)
    skipped = NumberAttribute(default=0)
    version = NumberAttribute(default=1)


SCHEDULES = Listing("schedules", ScheduleItem, id_field="id", sorts=("created_at",), equals=("task_type", "paused"))


def find(schedule_id: str) -> Schedule | None:
    """The schedule with that id."""
    item = fetch(ScheduleItem, schedule_id)
    return schedule_of(item) if item else None


def page(request: PageRequest) -> PageOf[Schedule]:
    """A page of schedules."""
    return SCHEDULES.page(request).map(schedule_of)


def add(tx: Transaction, schedule: Schedule) -> None:
    """Write a new schedule."""
    item = _item(schedule)
    tx.put_new(item, index=SCHEDULES.index(item))
    SCHEDULES.count(tx, item, +1)


def save(tx: Transaction, schedule: Schedule) -> None:
    """Write a schedule; Changed when somebody has changed it since it was read."""
    later_work.save(tx, SCHEDULES, schedule, _item)


def remove(tx: Transaction, schedule: Schedule) -> None:
    """Delete a schedule; Changed when somebody has changed it since it was read."""
    item = _item(schedule)
    tx.delete(item, condition=Path("version") == schedule.version, error=Changed())
    SCHEDULES.count(tx, item, -1)


def due(until: datetime, limit: int) -> list[tuple[str, datetime]]:
    """Return id and time of up to `limit` schedules of each partition that are due by then."""
    return [(key["id"]["S"], clock.from_text(key["next_run_at"]["S"])) for key in DUE.keys(until, limit)]


def _text(at: datetime | None) -> str | None:
    return clock.to_text(at) if at else None


def _moment(text: str | None) -> datetime | None:
    return clock.from_text(text) if text else None


def _item(schedule: Schedule) -> ScheduleItem:
    return ScheduleItem(
        schedule.id,
        user_id=schedule.user_id,
        name=schedule.name,
        task_type=schedule.task_type,
        payload=json.dumps(schedule.payload, ensure_ascii=False),
        max_attempts=schedule.max_attempts,
        cron=schedule.cron,
        rate=schedule.rate,
        time_zone=schedule.time_zone,
        overlap=schedule.overlap,
        created_at=clock.to_text(schedule.created_at),
        updated_at=clock.to_text(schedule.updated_at),
        anchor=clock.to_text(schedule.anchor),
        paused=schedule.paused,
        paused_reason=schedule.paused_reason,
        next_run_at=_text(schedule.next_run_at),
        fired_at=_text(schedule.fired_at),
        last_run_at=_text(schedule.last_run_at),
        last_task=schedule.last_task,
        runs=schedule.runs,
        skipped=schedule.skipped,
        version=schedule.version,
    )


def schedule_of(item: ScheduleItem) -> Schedule:
    """The schedule an item holds."""
    return Schedule(
        id=item.id,
        user_id=int(item.user_id),
        name=item.name,
        task_type=item.task_type,
        payload=json.loads(item.payload),
        max_attempts=int(item.max_attempts),
        cron=item.cron,
        rate=item.rate,
        time_zone=item.time_zone,
        overlap=cast(Overlap, item.overlap),
        created_at=clock.from_text(item.created_at),
        updated_at=clock.from_text(item.updated_at),
        anchor=clock.from_text(item.anchor),
        paused=bool(item.paused),
        paused_reason=item.paused_reason,
        next_run_at=_moment(item.next_run_at),
        fired_at=_moment(item.fired_at),
        last_run_at=_moment(item.last_run_at),
        last_task=None if item.last_task is None else int(item.last_task),
        runs=int(item.runs),
        skipped=int(item.skipped),
        version=int(item.version),
    )
