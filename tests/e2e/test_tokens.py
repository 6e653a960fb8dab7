"""Tokens on the deployed stack: signed with the secret the template generated, checked whenever one is sent."""

import os
import subprocess
import sys
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import jwt
import pytest

from chalicelib.core.signing_keys import REFRESH_SECONDS
from localstack.config import ROOT
from tests.e2e.people import Person, from_address, person, signed_in, signing_keys
from tests.e2e.stack import Stack
from tests.waiting import wait_for

LIST = "/api/work_centers"


@pytest.fixture(scope="module")
def manager(stack: Stack) -> Person:
    """A user with a role."""
    return person(stack, "manager")


def test_a_good_token_is_let_in_and_named_in_the_log(stack: Stack, manager: Person) -> None:
    answer = stack.call("GET", LIST, headers=signed_in(stack, manager))
    assert answer.status_code == 200
    line = next(line for line in stack.log_lines("api") if line.get("request_id") == answer.headers["X-Request-Id"])
    assert line["user"] == manager["number"]


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": 1},
        {"nbf": 9_999_999_999},
        {"iss": "another-issuer"},
        {"user_id": "1"},
        {"ver": 1},
        {"sub": str(uuid.uuid4())},
    ],
)
def test_a_token_that_is_not_good_is_401_though_none_is_needed(
    stack: Stack, manager: Person, changes: dict[str, Any]
) -> None:
    answer = stack.call("GET", LIST, headers=signed_in(stack, manager, **changes))
    assert answer.status_code == 401
    assert list(answer.json()) == ["detail"]


def test_a_token_signed_by_another_user_is_401_in_the_shape_of_its_area(stack: Stack, manager: Person) -> None:
    good = signed_in(stack, manager)["Authorization"].removeprefix("Bearer ")
    forged = jwt.encode(jwt.decode(good, options={"verify_signature": False}), "x" * 64, "HS256")
    answer = stack.call("GET", "/api/v1/reports", headers={"Authorization": f"Bearer {forged}"})
    assert (answer.status_code, list(answer.json())) == (401, ["error"])


PASSWORD = "long enough"


def make_rotate_key(stack: Stack, *more: str) -> str:
    """`make rotate-key`; returns what it prints."""
    command = [sys.executable, "-m", "infra.rotate_key", "--stage", "local", "--endpoint", stack.aws_url, *more]
    known = {"PATH": os.environ["PATH"], "AWS_DEFAULT_REGION": "us-east-1"}
    done = subprocess.run(command, cwd=ROOT, env=known, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def log_in(stack: Stack, who: Person, address: str) -> str:
    """A token from a login."""
    answer = from_address(stack, address, "/v1/users/login", {"email": who["email"], "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["data"]["token"])


def kid_of(token: str) -> str:
    """The name of the key that signed a token."""
    return str(jwt.get_unverified_header(token)["kid"])


def test_nobody_is_refused_while_the_key_is_rotated(stack: Stack) -> None:
    """Clients that work before, during and after it; then tokens of the new key, which no instance has met."""
    who = person(stack, "manager", password=PASSWORD)
    before, done = Counter[int](), Event()
    after = Counter[int]()

    def work(number: int) -> None:
        own = {"Authorization": f"Bearer {log_in(stack, who, f'127.0.7.{number}')}"}
        while sum(after.values()) < 200:
            status = stack.call("GET", "/v1/users/profile", headers=own).status_code
            (after if done.is_set() else before)[status] += 1

    with ThreadPoolExecutor(4) as pool:
        clients = [pool.submit(work, number) for number in range(1, 5)]
        try:
            wait_for(lambda: sum(before.values()) > 50)
            printed = make_rotate_key(stack)
        finally:
            done.set()  # else they would work for ever
        for client in clients:
            client.result(timeout=120)
        new, *older = signing_keys(stack).keys
        headers = [signed_in(stack, who, key) for key in (new, *older)]
        seen = list(pool.map(lambda header: stack.call("GET", LIST, headers=header).status_code, headers * 20))
    assert (set(before), set(after), set(seen)) == ({200}, {200}, {200})
    assert all(key.kid in printed and key.key not in printed for key in (new, *older))
    assert kid_of(log_in(stack, who, "127.0.7.9")) in {key.kid for key in older}  # the new one does not sign yet


def test_a_revoked_key_ends_its_tokens_and_a_new_login_works(stack: Stack) -> None:
    who = person(stack, "manager", password=PASSWORD)
    old = signed_in(stack, who)
    assert stack.call("GET", LIST, headers=old).status_code == 200
    assert "log in again" in make_rotate_key(stack, "--revoke")
    (key,) = signing_keys(stack).keys
    new = signed_in(stack, who, key)

    def statuses() -> list[int]:
        return [stack.call("GET", LIST, headers=header).status_code for header in (new, old)]

    wait_for(lambda: statuses() == [200, 401], timeout=REFRESH_SECONDS + 10)
    tokens = (log_in(stack, who, f"127.0.8.{number}") for number in range(1, 255))
    wait_for(lambda: kid_of(next(tokens)) == key.kid, timeout=REFRESH_SECONDS + 10, every=1)
    lines = str(stack.log_lines("rotate-key") + stack.log_lines("api"))
    assert key.key not in lines
