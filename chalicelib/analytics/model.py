"""Rules of analytics: periods, intervals, shares."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from chalicelib.core.errors import Unavailable, invalid_field

USUAL_DAYS = 30
LONGEST_DAYS = 366
RETRY_AFTER = 5  # seconds; the first refresh follows the deployment at once

HOUR = timedelta(hours=1)
HOURS = 24
SETTLED = timedelta(minutes=15)  # after its end an hour is counted no more

Interval = Literal["day", "week", "month"]


@dataclass(frozen=True)
class Period:
    """Days from `first` to `last`, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1

    def every_day(self) -> Iterator[date]:
        """Each of them."""
        return (self.first + timedelta(days=number) for number in range(self.days))


@dataclass(frozen=True)
class Hour:
    """How many products were added and aggregated in the hour that begins at `start`, as counted at `counted_at`."""

    start: datetime
    added: int
    aggregated: int
    counted_at: datetime

    @property
    def is_settled(self) -> bool:
        """Whether it was counted after everything in it was written."""
        return self.counted_at >= self.start + HOUR + SETTLED


def last_hours(at: datetime) -> list[datetime]:
    """The beginnings of the hour that a moment is in and of the 23 before it, the newest first."""
    current = at.replace(minute=0, second=0, microsecond=0)
    return [current - number * HOUR for number in range(HOURS)]


def period(date_from: date | None, date_to: date | None, today: date) -> Period:
    """The days asked for; without a beginning the 30 that end there, without an end those up to today."""
    last = date_to or max(today, date_from or today)
    first = date_from or last - timedelta(days=USUAL_DAYS - 1)
    if first > last:
        raise invalid_field("date_from", "должно быть не позже date_to", where="query")
    found = Period(first, last)
    if found.days > LONGEST_DAYS:
        raise invalid_field("date_from", f"период не длиннее {LONGEST_DAYS} дней", where="query")
    return found


def first_day(day: date, interval: Interval) -> date:
    """The day on which the interval with that day begins; weeks begin on Monday."""
    if interval == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if interval == "month" else day


def intervals(whole: Period, interval: Interval) -> list[Period]:
    """The period in days, weeks or months; the first and the last one are cut where the period is."""
    found: list[Period] = []
    for day in whole.every_day():
        if found and first_day(day, interval) == first_day(found[-1].last, interval):
            found[-1] = Period(found[-1].first, day)
        else:
            found.append(Period(day, day))
    return found


def percent(part: int, whole: int) -> float:
    """A share in percent, to one decimal; 0.0 of nothing."""
    return round(100 * part / whole, 1) if whole else 0.0


def not_yet() -> Unavailable:
    """The dashboard has never been refreshed."""
    text = "Статистика еще не рассчитана, повторите запрос через несколько секунд"
    return Unavailable(text, headers={"Retry-After": str(RETRY_AFTER)})


def order_of_shift(shift: str) -> str:
    """A text that sorts as shifts do: numbers in their order, then the others."""
    return f"0{int(shift):0200d} {shift}" if shift.isdecimal() else f"1{shift}"
