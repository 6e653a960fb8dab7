"""`make admin`: what its function does, also when it is called twice or dies on the way."""

from typing import Any

import pytest

from chalicelib.users import admin
from tests.crash_injection import Died, after_write, die
from tests.integration.users.api_calls import ANNA, log_in, register
from tests.production import ask, dump, events_of, nothing_written

EVENT = {"email": "root@example.com", "name": "Главный", "password": "first password"}
AGAIN = EVENT | {"existing": True}
PROFILE = "/v1/users/profile"


def users() -> list[dict[str, Any]]:
    """Return all users."""
    found: list[dict[str, Any]] = ask("GET", "/users").json["data"]
    return found


def test_the_first_administrator_can_do_everything(locked: None) -> None:
    result = admin.make(EVENT)
    assert (result["created"], result["granted"], result["password_set"]) == (True, True, True)
    answer = ask("GET", "/users", headers=log_in(EVENT["email"], EVENT["password"]))
    assert [(user["id"], user["roles"], user["name"]) for user in answer.json["data"]] == [
        (result["id"], ["admin"], "Главный")
    ]


def test_a_second_call_changes_nothing() -> None:
    admin.make(EVENT)
    with nothing_written():
        result = admin.make(AGAIN)
    assert (result["created"], result["granted"], result["password_set"]) == (False, False, False)


@pytest.mark.parametrize("more", [{}, {"keep_password": True}], ids=["a new password", "the old password"])
def test_registered_account_is_not_made_admin_without_existing(more: dict[str, Any], locked: None) -> None:
    register()
    header = log_in()
    with nothing_written():
        result = admin.make({"email": ANNA["email"].upper(), "password": "the operator's"} | more)
    assert set(result) == {"error"}
    assert "EXISTING=1" in result["error"]
    assert ask("GET", "/users", headers=header).status == 403


def test_an_existing_account_gets_the_role_and_loses_tokens_and_password(locked: None) -> None:
    made = register()
    header = log_in()
    result = admin.make({"email": ANNA["email"].upper(), "password": "the operator's", "existing": True})
    assert (result["created"], result["granted"], result["password_set"]) == (False, True, True)
    assert result["email_confirmed"] is False
    assert ask("GET", "/users", headers=header).status == 401
    assert ask("POST", "/v1/users/login", ANNA).status == 401
    shown = ask("GET", PROFILE, headers=log_in(password="the operator's")).json["data"]
    assert (shown["id"], shown["roles"]) == (made["id"], ["admin", "user"])
    assert [name for name, _ in events_of(f"user#{made['id']}")] == ["user.created", "user.updated"]


def test_keep_password_keeps_it_and_revokes_tokens(locked: None) -> None:
    register()
    header = log_in()
    result = admin.make(AGAIN | {"email": ANNA["email"], "keep_password": True})
    assert (result["created"], result["granted"], result["password_set"]) == (False, True, False)
    assert ask("GET", "/users", headers=header).status == 401
    assert ask("GET", "/users", headers=log_in()).status == 200


def test_a_lost_password_is_set_and_ends_the_tokens() -> None:
    admin.make(EVENT)
    header = log_in(EVENT["email"], EVENT["password"])
    assert admin.make(AGAIN | {"password": "second password"})["password_set"]
    assert ask("GET", "/v1/users/profile", headers=header).status == 401
    assert log_in(EVENT["email"], "second password")


def test_account_without_password_gets_one() -> None:
    ask("POST", "/users", {"email": "root@example.com", "name": "Без пароля"})
    result = admin.make(AGAIN | {"keep_password": True})
    assert (result["created"], result["granted"], result["password_set"]) == (False, True, True)
    assert log_in(EVENT["email"], EVENT["password"])


@pytest.mark.parametrize("event", [{}, {"email": "x"}, EVENT | {"password": "short"}, EVENT | {"email": "no address"}])
def test_errors_do_not_repeat_the_input(event: dict[str, Any]) -> None:
    with nothing_written():
        result = admin.make(event)
    assert set(result) == {"error"}
    assert "short" not in result["error"]


@pytest.mark.parametrize("number", [1, 2])
def test_call_after_a_crash_creates_the_admin(number: int) -> None:
    with after_write(number, die), pytest.raises(Died):
        admin.make(EVENT)
    admin.make(AGAIN)
    assert [(user["email"], user["roles"]) for user in users()] == [("root@example.com", ["admin"])]
    before = dump()
    admin.make(AGAIN)
    assert dump() == before
