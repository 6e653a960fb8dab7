"""Schedules and rules fire at their moment, and what is due is still decided by MiniStack."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ministack.services import eventbridge, scheduler

from localstack.engine import timers
from localstack.engine.timers import Ticker, next_fire
from tests.unit.localstack.engine.modules import Clock, restored

START = 1_800_000_000  # 08:00:00 of a Friday


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture(autouse=True)
def installed() -> Iterator[None]:
    with restored(scheduler, eventbridge):
        scheduler._schedules._data.clear()
        scheduler._schedule_last_fired.clear()
        timers.install()
        yield
        scheduler._schedules._data.clear()
        scheduler._schedule_last_fired.clear()


def schedule(expression: str, **more: Any) -> dict[str, Any]:
    target = {"Arn": "arn:aws:sqs:us-east-1:000000000000:work"}
    return {"State": "ENABLED", "ScheduleExpression": expression, "CreationDate": START, "Target": target, **more}


class Fired:
    """Counts what fires, instead of the targets."""

    def __init__(self, clock: Clock) -> None:
        self.at: list[float] = []
        self._clock = clock
        eventbridge._invoke_target = self._fire

    def _fire(self, *_: Any) -> None:
        self.at.append(self._clock.now)


expressions = st.one_of(
    st.integers(0, 300).map(lambda n: f"at(2027-01-15T08:{n // 60:02}:{n % 60:02})"),
    st.integers(1, 5).map(lambda n: f"rate({n} minute{'s' if n > 1 else ''})"),
    st.sampled_from(
        ["cron(* * * * ? *)", "cron(0/2 * * * ? *)", "cron(2 8 * * ? *)", "at(nonsense)", "rate(1 year)", ""]
    ),
)
bounds = st.fixed_dictionaries(
    {},
    optional={
        "StartDate": st.integers(START, START + 300),
        "EndDate": st.integers(START, START + 300),
        "ActionAfterCompletion": st.sampled_from(["NONE", "DELETE"]),
        "State": st.sampled_from(["ENABLED", "DISABLED"]),
    },
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(expressions, bounds), min_size=1, max_size=4))
def test_sleeping_until_due_fires_what_a_look_every_second_fires(made: list[tuple[str, dict[str, Any]]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        clock = Clock(patch)
        assert _fire(clock, made, every_second=False) == _fire(clock, made, every_second=True)


def _fire(clock: Clock, made: list[tuple[str, dict[str, Any]]], every_second: bool) -> list[int]:
    clock.now = START
    scheduler._schedules._data.clear()
    scheduler._schedule_last_fired.clear()
    for number, (expression, bound) in enumerate(made):
        scheduler._schedules[f"default/{number}"] = schedule(expression, **bound)
    fired = Fired(clock)
    ticker = Ticker(scheduler, "_tick_schedules", "_schedules", "_schedule_last_fired")
    while clock.now < START + 400:
        scheduler._tick_schedules()
        clock.now += 1 if every_second else _whole(ticker.seconds())
    return [int(moment) for moment in fired.at if moment < START + 390]


def _whole(seconds: float) -> float:
    """Expressions are due at whole seconds: what is left over is the shortest sleep."""
    return max(1.0, round(seconds))


def test_the_thread_sleeps_until_the_first_schedule_is_due(clock: Clock) -> None:
    ticker = Ticker(scheduler, "_tick_schedules", "_schedules", "_schedule_last_fired")
    assert ticker.seconds() == timers.LONGEST_SLEEP_SECONDS
    scheduler._schedules["default/a"] = schedule("at(2027-01-15T08:00:03)")
    assert ticker.seconds() == 3
    scheduler._schedules["default/b"] = schedule("at(2027-01-15T08:00:01)")
    assert ticker.seconds() == 1


def test_a_new_schedule_that_is_due_earlier_wakes_the_thread(clock: Clock) -> None:
    scheduler._schedules["default/a"] = schedule("at(2027-01-15T08:00:09)")
    ticker = scheduler._schedules._ticker
    with ticker._changed:
        ticker._wakes_at = clock.now + ticker.seconds()
    scheduler._schedules["default/later"] = schedule("at(2027-01-15T08:00:10)")
    assert not ticker._early
    scheduler._schedules["default/earlier"] = schedule("at(2027-01-15T08:00:02)")
    assert ticker._early


def test_what_has_ended_is_never_due(clock: Clock) -> None:
    clock.now += 100
    assert next_fire(schedule("rate(1 minute)", EndDate=START + 30), START) is None
    assert next_fire(schedule("at(2027-01-15T08:00:03)"), START + 4) is None
    assert next_fire(schedule("rate(1 minute)", State="DISABLED"), START) is None


def test_the_saved_state_is_of_ministacks_own_kind(clock: Clock) -> None:
    scheduler._schedules["default/a"] = schedule("at(2027-01-15T08:00:03)")
    state = scheduler.get_state()
    assert type(state["schedules"]).__name__ == "AccountRegionScopedDict"
    scheduler._schedules._data.clear()
    scheduler.load_persisted_state(state)
    assert scheduler._schedules["default/a"]["ScheduleExpression"] == "at(2027-01-15T08:00:03)"
