"""The period of a report, as its parameters name it."""

from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError

from chalicelib.reports.layouts.period import OptionalPeriod, ends_of, shown_period, with_defaults

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
def test_a_month_counts_before_days(given: dict[str, str], days: tuple[date, date] | None) -> None:
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
def test_what_is_no_period(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        OptionalPeriod.model_validate(given)


def test_both_days_are_included() -> None:
    start, end = ends_of(date(2024, 1, 1), date(2024, 1, 2))
    assert start == datetime(2024, 1, 1, tzinfo=UTC)
    assert end == datetime(2024, 1, 2, 23, 59, 59, 999_999, tzinfo=UTC)
    assert shown_period(start.date(), start.date()) == "01.01.2024"
    assert shown_period(start.date(), end.date()) == "01.01.2024–02.01.2024"


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
