"""Tokens: checked wherever they are sent, and required where the settings say so."""

import base64
import json
import time
import warnings
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import jwt
import pytest

from chalicelib.core import auth, signing_keys
from chalicelib.core.auth import Actor
from chalicelib.core.aws import client
from chalicelib.core.settings import Settings, settings
from tests.http_events import call
from tests.unit.core.sample import APP

SECRET = "s" * 64
THING = "/api/things/550e8400-e29b-41d4-a716-446655440000"
USER = "7d444840-9dc0-11d1-b245-5ffdce74fad2"


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Use a signing secret without Secrets Manager."""
    monkeypatch.setattr(signing_keys, "verifying", signing_keys.Keys(lambda: SECRET).verifying)
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def required(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set AUTH_REQUIRED."""
    monkeypatch.setenv("AUTH_REQUIRED", "true")
    settings.cache_clear()


def payload(**changed: Any) -> dict[str, Any]:
    """The claims of a token that is made now: "" leaves one away, a timedelta is a time from now."""
    now = int(time.time())
    base = {"sub": USER, "user_id": 7, "name": "Анна", "email": "a@b.c", "roles": ["manager"], "iss": "shopfloor"}
    claims = {**base, "iat": now, "nbf": now, "exp": now + 600, "jti": "1", **changed}
    return {
        name: now + int(value.total_seconds()) if isinstance(value, timedelta) else value
        for name, value in claims.items()
        if value != ""
    }


def token(key: str = SECRET, algorithm: str = "HS256", **changed: Any) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return jwt.encode(payload(**changed), key, algorithm=algorithm)


def bearer(value: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {value}"}


def unsigned(header: dict[str, Any], payload: Any) -> str:
    parts = [json.dumps(header).encode(), json.dumps(payload).encode()]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def test_builtin_administrator_acts_on_the_open_stage_without_a_token() -> None:
    assert call(APP, "GET", THING).json["actor"] == auth.ADMINISTRATOR.uuid
    assert auth.ADMINISTRATOR.user_id == 1


def test_no_administrator_without_a_token_on_other_stages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth, "settings", lambda: Settings(auth_required=False))
    assert call(APP, "GET", THING).status == 401
    assert call(APP, "GET", "/api/open").json == {"user": 0}


def test_valid_token_names_the_actor() -> None:
    answer = call(APP, "GET", THING, None, bearer(token()))
    assert (answer.status, answer.json["actor"], answer.json["roles"]) == (200, USER, ["manager"])
    assert call(APP, "GET", THING, None, {"authorization": f"bearer  {token(email='')}"}).status == 200


@pytest.mark.parametrize("path", [THING, "/api/v1/reports/1", "/users/" + USER, "/task/1"])
def test_missing_token_is_401_in_the_shape_of_its_area(path: str, required: None) -> None:
    answer = call(APP, "GET", path)
    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert "Требуется авторизация" in answer.text
    if path.startswith("/users"):
        assert answer.json["error"]["code"] == "UNAUTHORIZED"


def test_public_endpoints_need_no_token(required: None) -> None:
    assert call(APP, "GET", "/api/open").json == {"user": 0}
    assert call(APP, "GET", "/api/open", None, bearer(token())).json == {"user": 7}


def test_unknown_path_is_404_without_a_token(required: None) -> None:
    assert call(APP, "GET", "/api/nothing").status == 404


BAD_CLAIMS: dict[str, dict[str, Any]] = {
    "expired": {"exp": timedelta(seconds=-10)},
    "no exp": {"exp": ""},
    "exp is text": {"exp": "tomorrow"},
    "not yet": {"nbf": timedelta(seconds=600)},
    "no nbf": {"nbf": ""},
    "another issuer": {"iss": "another-issuer"},
    "no issuer": {"iss": ""},
    "for another service": {"aud": "another-service"},
    "no user": {"sub": ""},
    "user is no uuid": {"sub": "admin"},
    "no number": {"user_id": ""},
    "number is text": {"user_id": "1"},
    "number is true": {"user_id": True},
    "roles is text": {"roles": "admin"},
    "roles of numbers": {"roles": [1]},
    "no roles": {"roles": ""},
}


@pytest.mark.parametrize("name", BAD_CLAIMS)
def test_token_with_bad_claims_is_401_where_no_token_is_needed(name: str) -> None:
    answer = call(APP, "GET", THING, None, bearer(token(**BAD_CLAIMS[name])))
    assert answer.status == 401, answer.text
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic dXNlcjpwYXNz",
        "Bearer a.b",
        "Bearer a.b.c",
        "Bearer a.b.c.d",
        "Bearer a b c",
        "Bearer " + "x" * 100_000,
        "Bearer \ud800.a.b",
        "Bearer " + "[" * 10,
    ],
)
def test_malformed_authorization_header_is_401(value: str) -> None:
    answer = call(APP, "GET", THING, None, {"Authorization": value})
    assert answer.status == 401
    assert "WWW-Authenticate" in answer.headers


