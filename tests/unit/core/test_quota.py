"""What one client may ask, and what answers say of it."""

import pytest

from chalicelib.core import quota
from chalicelib.core.errors import RateLimited
from chalicelib.core.settings import settings
from tests.http_events import call
from tests.unit.core.sample import APP


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three calls a minute, at a time that stands still."""
    monkeypatch.setenv("RATE_LIMIT", "3")
    monkeypatch.setattr(quota.time, "monotonic", lambda: 60_000.0 + 17)
    settings.cache_clear()
    monkeypatch.setattr(APP, "_meter", quota.Meter())


def test_answers_say_what_is_left_and_beyond_it_429_when_to_come_again() -> None:
    answers = [call(APP, "GET", "/api/things") for _ in range(4)]
    assert [answer.headers["RateLimit"] for answer in answers] == [
        '"client";r=2;t=43', '"client";r=1;t=43', '"client";r=0;t=43', '"client";r=0;t=43',
    ]  # fmt: skip
    assert {answer.headers["RateLimit-Policy"] for answer in answers} == {'"client";q=3;w=60'}
    assert [answer.status == 429 for answer in answers] == [False, False, False, True]
    assert (answers[3].headers["Retry-After"], list(answers[3].json)) == ("43", ["detail"])


def test_a_new_minute_and_another_client_have_the_whole_quota(monkeypatch: pytest.MonkeyPatch) -> None:
    meter = quota.Meter()
    for _ in range(3):
        meter.take("a").check()
    with pytest.raises(RateLimited):
        meter.take("a").check()
    assert meter.take("b").left == 2
    monkeypatch.setattr(quota.time, "monotonic", lambda: 60_060.0)
    assert meter.take("a").left == 2
