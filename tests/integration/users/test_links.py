"""Links that set a password: who gets one, what the email says, and that a token works once and for a time."""

import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from email import message_from_string, policy
from typing import Any

import pytest

from chalicelib.core import circuits
from chalicelib.core.aws import client
from chalicelib.events import reactions
from chalicelib.users import links, store
from chalicelib.wiring.listeners import LISTENERS
from tests.aws_calls import record_calls
from tests.crash_injection import writes_in_turn
from tests.http_events import Response
from tests.integration.users.api_calls import ANNA, data, from_address, log_in, refusal, register
from tests.people import person, signed_in
from tests.production import ask, dump, events_of, nothing_written
from tests.tables import tables

SENDER, URL = "shopfloor@example.com", "https://shop.example.com"
BELOV = {"email": "belov@example.com", "name": "Белов"}
PROFILE, FORGOT, RESET = "/v1/users/profile", "/v1/users/password/forgot", "/v1/users/password/reset"
NEW = "совсем новый пароль"

Setting = Callable[[str, str], None]
Later = Callable[..., None]


@pytest.fixture(autouse=True)
def post(setting: Setting) -> Iterator[list[Any]]:
    """SES with a verified sender; what was sent."""
    from moto.core import DEFAULT_ACCOUNT_ID
    from moto.ses.models import ses_backends

    circuits.forget()
    setting("MAIL_FROM", SENDER)
    setting("PUBLIC_URL", URL)
    client("ses").verify_email_identity(EmailAddress=SENDER)
    sent: list[Any] = ses_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].sent_messages
    sent.clear()
    yield sent
    sent.clear()


def asked_for() -> list[dict[str, Any]]:
    """The messages that the bus puts into the queue of listeners, of every link asked for."""
    (events,) = (items for name, items in tables().items().items() if name.endswith("-events"))
    names = ("user.invited", "user.password_forgotten")
    aggregates = {item["aggregate"]["S"] for item in events}
    found = [event for aggregate in aggregates for event in events_of(aggregate) if event[0] in names]
    found.sort(key=lambda event: str(event[1]["occurred_at"]))
    return [{"event": name, "events": [{"data": about}]} for name, about in found]


def deliver(message: dict[str, Any]) -> Any:
    """One call of the listener's function."""
    record = {"messageId": "1", "body": json.dumps({"detail": message})}
    return reactions.handle({"Records": [record]}, LISTENERS)


def read_email(sent: list[Any]) -> tuple[str, str, str]:
    """Whom the newest email is for, its text, and the token in it."""
    message = message_from_string(sent[-1].raw_data, policy=policy.default)
    body = message.get_body()
    assert body is not None
    text = body.get_content()
    (token,) = set(re.findall(r"[0-9a-f]{32}[\w-]{43}", text))
    return str(message["To"]), text, token


def link(sent: list[Any]) -> str:
    """The token that is sent for what was asked last."""
    assert deliver(asked_for()[-1]) == {"batchItemFailures": []}
    return read_email(sent)[2]


def invited(sent: list[Any], **fields: Any) -> tuple[dict[str, Any], str]:
    """A new user, and the token that he is sent."""
    made: dict[str, Any] = data(ask("POST", "/users", BELOV | fields), 201)
    return made, link(sent)


def forgotten(sent: list[Any], email: str = ANNA["email"]) -> str:
    """The token that is sent to who forgot his password."""
    assert ask("POST", FORGOT, {"email": email}).status == 202
    return link(sent)


def reset(token: str, password: str = NEW) -> Response:
    return ask("POST", RESET, {"token": token, "password": password})


def bad(token: str) -> bool:
    """Whether a token is refused, and changes nothing."""
    with nothing_written():
        answer = reset(token)
    return refusal(answer) == (400, "INVALID_RESET_TOKEN")


# -- the way of a link ---------------------------------------------------------------------------------------------


def test_who_is_made_by_an_administrator_sets_his_password_by_the_email(post: list[Any], locked: None) -> None:
    made = data(ask("POST", "/users", BELOV, signed_in(person("manager"))), 201)
    assert made["email_confirmed"] is False
    token = link(post)
    to, text, _ = read_email(post)
    assert to == BELOV["email"]
    assert f"{URL}{RESET}" in text and BELOV["name"] not in text
    signed = data(reset(token))
    assert (signed["user"]["id"], signed["user"]["email_confirmed"]) == (made["id"], True)
    header = {"Authorization": f"Bearer {signed['token']}"}
    assert data(ask("GET", PROFILE, headers=header)) == signed["user"]
    assert log_in(BELOV["email"], NEW)


