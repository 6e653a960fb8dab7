"""The period of a report: a month, or the days between two dates, both included.

A report that is made repeatedly names its period by a word: `yesterday` is the day before the report was created. Days
begin and end at midnight of the report's time zone (`layout.zone_of`).
"""

import re
from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Annotated, Any, LiteralString, Self

from pydantic import AfterValidator, Field, model_validator

from chalicelib.core.fields import YEARS, Day, Input
from chalicelib.core.validation import broken_rule
from chalicelib.reports.layouts.layout import zone_of
from chalicelib.reports.render.values import day_text

MONTH_PARAMETERS, DATE_PARAMETERS = ("period", "month"), ("date_from", "date_to")
PERIOD_REQUIRED: LiteralString = "period: укажите месяц (ГГГГ-ММ) или date_from и date_to"
_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


def _month(text: str) -> str:
    found = _MONTH.fullmatch(text)
    if not found or int(found[1]) not in YEARS:
        raise broken_rule("month_format", "ожидается месяц в формате ГГГГ-ММ")
    return text


Month = Annotated[str, Field(strict=True), AfterValidator(_month)]


class OptionalPeriod(Input):
    """The parameters of a report whose period is optional. A month wins over dates; other parameters are ignored."""

    period: Month | None = None
    month: Month | None = None
    date_from: Day | None = None
    date_to: Day | None = None

    @model_validator(mode="after")
    def _check_period(self) -> Self:
        if self.period and self.month and self.period != self.month:
            raise broken_rule("period", "period и month: указаны разные месяцы")
        if not (self.period or self.month):
            if (self.date_from is None) != (self.date_to is None):
                raise broken_rule("period", PERIOD_REQUIRED)
            if self.date_from and self.date_to and self.date_from > self.date_to:
                raise broken_rule("period", "date_from: должно быть не позже date_to")
        return self

    def days(self) -> tuple[date, date] | None:
        """Return the first and the last day; None when there is no period."""
        month = self.period or self.month
        if month is not None:
            year, number = int(month[:4]), int(month[5:])
            return date(year, number, 1), date(year, number, monthrange(year, number)[1])
        return (self.date_from, self.date_to) if self.date_from and self.date_to else None


class Period(OptionalPeriod):
    """The parameters of a report whose period is required."""

    @model_validator(mode="after")
    def _require_period(self) -> Self:
        if self.days() is None:
            raise broken_rule("period", PERIOD_REQUIRED)
        return self

    @property
    def first_and_last(self) -> tuple[date, date]:
        """The first and the last day."""
        days = self.days()
        assert days  # the validator has checked it
        return days


def with_defaults(defaults: Mapping[str, Any], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a report, completed by those of its template.

    A period in the parameters replaces the template's: a month replaces month and dates, a date replaces the month.
    """
    present = {name for name, value in parameters.items() if value is not None}
    replaced: set[str] = set()
    if not present.isdisjoint(MONTH_PARAMETERS):
        replaced |= {*MONTH_PARAMETERS, *DATE_PARAMETERS}
    elif not present.isdisjoint(DATE_PARAMETERS):
        replaced |= {*MONTH_PARAMETERS}
    return {name: value for name, value in defaults.items() if name not in replaced} | dict(parameters)


Days = tuple[date, date]
DAYS_OF_WORD: Mapping[str, Callable[[date], Days]] = {
    "today": lambda day: (day, day),
    "yesterday": lambda day: _days_before(day, 1),
    "this_week": lambda day: (day - timedelta(days=day.weekday()), day),
    "last_week": lambda day: _days_before(day - timedelta(days=day.weekday()), 7),
    "last_7_days": lambda day: _days_before(day, 7),
    "this_month": lambda day: (day.replace(day=1), day),
    "last_month": lambda day: (
        (day.replace(day=1) - timedelta(days=1)).replace(day=1),
        _days_before(day.replace(day=1), 1)[1],
    ),
    "last_30_days": lambda day: _days_before(day, 30),
}
"""Word for a period -> function of today that returns the first and the last day. Weeks begin on Monday."""


def with_days(parameters: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """Return the parameters with the time zone, and with dates in place of a word for the period at that instant."""
    zone = zone_of(parameters)
    fixed = dict(parameters) | {"time_zone": str(zone)}
    word = parameters.get("period")
    if not isinstance(word, str) or word not in DAYS_OF_WORD:
        return fixed
    first, last = DAYS_OF_WORD[word](at.astimezone(zone).date())
    replaced = {*MONTH_PARAMETERS, *DATE_PARAMETERS}
    others = {name: value for name, value in fixed.items() if name not in replaced}
    return others | {"date_from": first.isoformat(), "date_to": last.isoformat()}


def _days_before(day: date, count: int) -> Days:
    """Return the period of `count` days that ends on the day before."""
    return day - timedelta(days=count), day - timedelta(days=1)


def ends_of(first: date, last: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return the first and the last instant of a period of days of a zone, in UTC."""
    start, end = (datetime(day.year, day.month, day.day, tzinfo=zone) for day in (first, last + timedelta(days=1)))
    return start.astimezone(UTC), end.astimezone(UTC) - timedelta(microseconds=1)


def shown_period(first: date, last: date) -> str:
    """Return the period as a title shows it."""
    return day_text(first) if first == last else f"{day_text(first)}–{day_text(last)}"
