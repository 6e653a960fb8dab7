"""Rules of schedules: when one fires next, and what a firing changes.

A cron expression has the clock of its time zone, whose days may have 23 or 25 hours. As in Debian's cron, a fixed time
that a day does not have (02:30 when clocks go from 02:00 to 03:00) is fired right after the gap, one that a day has
twice is fired the first time only, and `*` or `*/n` in the minutes or hours follows the time that really passes. A rate
counts seconds and knows no time zone.

A schedule fires at the time it was planned for, once: the firing moves `next_run_at` on in the same transaction that
makes the task. Times that were missed, because nothing ran or the schedule was paused, are not made up for, but the
last planned one is.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

from chalicelib.core.errors import Conflict, NotFound

Overlap = Literal["skip", "allow"]

SHORTEST, LONGEST = timedelta(seconds=10), timedelta(days=366)
LONGEST_CRON = 100  # characters
CRON_FIELDS = (
    ("минута", "от 0 до 59"),
    ("час", "от 0 до 23"),
    ("день", "от 1 до 31, L или LW"),
    ("месяц", "от 1 до 12 или JAN-DEC"),
    ("день недели", "от 0 до 7 или SUN-SAT"),
)
"""The fields of a cron expression in their order, and what each may be, as an error says it."""
_RATE = re.compile(r"([0-9]{1,8}) (second|minute|hour|day)s?")
RATE = "^([1-9][0-9]{1,6} seconds?|[1-9][0-9]{0,4} minutes?|[1-9][0-9]{0,2} hours?|[1-9][0-9]? days?)$"
"""The usual ones among them, as a JSON Schema says it."""


@dataclass
class Schedule:
    """A schedule as it was read. `anchor` is where a rate counts from; `next_run_at` None while it is paused, by
    somebody or, with a `paused_reason`, because its owner may not make its tasks any more.

    `fired_at` is the time the last firing was planned for, `last_run_at` when it was made, `last_task` its task;
    `runs` and `skipped` count firings that made a task and such that found the one before unfinished.
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

    def is_due(self, at: datetime) -> bool:
        """Whether it is to be fired."""
        return self.next_run_at is not None and self.next_run_at <= at

    def plan(self, at: datetime) -> None:
        """Find the next time, which is never one that was fired."""
        after = max(at, self.fired_at) if self.fired_at else at
        self.next_run_at = None if self.paused else self._following(after)

    def fire(self, at: datetime, task: int | None) -> None:
        """Its time has come: a task was made, or none because the one before is unfinished."""
        self.fired_at = self.next_run_at
        self.note_run(at, task)
        self.plan(at)

    def pause(self, at: datetime, reason: str) -> None:
        """It makes no more tasks until somebody lets it go on."""
        self.paused, self.paused_reason, self.updated_at = True, reason, at
        self.plan(at)

    def note_run(self, at: datetime, task: int | None) -> None:
        """Count a task that it made, or did not make."""
        self.updated_at = at
        if task is None:
            self.skipped += 1
        else:
            self.runs, self.last_run_at, self.last_task = self.runs + 1, at, task

    def change(self, at: datetime, changes: dict[str, Any]) -> None:
        """Set fields. Another timing, or going on after a pause, plans anew."""
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
    """The first time after that one which the expression means in that zone; ValueError when there is none."""
    try:
        # in an hour that comes twice the library may name the first one, which is over
        found = (moment.astimezone(UTC) for moment in CronSim(cron, after.astimezone(ZoneInfo(time_zone))))
        return next(moment for moment in found if moment > after)
    except (CronSimError, StopIteration, AssertionError) as error:
        raise ValueError(str(error)) from error


def following_rate(every: timedelta, anchor: datetime, after: datetime) -> datetime:
    """The first of anchor + every, anchor + 2 * every, ... after that time."""
    return anchor + every * max(1, (after - anchor) // every + 1)


def period(rate: str) -> timedelta:
    """`5 minutes` as a duration; ValueError when it is none, or too short or long."""
    found = _RATE.fullmatch(rate)
    if not found:
        raise ValueError("ожидается, например, 30 seconds, 5 minutes, 1 hour, 2 days")
    every = timedelta(**{f"{found.group(2)}s": int(found.group(1))})
    if not SHORTEST <= every <= LONGEST:
        raise ValueError("от 10 seconds до 366 days")
    return every


def check_cron(cron: str, at: datetime) -> None:
    """Refuse what is no cron expression, or one that never comes; ValueError names the wrong part (Russian)."""
    fields = cron.split()
    if len(cron) > LONGEST_CRON or len(fields) != len(CRON_FIELDS):
        raise ValueError("ожидаются пять полей: минута, час, день, месяц, день недели")
    for place, (name, allowed) in enumerate(CRON_FIELDS):
        for part in fields[place].split(","):
            if not _is_field(part, place):
                raise ValueError(f"{name}: {part or 'пустое значение'} не подходит, допустимо {allowed}")
    try:
        following_cron(cron, "UTC", at)
    except ValueError:
        day, month, weekday = fields[2:]
        raise ValueError(f"такой день не наступит: день {day}, месяц {month}, день недели {weekday}") from None


def _is_field(part: str, place: int) -> bool:
    """Whether one term is a value of the field at that place; the library alone knows what a field may be."""
    fields = ["*"] * len(CRON_FIELDS)
    fields[place] = part
    try:
        CronSim(" ".join(fields), datetime(2025, 1, 1, tzinfo=UTC))
    except (CronSimError, AssertionError):
        return False
    return bool(part)


@lru_cache(maxsize=1)
def time_zones() -> frozenset[str]:
    """The time zones there are."""
    return frozenset(available_timezones())


def not_found() -> NotFound:
    """No such schedule."""
    return NotFound("Расписание не найдено")


def still_running(task: int) -> Conflict:
    """Run now, while the task before is unfinished and may not be overtaken."""
    return Conflict(f"Предыдущее задание {task} еще не завершено")
