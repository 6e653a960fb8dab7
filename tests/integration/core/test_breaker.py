"""Circuit breakers: when they open, how they close, and that all instances share one."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chalicelib.core import breaker
from chalicelib.core.breaker import BreakerItem, BreakerView, CircuitOpen, Permit, read_circuits

NAME = "webhook:example.com:443"


@pytest.fixture(autouse=True)
def table(tables: Callable[..., None]) -> Iterator[None]:
    """The table of breakers."""
    tables("breakers")
    yield


def enter(name: str, max_trial_calls: int | None = None) -> Permit:
    return breaker.admit(name, breaker.read_items([name]).get(name), max_trial_calls=max_trial_calls)


def call(*, failed: bool, name: str = NAME) -> None:
    enter(name).report(failed=failed)


def calls(failures: int, successes: int = 0) -> None:
    for _ in range(successes):
        call(failed=False)
    for _ in range(failures):
        call(failed=True)


def counts() -> tuple[str, int, int]:
    found = read_circuits([NAME])[NAME]
    assert (found.retry_at is None) == (found.status != "open")
    return found.status, found.failures, found.successes


def status() -> str:
    return read_circuits([NAME])[NAME].status


def test_an_unused_breaker_is_closed() -> None:
    assert read_circuits([NAME, "users"]) == {NAME: BreakerView(), "users": BreakerView("closed", 0, 0)}


def test_four_failures_are_too_few_to_tell() -> None:
    calls(4)
    assert counts() == ("closed", 4, 0)
    call(failed=True)
    assert counts() == ("open", 5, 0)


def test_half_of_the_calls_have_to_fail() -> None:
    calls(failures=5, successes=6)
    assert status() == "closed"
    call(failed=True)
    assert counts() == ("open", 6, 6)


def test_successes_never_open_it() -> None:
    calls(failures=4, successes=0)
    call(failed=False)
    assert status() == "closed"


def test_an_open_breaker_refuses_calls_with_the_time_to_retry() -> None:
    calls(5)
    with pytest.raises(CircuitOpen) as refusal:
        enter(NAME)
    assert 9 < refusal.value.retry_after <= 10
    assert (refusal.value.status, refusal.value.headers["Retry-After"]) == (503, "10")
    call(failed=False, name="another")


def test_failures_of_an_earlier_window_are_forgotten(later: Callable[..., None]) -> None:
    calls(4)
    later(seconds=31)
    assert read_circuits([NAME])[NAME] == BreakerView()
    calls(4)
    assert counts() == ("closed", 4, 0)


def test_one_probe_is_admitted_after_ten_seconds(later: Callable[..., None]) -> None:
    calls(5)
    later(seconds=10)
    assert status() == "half-open"
    probe = enter(NAME)
    with pytest.raises(CircuitOpen) as refusal:
        enter(NAME)
    assert refusal.value.retry_after == 1
    probe.report(failed=False)
    assert counts() == ("closed", 0, 1)
    calls(failures=0, successes=3)


def test_a_probe_that_fails_opens_it_again(later: Callable[..., None]) -> None:
    calls(5)
    later(seconds=10)
    enter(NAME).report(failed=True)
    assert status() == "open"
    with pytest.raises(CircuitOpen):
        enter(NAME)
    later(seconds=10)
    enter(NAME).report(failed=False)
    assert status() == "closed"


def test_another_probe_is_admitted_when_the_process_of_one_died(later: Callable[..., None]) -> None:
    calls(5)
    later(seconds=10)
    enter(NAME)
    later(seconds=34)
    with pytest.raises(CircuitOpen):
        enter(NAME)
    later(seconds=2)
    enter(NAME).report(failed=False)
    assert status() == "closed"


def test_a_call_that_began_before_changes_nothing_when_it_ends_after(later: Callable[..., None]) -> None:
    early = enter(NAME)
    calls(5)
    early.report(failed=False)
    assert status() == "open"
    later(seconds=10)
    enter(NAME).report(failed=False)
    assert status() == "closed"


def test_a_window_that_another_process_has_just_begun_is_counted_into(monkeypatch: pytest.MonkeyPatch) -> None:
    real, tried = breaker._update, []

    def another_was_faster(item: breaker.BreakerItem, *arguments: object) -> bool:
        tried.append(item)
        if len(tried) == 1:
            call(failed=True)
            return False
        return real(item, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(breaker, "_update", another_was_faster)
    permit = enter(NAME)
    permit.report(failed=True)
    assert counts() == ("closed", 2, 0)


def test_successes_that_are_reported_together_are_counted_with_one_write(monkeypatch: pytest.MonkeyPatch) -> None:
    enter(NAME).report(failed=False)
    written: list[str] = []
    real = breaker._update

    def note(item: breaker.BreakerItem, *rest: Any) -> bool:
        written.append(item.name)
        return real(item, *rest)

    monkeypatch.setattr(breaker, "_update", note)
    breaker.report_all([(enter(NAME), False) for _ in range(9)] + [(enter(NAME), True)])
    assert written == [NAME, NAME]
    found = read_circuits([NAME])[NAME]
    assert (found.successes, found.failures) == (10, 1)


def test_only_a_few_calls_to_an_unproven_host_are_under_way(later: Callable[..., None]) -> None:
    first, second = enter(NAME, 2), enter(NAME, 2)
    with pytest.raises(CircuitOpen) as refusal:
        enter(NAME, 2)
    assert refusal.value.retry_after == 1
    enter(NAME)  # without that bound
    first.report(failed=True)
    third = enter(NAME, 2)
    with pytest.raises(CircuitOpen):
        enter(NAME, 2)
    second.report(failed=False)
    trusted = [enter(NAME, 2) for _ in range(9)]
    third.report(failed=True)
    trusted[0].report(failed=True)
    for _ in range(2):
        enter(NAME, 2)
    with pytest.raises(CircuitOpen):
        enter(NAME, 2)
    later(seconds=36)  # the processes of those two have died
    enter(NAME, 2).report(failed=False)
    assert status() == "closed"


def test_trial_calls_are_stored_under_their_first_names() -> None:
    enter(NAME, 2)
    stored = BreakerItem.get_attributes()
    assert (stored["trial_calls"].attr_name, stored["trial_started_at"].attr_name) == ("doubters", "doubted_at")
    assert breaker.read_items([NAME])[NAME].trial_calls == 1