def test_the_command_in_the_email_is_the_call_that_sets_the_password(post: list[Any]) -> None:
    invited(post)
    found = re.search(r"curl -s (\S+).*-d '(.*)'", read_email(post)[1], re.S)
    assert found
    body = json.loads(found[2].replace("<новый пароль>", NEW))
    assert ask("POST", found[1].removeprefix(URL), body).status == 200


def test_the_email_opens_the_page_of_the_console_that_sets_the_password(post: list[Any]) -> None:
    register()
    _, token = invited(post)
    assert f"\n{URL}/console#/link/invitation?token={token}\n" in read_email(post)[1]
    token = forgotten(post)
    assert f"\n{URL}/console#/link/reset?token={token}\n" in read_email(post)[1]


def test_the_email_has_the_code_alone_where_nobody_said_where_the_api_is(post: list[Any], setting: Setting) -> None:
    setting("PUBLIC_URL", "")
    _, token = invited(post)
    assert "/link/" not in read_email(post)[1]
    assert reset(token).status == 200


def test_who_forgot_his_password_gets_a_new_one_and_everything_from_before_ends(post: list[Any]) -> None:
    register()
    header = log_in()
    token = forgotten(post, ANNA["email"].upper())
    assert read_email(post)[0] == ANNA["email"]
    assert ask("GET", PROFILE, headers=header).status == 200
    assert data(reset(token))["user"]["email_confirmed"] is True
    assert ask("GET", PROFILE, headers=header).status == 401
    assert ask("POST", "/v1/users/login", ANNA).status == 401
    assert log_in(password=NEW)


def test_a_locked_out_owner_gets_in_by_the_email(post: list[Any]) -> None:
    register()
    wrong = {"email": ANNA["email"], "password": "wrong"}
    for number in range(6):
        answer = from_address(f"198.51.100.{number}", body=wrong)
    assert answer.status == 429
    assert ask("POST", "/v1/users/login", ANNA).status == 429
    signed = data(reset(forgotten(post)))
    assert ask("GET", PROFILE, headers={"Authorization": f"Bearer {signed['token']}"}).status == 200
    assert log_in(password=NEW)


# -- when a token is good ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("token", ["x", "0" * 75, "0" * 32 + "A" * 43, "Я" * 75, "x" * 200])
def test_a_made_up_token_is_refused(token: str) -> None:
    assert bad(token)


def test_a_token_of_another_user_is_refused(post: list[Any]) -> None:
    made, token = invited(post)
    other, _ = invited(post, email="other@example.com")
    assert bad(other["id"].replace("-", "") + token[32:])
    assert reset(token).status == 200


def test_a_token_works_once(post: list[Any]) -> None:
    _, token = invited(post)
    assert reset(token).status == 200
    assert bad(token)


def test_of_many_who_use_it_at_the_same_time_one_wins(post: list[Any]) -> None:
    _, token = invited(post)
    wanted = [f"new password {number}" for number in range(8)]
    with writes_in_turn(), ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda password: reset(token, password), wanted))
    assert sorted(answer.status for answer in answers) == [200] + [400] * 7
    assert {refusal(answer)[1] for answer in answers if answer.status == 400} == {"INVALID_RESET_TOKEN"}
    (winner,) = (password for password, answer in zip(wanted, answers, strict=True) if answer.status == 200)
    assert log_in(BELOV["email"], winner)


@pytest.mark.parametrize(("kind", "minutes"), [("invitation", 24 * 60), ("reset", 60)])
def test_a_token_is_good_for_its_time(post: list[Any], later: Later, kind: str, minutes: int) -> None:
    register()
    token = invited(post)[1] if kind == "invitation" else forgotten(post)
    later(minutes=minutes + 1)
    assert bad(token)
    later(minutes=-2)
    assert reset(token).status == 200


@pytest.mark.parametrize("by", ["himself", "an administrator", "make admin", "another link", "another address"])
def test_a_token_ends_with_the_password_and_with_the_address(post: list[Any], by: str) -> None:
    from chalicelib.users import admin

    made = register()
    token, header = forgotten(post), log_in()
    if by == "himself":
        body = {"old_password": ANNA["password"], "new_password": "another one"}
        assert ask("PUT", "/v1/users/password", body, header).status == 200
    elif by == "an administrator":
        assert ask("PUT", f"/users/{made['id']}/password", {"password": "another one"}).status == 200
    elif by == "make admin":
        assert admin.make({"email": ANNA["email"], "password": "another one", "existing": True})["password_set"]
    elif by == "another link":
        assert reset(forgotten(post)).status == 200
    else:
        assert ask("PUT", "/v1/users/profile", {"email": "new@example.com"}, header).status == 200
    assert bad(token)


