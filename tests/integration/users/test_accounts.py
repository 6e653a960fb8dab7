"""Registration, login, passwords, and how long a token lives."""

import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest

from chalicelib.core.settings import Settings
from chalicelib.users import passwords, store
from tests.integration.users.api_calls import ANNA, data, log_in, refusal, register
from tests.people import person, signed_in
from tests.production import ask, events_of, nothing_written

PROFILE = "/v1/users/profile"


def test_registered_user_can_log_in() -> None:
    made = register()
    about = {"id", "number", "email", "email_confirmed", "name", "roles", "is_machine"}
    assert set(made) == about | {"created_at", "updated_at"}
    assert (made["number"], made["email"], made["roles"]) == (2, "Anna@Example.com", ["user"])
    assert data(ask("GET", PROFILE, headers=log_in())) == made


def test_token_identifies_the_user_for_a_day() -> None:
    made = register()
    answer = ask("POST", "/v1/users/login", ANNA)
    assert data(answer)["user"] == made
    claims = jwt.decode(answer.json["data"]["token"], options={"verify_signature": False})
    assert {name: claims[name] for name in ("sub", "user_id", "name", "email", "roles", "iss")} == {
        "sub": made["id"],
        "user_id": made["number"],
        "name": ANNA["name"],
        "email": ANNA["email"],
        "roles": ["user"],
        "iss": "shopfloor",
    }
    assert claims["exp"] - claims["iat"] == 24 * 3600
    assert {"nbf", "jti"} <= set(claims)


def test_the_email_is_the_same_in_any_case_and_with_blanks_around() -> None:
    register()
    assert log_in("  aNNA@eXample.COM ")
    assert refusal(ask("POST", "/v1/users/register", ANNA | {"email": "ANNA@EXAMPLE.COM"})) == (409, "EMAIL_EXISTS")


def test_an_answer_does_not_tell_whether_an_email_is_known() -> None:
    register()
    ask("POST", "/users", {"email": "none@example.com", "name": "Без пароля"})
    answers = [
        ask("POST", "/v1/users/login", {"email": email, "password": "неправильный"})
        for email in (ANNA["email"], "unknown@example.com", "none@example.com", "no address at all")
    ]
    assert {refusal(answer) for answer in answers} == {(401, "INVALID_CREDENTIALS")}
    assert len({answer.body for answer in answers}) == 1


@pytest.mark.parametrize("email", ["unknown@example.com", "none@example.com"])
def test_where_there_is_no_password_one_is_compared_all_the_same(email: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ask("POST", "/users", {"email": "none@example.com", "name": "Без пароля"})
    compared: list[str | None] = []
    monkeypatch.setattr(passwords, "matches", lambda _, kept: compared.append(kept))
    ask("POST", "/v1/users/login", {"email": email, "password": "любой пароль"})
    assert compared == [None]


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"password": "12345"}, "password"), ({"password": "x" * 201}, "password"), ({"email": "not an address"}, "email"),
     ({"name": " "}, "name"), ({"password": 123456}, "password"), ({"email": None}, "email")],
)  # fmt: skip
def test_a_registration_that_lacks_something_is_refused_by_the_name_of_it(changes: dict[str, Any], field: str) -> None:
    answer = ask("POST", "/v1/users/register", ANNA | changes)
    assert refusal(answer) == (400, "VALIDATION_ERROR")
    assert answer.json["error"]["message"].startswith(f"{field}: ")


Setting = Callable[[str, str], None]


@pytest.mark.parametrize("body", [ANNA, {"email": "no address"}], ids=["a newcomer", "rubbish"])
def test_closed_registration_names_the_administrator(setting: Setting, body: Any) -> None:
    setting("REGISTRATION", "closed")
    with nothing_written():
        answer = ask("POST", "/v1/users/register", body)
    assert refusal(answer) == (403, "REGISTRATION_CLOSED")
    assert "администратор" in answer.json["error"]["message"]
    assert ask("POST", "/users", {"email": ANNA["email"], "name": "Анна"}).status == 201


def test_registration_is_closed_unless_a_stage_opens_it() -> None:
    assert Settings().registration == "closed"


@pytest.mark.parametrize(("stage", "shortest"), [("local", 6), ("dev", 8), ("prod", 8)])
def test_a_new_password_is_as_long_as_its_stage_demands(setting: Setting, stage: str, shortest: int) -> None:
    made = register()
    setting("AUTH_REQUIRED", "true")
    setting("STAGE", stage)
    admin, short, enough = signed_in(person("admin")), "x" * (shortest - 1), "x" * shortest
    calls: dict[tuple[str, str], Any] = {
        ("POST", "/v1/users/register"): lambda text: {"email": "b@example.com", "password": text, "name": "Б"},
        ("POST", "/users"): lambda text: {"email": "c@example.com", "password": text, "name": "В"},
        ("PUT", f"/users/{made['id']}/password"): lambda text: {"password": text},
    }
    for (method, path), body in calls.items():
        answer = ask(method, path, body(short), admin)
        assert refusal(answer) == (400, "VALIDATION_ERROR")
        assert answer.json["error"]["message"] == f"password: длина не меньше {shortest}"
        assert ask(method, path, body(enough), admin).status in (200, 201)
    change = {"old_password": enough, "new_password": short}
    answer = ask("PUT", "/v1/users/password", change, log_in(password=enough))
    assert answer.json["error"]["message"] == f"new_password: длина не меньше {shortest}"


def test_registration_accepts_no_roles() -> None:
    assert register(roles=["admin"])["roles"] == ["user"]


