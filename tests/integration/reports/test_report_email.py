"""Reports with recipients: the file is sent by email when it is made, once to each recipient."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.core import mail
from chalicelib.reports import email as report_email
from tests.integration.reports import sent_email
from tests.integration.reports.api_client import ApiClient
from tests.integration.reports.sent_email import message_of, verified_sender
from tests.people import person, signed_in
from tests.production import events_of

ANNA, BORIS = "anna@example.com", "boris@example.com"
JANUARY = {"date_from": "2024-01-01", "date_to": "2024-01-31"}


@pytest.fixture
def post(api: ApiClient) -> Iterator[list[Any]]:
    """Set up SES with a verified sender; returns the list of sent messages."""
    with verified_sender(PUBLIC_URL="https://shop.example") as sent:
        yield sent


def requests_of(number: int) -> list[dict[str, Any]]:
    """Return the data of the events that request emails of a report."""
    return [data for name, data in events_of(f"report#{number}") if name == "report.mail_requested"]


def deliver(data: dict[str, Any]) -> dict[str, Any]:
    return sent_email.deliver("report.mail_requested", data)


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
    assert api.download(report).decode("utf-8-sig").startswith('"Дата","Номер партии"')
    refused = api.make(2, {"period": "last_week", "time_zone": "Mars"})
    assert (refused["status"], refused["error"][:10]) == ("failed", "time_zone:")