def test_a_confirmed_address_is_that_one_alone(post: list[Any]) -> None:
    made, token = invited(post)
    assert data(reset(token))["user"]["email_confirmed"] is True
    place = f"/users/{made['id']}"
    assert data(ask("PUT", place, {"email": BELOV["email"].upper(), "name": "Б"}))["email_confirmed"] is True
    assert data(ask("PUT", place, {"email": "chief@example.com"}))["email_confirmed"] is False


def test_several_links_are_good_until_one_is_used(post: list[Any]) -> None:
    register()
    first, second = forgotten(post), forgotten(post)
    assert first != second
    assert reset(first).status == 200
    assert bad(second)


def test_asking_for_links_changes_nothing_that_anybody_sees(post: list[Any]) -> None:
    made, _ = invited(post)
    before = ask("GET", f"/users/{made['id']}")
    forgotten(post, BELOV["email"])
    after = ask("GET", f"/users/{made['id']}")
    assert (after.body, after.headers["ETag"]) == (before.body, before.headers["ETag"])


@pytest.mark.parametrize("password", ["short", "", None])
def test_a_password_that_cannot_be_leaves_the_token_good(post: list[Any], password: Any) -> None:
    _, token = invited(post)
    with nothing_written():
        assert refusal(ask("POST", RESET, {"token": token, "password": password})) == (400, "VALIDATION_ERROR")
    assert reset(token).status == 200


# -- who gets one --------------------------------------------------------------------------------------------------


def test_who_has_a_password_or_no_address_is_not_invited(setting: Setting) -> None:
    assert ask("POST", "/users", BELOV | {"password": "from the administrator"}).status == 201
    assert ask("POST", "/user", {"name": "Белов"}).status in (200, 201)
    register()
    setting("MAIL_FROM", "")
    assert ask("POST", "/users", BELOV | {"email": "other@example.com"}).status == 201
    assert asked_for() == []


def test_an_invitation_is_sent_again_until_the_address_is_confirmed(post: list[Any], locked: None) -> None:
    admin, manager = signed_in(person("admin")), signed_in(person("manager"))
    made = data(ask("POST", "/users", BELOV, admin), 201)
    place = f"/users/{made['id']}/invitation"
    for role in ("engineer", "executive", "customer", "user"):
        assert refusal(ask("POST", place, headers=signed_in(person(role)))) == (403, "FORBIDDEN")
    assert data(ask("POST", place, headers=manager), 202) == made
    assert reset(link(post)).status == 200
    assert refusal(ask("POST", place, headers=admin)) == (409, "CONFLICT")


def test_invitations_take_from_the_daily_emails_of_who_sends_them(setting: Setting, locked: None) -> None:
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
    assert len(asked_for()) == 2


def test_an_invitation_needs_an_address_a_sender_and_a_user(setting: Setting) -> None:
    nameless = person("user")
    assert refusal(ask("POST", f"/users/{nameless.id}/invitation")) == (409, "CONFLICT")
    assert refusal(ask("POST", "/users/00000000-0000-4000-8000-00000000dead/invitation")) == (404, "NOT_FOUND")
    made = data(ask("POST", "/users", BELOV), 201)
    setting("MAIL_FROM", "")
    assert refusal(ask("POST", f"/users/{made['id']}/invitation")) == (503, "SERVICE_UNAVAILABLE")


def test_to_one_address_three_emails_an_hour_are_sent_to_all_requests(later: Later) -> None:
    made = register()
    answers = [from_address(f"198.51.100.{number}", FORGOT, {"email": ANNA["email"]}) for number in range(4)]
    assert [answer.status for answer in answers] == [202, 202, 202, 429]
    assert 3500 <= int(answers[3].headers["Retry-After"]) <= 3600
    assert ask("POST", f"/users/{made['id']}/invitation").status == 429
    assert ask("POST", FORGOT, {"email": "other@example.com"}).status == 202
    later(hours=1)
    assert ask("POST", FORGOT, {"email": ANNA["email"]}).status == 202