def test_an_own_password_changes_by_the_old_one_and_ends_every_token() -> None:
    register()
    first, second = log_in(), log_in()
    body = {"old_password": ANNA["password"], "new_password": "another one"}
    answer = ask("PUT", "/v1/users/password", body, first)
    fresh = {"Authorization": f"Bearer {data(answer)['token']}"}
    for header in (first, second):
        assert refusal(ask("GET", PROFILE, headers=header)) == (401, "UNAUTHORIZED")
    assert data(ask("GET", PROFILE, headers=fresh)) == answer.json["data"]["user"]
    assert log_in(password="another one")
    assert refusal(ask("POST", "/v1/users/login", ANNA)) == (401, "INVALID_CREDENTIALS")


def test_without_the_old_password_nothing_changes() -> None:
    register()
    header = log_in()
    answer = ask("PUT", "/v1/users/password", {"old_password": "wrong", "new_password": "another one"}, header)
    assert refusal(answer) == (401, "INVALID_CREDENTIALS")
    assert data(ask("GET", PROFILE, headers=header))


def test_old_passwords_are_not_tried_for_ever() -> None:
    register()
    header, body = log_in(), {"old_password": "wrong", "new_password": "another one"}
    statuses = [ask("PUT", "/v1/users/password", body, header).status for _ in range(7)]
    assert statuses == [401] * 5 + [429] * 2
    assert log_in()


def test_an_administrator_sets_a_password_which_ends_the_tokens() -> None:
    made = register()
    header = log_in()
    admin = signed_in(person("admin"))
    place = f"/users/{made['id']}/password"
    assert data(ask("PUT", place, {"password": "one-time"}, admin))["id"] == made["id"]
    assert ask("GET", PROFILE, headers=header).status == 401
    assert log_in(password="one-time")
    assert refusal(ask("PUT", place, {"password": "one-time"}, signed_in(person("manager")))) == (403, "FORBIDDEN")


def test_a_password_needs_an_email_to_log_in_with() -> None:
    nameless = person("user")
    assert refusal(ask("PUT", f"/users/{nameless.id}/password", {"password": "one-time"})) == (409, "CONFLICT")
    ask("PUT", f"/users/{nameless.id}", {"email": "now@example.com"})
    assert ask("PUT", f"/users/{nameless.id}/password", {"password": "one-time"}).status == 200
    assert log_in("now@example.com", "one-time")


def test_a_token_has_the_roles_of_now_and_ends_with_its_account(locked: None) -> None:
    made = person("user", email="anna@example.com")
    admin, header = signed_in(person("admin")), signed_in(made)
    assert ask("GET", "/users", headers=header).status == 403
    ask("PUT", f"/users/{made.id}", {"roles": ["manager"]}, admin)
    assert refusal(ask("GET", "/users", headers=header)) == (401, "UNAUTHORIZED")
    header = signed_in(made)
    assert ask("GET", "/users", headers=header).status == 200
    ask("PUT", f"/users/{made.id}", {"roles": ["user"]}, admin)
    assert ask("GET", "/users", headers=header).status == 403
    assert ask("DELETE", f"/users/{made.id}", headers=admin).status == 200
    assert refusal(ask("GET", PROFILE, headers=header)) == (401, "UNAUTHORIZED")


def test_a_token_ends_after_a_day(later: Callable[..., None]) -> None:
    later(hours=-25)
    header = signed_in(person("user"))
    assert refusal(ask("GET", PROFILE, headers=header)) == (401, "UNAUTHORIZED")


def test_a_hash_of_other_parameters_is_made_anew_at_login(monkeypatch: pytest.MonkeyPatch) -> None:
    made = register()
    before = store.find(made["id"])
    monkeypatch.setattr(passwords, "PASSES", 3)
    passwords._hasher.cache_clear()
    header = log_in()
    after = store.find(made["id"])
    monkeypatch.undo()
    passwords._hasher.cache_clear()
    assert before and after
    assert ",t=3," in after.password_hash != before.password_hash
    assert after.version == before.version
    assert ask("GET", PROFILE, headers=header).status == 200


def test_no_password_and_no_hash_is_in_an_answer_an_event_or_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    made = register()
    header = log_in()
    body = {"old_password": ANNA["password"], "new_password": "another secret"}
    answers = [ask("PUT", "/v1/users/password", body, header), ask("GET", "/users"), ask("GET", f"/users/{made['id']}")]
    shown = "".join(answer.text for answer in answers) + capsys.readouterr().err
    shown += json.dumps(events_of(f"user#{made['id']}"))
    item = store.find(made["id"])
    assert item
    for secret in (ANNA["password"], "another secret", "password_hash", "argon2", item.password_hash):
        assert secret not in shown
    assert header["Authorization"].removeprefix("Bearer ") not in shown
    assert [name for name, _ in events_of(f"user#{made['id']}")] == ["user.created", "user.updated"]


def test_a_login_is_not_kept_for_its_idempotency_key() -> None:
    register()
    answers = [ask("POST", "/v1/users/login", ANNA, {"Idempotency-Key": "1"}) for _ in range(2)]
    assert answers[0].json["data"]["token"] != answers[1].json["data"]["token"]


def test_a_registration_that_is_repeated_under_its_key_is_the_same_one() -> None:
    answers = [ask("POST", "/v1/users/register", ANNA, {"Idempotency-Key": "1"}) for _ in range(2)]
    assert [answer.status for answer in answers] == [201, 201]
    assert answers[0].body == answers[1].body
    other = ask("POST", "/v1/users/register", ANNA | {"password": "another one"}, {"Idempotency-Key": "1"})
    assert other.status == 422
