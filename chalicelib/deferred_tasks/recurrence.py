"""Rules of schedules: when a schedule fires next, and what a firing changes.

A cron expression uses the clock of its time zone, whose days may have 23 or 25 hours. As in Debian's cron, a fixed time
that a day does not have (02:30 when clocks go from 02:00 to 03:00) fires right after the gap, a time that a day has
twice fires once, the first time, and `*` or `*/n` in the minutes or hours follows elapsed time. A rate counts seconds
and has no time zone.

A schedule fires once for each planned time: the transaction that makes the task also sets the next `next_run_at`. Of
several missed times only the last planned one fires.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

from chalicelib.core import texts
from chalicelib.core.errors import Conflict, NotFound
from chalicelib.core.settings import NO_ZONES
from chalicelib.core.texts import text

Overlap = Literal["skip", "allow"]

MIN_RATE, MAX_RATE = timedelta(seconds=10), timedelta(days=366)
MAX_CRON_LENGTH = 100  # characters
CRON_FIELDS = (
    ("минута", "от 0 до 59"),
    ("час", "от 0 до 23"),
    ("день", "от 1 до 31, L или LW"),
    ("месяц", "от 1 до 12 или JAN-DEC"),
    ("день недели", "от 0 до 7 или SUN-SAT"),
)
"""The fields of a cron expression in their order, with the values that error messages name."""
_RATE = re.compile(r"([0-9]{1,8}) (second|minute|hour|day)s?")
RATE = "^([1-9][0-9]{1,6} seconds?|[1-9][0-9]{0,4} minutes?|[1-9][0-9]{0,2} hours?|[1-9][0-9]? days?)$"
"""The usual rates, as a pattern for JSON Schema."""


@dataclass
class Schedule:
    """A schedule as it was read. `anchor` is the start of a rate; `next_run_at` is None while it is paused, by a user
    or, with a `paused_reason`, because its owner may not make its tasks any more.

    `fired_at` is the planned time of the last firing, `last_run_at` the actual one, `last_task` its task; `runs` counts
    firings that made a task, `skipped` those that found the task before unfinished. `language`: of its tasks.
    """

    id: str
    user_id: int
    name: str
    task_type: str
    payload: Any
    max_attempts: int
    cron: str | None
    rate: str | None
    time_zone: str
    overlap: Overlap
    created_at: datetime
    updated_at: datetime
    anchor: datetime
    paused: bool = False
    paused_reason: str | None = None
    next_run_at: datetime | None = None
    fired_at: datetime | None = None
    last_run_at: datetime | None = None
    last_task: int | None = None
    runs: int = 0
    skipped: int = 0
    version: int = 1
    language: str = texts.DEFAULT

    def is_due(self, at: datetime) -> bool:
        """Return whether it has to fire."""
        return self.next_run_at is not None and self.next_run_at <= at

    def plan(self, at: datetime) -> None:
        """Set the next time, which is later than all that have fired."""
        after = max(at, self.fired_at) if self.fired_at else at
        self.next_run_at = None if self.paused else self._following(after)

    def fire(self, at: datetime, task: int | None) -> None:
        """Record a firing: `task` is None when the task before is unfinished."""
        self.fired_at = self.next_run_at
        self.count_run(at, task)
        self.plan(at)

    def pause(self, at: datetime, reason: str) -> None:
        """Stop making tasks until a user resumes it."""
        self.paused, self.paused_reason, self.updated_at = True, reason, at
        self.plan(at)

    def count_run(self, at: datetime, task: int | None) -> None:
        """Count a firing, with its task or without."""
        self.updated_at = at
        if task is None:
            self.skipped += 1
        else:
            self.runs, self.last_run_at, self.last_task = self.runs + 1, at, task

    def change(self, at: datetime, changes: dict[str, Any]) -> None:
        """Set fields. A new timing, or resuming, sets the next time."""
        if "cron" in changes or "rate" in changes:
            changes = {"cron": None, "rate": None, **changes}
            self.anchor = at.replace(microsecond=0)
        if "paused" in changes:
            self.paused_reason = None
        replan = not changes.keys().isdisjoint({"cron", "rate", "time_zone"}) or changes.get("paused") is False
        for name, value in changes.items():
            setattr(self, name, value)
        self.updated_at = at
        if replan or self.paused:
            self.plan(at)

    def _following(self, after: datetime) -> datetime:
        if self.cron:
            return following_cron(self.cron, self.time_zone, after)
        return following_rate(period(self.rate or ""), self.anchor, after)


def following_cron(cron: str, time_zone: str, after: datetime) -> datetime:
    """Return the first time of an expression after `after`; ValueError when there is none."""
    try:
        # of an hour that comes twice the library may return the first one, which is over
        found = (moment.astimezone(UTC) for moment in CronSim(cron, after.astimezone(ZoneInfo(time_zone))))
        return next(moment for moment in found if moment > after)
    except (CronSimError, StopIteration, AssertionError) as error:
        raise ValueError(str(error)) from error


def following_rate(every: timedelta, anchor: datetime, after: datetime) -> datetime:
    """Return the first of anchor + every, anchor + 2 * every, ... after `after`."""
    return anchor + every * max(1, (after - anchor) // every + 1)


def period(rate: str) -> timedelta:
    """Return the duration of a rate like `5 minutes`; ValueError when it is none, too short or too long."""
    found = _RATE.fullmatch(rate)
    if not found:
        raise ValueError(text("ожидается, например, 30 seconds, 5 minutes, 1 hour, 2 days"))
    every = timedelta(**{f"{found.group(2)}s": int(found.group(1))})
    if not MIN_RATE <= every <= MAX_RATE:
        raise ValueError(text("от 10 seconds до 366 days"))
    return every


def check_cron(cron: str, at: datetime) -> None:
    """Raise ValueError, with the wrong part, for an invalid cron expression or one without any time."""
    fields = cron.split()
    if len(cron) > MAX_CRON_LENGTH or len(fields) != len(CRON_FIELDS):
        raise ValueError(text("ожидаются пять полей: минута, час, день, месяц, день недели"))
    for position, (name, allowed) in enumerate(CRON_FIELDS):
        for part in fields[position].split(","):
            if not _is_field(part, position):
                raise ValueError(
                    text(
                        "{name}: {value} не подходит, допустимо {allowed}",
                        name=text(name),
                        value=part or text("пустое значение"),
                        allowed=text(allowed),
                    )
                )
    try:
        following_cron(cron, "UTC", at)
    except ValueError:
        day, month, weekday = fields[2:]
        raise ValueError(
            text(
                "такой день не наступит: день {day}, месяц {month}, день недели {weekday}",
                day=day,
                month=month,
                weekday=weekday,
            )
        ) from None


def _is_field(part: str, position: int) -> bool:
    """Return whether a term is a value of the field at that position, by the rules of the library."""
    fields = ["*"] * len(CRON_FIELDS)
    fields[position] = part
    try:
        CronSim(" ".join(fields), datetime(2025, 1, 1, tzinfo=UTC))
    except (CronSimError, AssertionError):
        return False
    return bool(part)


@lru_cache(maxsize=1)
def time_zones() -> frozenset[str]:
    """Return all time zones."""
    return frozenset(available_timezones()) - NO_ZONES


def not_found() -> NotFound:
    """Return the error for a schedule that does not exist."""
    return NotFound("Расписание не найдено")


def still_running(task: int) -> Conflict:
    """Return the error for running a schedule whose task before is unfinished and may not overlap."""
    return Conflict(text("Предыдущее задание {task} еще не завершено", task=task))
