"""Requests for links: invitations and forgotten passwords, their limits, and the emails that follow."""

import json
from email import message_from_string, policy
from typing import Any

import pytest

from chalicelib.core.aws import client
from chalicelib.users import links, store
from tests.aws_calls import record_calls
from tests.integration.users.api_calls import ANNA, data, from_address, refusal, register
from tests.integration.users.emailed_links import (
    BELOV,
    FORGOT,
    NEW,
    RESET,
    SENDER,
    Later,
    Setting,
    deliver,
    forgotten,
    invited,
    link,
    queued_messages,
    reset,
)
from tests.people import person, signed_in
from tests.production import ask, dump, events_of, nothing_written

pytestmark = pytest.mark.usefixtures("sent_emails")


# -- who gets one --------------------------------------------------------------------------------------------------


def test_user_with_password_or_without_email_gets_no_invitation(setting: Setting) -> None:
    assert ask("POST", "/users", BELOV | {"password": "from the administrator"}).status == 201
    assert ask("POST", "/user", {"name": "Белов"}).status in (200, 201)
    register()
    setting("MAIL_FROM", "")
    assert ask("POST", "/users", BELOV | {"email": "other@example.com"}).status == 201
    assert queued_messages() == []


def test_invitation_can_be_repeated_until_the_address_is_confirmed(sent_emails: list[Any], locked: None) -> None:
    admin, manager = signed_in(person("admin")), signed_in(person("manager"))
    made = data(ask("POST", "/users", BELOV, admin), 201)
    place = f"/users/{made['id']}/invitation"
    for role in ("engineer", "executive", "customer", "user"):
        assert refusal(ask("POST", place, headers=signed_in(person(role)))) == (403, "FORBIDDEN")
    assert data(ask("POST", place, headers=manager), 202) == made
    assert reset(link(sent_emails)).status == 200
    assert refusal(ask("POST", place, headers=admin)) == (409, "CONFLICT")


def test_invitations_count_in_the_email_quota_of_the_sender(setting: Setting, locked: None) -> None:
    setting("DAILY_QUOTAS", "emails=2")
    manager = signed_in(person("manager"))
    made = data(ask("POST", "/users", BELOV, manager), 201)
    place = f"/users/{made['id']}/invitation"
    assert ask("POST", place, headers=manager).status == 202
    other = BELOV | {"email": "other@example.com"}
    with nothing_written():
        assert refusal(ask("POST", place, headers=manager)) == (429, "RATE_LIMITED")
    assert refusal(ask("POST", "/users", other, manager)) == (429, "RATE_LIMITED")
    assert ask("POST", "/users", other | {"password": "a password"}, manager).status == 201
    assert len(queued_messages()) == 2


def test_invitation_needs_an_email_a_sender_and_a_user(setting: Setting) -> None:
    nameless = person("user")
    assert refusal(ask("POST", f"/users/{nameless.id}/invitation")) == (409, "CONFLICT")
    assert refusal(ask("POST", "/users/00000000-0000-4000-8000-00000000dead/invitation")) == (404, "NOT_FOUND")
    made = data(ask("POST", "/users", BELOV), 201)
    setting("MAIL_FROM", "")
    assert refusal(ask("POST", f"/users/{made['id']}/invitation")) == (503, "SERVICE_UNAVAILABLE")


def test_one_address_gets_three_emails_an_hour(later: Later) -> None:
    made = register()
    answers = [from_address(f"198.51.100.{number}", FORGOT, {"email": ANNA["email"]}) for number in range(4)]
    assert [answer.status for answer in answers] == [202, 202, 202, 429]
    assert answers[3].headers["Retry-After"] == "3600"
    assert ask("POST", f"/users/{made['id']}/invitation").status == 429
    assert ask("POST", FORGOT, {"email": "other@example.com"}).status == 202
    later(hours=1)
    assert ask("POST", FORGOT, {"email": ANNA["email"]}).status == 202


def test_one_client_makes_ten_requests_a_minute(later: Later) -> None:
    asked = [from_address("198.51.100.9", FORGOT, {"email": f"n{number}@example.com"}) for number in range(5)]
    tried = [from_address("198.51.100.9", RESET, {"token": "x", "password": NEW}) for _ in range(6)]
    assert [answer.status for answer in asked + tried] == [202] * 5 + [400] * 5 + [429]
    assert tried[-1].headers["Retry-After"] == "60"
    assert from_address("198.51.100.9").status == 401, "logins are counted apart"
    later(minutes=1)
    assert from_address("198.51.100.9", RESET, {"token": "x", "password": NEW}).status == 400


# -- secrecy -------------------------------------------------------------------------------------------------------


