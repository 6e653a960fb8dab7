"""Rules of analytics: periods, intervals, percentages."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from chalicelib.core.errors import Unavailable, invalid_field
from chalicelib.core.texts import text

DEFAULT_DAYS = 30
MAX_DAYS = 366
RETRY_AFTER_SECONDS = 5  # the first refresh runs right after the deployment

HOUR = timedelta(hours=1)
HOURS = 24
SETTLED_AFTER = timedelta(minutes=15)  # its end; then the count of an hour is final

Interval = Literal["day", "week", "month"]


@dataclass(frozen=True)
class Period:
    """Days from `first` to `last`, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """The number of days."""
        return (self.last - self.first).days + 1

    def dates(self) -> Iterator[date]:
        """Yield each day."""
        return (self.first + timedelta(days=number) for number in range(self.days))


@dataclass(frozen=True)
class Hour:
    """The number of products added and aggregated in the hour from `start` on, counted at `counted_at`."""

    start: datetime
    added: int
    aggregated: int
    counted_at: datetime

    @property
    def is_settled(self) -> bool:
        """Whether the count is final, because everything of that hour had been written."""
        return self.counted_at >= self.start + HOUR + SETTLED_AFTER


def last_hours(at: datetime) -> list[datetime]:
    """Return the starts of the last 24 hours, the current one first."""
    current = at.replace(minute=0, second=0, microsecond=0)
    return [current - number * HOUR for number in range(HOURS)]


def period(date_from: date | None, date_to: date | None, today: date) -> Period:
    """Return the period of a query. Without `date_from` it has 30 days, without `date_to` it ends today.

    Invalid when it ends before it starts, or is longer than `MAX_DAYS`.
    """
    last = date_to or max(today, date_from or today)
    first = date_from or last - timedelta(days=DEFAULT_DAYS - 1)
    if first > last:
        raise invalid_field("date_from", "должно быть не позже date_to", where="query")
    found = Period(first, last)
    if found.days > MAX_DAYS:
        raise invalid_field("date_from", text("период не длиннее {limit} дней", limit=MAX_DAYS), where="query")
    return found


def first_day(day: date, interval: Interval) -> date:
    """Return the first day of the interval with a day; weeks begin on Monday."""
    if interval == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if interval == "month" else day


def intervals(of: Period, interval: Interval) -> list[Period]:
    """Divide a period into days, weeks or months; the first and the last one may be incomplete."""
    found: list[Period] = []
    for day in of.dates():
        if found and first_day(day, interval) == first_day(found[-1].last, interval):
            found[-1] = Period(found[-1].first, day)
        else:
            found.append(Period(day, day))
    return found


def percent(part: int, total: int) -> float:
    """Return `part` in percent of `total`, with one decimal; 0.0 when the total is 0."""
    return round(100 * part / total, 1) if total else 0.0


def not_yet() -> Unavailable:
    """The error before the first refresh of the dashboard."""
    reason = "Статистика еще не рассчитана, повторите запрос через несколько секунд"
    return Unavailable(reason, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})


def shift_sort_key(shift: str) -> str:
    """Return a text that sorts shifts: numbers by value, then other names."""
    return f"0{int(shift):0200d} {shift}" if shift.isdecimal() else f"1{shift}"
