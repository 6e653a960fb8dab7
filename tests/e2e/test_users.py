"""People on a stack where every call needs a token, with IAM enforced: from registration to the last token."""

import os
import re
import subprocess
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from localstack.config import ROOT
from tests.e2e.people import administrator, from_address, mailed, person, signed_in
from tests.e2e.production import at_once, statuses
from tests.e2e.stack import Stack

PROFILE = "/v1/users/profile"


def newcomer() -> dict[str, str]:
    """What a user registers with."""
    return {"email": f"{uuid.uuid4()}@Example.com", "password": "первый пароль", "name": "Вера"}


def bearer(answer: Any) -> dict[str, str]:
    """The header with the token of an answer."""
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['data']['token']}"}


def test_nothing_but_the_public_is_answered_without_a_token(locked_stack: Stack) -> None:
    for path in ("/users", "/api/batches", "/api/v1/reports", PROFILE):
        answer = locked_stack.call("GET", path)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer"), path
    assert locked_stack.call("GET", "/api/healthcheck/service").status_code == 200


def test_a_life_from_registration_to_the_last_token(locked_stack: Stack) -> None:
    who = newcomer()
    address = "127.0.1.1"
    registered = from_address(locked_stack, address, "/v1/users/register", who)
    assert registered.status_code == 201, registered.text
    again = from_address(locked_stack, address, "/v1/users/register", who | {"email": who["email"].upper()})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "EMAIL_EXISTS")
    first = bearer(from_address(locked_stack, address, "/v1/users/login", who))
    profile = locked_stack.call("GET", PROFILE, headers=first).json()["data"]
    assert profile == registered.json()["data"]
    assert profile["roles"] == ["user"]

    passwords = {"old_password": who["password"], "new_password": "второй пароль"}
    second = bearer(locked_stack.call("PUT", "/v1/users/password", headers=first, json=passwords))
    assert locked_stack.call("GET", PROFILE, headers=first).status_code == 401
    assert locked_stack.call("GET", PROFILE, headers=second).status_code == 200
    assert from_address(locked_stack, address, "/v1/users/login", who).status_code == 401

    place = f"/users/{profile['id']}"
    reset = {"password": "третий пароль"}
    answer = locked_stack.call("PUT", f"{place}/password", headers=administrator(locked_stack), json=reset)
    assert answer.status_code == 200
    assert locked_stack.call("GET", PROFILE, headers=second).status_code == 401
    assert bearer(from_address(locked_stack, address, "/v1/users/login", who | reset))


def test_roles_are_given_by_an_administrator_and_hold_at_once(locked_stack: Stack) -> None:
    made = person(locked_stack)
    mine = signed_in(locked_stack, made)
    assert locked_stack.call("GET", "/users", headers=mine).status_code == 403
    grown = {"roles": ["manager"]}
    assert locked_stack.call("PUT", f"/users/{made['id']}", headers=mine, json=grown).status_code == 403
    admin = administrator(locked_stack)
    shown = locked_stack.call("PUT", f"/users/{made['id']}", headers=admin, json=grown).json()["data"]
    assert (shown["roles"], shown["email_confirmed"]) == (["manager"], False)
    assert locked_stack.call("GET", "/users", headers=mine).status_code == 401
    mine = signed_in(locked_stack, made, ver=1)
    assert locked_stack.call("GET", "/users", headers=mine).json()["meta"]["total"] >= 2


def test_what_is_anothers_is_not_found(locked_stack: Stack) -> None:
    mine, other = (signed_in(locked_stack, person(locked_stack)) for _ in range(2))
    report = {"name": "Отчет", "template_id": 4}
    made = locked_stack.call("POST", "/api/v1/reports/", headers=mine, json=report).json()
    for path in (f"/api/v1/reports/{made['id']}", f"/api/v1/sagas/{made['saga_id']}"):
        assert locked_stack.call("GET", path, headers=mine).status_code == 200
        assert locked_stack.call("GET", path, headers=other).status_code == 404


def test_of_many_calls_at_once_ten_are_answered_and_the_others_wait(locked_stack: Stack) -> None:
    def body(number: int) -> dict[str, str]:
        return {"email": f"nobody-{number}@example.com", "password": "wrong"}

    def attempt(number: int) -> tuple[float, float, Any]:
        path = "/v1/users/login" if number % 2 else "/v1/users/register"
        sent = time.monotonic()
        answer = from_address(locked_stack, "127.0.1.2", path, body(number))
        return sent, time.monotonic(), answer

    calls: list[tuple[float, float, Any]] = []
    with ThreadPoolExecutor(4) as pool:  # each call at a time is a process of its own
        while len(calls) < 60 and not any(answer.status_code == 429 for _, _, answer in calls):
            calls += pool.map(attempt, range(len(calls), len(calls) + 4))
    taken = sorted((call for call in calls if call[2].status_code != 429), key=lambda call: call[0])
    assert len(taken) >= 10
    for first, *others in zip(*(taken[place:] for place in range(11)), strict=False):
        assert max(answered for _, answered, _ in others) - first[0] >= 60, "eleven within a minute"
    (refused, *_) = (answer for _, _, answer in calls if answer.status_code == 429)
    assert refused.json()["error"]["code"] == "RATE_LIMITED"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert from_address(locked_stack, "127.0.1.3", "/v1/users/login", body(99)).status_code == 401


def test_an_email_is_given_once_among_concurrent_registrations(locked_stack: Stack) -> None:
    who = newcomer()
    emails = [who["email"], who["email"].lower(), who["email"].upper(), who["email"]]

    def register(email: str) -> Any:
        return from_address(locked_stack, "127.0.2.1", "/v1/users/register", who | {"email": email})

    assert statuses(at_once(register, emails)) == {201: 1, 409: 3}


