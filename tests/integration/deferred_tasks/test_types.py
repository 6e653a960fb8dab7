"""Each type of task does what it is for."""

import email
import email.policy
import json

import pytest

from tests.integration.deferred_tasks.world import World, attempts, plan, shown
from tests.production import ok


def test_a_callback_is_made(world: World) -> None:
    payload = {"url": "https://example.com/200", "method": "PUT", "data": {"a": 1}}
    made = plan(task_type="http_callback", payload=payload)
    world.run(seconds=3)
    assert world.calls == [("http", ("PUT", "https://example.com/200", b'{"a": 1}'))]
    assert attempts(made)[0]["result"] == {"status": 200, "ms": 5}


def test_a_callback_that_finds_nobody_is_tried_as_often_as_was_asked(world: World) -> None:
    made = plan(task_type="http_callback", payload={"url": "https://example.com/nobody"}, max_attempts=2)
    world.run(seconds=10)
    assert len(world.calls) == 2
    assert (shown(made)["status"], shown(made)["error_message"]) == ("failed", "Нет ответа за 10 с")


@pytest.mark.parametrize(
    ("payload", "subject", "text"),
    [
        ({"to": "user@example.com", "subject": "Напоминание"}, "Напоминание", ""),
        ({"to": "user@example.com", "subject": "s", "body": "Привет"}, "s", "Привет"),
        ({"to": "user@example.com"}, "Без темы", ""),
    ],
)
def test_a_letter_is_sent(world: World, payload: dict[str, str], subject: str, text: str) -> None:
    plan(task_type="send_email", payload=payload)
    world.run(seconds=3)
    ((kind, sent),) = world.calls
    letter = email.message_from_bytes(sent["RawMessage"]["Data"], policy=email.policy.default)
    assert (kind, letter["To"], letter["Subject"]) == ("mail", "user@example.com", subject)
    assert letter.get_content().strip() == text


def test_a_text_message_is_sent(world: World) -> None:
    plan(task_type="send_sms", payload={"phone": "+7 (999) 123-45-67", "text": "Смена началась"})
    world.run(seconds=3)
    assert world.calls == [("sms", {"PhoneNumber": "+79991234567", "Message": "Смена началась"})]


@pytest.mark.parametrize(("detail", "sent"), [({"a": 1}, {"a": 1}), ([1], {"detail": [1]}), (None, {"detail": None})])
def test_an_event_is_put_on_the_bus_from_a_source_of_its_own(world: World, detail: object, sent: object) -> None:
    plan(task_type="publish_event", payload={"name": "batch.created", "detail": detail})
    world.run(seconds=3)
    ((_, entry),) = world.calls
    assert (entry["Source"], entry["DetailType"]) == ("shopfloor.tasks", "batch.created")
    assert json.loads(entry["Detail"]) == sent


def test_a_report_is_asked_for_in_the_name_of_the_owner(world: World) -> None:
    made = plan(task_type="generate_report", payload={"name": "Ежедневный", "template_id": 4, "format": "csv"})
    world.run(seconds=3)
    (done,) = attempts(made)
    report = ok("GET", f"/api/v1/reports/{done['result']['report_id']}")
    assert (report["name"], report["user_id"], report["format"]) == ("Ежедневный", 1, "csv")


def test_a_report_is_asked_for_once_though_the_worker_died_after_it(world: World) -> None:
    made = plan(task_type="generate_report", payload={"name": "Ежедневный", "template_id": 4})
    world.dies_before = ["TransactWriteItems"] * 3  # it is taken, the report is written, and this is the end
    world.run(minutes=3)
    assert (shown(made)["status"], shown(made)["attempts"]) == ("completed", 2)
    assert ok("GET", "/api/v1/reports")["total"] == 1


def test_a_report_that_cannot_be_asked_for_fails_for_good(world: World) -> None:
    made = plan(task_type="generate_report", payload={"template_id": 4})
    world.run(seconds=3)
    assert (shown(made)["status"], shown(made)["error_message"]) == ("failed", "payload: name: обязательное поле")
