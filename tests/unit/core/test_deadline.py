"""The alarm that ends a request interrupts any code, except blocks that must be complete."""

import signal
import sys
import time
from types import ModuleType
from typing import Any

import pytest

from chalicelib.core import aws
from chalicelib.core.application import App
from chalicelib.core.deadline import MAX_REQUEST_SECONDS, DeadlineExceeded, deadline, uninterrupted
from chalicelib.core.http import REPORTS, Endpoint, Routes
from tests.http_events import call


def test_alarm_is_raised_after_an_uninterrupted_block() -> None:
    done: list[str] = []
    with pytest.raises(DeadlineExceeded), deadline(10):
        with uninterrupted():
            signal.raise_signal(signal.SIGALRM)
            with uninterrupted():
                signal.raise_signal(signal.SIGALRM)
            done.append("whole")
        done.append("after it")
    assert done == ["whole"]


def test_alarm_after_an_uninterrupted_block_is_raised_once() -> None:
    with pytest.raises(DeadlineExceeded), deadline(10), uninterrupted():
        signal.raise_signal(signal.SIGALRM)
    with deadline(10), uninterrupted():
        pass


def test_exception_in_an_uninterrupted_block_leaves_the_alarm_working() -> None:
    with pytest.raises(KeyError), deadline(10), uninterrupted():
        raise KeyError
    with pytest.raises(DeadlineExceeded), deadline(10):
        signal.raise_signal(signal.SIGALRM)


def answer() -> dict[str, bool]:
    """Return the answer of every route."""
    return {"ok": True}


@pytest.mark.parametrize("rings_at", [1, 2, 3])
def test_alarm_while_routes_are_registered_does_not_break_them(rings_at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    registry: list[Endpoint] = []
    module: Any = ModuleType("routes_that_come_late")
    for number in (1, 2, 3):
        routes = Routes(REPORTS, registry)
        routes.get(f"/late/{number}", public=True)(answer)
        setattr(module, f"routes{number}", routes)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    app = App("late")
    app.serve({"/late": [module.__name__]}, at_once=False)
    registered: list[Any] = []
    register = app.register

    def slow(routes: Routes) -> None:
        register(routes)
        registered.append(routes)
        if len(registered) == rings_at:
            signal.raise_signal(signal.SIGALRM)

    monkeypatch.setattr(app, "register", slow)
    assert call(app, "GET", "/late/1").status == 504
    assert [call(app, "GET", f"/late/{number}").status for number in (1, 2, 3)] == [200, 200, 200]


def test_attempts_of_one_call_of_dynamodb_fit_into_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    from chalicelib.core.settings import settings

    monkeypatch.setenv("STAGE", "prod")
    monkeypatch.setenv("AUTH_REQUIRED", "true")
    settings.cache_clear()
    try:
        config = aws._config("dynamodb")
    finally:
        monkeypatch.undo()
        settings.cache_clear()
    attempts = config.retries["total_max_attempts"]
    pauses = sum(2**attempt for attempt in range(attempts - 1))  # botocore's maximum
    assert attempts > 1
    assert attempts * config.read_timeout + pauses < MAX_REQUEST_SECONDS - 5
    assert config.connect_timeout <= config.read_timeout


def test_deadline_interrupts_a_wait() -> None:
    started = time.monotonic()
    with pytest.raises(DeadlineExceeded), deadline(0.05):
        time.sleep(10)
    assert time.monotonic() - started < 5


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_alarm_that_a_finalizer_has_dropped_rings_again() -> None:
    class Finalized:
        def __del__(self) -> None:
            time.sleep(0.3)

    started = time.monotonic()
    with pytest.raises(DeadlineExceeded), deadline(0.05):
        del [Finalized()][0]
        time.sleep(10)
    assert 0.3 < time.monotonic() - started < 5


def test_alarm_at_the_end_of_a_block_leaves_no_alarm_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    before, set_timer, rings = signal.getsignal(signal.SIGALRM), signal.setitimer, iter([False, True])

    def set_timer_as_it_rings(*arguments: Any) -> Any:
        if next(rings, False):
            signal.raise_signal(signal.SIGALRM)
        return set_timer(*arguments)

    monkeypatch.setattr(signal, "setitimer", set_timer_as_it_rings)
    try:
        with pytest.raises(DeadlineExceeded), deadline(10):
            pass
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
        assert signal.getsignal(signal.SIGALRM) is before
    finally:
        set_timer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
