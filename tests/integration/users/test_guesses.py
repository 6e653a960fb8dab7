"""Wrong passwords of one account, from however many clients: five are free, then the pauses grow."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.core import pauses
from chalicelib.core.errors import RateLimited
from tests.crash_injection import writes_in_turn
from tests.http_events import Response
from tests.integration.users.api_calls import ANNA, from_address, refusal, register
from tests.people import person, signed_in
from tests.production import ask

Later = Callable[..., None]


def attempt(number: int, email: str = ANNA["email"], password: str = "wrong") -> Response:
    """A login from an address of its own."""
    return from_address(f"203.0.113.{number}", body={"email": email, "password": password})


def statuses(answers: list[Response]) -> list[int]:
    return [answer.status for answer in answers]


@pytest.mark.parametrize("email", [ANNA["email"], "unknown@example.com"])
def test_25_wrong_passwords_from_25_addresses_are_slowed(email: str) -> None:
    register()
    answers = [attempt(number, email) for number in range(25)]
    assert statuses(answers) == [401] * 5 + [429] * 20
    assert {refusal(answer) for answer in answers[5:]} == {(429, "RATE_LIMITED")}
    assert {answer.headers["Retry-After"] for answer in answers[5:]} == {"1"}
    assert attempt(30, "another@example.com").status == 401


def test_the_pauses_grow_up_to_15_minutes(later: Later) -> None:
    register()
    waits = []
    for number in range(20):
        while (answer := attempt(number)).status == 429:
            waits.append(int(answer.headers["Retry-After"]))
            later(seconds=waits[-1])
        assert answer.status == 401
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900, 900]


def test_the_right_password_is_refused_during_a_pause_and_ends_the_pauses_after_it(later: Later) -> None:
    register()
    for number in range(5):
        attempt(number)
    assert attempt(5, password=ANNA["password"]).status == 429
    later(seconds=1)
    assert attempt(6, f" {ANNA['email'].upper()} ", ANNA["password"]).status == 200
    assert statuses([attempt(number) for number in range(7, 13)]) == [401] * 5 + [429]


def test_four_wrong_passwords_before_each_right_one_cost_nothing() -> None:
    register()
    for number in range(4):
        assert statuses([attempt(number) for _ in range(4)]) == [401] * 4
        assert attempt(number, password=ANNA["password"]).status == 200


def test_of_25_concurrent_logins_five_are_checked() -> None:
    register()
    with writes_in_turn(), ThreadPoolExecutor(25) as pool:
        answers = list(pool.map(attempt, range(25)))
    assert sorted(statuses(answers)) == [401] * 5 + [429] * 20


def test_wrong_passwords_are_forgotten_a_day_after_the_last(later: Later) -> None:
    for _ in range(4):
        pauses.count_guess("a")
    later(hours=25)
    for _ in range(5):
        pauses.count_guess("a")
    with pytest.raises(RateLimited):
        pauses.count_guess("a")


def test_a_password_that_an_administrator_sets_ends_the_pauses() -> None:
    made = register()
    for number in range(5):
        attempt(number)
    body = {"password": "one-time password"}
    assert ask("PUT", f"/users/{made['id']}/password", body, signed_in(person("admin"))).status == 200
    assert attempt(6, password=body["password"]).status == 200
