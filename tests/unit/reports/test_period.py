"""The period in the parameters of a report."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from chalicelib.core.errors import Invalid
from chalicelib.reports.layouts.period import (
    DAYS_OF_WORD,
    OptionalPeriod,
    ends_of,
    shown_period,
    with_days,
    with_defaults,
)

DAYS = {"date_from": "2024-03-01", "date_to": "2024-03-05"}


@pytest.mark.parametrize(
    ("given", "days"),
    [
        ({}, None),
        ({"period": "2024-02"}, (date(2024, 2, 1), date(2024, 2, 29))),
        ({"month": "2023-12", "date_from": "2020-01-01"}, (date(2023, 12, 1), date(2023, 12, 31))),
        ({"date_from": "2024-01-05", "date_to": "2024-01-05"}, (date(2024, 1, 5), date(2024, 1, 5))),
    ],
)
def test_month_wins_over_dates(given: dict[str, str], days: tuple[date, date] | None) -> None:
    assert OptionalPeriod.model_validate(given).days() == days


@pytest.mark.parametrize(
    "given",
    [
        {"period": "2024-13"},
        {"period": "2024-1"},
        {"period": "2024-01", "month": "2024-02"},
        {"date_from": "2024-01-01"},
        {"date_to": "2024-01-01"},
        {"date_from": "2024-01-02", "date_to": "2024-01-01"},
    ],
)
def test_wrong_period_is_rejected(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        OptionalPeriod.model_validate(given)


def test_both_days_are_included() -> None:
    start, end = ends_of(date(2024, 1, 1), date(2024, 1, 2), UTC)
    assert start == datetime(2024, 1, 1, tzinfo=UTC)
    assert end == datetime(2024, 1, 2, 23, 59, 59, 999_999, tzinfo=UTC)
    assert shown_period(start.date(), start.date()) == "01.01.2024"
    assert shown_period(start.date(), end.date()) == "01.01.2024–02.01.2024"


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Moscow", date(2024, 1, 1), 24),
        ("America/New_York", date(2024, 3, 10), 23),
        ("America/New_York", date(2024, 11, 3), 25),
    ],
)
def test_a_day_is_that_of_the_zone(zone: str, day: date, hours: int) -> None:
    start, end = ends_of(day, day, ZoneInfo(zone))
    assert start.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == datetime(day.year, day.month, day.day)
    assert end - start == timedelta(hours=hours, microseconds=-1)


@pytest.mark.parametrize(
    ("default", "given", "days"),
    [
        ({"period": "2024-01"}, {"month": "2024-02"}, (date(2024, 2, 1), date(2024, 2, 29))),
        ({"month": "2024-01"}, {"period": "2024-02"}, (date(2024, 2, 1), date(2024, 2, 29))),
        ({"period": "2024-01"}, {"period": "2024-02"}, (date(2024, 2, 1), date(2024, 2, 29))),
        ({"period": "2024-01"}, {"month": None}, (date(2024, 1, 1), date(2024, 1, 31))),
        ({"period": "2024-01"}, DAYS, (date(2024, 3, 1), date(2024, 3, 5))),
        (DAYS, {"month": "2024-02"}, (date(2024, 2, 1), date(2024, 2, 29))),
        (DAYS, {"date_to": "2024-03-02"}, (date(2024, 3, 1), date(2024, 3, 2))),
        ({"date_from": "2024-01-01", "month": "2024-01"}, {}, (date(2024, 1, 1), date(2024, 1, 31))),
    ],
)
def test_a_period_in_the_request_replaces_that_of_the_template_whatever_its_name(
    default: dict[str, str], given: dict[str, str], days: tuple[date, date]
) -> None:
    merged = with_defaults(default | {"format": "csv"}, given)
    assert OptionalPeriod.model_validate(merged).days() == days and merged["format"] == "csv"


WEDNESDAY = datetime(2024, 3, 6, 5, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("word", "first", "last"),
    [
        ("today", "2024-03-06", "2024-03-06"),
        ("yesterday", "2024-03-05", "2024-03-05"),
        ("this_week", "2024-03-04", "2024-03-06"),
        ("last_week", "2024-02-26", "2024-03-03"),
        ("last_7_days", "2024-02-28", "2024-03-05"),
        ("this_month", "2024-03-01", "2024-03-06"),
        ("last_month", "2024-02-01", "2024-02-29"),
        ("last_30_days", "2024-02-05", "2024-03-05"),
    ],
)
def test_word_for_a_period_is_resolved_from_the_creation_time(word: str, first: str, last: str) -> None:
    found = with_days({"period": word, "month": None, "time_zone": "Europe/Moscow", "other": 1}, WEDNESDAY)
    assert found == {"time_zone": "Europe/Moscow", "other": 1, "date_from": first, "date_to": last}


def test_every_word_is_tested_above() -> None:
    tested = test_word_for_a_period_is_resolved_from_the_creation_time.pytestmark[0].args[1]
    assert [word for word, _, _ in tested] == list(DAYS_OF_WORD)


@pytest.mark.parametrize(
    ("zone", "day"), [(None, "2024-03-05"), ("Asia/Vladivostok", "2024-03-05"), ("America/New_York", "2024-03-04")]
)
def test_yesterday_is_that_of_the_time_zone(zone: str | None, day: str) -> None:
    at = datetime(2024, 3, 6, 2, 0, tzinfo=UTC)
    assert with_days({"period": "yesterday", "time_zone": zone}, at)["date_from"] == day


def test_an_unknown_time_zone_is_refused() -> None:
    for zone in ("Mars/Base", "../etc", 5, "localtime", "Factory"):
        with pytest.raises(Invalid, match="time_zone"):
            with_days({"period": "today", "time_zone": zone}, WEDNESDAY)


@pytest.mark.parametrize("given", [{}, {"period": "2024-02"}, {"period": 5}, {"date_from": "2024-01-01"}])
def test_other_parameters_stay_as_they_are(given: dict[str, object]) -> None:
    assert with_days(given, WEDNESDAY) == given | {"time_zone": "UTC"}