def test_known_and_unknown_emails_get_the_same_response_and_work() -> None:
    register()
    ask("POST", "/users", BELOV)
    seen: list[list[str]] = []
    answers = []
    for email in (ANNA["email"], BELOV["email"], "unknown@example.com"):
        with pytest.MonkeyPatch.context() as patch:
            calls = record_calls(patch)
            answers.append(ask("POST", FORGOT, {"email": email}))
            seen.append([name for name, _ in calls])
    assert {answer.status for answer in answers} == {202}
    assert len({answer.body for answer in answers}) == 1
    assert seen[0] == seen[1] == seen[2]
    assert seen[0].count("TransactWriteItems") == 1


def test_for_an_unknown_email_nothing_is_sent(sent_emails: list[Any]) -> None:
    ask("POST", FORGOT, {"email": "unknown@example.com"})
    (message,) = queued_messages()
    assert deliver(message) == {"batchItemFailures": []}
    assert sent_emails == []


def test_without_a_sender_the_response_names_the_administrator(setting: Setting) -> None:
    setting("MAIL_FROM", "")
    register()
    answers = [ask("POST", FORGOT, {"email": email}) for email in (ANNA["email"], "unknown@example.com")]
    assert [answer.status for answer in answers] == [202, 202]
    assert answers[0].body == answers[1].body
    assert "администратор" in data(answers[0], 202)["message"]
    assert queued_messages() == []


def test_no_table_response_or_log_has_a_token(sent_emails: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    made, invitation = invited(sent_emails)
    after_first = dump()
    token = forgotten(sent_emails, BELOV["email"])
    answers = [ask("GET", f"/users/{made['id']}"), ask("GET", "/users"), ask("POST", FORGOT, BELOV), reset(token)]
    shown = "".join(answer.text for answer in answers) + json.dumps([after_first, dump()])
    shown += json.dumps(events_of(f"user#{made['id']}"))
    captured = capsys.readouterr()
    for secret in (invitation, invitation[32:], token, token[32:], NEW):
        assert secret not in shown
        assert secret not in captured.out + captured.err
    assert "links" not in answers[0].text


# -- the listener runs again ---------------------------------------------------------------------------------------


def test_repeated_message_sends_one_email(sent_emails: list[Any]) -> None:
    ask("POST", "/users", BELOV)
    (message,) = queued_messages()
    for _ in range(3):
        assert deliver(message) == {"batchItemFailures": []}
    assert len(sent_emails) == 1


def test_failed_email_is_sent_with_a_new_token_by_the_next_message(sent_emails: list[Any]) -> None:
    ask("POST", "/users", BELOV)
    (message,) = queued_messages()
    client("ses").delete_identity(Identity=SENDER)
    assert len(deliver(message)["batchItemFailures"]) == 1
    client("ses").verify_email_identity(EmailAddress=SENDER)
    assert reset(link(sent_emails)).status == 200


def test_old_request_sends_no_email(sent_emails: list[Any], later: Later) -> None:
    register()
    ask("POST", FORGOT, {"email": ANNA["email"]})
    later(minutes=61)
    assert deliver(queued_messages()[-1]) == {"batchItemFailures": []}
    assert sent_emails == []


def test_deleted_user_gets_no_email(sent_emails: list[Any]) -> None:
    made = data(ask("POST", "/users", BELOV), 201)
    assert ask("DELETE", f"/users/{made['id']}").status == 200
    assert deliver(queued_messages()[-1]) == {"batchItemFailures": []}
    assert sent_emails == []


def test_link_and_concurrent_change_of_the_user_are_both_stored(
    sent_emails: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, _ = invited(sent_emails)
    keep, overtaken = store.set_links, [True]

    def overtake(*arguments: Any) -> bool:
        if overtaken:
            overtaken.clear()
            assert ask("PUT", f"/users/{made['id']}", {"name": "Новое имя"}).status == 200
        return keep(*arguments)

    monkeypatch.setattr(store, "set_links", overtake)
    token = forgotten(sent_emails, BELOV["email"])
    assert ask("GET", f"/users/{made['id']}").json["data"]["name"] == "Новое имя"
    assert reset(token).status == 200


def test_account_stores_a_limited_number_of_links(sent_emails: list[Any], later: Later) -> None:
    made, _ = invited(sent_emails)
    for _ in range(links.MAX_LINKS + 2):
        later(minutes=21)
        forgotten(sent_emails, BELOV["email"])
    item = store.find(made["id"])
    assert item and len(item.links) <= 4, "those that are over are forgotten"


def test_an_email_is_in_the_language_of_its_request(sent_emails: list[Any]) -> None:
    made = data(ask("POST", "/users", BELOV, {"Accept-Language": "en"}), 201)
    link(sent_emails)
    english = message_from_string(sent_emails[-1].raw_data, policy=policy.default)
    body = english.get_body()
    assert english["Subject"] == "Invitation to Shopfloor" and body
    assert "An account in Shopfloor was created for you: belov@example.com" in body.get_content()
    assert ask("POST", f"/users/{made['id']}/invitation").status == 202
    link(sent_emails)
    assert message_from_string(sent_emails[-1].raw_data, policy=policy.default)["Subject"] == "Приглашение в Shopfloor"
