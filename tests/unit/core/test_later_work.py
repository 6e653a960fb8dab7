"""Which error of a step of a state machine ends its work, and when a worker writes its progress."""

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from chalicelib.core import later_work
from chalicelib.core.errors import Conflict, Unavailable
from chalicelib.core.later_work import Broken, Heartbeat, attempt
from chalicelib.core.retries import STATE_MACHINE_TASK
from chalicelib.core.transactions import Changed
from tests.crash_injection import Died, throttle

RETRIES = STATE_MACHINE_TASK.max_attempts - 1


def fail(error: Exception, retries: int, *expected: type[Exception]) -> None:
    with attempt({"retries": retries}, "Не вышло", *expected):
        raise error


def throttled() -> Exception:
    try:
        throttle()
    except ClientError as error:
        return error
    raise AssertionError


def test_an_unforeseen_error_is_the_end_after_the_last_retry_and_not_before() -> None:
    for retries in range(RETRIES):
        with pytest.raises(KeyError):
            fail(KeyError("bug"), retries)
    with pytest.raises(Broken, match="Не вышло") as broken:
        fail(KeyError("bug"), RETRIES)
    assert isinstance(broken.value.__cause__, KeyError) and not broken.value.temporary


@pytest.mark.parametrize(
    "error", [throttled(), EndpointConnectionError(endpoint_url="http://x"), Unavailable(), Changed(), Conflict("Нет")]
)
def test_bad_luck_and_refusals_stay_what_they_are(error: Any) -> None:
    for retries in (0, RETRIES, RETRIES + 5):
        with pytest.raises(type(error)) as raised:
            fail(error, retries)
        assert raised.value is error


def test_what_a_step_expects_stays_what_it_is() -> None:
    with pytest.raises(Died):
        fail(Died(), RETRIES, Died)
    with attempt({"retries": RETRIES}, "Не вышло"):
        pass


def test_progress_is_written_after_its_seconds_or_with_the_next_step(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = 100.0
    monkeypatch.setattr(later_work, "time", SimpleNamespace(monotonic=lambda: moment))
    heartbeat = Heartbeat(seconds=10, step=0.25)
    assert heartbeat.is_due(0.0)  # nothing was written yet
    heartbeat.written(0.0)
    assert not heartbeat.is_due(0.125) and heartbeat.is_due(0.25)
    moment += 9.5
    assert heartbeat.age == 9.5 and not heartbeat.is_due(0.125)
    moment += 0.5
    assert heartbeat.is_due(0.0)
    heartbeat.written()  # only the lease was renewed
    assert heartbeat.age == 0 and not heartbeat.is_due(0.125) and heartbeat.is_due(0.25)
    heartbeat.written(0.25)
    assert not heartbeat.is_due(0.375) and heartbeat.is_due(0.5)


def test_progress_from_before_is_not_written_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(later_work, "time", SimpleNamespace(monotonic=lambda: 100.0))
    heartbeat = Heartbeat(seconds=10, step=0.25, share=0.5)
    assert not heartbeat.is_due(0.5) and heartbeat.is_due(0.75)
