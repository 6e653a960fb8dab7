"""Table `schedules` and its list."""

from datetime import datetime

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.operand import Path
from pynamodb.models import Model

from chalicelib.core import clock, later_work
from chalicelib.core.dynamo import fetch, table
from chalicelib.core.later_work import DueIndex
from chalicelib.core.listing import Listing
from chalicelib.core.paging import PageOf, PageRequest
from chalicelib.core.records import JSON, LANGUAGE, Records
from chalicelib.core.transactions import Changed, Transaction
from chalicelib.deferred_tasks.recurrence import Schedule

DUE = DueIndex("schedules", "next_run_at")


@table("schedules", indexes=[DUE.spec])
class ScheduleItem(Model):
    """A schedule (recurrence.Schedule); payload is JSON."""

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
    language = UnicodeAttribute(null=True)


SCHEDULES = Listing("schedules", ScheduleItem, id_field="id", sorts=("created_at",), equals=("task_type", "paused"))
_records = Records(Schedule, ScheduleItem, {"payload": JSON, "language": LANGUAGE})
schedule_of = _records.record_of


def find(schedule_id: str) -> Schedule | None:
    """Read a schedule."""
    item = fetch(ScheduleItem, schedule_id)
    return schedule_of(item) if item else None


def page(request: PageRequest) -> PageOf[Schedule]:
    """Read a page of schedules."""
    return SCHEDULES.page(request).map(schedule_of)


def add(tx: Transaction, schedule: Schedule) -> None:
    """Write a new schedule."""
    item = _records.item_of(schedule)
    tx.put_new(item, index=SCHEDULES.index(item))
    SCHEDULES.count(tx, item, +1)


def save(tx: Transaction, schedule: Schedule) -> None:
    """Write a schedule that was read and changed."""
    later_work.save(tx, SCHEDULES, schedule, _records.item_of)


def remove(tx: Transaction, schedule: Schedule) -> None:
    """Delete a schedule; Changed when it was changed since it was read."""
    item = _records.item_of(schedule)
    tx.delete(item, condition=Path("version") == schedule.version, error=Changed())
    SCHEDULES.count(tx, item, -1)


def due(until: datetime, limit: int) -> list[tuple[str, datetime]]:
    """Return id and time of up to `limit` schedules of each partition that are due by then."""
    return [(key["id"]["S"], clock.from_text(key["next_run_at"]["S"])) for key in DUE.keys(until, limit)]
