"""The effects of each type of task."""

import email
import email.policy
import json

import pytest

from tests.integration.deferred_tasks.fake_aws import FakeAws, attempts, plan, shown
from tests.production import empty_tables, events_of, ok


def test_a_callback_is_made(fake_aws: FakeAws) -> None:
    payload = {"url": "https://example.com/200", "method": "PUT", "data": {"a": 1}}
    made = plan(task_type="http_callback", payload=payload)
    fake_aws.run(seconds=3)
    assert fake_aws.calls == [("http", ("PUT", "https://example.com/200", b'{"a": 1}'))]
    assert attempts(made)[0]["result"] == {"status": 200, "ms": 5}


def test_a_callback_without_listener_is_tried_max_attempts_times(fake_aws: FakeAws) -> None:
    made = plan(task_type="http_callback", payload={"url": "https://example.com/nobody"}, max_attempts=2)
    fake_aws.run(seconds=10)
    assert len(fake_aws.calls) == 2
    assert (shown(made)["status"], shown(made)["error_message"]) == ("failed", "Нет ответа за 10 с")


@pytest.mark.parametrize(
    ("payload", "subject", "text"),
    [
        ({"to": "user@example.com", "subject": "Напоминание"}, "Напоминание", ""),
        ({"to": "user@example.com", "subject": "s", "body": "Привет"}, "s", "Привет"),
        ({"to": "user@example.com"}, "Без темы", ""),
    ],
)
def test_an_email_is_sent(fake_aws: FakeAws, payload: dict[str, str], subject: str, text: str) -> None:
    plan(task_type="send_email", payload=payload)
    fake_aws.run(seconds=3)
    ((kind, sent),) = fake_aws.calls
    email_message = email.message_from_bytes(sent["RawMessage"]["Data"], policy=email.policy.default)
    assert (kind, email_message["To"], email_message["Subject"]) == ("mail", "user@example.com", subject)
    assert email_message.get_content().strip() == text


def test_a_text_message_is_sent(fake_aws: FakeAws) -> None:
    plan(task_type="send_sms", payload={"phone": "+7 (999) 123-45-67", "text": "Смена началась"})
    fake_aws.run(seconds=3)
    assert fake_aws.calls == [("sms", {"PhoneNumber": "+79991234567", "Message": "Смена началась"})]


@pytest.mark.parametrize(("detail", "sent"), [({"a": 1}, {"a": 1}), ([1], {"detail": [1]}), (None, {"detail": None})])
def test_an_event_is_put_on_the_bus_from_a_source_of_its_own(fake_aws: FakeAws, detail: object, sent: object) -> None:
    plan(task_type="publish_event", payload={"name": "batch.created", "detail": detail})
    fake_aws.run(seconds=3)
    ((_, entry),) = fake_aws.calls
    assert (entry["Source"], entry["DetailType"]) == ("shopfloor.tasks", "batch.created")
    assert json.loads(entry["Detail"]) == sent


def test_a_report_is_asked_for_in_the_name_of_the_owner(fake_aws: FakeAws) -> None:
    made = plan(task_type="generate_report", payload={"name": "Ежедневный", "template_id": 4, "format": "csv"})
    fake_aws.run(seconds=3)
    (done,) = attempts(made)
    report = ok("GET", f"/api/v1/reports/{done['result']['report_id']}")
    assert (report["name"], report["user_id"], report["format"]) == ("Ежедневный", 1, "csv")


def reports_of(fake_aws: FakeAws, dies_at: int | None) -> int:
    """A task that asks for a report, whose process dies at that call of AWS; all calls that were made."""
    empty_tables()
    fake_aws.messages.clear()
    fake_aws.steps, fake_aws.dies_at = 0, dies_at
    made = plan(task_type="generate_report", payload={"name": "Ежедневный", "template_id": 4})
    fake_aws.run(minutes=6, until=lambda: shown(made)["status"] == "completed")
    (done,) = [one["result"] for one in attempts(made) if one["result"]]
    (report,) = ok("GET", "/api/v1/reports")["reports"]
    assert (report["id"], report["saga_id"]) == (done["report_id"], done["saga_id"]), dies_at
    assert [name for name, _ in events_of(f"report#{report['id']}")].count("report.created") == 1
    return fake_aws.steps


def test_one_report_is_made_whenever_the_worker_dies(fake_aws: FakeAws) -> None:
    steps = reports_of(fake_aws, None)
    assert 6 < steps < 40
    for dies_at in range(1, steps + 1):
        reports_of(fake_aws, dies_at)


def test_one_report_is_made_although_workers_die_before_they_write_the_result(
    fake_aws: FakeAws,
) -> None:
    made = plan(task_type="generate_report", payload={"name": "Ежедневный", "template_id": 4})
    fake_aws.dies_before = ["TransactWriteItems"] * 3  # it is taken, the report is written, and this is the end
    fake_aws.run(minutes=1)
    fake_aws.dies_before = ["TransactWriteItems"] * 2  # it is taken over, finds the report, and this is the end again
    fake_aws.run(minutes=5)
    assert (shown(made)["status"], shown(made)["attempts"]) == ("completed", 3)
    assert ok("GET", "/api/v1/reports")["total"] == 1


def test_a_report_that_cannot_be_asked_for_fails_for_good(fake_aws: FakeAws) -> None:
    made = plan(task_type="generate_report", payload={"template_id": 4})
    fake_aws.run(seconds=3)
    assert (shown(made)["status"], shown(made)["error_message"]) == ("failed", "payload: name: обязательное поле")