def test_a_login_takes_as_long_whether_or_not_there_is_such_a_user(locked_stack: Stack) -> None:
    known_ones = [newcomer() for _ in range(4)]  # each is tried four times: the sixth wrong password would wait
    for who in known_ones:
        assert from_address(locked_stack, "127.0.3.1", "/v1/users/register", who).status_code == 201

    def timed(email: str, address: str) -> float:
        began = time.perf_counter()
        answer = from_address(locked_stack, address, "/v1/users/login", {"email": email, "password": "wrong"})
        assert answer.status_code == 401
        return time.perf_counter() - began

    pairs = [  # in turn, so that a busy machine slows both down
        (
            timed(known_ones[number % 4]["email"], f"127.0.4.{number}"),
            timed(f"unknown-{number}@example.com", f"127.0.5.{number}"),
        )
        for number in range(1, 17)
    ]
    known, unknown = map(min, zip(*pairs, strict=True))  # what else the machine does only makes a call longer
    assert 0.5 < known / unknown < 2


def test_25_wrong_passwords_from_25_addresses_are_slowed(locked_stack: Stack) -> None:
    wrong = newcomer() | {"password": "wrong"}
    began = time.monotonic()
    answers = [from_address(locked_stack, f"127.0.8.{number}", "/v1/users/login", wrong) for number in range(1, 26)]
    passed = time.monotonic() - began
    assert [answer.status_code for answer in answers[:5]] == [401] * 5
    looked_at = statuses(answers)[401]
    assert 2 ** (looked_at - 5) - 1 <= passed, "the pauses between them are of 1 s, 2, 4, ..."
    assert all(int(answer.headers["Retry-After"]) >= 1 for answer in answers if answer.status_code == 429)


def test_who_is_invited_sets_a_password_by_the_email_and_again_when_he_forgot_it(locked_stack: Stack) -> None:
    made, address = person(locked_stack), "127.0.9.1"
    reset = {"token": mailed(locked_stack, made["email"]), "password": "первый пароль"}
    header = bearer(from_address(locked_stack, address, "/v1/users/password/reset", reset))
    assert locked_stack.call("GET", PROFILE, headers=header).json()["data"]["email_confirmed"] is True
    again = from_address(locked_stack, address, "/v1/users/password/reset", reset)
    assert (again.status_code, again.json()["error"]["code"]) == (400, "INVALID_RESET_TOKEN")

    for old in (locked_stack.state / "mail").glob(f"* {made['email']}.eml"):
        old.unlink()
    forgot = {"email": made["email"].upper()}
    assert from_address(locked_stack, address, "/v1/users/password/forgot", forgot).status_code == 202
    second = {"token": mailed(locked_stack, made["email"]), "password": "второй пароль"}
    assert bearer(from_address(locked_stack, address, "/v1/users/password/reset", second))
    assert locked_stack.call("GET", PROFILE, headers=header).status_code == 401
    assert bearer(from_address(locked_stack, address, "/v1/users/login", forgot | {"password": "второй пароль"}))
    lines = str(locked_stack.log_lines("react") + locked_stack.log_lines("api"))
    assert "react" in lines
    for secret in (reset["token"][32:], second["token"][32:], second["password"]):
        assert secret not in lines


def make_admin(stack: Stack, email: str, *more: str, refused: bool = False) -> str:
    """`make admin`; returns what it prints."""
    command = [sys.executable, "-m", "infra.admin", "--stage", "local", "--email", email, "--endpoint", stack.aws_url]
    known = {"PATH": os.environ["PATH"], "AWS_DEFAULT_REGION": "us-east-1"}
    done = subprocess.run([*command, *more], cwd=ROOT, env=known, capture_output=True, text=True)
    assert (done.returncode != 0) == refused, done.stderr
    return done.stderr if refused else done.stdout


def test_an_existing_account_is_not_made_an_administrator(locked_stack: Stack) -> None:
    who, address = newcomer(), "127.0.7.1"
    assert from_address(locked_stack, address, "/v1/users/register", who).status_code == 201
    attacker = bearer(from_address(locked_stack, address, "/v1/users/login", who))
    assert "EXISTING=1" in make_admin(locked_stack, who["email"], refused=True)
    assert locked_stack.call("GET", "/users", headers=attacker).status_code == 403
    found = re.search(r"password: (\S+)", make_admin(locked_stack, who["email"], "--existing"))
    assert found
    assert locked_stack.call("GET", "/users", headers=attacker).status_code == 401
    assert from_address(locked_stack, address, "/v1/users/login", who).status_code == 401
    chief = bearer(from_address(locked_stack, address, "/v1/users/login", who | {"password": found[1]}))
    assert locked_stack.call("GET", "/users", headers=chief).status_code == 200


def test_make_admin_prints_a_password_that_logs_in_and_is_nowhere_else(locked_stack: Stack) -> None:
    email = f"{uuid.uuid4()}@example.com"
    printed = make_admin(locked_stack, email)
    found = re.search(r"password: (\S+)", printed)
    assert found
    body = {"email": email, "password": found[1]}
    header = bearer(from_address(locked_stack, "127.0.6.1", "/v1/users/login", body))
    assert locked_stack.call("GET", "/users", headers=header).status_code == 200
    lines = str(locked_stack.log_lines("make-admin") + locked_stack.log_lines("api"))
    assert "make_admin" in lines
    for secret in (found[1], header["Authorization"].removeprefix("Bearer "), "argon2"):
        assert secret not in lines
