"""Links that set a password: a token works once and for a time, and sets the password of its user."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.crash_injection import writes_in_turn
from tests.integration.users.api_calls import ANNA, data, from_address, log_in, refusal, register
from tests.integration.users.emailed_links import (
    BELOV,
    NEW,
    PROFILE,
    RESET,
    URL,
    Later,
    Setting,
    forgotten,
    invited,
    is_refused,
    last_email,
    link,
    reset,
)
from tests.people import person, signed_in
from tests.production import ask, nothing_written

pytestmark = pytest.mark.usefixtures("sent_emails")


# -- the way of a link ---------------------------------------------------------------------------------------------


def test_invited_user_sets_the_password_by_the_email(sent_emails: list[Any], locked: None) -> None:
    made = data(ask("POST", "/users", BELOV, signed_in(person("manager"))), 201)
    assert made["email_confirmed"] is False
    token = link(sent_emails)
    to, text, _ = last_email(sent_emails)
    assert to == BELOV["email"]
    assert f"{URL}{RESET}" in text and BELOV["name"] not in text
    signed = data(reset(token))
    assert (signed["user"]["id"], signed["user"]["email_confirmed"]) == (made["id"], True)
    header = {"Authorization": f"Bearer {signed['token']}"}
    assert data(ask("GET", PROFILE, headers=header)) == signed["user"]
    assert log_in(BELOV["email"], NEW)


def test_command_in_the_email_sets_the_password(sent_emails: list[Any]) -> None:
    invited(sent_emails)
    found = re.search(r"curl -s (\S+).*-d '(.*)'", last_email(sent_emails)[1], re.S)
    assert found
    body = json.loads(found[2].replace("<новый пароль>", NEW))
    assert ask("POST", found[1].removeprefix(URL), body).status == 200


def test_email_links_the_page_that_sets_the_password(sent_emails: list[Any]) -> None:
    register()
    _, token = invited(sent_emails)
    assert f"\n{URL}/console#/link/invitation?token={token}\n" in last_email(sent_emails)[1]
    token = forgotten(sent_emails)
    assert f"\n{URL}/console#/link/reset?token={token}\n" in last_email(sent_emails)[1]


def test_email_has_only_the_code_without_a_public_url(sent_emails: list[Any], setting: Setting) -> None:
    setting("PUBLIC_URL", "")
    _, token = invited(sent_emails)
    assert "/link/" not in last_email(sent_emails)[1]
    assert reset(token).status == 200


def test_reset_sets_a_new_password_and_revokes_tokens_and_links(sent_emails: list[Any]) -> None:
    register()
    header = log_in()
    token = forgotten(sent_emails, ANNA["email"].upper())
    assert last_email(sent_emails)[0] == ANNA["email"]
    assert ask("GET", PROFILE, headers=header).status == 200
    assert data(reset(token))["user"]["email_confirmed"] is True
    assert ask("GET", PROFILE, headers=header).status == 401
    assert ask("POST", "/v1/users/login", ANNA).status == 401
    assert log_in(password=NEW)


def test_reset_ends_the_pauses_of_logins(sent_emails: list[Any]) -> None:
    register()
    wrong = {"email": ANNA["email"], "password": "wrong"}
    for number in range(6):
        answer = from_address(f"198.51.100.{number}", body=wrong)
    assert answer.status == 429
    assert ask("POST", "/v1/users/login", ANNA).status == 429
    signed = data(reset(forgotten(sent_emails)))
    assert ask("GET", PROFILE, headers={"Authorization": f"Bearer {signed['token']}"}).status == 200
    assert log_in(password=NEW)


# -- when a token is good ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("token", ["x", "0" * 75, "0" * 32 + "A" * 43, "Я" * 75, "x" * 200])
def test_invented_token_is_refused(token: str) -> None:
    assert is_refused(token)


def test_token_of_another_user_is_refused(sent_emails: list[Any]) -> None:
    made, token = invited(sent_emails)
    other, _ = invited(sent_emails, email="other@example.com")
    assert is_refused(other["id"].replace("-", "") + token[32:])
    assert reset(token).status == 200


def test_a_token_works_once(sent_emails: list[Any]) -> None:
    _, token = invited(sent_emails)
    assert reset(token).status == 200
    assert is_refused(token)


def test_one_of_many_concurrent_uses_succeeds(sent_emails: list[Any]) -> None:
    _, token = invited(sent_emails)
    wanted = [f"new password {number}" for number in range(8)]
    with writes_in_turn(), ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda password: reset(token, password), wanted))
    assert sorted(answer.status for answer in answers) == [200] + [400] * 7
    assert {refusal(answer)[1] for answer in answers if answer.status == 400} == {"INVALID_RESET_TOKEN"}
    (winner,) = (password for password, answer in zip(wanted, answers, strict=True) if answer.status == 200)
    assert log_in(BELOV["email"], winner)


@pytest.mark.parametrize(("kind", "minutes"), [("invitation", 24 * 60), ("reset", 60)])
def test_token_expires(sent_emails: list[Any], later: Later, kind: str, minutes: int) -> None:
    register()
    token = invited(sent_emails)[1] if kind == "invitation" else forgotten(sent_emails)
    later(minutes=minutes + 1)
    assert is_refused(token)
    later(minutes=-2)
    assert reset(token).status == 200


@pytest.mark.parametrize("by", ["himself", "an administrator", "make admin", "another link", "another address"])
def test_change_of_password_or_address_ends_a_token(sent_emails: list[Any], by: str) -> None:
    from chalicelib.users import admin

    made = register()
    token, header = forgotten(sent_emails), log_in()
    if by == "himself":
        body = {"old_password": ANNA["password"], "new_password": "another one"}
        assert ask("PUT", "/v1/users/password", body, header).status == 200
    elif by == "an administrator":
        assert ask("PUT", f"/users/{made['id']}/password", {"password": "another one"}).status == 200
    elif by == "make admin":
        assert admin.make({"email": ANNA["email"], "password": "another one", "existing": True})["password_set"]
    elif by == "another link":
        assert reset(forgotten(sent_emails)).status == 200
    else:
        assert ask("PUT", "/v1/users/profile", {"email": "new@example.com"}, header).status == 200
    assert is_refused(token)


def test_only_the_address_of_the_link_is_confirmed(sent_emails: list[Any]) -> None:
    made, token = invited(sent_emails)
    assert data(reset(token))["user"]["email_confirmed"] is True
    place = f"/users/{made['id']}"
    assert data(ask("PUT", place, {"email": BELOV["email"].upper(), "name": "Б"}))["email_confirmed"] is True
    assert data(ask("PUT", place, {"email": "chief@example.com"}))["email_confirmed"] is False


def test_all_links_are_valid_until_one_is_used(sent_emails: list[Any]) -> None:
    register()
    first, second = forgotten(sent_emails), forgotten(sent_emails)
    assert first != second
    assert reset(first).status == 200
    assert is_refused(second)


def test_requests_for_links_do_not_change_the_user(sent_emails: list[Any]) -> None:
    made, _ = invited(sent_emails)
    before = ask("GET", f"/users/{made['id']}")
    forgotten(sent_emails, BELOV["email"])
    after = ask("GET", f"/users/{made['id']}")
    assert (after.body, after.headers["ETag"]) == (before.body, before.headers["ETag"])


@pytest.mark.parametrize("password", ["short", "", None])
def test_invalid_password_leaves_the_token_valid(sent_emails: list[Any], password: Any) -> None:
    _, token = invited(sent_emails)
    with nothing_written():
        assert refusal(ask("POST", RESET, {"token": token, "password": password})) == (400, "VALIDATION_ERROR")
    assert reset(token).status == 200
