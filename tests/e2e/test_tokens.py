"""Tokens on the deployed stack: signed with the secret the template generated, checked whenever one is sent."""

import time
import uuid
from typing import Any

import jwt
import pytest

from tests.e2e.stack import Stack

LIST = "/api/work_centers"


@pytest.fixture(scope="module")
def secret(stack: Stack) -> str:
    """The signing secret, as somebody with the right to read it finds it."""
    secrets = stack.client("secretsmanager")
    (found,) = [entry["ARN"] for entry in secrets.list_secrets()["SecretList"] if stack.name in entry["ARN"]]
    return str(secrets.get_secret_value(SecretId=found)["SecretString"])


def token(secret: str, **changes: Any) -> dict[str, str]:
    """The header with a good token, but for what is changed."""
    now = int(time.time())
    claims = {"sub": str(uuid.uuid4()), "user_id": 1, "name": "Мастер", "email": "m@example.com", "roles": ["manager"]}
    claims |= {"iat": now, "nbf": now, "exp": now + 60, "iss": "shopfloor", "jti": str(uuid.uuid4()), **changes}
    return {"Authorization": f"Bearer {jwt.encode(claims, secret, algorithm='HS256')}"}


def test_a_good_token_is_let_in_and_named_in_the_log(stack: Stack, secret: str) -> None:
    answer = stack.call("GET", LIST, headers=token(secret, user_id=77))
    assert answer.status_code == 200
    line = next(line for line in stack.log_lines("api") if line.get("request_id") == answer.headers["X-Request-Id"])
    assert line["user"] == 77


@pytest.mark.parametrize("changes", [{"exp": 1}, {"nbf": 9_999_999_999}, {"iss": "somebody"}, {"user_id": "1"}])
def test_a_token_that_is_not_good_is_401_though_none_is_needed(
    stack: Stack, secret: str, changes: dict[str, Any]
) -> None:
    answer = stack.call("GET", LIST, headers=token(secret, **changes))
    assert answer.status_code == 401
    assert list(answer.json()) == ["detail"]


def test_a_token_signed_by_somebody_else_is_401_in_the_shape_of_the_door(stack: Stack) -> None:
    answer = stack.call("GET", "/api/v1/reports", headers=token("x" * 64))
    assert (answer.status_code, list(answer.json())) == (401, ["error"])
