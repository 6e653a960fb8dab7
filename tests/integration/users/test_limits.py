"""Registration and login together: ten calls of a client in any minute."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.core import rate
from chalicelib.core.errors import RateLimited
from tests.crash_injection import writes_in_turn
from tests.integration.users.api_calls import ANNA, from_address, refusal

MINUTE = timedelta(seconds=60)


def login_of(email: str, password: str = "wrong") -> dict[str, str]:
    """The body of a login."""
    return {"email": email, "password": password}


def call(client: str = "a") -> bool:
    """Whether one call of the client is let through."""
    try:
        rate.check(client, most=10, within=MINUTE)
    except RateLimited:
        return False
    return True


def test_the_eleventh_call_in_a_minute_is_429_with_the_time_to_wait() -> None:
    register = from_address("198.51.100.7", "/v1/users/register", ANNA)
    others = [from_address("198.51.100.7", body=login_of(f"n{number}@example.com")) for number in range(8)]
    others.append(from_address("198.51.100.7", body={}))
    assert [answer.status for answer in (register, *others)] == [201] + [401] * 8 + [400]
    for path in ("/v1/users/login", "/v1/users/register"):
        answer = from_address("198.51.100.7", path)
        assert refusal(answer) == (429, "RATE_LIMITED")
        assert answer.headers["Retry-After"] == "60"
        assert answer.headers["RateLimit-Policy"] == '"accounts";q=10;w=60'
        assert answer.headers["RateLimit"] == f'"accounts";r=0;t={answer.headers["Retry-After"]}'
    assert from_address("198.51.100.8").status == 401


def test_request_after_retry_after_succeeds(later: Callable[..., None]) -> None:
    assert all(call() for _ in range(10))
    later(seconds=30)
    with pytest.raises(RateLimited) as refused:
        rate.check("a", most=10, within=MINUTE)
    wait = int(refused.value.headers["Retry-After"])
    assert wait == 30
    later(seconds=wait)
    assert call()


def test_the_minute_slides(later: Callable[..., None]) -> None:
    assert [call() for _ in range(5)] == [True] * 5
    later(seconds=40)
    assert [call() for _ in range(6)] == [True] * 5 + [False]
    later(seconds=21)  # the first five are over a minute old, the others are not
    assert [call() for _ in range(6)] == [True] * 5 + [False]


def test_refused_calls_do_not_count(later: Callable[..., None]) -> None:
    assert sum(call() for _ in range(15)) == 10
    later(seconds=61)
    assert sum(call() for _ in range(15)) == 10


def test_of_twenty_at_the_same_time_exactly_ten_pass() -> None:
    with writes_in_turn(), ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(lambda _: call(), range(20))) == 10


def test_a_call_that_others_overtake_between_its_read_and_its_write_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert all(call() for _ in range(5))
    log, overtaken = rate._save, [True]

    def overtake(*arguments: Any) -> bool:
        if overtaken:
            overtaken.clear()
            assert all(call() for _ in range(4))
        return log(*arguments)

    monkeypatch.setattr(rate, "_save", overtake)
    assert call()
    assert not call()


def test_a_client_of_ipv6_is_a_network_of_64_bits() -> None:
    assert rate.network("2001:db8:1:2:3:4:5:6") == rate.network("2001:db8:1:2::1") == "2001:db8:1:2::/64"
    assert rate.network("2001:db8:1:3::1") != rate.network("2001:db8:1:2::1")
    assert (rate.network("203.0.113.9"), rate.network("")) == ("203.0.113.9", "")
