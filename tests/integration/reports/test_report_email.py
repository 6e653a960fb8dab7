"""Reports with recipients: the file is sent by email when it is made, once to each recipient."""

import json
from collections.abc import Iterator
from email import message_from_string, policy
from email.message import EmailMessage
from typing import Any

import pytest

import app
from chalicelib.core import mail
from chalicelib.core.aws import client
from chalicelib.core.settings import settings
from chalicelib.reports import email as report_email
from tests.http_events import lambda_context
from tests.integration.reports.api_client import ApiClient
from tests.people import person, signed_in
from tests.production import events_of

SENDER = "shopfloor@example.com"
ANNA, BORIS = "anna@example.com", "boris@example.com"
JANUARY = {"date_from": "2024-01-01", "date_to": "2024-01-31"}


@pytest.fixture
def post(api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Set up SES with a verified sender; returns the list of sent messages."""
    from moto.core import DEFAULT_ACCOUNT_ID
    from moto.ses.models import ses_backends

    monkeypatch.setenv("MAIL_FROM", SENDER)
    monkeypatch.setenv("PUBLIC_URL", "https://shop.example")
    settings.cache_clear()
    client("ses").verify_email_identity(EmailAddress=SENDER)
    sent: list[Any] = ses_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].sent_messages
    sent.clear()
    yield sent
    monkeypatch.undo()
    settings.cache_clear()


def requests_of(number: int) -> list[dict[str, Any]]:
    """Return the data of the events that request emails of a report."""
    return [data for name, data in events_of(f"report#{number}") if name == "report.mail_requested"]


def deliver(data: dict[str, Any]) -> dict[str, Any]:
    """Call the listener with a message of the queue."""
    detail = {"event": "report.mail_requested", "events": [{"id": "1", "timestamp": "", "data": data}]}
    record = {"messageId": "1", "eventSource": "aws:sqs", "body": json.dumps({"detail": detail})}
    answer: dict[str, Any] = app.react({"Records": [record]}, lambda_context())
    return answer


def message_of(sent: Any) -> EmailMessage:
    message = message_from_string(sent.raw_data, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_every_recipient_gets_the_file_once(api: ApiClient, post: list[Any]) -> None:
    api.batch(1)
    report = api.make(2, JANUARY, format="xlsx", recipients=[ANNA, BORIS, ANNA.upper()])
    assert report["recipients"] == [ANNA.upper(), BORIS]
    requested = requests_of(report["id"])
    assert len(requested) == 2
    for data in requested * 2:
        assert deliver(data) == {"batchItemFailures": []}
    messages = [message_of(sent) for sent in post]
    assert [message["To"] for message in messages] == [ANNA.upper(), BORIS]
    assert {message["Subject"] for message in messages} == {"Отчет «Отчёт»"}
    body = messages[0].get_body()
    assert body is not None and f"https://shop.example/console#/reports/{report['id']}" in body.get_content()
    (attached,) = messages[0].iter_attachments()
    assert attached.get_filename() == "Отчёт.xlsx"
    assert attached.get_content() == api.download(report)


def test_a_file_too_large_is_not_attached(api: ApiClient, post: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "MAX_FILE_BYTES", 10)
    report = api.make(2, JANUARY, recipients=[ANNA])
    deliver(requests_of(report["id"])[0])
    message = message_of(post[0])
    assert list(message.iter_attachments()) == []
    body = message.get_body()
    assert body is not None and "слишком велик для письма" in body.get_content()


def test_email_that_failed_is_sent_when_its_message_is_repeated(
    api: ApiClient, post: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = requests_of(api.make(2, JANUARY, recipients=[ANNA])["id"])[0]
    with monkeypatch.context() as broken:
        broken.setattr(report_email.mail, "send", lambda *_: 1 / 0)
        assert deliver(data) == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    assert deliver(data) == {"batchItemFailures": []}
    assert len(post) == 1


def test_a_report_deleted_meanwhile_is_not_sent(api: ApiClient, post: list[Any]) -> None:
    report = api.make(2, JANUARY, recipients=[ANNA])
    api.ok("DELETE", f"/api/v1/reports/{report['id']}")
    assert deliver(requests_of(report["id"])[0]) == {"batchItemFailures": []}
    assert post == []


def test_failed_report_sends_no_email(api: ApiClient, post: list[Any]) -> None:
    report = api.make(99, {}, recipients=[ANNA])
    assert report["status"] == "failed"
    assert requests_of(report["id"]) == []


def test_wrong_recipients_get_400_and_forbidden_roles_403(api: ApiClient, post: list[Any]) -> None:
    body = {"name": "Смены", "template_id": 2, "parameters": JANUARY}
    for wrong in (["nobody"], [f"user{number}@example.com" for number in range(21)], ANNA):
        answer = api.call("POST", "/api/v1/reports", body | {"recipients": wrong})
        assert answer.status == 400 and "recipients" in answer.text
    for role in ("customer", "user"):
        answer = api.call("POST", "/api/v1/reports", body | {"recipients": [ANNA]}, signed_in(person(role)))
        assert answer.status == 403 and "recipients" in answer.text


def test_recipients_without_a_configured_sender_get_503(api: ApiClient) -> None:
    body = {"name": "Смены", "template_id": 2, "parameters": JANUARY, "recipients": [ANNA]}
    answer = api.call("POST", "/api/v1/reports", body)
    assert answer.status == 503 and "MailFrom" in answer.text


def test_word_for_the_period_is_resolved_when_the_report_is_made(api: ApiClient) -> None:
    report = api.make(2, {"period": "last_week", "time_zone": "Europe/Moscow"}, format="csv")
    assert report["status"] == "completed"
    assert json.loads(report["parameters"]) == {"period": "last_week", "time_zone": "Europe/Moscow"}
    assert api.download(report).decode("utf-8-sig").startswith('"Сменный отчет за ')
    refused = api.make(2, {"period": "last_week", "time_zone": "Mars"})
    assert (refused["status"], refused["error"][:10]) == ("failed", "time_zone:")
