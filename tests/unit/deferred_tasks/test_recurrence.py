"""When schedules fire: cron in a time zone, rates, and hours that a zone has twice or not at all."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.deferred_tasks import recurrence
from chalicelib.deferred_tasks.recurrence import Schedule, following_cron, following_rate, period

BERLIN = "Europe/Berlin"  # 2026: 02:00 -> 03:00 on March 29, 03:00 -> 02:00 on October 25


def at(text: str) -> datetime:
    """A moment of 2026 in UTC, `03-29 01:30`."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=UTC)


def times(cron: str, zone: str, after: str, count: int) -> list[str]:
    """The next times of an expression, in UTC."""
    found, moment = [], at(after)
    for _ in range(count):
        moment = following_cron(cron, zone, moment)
        found.append(f"{moment:%m-%d %H:%M}")
    return found


def test_the_clock_is_that_of_the_zone() -> None:
    assert times("0 9 * * MON-FRI", "Europe/Moscow", "01-02 05:59", 3) == ["01-02 06:00", "01-05 06:00", "01-06 06:00"]
    assert times("30 8 1 * *", BERLIN, "02-10 00:00", 3) == ["03-01 07:30", "04-01 06:30", "05-01 06:30"]


def test_a_time_that_a_day_does_not_have_is_right_after_the_gap() -> None:
    assert times("30 2 * * *", BERLIN, "03-28 00:00", 3) == ["03-28 01:30", "03-29 01:00", "03-30 00:30"]


def test_a_time_that_a_day_has_twice_is_the_first_one() -> None:
    assert times("30 2 * * *", BERLIN, "10-24 00:00", 3) == ["10-24 00:30", "10-25 00:30", "10-26 01:30"]


def test_between_the_two_the_next_one_is_tomorrow() -> None:
    assert times("30 2 * * *", BERLIN, "10-25 01:10", 1) == ["10-26 01:30"]


@pytest.mark.parametrize("day", ["03-29", "10-25"])
def test_every_quarter_of_an_hour_follows_the_time_that_passes(day: str) -> None:
    found = times("*/15 * * * *", BERLIN, f"{day} 00:00", 16)
    moments = [at(one) for one in found]
    assert {after - before for before, after in zip(moments, moments[1:], strict=False)} == {timedelta(minutes=15)}


SPRING = st.datetimes(datetime(2026, 3, 28), datetime(2026, 3, 31))
AUTUMN = st.datetimes(datetime(2026, 10, 24), datetime(2026, 10, 27))


@given(SPRING | AUTUMN)
def test_the_next_time_is_always_later(moment: datetime) -> None:
    after = moment.replace(tzinfo=UTC)
    for cron in ("30 2 * * *", "0 * * * *", "*/7 1-3 * * *", "59 23 * * *"):
        assert following_cron(cron, BERLIN, after) > after


NO_CRON = ["", "* * * *", "* * * * * *", "@daily", "* " * 80]


@pytest.mark.parametrize("cron", NO_CRON)
def test_what_has_not_five_fields_is_refused(cron: str) -> None:
    with pytest.raises(ValueError, match="пять полей: минута, час, день, месяц, день недели"):
        recurrence.check_cron(cron, at("01-01 00:00"))


WRONG_PARTS = {
    "61 * * * *": "минута: 61 не подходит, допустимо от 0 до 59",
    "0,15,75 * * * *": "минута: 75 не подходит, допустимо от 0 до 59",
    "*/0 * * * *": "минута: */0 не подходит, допустимо от 0 до 59",
    "0, * * * *": "минута: пустое значение не подходит, допустимо от 0 до 59",
    "30 24 * * *": "час: 24 не подходит, допустимо от 0 до 23",
    "30 18-6 * * *": "час: 18-6 не подходит, допустимо от 0 до 23",
    "30 8 0 * *": "день: 0 не подходит, допустимо от 1 до 31, L или LW",
    "30 8 * 13 *": "месяц: 13 не подходит, допустимо от 1 до 12 или JAN-DEC",
    "30 8 * МАЙ *": "месяц: МАЙ не подходит, допустимо от 1 до 12 или JAN-DEC",
    "30 8 * * 8": "день недели: 8 не подходит, допустимо от 0 до 7 или SUN-SAT",
    "1 1 1 1 L/9": "день недели: L/9 не подходит, допустимо от 0 до 7 или SUN-SAT",
    "1 1 1 1 MON#6": "день недели: MON#6 не подходит, допустимо от 0 до 7 или SUN-SAT",
    "0 0 30 2 *": "такой день не наступит: день 30, месяц 2, день недели *",
    "a b c d e": "минута: a не подходит, допустимо от 0 до 59",
}