MALFORMED = {
    "": "должен иметь вид: Bearer <токен>",
    "Bearer": "должен иметь вид: Bearer <токен>",
    "Basic dXNlcjpwYXNz": "должен иметь вид: Bearer <токен>",
    "Bearer " + "x" * 100_000: "не длиннее 8192",
    "Bearer abc": "не токен: ожидаются три части через точку",
    "Bearer a.b.c.d": "не токен: ожидаются три части через точку",
    "Bearer a.b.c": "это не JWT",
    "Bearer sf_abc": "здесь не принимаются",
}
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"key": "another" * 10}, "Подпись токена неверна"),
    ({"key": "another" * 10, "exp": 1}, "Подпись токена неверна"),  # no reason about its fields
    ({"algorithm": "HS512"}, "принимается HS256"),
    ({"exp": 1}, "Срок действия токена истек"),
    ({"nbf": 9_999_999_999}, "еще не действует"),
    ({"iss": "another-issuer"}, "выдан другим сервисом"),
    ({"aud": "another"}, "выдан для другого сервиса"),
    ({"exp": ""}, "нет обязательных полей"),
    ({"sub": "admin"}, "нет обязательных полей"),
]


def test_refusal_of_a_malformed_header_names_the_reason() -> None:
    for value, reason in MALFORMED.items():
        answer = call(APP, "GET", THING, None, {"Authorization": value})
        assert (answer.status, reason in answer.json["detail"]) == (401, True), (value, answer.text)


@pytest.mark.parametrize(("changes", "reason"), REFUSED, ids=str)
def test_refusal_of_a_token_names_the_reason(changes: dict[str, Any], reason: str) -> None:
    answer = call(APP, "GET", THING, None, bearer(token(**changes)))
    assert (answer.status, reason in answer.json["detail"]) == (401, True), answer.text


def test_refusal_of_a_key_in_the_wrong_header_names_the_reason() -> None:
    for headers, reason in (
        ({"X-API-Key": ""}, "должен содержать ключ API"),
        ({"X-API-Key": "abc"}, "начинается с sf_"),
        ({"X-API-Key": token()}, "начинается с sf_"),
        ({"X-API-Key": "sf_" + "A" * 100_000}, "должен содержать ключ API"),
        ({"X-API-Key": "sf_abc", **bearer(token())}, "что-то одно"),
        ({"X-API-Key": "sf_abc"}, "здесь не принимаются"),
    ):
        answer = call(APP, "GET", THING, None, headers)
        assert (answer.status, reason in answer.json["detail"]) == (401, True), answer.text
        assert "WWW-Authenticate" in answer.headers


def test_other_algorithms_and_keys_are_refused() -> None:
    forged = [
        token(key="another" * 10),
        token(algorithm="HS512"),
        token(algorithm="HS384"),
        unsigned({"alg": "none", "typ": "JWT"}, payload()) + ".",
        unsigned({"alg": "none", "typ": "JWT"}, payload()) + ".eA",
        unsigned({"alg": "NoNe"}, payload()) + ".eA",
        unsigned({"alg": "RS256"}, payload()) + ".eA",
        unsigned({"alg": ["HS256"]}, payload()) + ".eA",
        unsigned({}, payload()) + ".eA",
        unsigned({"alg": "HS256"}, payload()) + ".eA",
        unsigned({"alg": "HS256"}, ["a"]) + ".eA",
        token()[:-3] + "abc",
        ".".join([token().split(".")[0], token(roles=["admin"]).split(".")[1], token().split(".")[2]]),
    ]
    for value in forged:
        assert call(APP, "GET", THING, None, bearer(value)).status == 401, value


def test_secret_is_fetched_once(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    arn = client("secretsmanager").create_secret(Name="jwt", SecretString=SECRET)["ARN"]
    monkeypatch.setenv("JWT_SECRET_ARN", arn)
    settings.cache_clear()
    asked: list[str] = []
    real = client("secretsmanager").get_secret_value
    monkeypatch.setattr(client("secretsmanager"), "get_secret_value", lambda **k: (asked.append("x"), real(**k))[1])
    for _ in range(3):
        assert call(APP, "GET", THING, None, bearer(token())).status == 200
    assert len(asked) == 1


def test_token_is_not_logged(capsys: pytest.CaptureFixture[str]) -> None:
    sent = token()
    call(APP, "GET", THING, None, bearer(sent))
    assert sent not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("roles", "everything"),
    [((), False), (("user",), False), (("customer", "user"), False), (("user", "manager"), True), (("admin",), True)],
)
def test_roles_that_see_data_of_others(roles: tuple[str, ...], everything: bool) -> None:
    assert Actor(2, "u", "n", None, roles).sees_all == everything
