"""The time of one call of AWS fits into the time limit of a request, and the limit ends a request."""

import signal
import time
from typing import Any

import pytest

from chalicelib.core import aws
from chalicelib.core.deadline import MAX_REQUEST_SECONDS, DeadlineExceeded, deadline


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
    with pytest.raises(DeadlineExceeded), deadline(0.05):
        time.sleep(60)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_alarm_that_a_finalizer_has_dropped_rings_again() -> None:
    dropped: list[BaseException] = []

    class Finalized:
        def __del__(self) -> None:
            try:
                time.sleep(60)
            except DeadlineExceeded as error:
                dropped.append(error)
                raise

    with pytest.raises(DeadlineExceeded), deadline(0.5):
        del [Finalized()][0]
        time.sleep(60)
    assert len(dropped) == 1


@pytest.mark.parametrize("rings", [[True], [False, True]], ids=["beginning", "end"])
def test_alarm_at_an_edge_of_a_block_leaves_no_alarm_behind(rings: list[bool], monkeypatch: pytest.MonkeyPatch) -> None:
    before, set_timer = signal.getsignal(signal.SIGALRM), signal.setitimer

    def set_timer_as_it_rings(*arguments: Any) -> Any:
        result = set_timer(*arguments)
        if rings and rings.pop(0):
            signal.raise_signal(signal.SIGALRM)
        return result

    monkeypatch.setattr(signal, "setitimer", set_timer_as_it_rings)
    try:
        with pytest.raises(DeadlineExceeded), deadline(10):
            pass
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
        assert signal.getsignal(signal.SIGALRM) is before
    finally:
        set_timer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
