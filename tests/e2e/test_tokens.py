"""Tokens on the deployed stack: signed with the secret the template generated, checked whenever one is sent."""

import uuid
from typing import Any

import jwt
import pytest

from tests.e2e.people import Person, person, signed_in
from tests.e2e.stack import Stack

LIST = "/api/work_centers"


@pytest.fixture(scope="module")
def manager(stack: Stack) -> Person:
    """Somebody."""
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
        {"iss": "somebody"},
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


def test_a_token_signed_by_somebody_else_is_401_in_the_shape_of_the_door(stack: Stack, manager: Person) -> None:
    good = signed_in(stack, manager)["Authorization"].removeprefix("Bearer ")
    forged = jwt.encode(jwt.decode(good, options={"verify_signature": False}), "x" * 64, "HS256")
    answer = stack.call("GET", "/api/v1/reports", headers={"Authorization": f"Bearer {forged}"})
    assert (answer.status_code, list(answer.json())) == (401, ["error"])