@pytest.mark.parametrize("cron", WRONG_PARTS)
def test_an_error_names_the_wrong_part_its_value_and_what_it_may_be(cron: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(WRONG_PARTS[cron])}$"):
        recurrence.check_cron(cron, at("01-01 00:00"))


GOOD = ["* * * * *", "*/15 8-18 * * MON-FRI", "0 9 L * *", "0 9 LW * *", "5,10,20-30/5 0 1 JAN,jul 0,7", "0 0 29 2 5L"]


@pytest.mark.parametrize("cron", [*GOOD, "0 0 31 * FRI#2"])
def test_what_the_library_reads_is_taken(cron: str) -> None:
    recurrence.check_cron(cron, at("01-01 00:00"))


def test_a_rate_counts_from_its_anchor() -> None:
    anchor = at("01-01 00:00")
    five = timedelta(minutes=5)
    assert following_rate(five, anchor, anchor) == anchor + five
    assert following_rate(five, anchor, anchor + timedelta(minutes=12)) == anchor + 3 * five
    assert following_rate(five, anchor, anchor - timedelta(minutes=12)) == anchor + five


RATES = {"10 seconds": 10, "1 minute": 60, "2 hours": 7_200, "366 days": 31_622_400}
NO_RATES = ["", "5", "9 seconds", "5 weeks", "367 days", "-5 minutes", "99999999 days", "5  minutes"]


@pytest.mark.parametrize("text", RATES)
def test_rates_are_read(text: str) -> None:
    assert period(text) == timedelta(seconds=RATES[text])


@pytest.mark.parametrize("text", NO_RATES)
def test_other_rates_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        period(text)


def schedule(**fields: Any) -> Schedule:
    """One that fires every five minutes."""
    made = {
        "id": "1", "user_id": 1, "name": "n", "task_type": "x", "payload": None, "max_attempts": 3, "cron": None,
        "rate": "5 minutes", "time_zone": "UTC", "overlap": "skip", "created_at": at("01-01 00:00"),
        "updated_at": at("01-01 00:00"), "anchor": at("01-01 00:00"),
    }  # fmt: skip
    planned = Schedule(**{**made, **fields})
    planned.plan(at("01-01 00:00"))
    return planned


def test_a_firing_moves_the_time_on_and_remembers_its_task() -> None:
    made = schedule()
    made.fire(at("01-01 00:05"), 7)
    assert (made.next_run_at, made.last_task, made.runs, made.skipped) == (at("01-01 00:10"), 7, 1, 0)
    made.fire(at("01-01 00:10"), None)
    assert (made.next_run_at, made.last_task, made.runs, made.skipped) == (at("01-01 00:15"), 7, 1, 1)


def test_times_that_were_missed_are_fired_once() -> None:
    made = schedule()
    made.fire(at("01-01 03:02"), 7)
    assert (made.fired_at, made.next_run_at) == (at("01-01 00:05"), at("01-01 03:05"))


def test_a_clock_that_is_behind_does_not_fire_a_time_twice() -> None:
    made = schedule()
    made.fire(at("01-01 00:05"), 7)
    made.change(at("01-01 00:04"), {"paused": True})
    assert made.next_run_at is None
    made.change(at("01-01 00:04"), {"paused": False})
    assert made.next_run_at == at("01-01 00:10")


def test_cron_takes_the_place_of_a_rate() -> None:
    made = schedule()
    made.change(at("01-01 00:01"), {"cron": "0 9 * * *", "time_zone": "Europe/Moscow"})
    assert (made.rate, made.next_run_at) == (None, at("01-01 06:00"))
    made.change(at("01-01 00:02"), {"name": "m"})
    assert made.next_run_at == at("01-01 06:00")
