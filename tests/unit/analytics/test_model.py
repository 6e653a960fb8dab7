"""Periods, intervals, percentages."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.analytics import model
from chalicelib.analytics.model import Interval, Period
from chalicelib.core.errors import Invalid

TODAY = date(2025, 3, 15)


@pytest.mark.parametrize(
    ("date_from", "date_to", "expected"),
    [
        (None, None, (date(2025, 2, 14), TODAY)),
        (date(2025, 3, 1), None, (date(2025, 3, 1), TODAY)),
        (date(2025, 4, 1), None, (date(2025, 4, 1), date(2025, 4, 1))),
        (None, date(2024, 12, 31), (date(2024, 12, 2), date(2024, 12, 31))),
        (date(2024, 1, 1), date(2024, 12, 31), (date(2024, 1, 1), date(2024, 12, 31))),
    ],
)
def test_missing_ends_of_a_period_are_derived(
    date_from: date | None, date_to: date | None, expected: tuple[date, date]
) -> None:
    assert model.period(date_from, date_to, TODAY) == Period(*expected)


@pytest.mark.parametrize(
    ("date_from", "date_to"),
    [(date(2025, 1, 2), date(2025, 1, 1)), (date(2024, 1, 1), date(2025, 1, 1)), (date(1900, 1, 1), None)],
)
def test_period_is_ordered_and_at_most_a_leap_year_long(date_from: date, date_to: date | None) -> None:
    with pytest.raises(Invalid):
        model.period(date_from, date_to, TODAY)


def test_weeks_begin_on_monday_and_are_cut_at_the_ends_of_the_period() -> None:
    weeks = model.intervals(Period(date(2025, 1, 1), date(2025, 1, 14)), "week")
    assert [(week.first.day, week.last.day) for week in weeks] == [(1, 5), (6, 12), (13, 14)]


@given(
    st.dates(date(1900, 1, 1), date(2900, 1, 1)),
    st.integers(0, model.MAX_DAYS - 1),
    st.sampled_from(("day", "week", "month")),
)
def test_intervals_cover_the_period_without_a_gap(first: date, days: int, interval: Interval) -> None:
    whole = Period(first, first + timedelta(days=days))
    parts = model.intervals(whole, interval)
    assert (parts[0].first, parts[-1].last) == (whole.first, whole.last)
    gaps = {later.first - earlier.last for earlier, later in zip(parts, parts[1:], strict=False)}
    assert gaps <= {timedelta(days=1)}
    assert len({model.first_day(part.first, interval) for part in parts}) == len(parts)


@pytest.mark.parametrize(("part", "whole", "expected"), [(0, 0, 0.0), (1, 3, 33.3), (2, 3, 66.7), (4, 4, 100.0)])
def test_percent_has_one_decimal_and_is_zero_of_nothing(part: int, whole: int, expected: float) -> None:
    assert model.percent(part, whole) == expected


def test_last_hours_are_the_current_one_and_the_23_before_it() -> None:
    hours = model.last_hours(datetime(2025, 3, 15, 0, 59, 59, 999_999, tzinfo=UTC))
    assert (hours[0], hours[1]) == (datetime(2025, 3, 15, 0, tzinfo=UTC), datetime(2025, 3, 14, 23, tzinfo=UTC))
    assert (len(hours), hours[-1]) == (24, datetime(2025, 3, 14, 1, tzinfo=UTC))


@pytest.mark.parametrize(("minutes", "settled"), [(0, False), (74, False), (75, True), (1_000, True)])
def test_count_of_an_hour_is_final_fifteen_minutes_after_its_end(minutes: int, settled: bool) -> None:
    start = datetime(2025, 3, 15, 8, tzinfo=UTC)
    assert model.Hour(start, 1, 0, start + timedelta(minutes=minutes)).is_settled is settled