def test_one_client_asks_and_tries_tokens_ten_times_a_minute(later: Later) -> None:
    asked = [from_address("198.51.100.9", FORGOT, {"email": f"n{number}@example.com"}) for number in range(5)]
    tried = [from_address("198.51.100.9", RESET, {"token": "x", "password": NEW}) for _ in range(6)]
    assert [answer.status for answer in asked + tried] == [202] * 5 + [400] * 5 + [429]
    assert int(tried[-1].headers["Retry-After"]) <= 60
    assert from_address("198.51.100.9").status == 401, "logins are counted apart"
    later(minutes=1)
    assert from_address("198.51.100.9", RESET, {"token": "x", "password": NEW}).status == 400


# -- what nobody learns --------------------------------------------------------------------------------------------


def test_whether_an_email_is_known_shows_neither_in_the_answer_nor_in_what_is_done() -> None:
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


def test_for_an_unknown_email_nothing_is_sent(post: list[Any]) -> None:
    ask("POST", FORGOT, {"email": "unknown@example.com"})
    (message,) = asked_for()
    assert deliver(message) == {"batchItemFailures": []}
    assert post == []


def test_without_a_sender_the_answer_says_who_helps(setting: Setting) -> None:
    setting("MAIL_FROM", "")
    register()
    answers = [ask("POST", FORGOT, {"email": email}) for email in (ANNA["email"], "unknown@example.com")]
    assert [answer.status for answer in answers] == [202, 202]
    assert answers[0].body == answers[1].body
    assert "администратор" in data(answers[0], 202)["message"]
    assert asked_for() == []


def test_no_token_is_in_a_table_an_answer_or_a_log(post: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    made, invitation = invited(post)
    after_first = dump()
    token = forgotten(post, BELOV["email"])
    answers = [ask("GET", f"/users/{made['id']}"), ask("GET", "/users"), ask("POST", FORGOT, BELOV), reset(token)]
    shown = "".join(answer.text for answer in answers) + json.dumps([after_first, dump()])
    shown += json.dumps(events_of(f"user#{made['id']}"))
    captured = capsys.readouterr()
    for secret in (invitation, invitation[32:], token, token[32:], NEW):
        assert secret not in shown
        assert secret not in captured.out + captured.err
    assert "links" not in answers[0].text


# -- the listener runs again ---------------------------------------------------------------------------------------


def test_a_message_that_comes_twice_sends_one_email(post: list[Any]) -> None:
    ask("POST", "/users", BELOV)
    (message,) = asked_for()
    for _ in range(3):
        assert deliver(message) == {"batchItemFailures": []}
    assert len(post) == 1


def test_an_email_that_failed_is_sent_with_another_token_when_the_message_comes_again(post: list[Any]) -> None:
    ask("POST", "/users", BELOV)
    (message,) = asked_for()
    client("ses").delete_identity(Identity=SENDER)
    assert len(deliver(message)["batchItemFailures"]) == 1
    client("ses").verify_email_identity(EmailAddress=SENDER)
    assert reset(link(post)).status == 200


def test_what_was_asked_for_too_long_ago_is_not_sent_any_more(post: list[Any], later: Later) -> None:
    register()
    ask("POST", FORGOT, {"email": ANNA["email"]})
    later(minutes=61)
    assert deliver(asked_for()[-1]) == {"batchItemFailures": []}
    assert post == []


def test_a_user_who_is_gone_is_sent_nothing(post: list[Any]) -> None:
    made = data(ask("POST", "/users", BELOV), 201)
    assert ask("DELETE", f"/users/{made['id']}").status == 200
    assert deliver(asked_for()[-1]) == {"batchItemFailures": []}
    assert post == []


def test_a_link_and_a_change_of_the_user_at_the_same_time_are_both_kept(
    post: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, _ = invited(post)
    keep, overtaken = store.set_links, [True]

    def overtake(*arguments: Any) -> bool:
        if overtaken:
            overtaken.clear()
            assert ask("PUT", f"/users/{made['id']}", {"name": "Новое имя"}).status == 200
        return keep(*arguments)

    monkeypatch.setattr(store, "set_links", overtake)
    token = forgotten(post, BELOV["email"])
    assert ask("GET", f"/users/{made['id']}").json["data"]["name"] == "Новое имя"
    assert reset(token).status == 200


def test_an_account_keeps_a_handful_of_links(post: list[Any], later: Later) -> None:
    made, _ = invited(post)
    for _ in range(links.MAX_LINKS + 2):
        later(minutes=21)
        forgotten(post, BELOV["email"])
    item = store.find(made["id"])
    assert item and len(item.links) <= 4, "those that are over are forgotten"
