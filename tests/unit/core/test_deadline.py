"""The alarm that ends a request: it interrupts what runs, but leaves nothing half done that has to be whole."""

import signal
import sys
import time
from types import ModuleType
from typing import Any

import pytest

from chalicelib.core import aws
from chalicelib.core.application import App
from chalicelib.core.deadline import LONGEST_SECONDS, DeadlineExceeded, deadline, uninterrupted
from chalicelib.core.http import REPORTS, Endpoint, Routes
from tests.http_events import call


def test_the_alarm_waits_for_the_end_of_what_must_be_whole() -> None:
    done: list[str] = []
    with pytest.raises(DeadlineExceeded), deadline(10):
        with uninterrupted():
            signal.raise_signal(signal.SIGALRM)
            with uninterrupted():
                signal.raise_signal(signal.SIGALRM)
            done.append("whole")
        done.append("after it")
    assert done == ["whole"]


def test_it_rings_once() -> None:
    with pytest.raises(DeadlineExceeded), deadline(10), uninterrupted():
        signal.raise_signal(signal.SIGALRM)
    with deadline(10), uninterrupted():
        pass


def test_what_fails_by_itself_leaves_the_alarm_as_it_was() -> None:
    with pytest.raises(KeyError), deadline(10), uninterrupted():
        raise KeyError
    with pytest.raises(DeadlineExceeded), deadline(10):
        signal.raise_signal(signal.SIGALRM)


def answer() -> dict[str, bool]:
    """What every route says."""
    return {"ok": True}


@pytest.mark.parametrize("rings_at", [1, 2, 3])
def test_an_alarm_while_routes_are_registered_does_not_break_them_for_good(
    rings_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
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


def test_the_attempts_of_one_call_of_dynamodb_fit_into_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
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
    pauses = sum(2**attempt for attempt in range(attempts - 1))  # botocore's at most
    assert attempts > 1
    assert attempts * config.read_timeout + pauses < LONGEST_SECONDS - 5
    assert config.connect_timeout <= config.read_timeout


def test_a_deadline_interrupts_what_waits() -> None:
    started = time.monotonic()
    with pytest.raises(DeadlineExceeded), deadline(0.05):
        time.sleep(10)
    assert time.monotonic() - started < 5
