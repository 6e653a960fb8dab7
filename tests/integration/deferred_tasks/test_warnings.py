"""What will make a task fail is told at once: by `warnings` of a task, and by the refusal of a schedule."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.core import clock
from tests.failure_injection import everything, fault, throttled
from tests.integration.deferred_tasks.fake_aws import SCHEDULES, TASKS, FakeAws, attempts, shown
from tests.production import UNKNOWN, ask, batch, ok

LATER = {"execute_at": "2999-01-01T00:00:00Z"}
REPORT = {"name": "x", "template_id": 3, "parameters": {}}
SALES: dict[str, Any] = {"name": "x", "template_id": 1}
ZONE = {"period": "2024-01"}
FAILING: list[tuple[str, Any, str, str]] = [
    ("unheard_of", {}, "task_type", "unknown_task_type"),
    ("send_email", {}, "payload.to", "missing"),
    ("send_email", None, "payload.to", "missing"),
    ("send_email", {"to": "nobody"}, "payload.to", "email"),
    ("send_sms", {"phone": "x", "text": "y"}, "payload.phone", "value_error"),
    ("http_callback", {"url": "ftp://example.com"}, "payload.url", "value_error"),
    ("publish_event", [], "payload", "model_type"),
    ("generate_report", {"name": "x"}, "payload.template_id", "missing"),
    ("generate_report", REPORT | {"template_id": 99}, "payload.template_id", "not_found"),
    ("generate_report", REPORT, "payload.parameters.batch_id", "missing"),
    ("generate_report", REPORT | {"parameters": {"batch_id": UNKNOWN}}, "payload.parameters", "not_found"),
    ("generate_report", REPORT | {"template_id": 1}, "payload.parameters", "period"),
    (
        "generate_report",
        SALES | {"parameters": ZONE | {"time_zone": ["UTC"]}},
        "payload.parameters",
        "validation_error",
    ),
    (
        "generate_report",
        SALES | {"parameters": ZONE | {"time_zone": {"a": 1}}},
        "payload.parameters",
        "validation_error",
    ),
]


@pytest.mark.parametrize(("kind", "payload", "field", "code"), FAILING)
def test_a_task_that_will_fail_is_accepted_with_a_warning(
    kind: str, payload: Any, field: str, code: str, fake_aws: FakeAws
) -> None:
    body = LATER | {"task_type": kind, "payload": payload}
    answer = ask("POST", "/api/v1/tasks", body)
    assert answer.status == 201 and "X-Ignored-Fields" not in answer.headers
    assert [(one["field"], one["code"]) for one in answer.json["warnings"]] == [(field, code)]
    number = answer.json["task"]["id"]
    again = ask("GET", f"/api/v1/tasks/{number}")
    assert (again.json, again.headers["ETag"]) == (answer.json, answer.headers["ETag"])
    assert "warnings" not in ok("DELETE", f"/api/v1/tasks/{number}")


@pytest.mark.parametrize(("kind", "payload", "field", "code"), FAILING)
def test_a_schedule_whose_tasks_would_fail_is_refused(
    kind: str, payload: Any, field: str, code: str, fake_aws: FakeAws
) -> None:
    good = {"name": "x", "rate": "1 hour", "task_type": "publish_event", "payload": {"name": "x"}}
    refused = ask("POST", "/api/v1/schedules", good | {"task_type": kind, "payload": payload})
    assert refused.status == 400 and refused.json["error"].startswith(f"{field}: ")
    made = ok("POST", "/api/v1/schedules", good)["schedule"]["id"]
    assert ask("PATCH", f"/api/v1/schedules/{made}", {"task_type": kind, "payload": payload}).status == 400


def test_a_task_whose_warnings_cannot_be_read_is_made_without_them(fake_aws: FakeAws) -> None:
    body = LATER | {"task_type": "generate_report", "payload": REPORT | {"template_id": 99}}
    with fault(throttled, of=everything, table="shopfloor-test-report_templates") as calls:
        made = ask("POST", TASKS, body)
    assert calls and made.status == 201 and "warnings" not in made.json
    assert [one["id"] for one in ok("GET", TASKS)["tasks"]] == [made.json["task"]["id"]]


def test_a_warning_is_no_change_of_the_task_for_if_match(fake_aws: FakeAws) -> None:
    number = ok("POST", TASKS, LATER | {"task_type": "unheard_of", "payload": {}})["task"]["id"]
    english = ask("GET", f"{TASKS}/{number}", None, {"Accept-Language": "en"})
    changed = ask("PATCH", f"{TASKS}/{number}", {"max_attempts": 2}, {"If-Match": english.headers["ETag"]})
    assert english.json["warnings"] and changed.status == 200


def test_a_task_that_will_succeed_has_no_warnings(fake_aws: FakeAws) -> None:
    made = batch()["uuid"]
    for kind, payload in (
        ("send_email", {"to": "user@example.com", "anything": 1}),
        ("generate_report", REPORT | {"parameters": {"batch_id": made}}),
        ("generate_report", REPORT | {"template_id": 2, "parameters": {"period": "yesterday"}}),
    ):
        answer = ask("POST", "/api/v1/tasks", LATER | {"task_type": kind, "payload": payload})
        assert "warnings" not in answer.json, answer.text


def test_a_new_payload_ends_the_warning(fake_aws: FakeAws) -> None:
    made = ok("POST", "/api/v1/tasks", LATER | {"task_type": "send_email", "payload": {}})
    changed = ok("PATCH", f"/api/v1/tasks/{made['task']['id']}", {"payload": {"to": "user@example.com"}})
    assert made["warnings"] and "warnings" not in changed


def test_a_task_fails_in_the_language_of_the_request_that_made_it_or_its_schedule(fake_aws: FakeAws) -> None:
    english = {"Accept-Language": "en"}
    at = clock.to_json(clock.now() + timedelta(seconds=1))
    made = ask("POST", TASKS, {"execute_at": at, "task_type": "send_email", "payload": {}}, english).json["task"]
    fake_aws.run(seconds=3)
    assert shown(made)["error_message"] == "payload: to: this field is required"
    assert attempts(made)[0]["error"] == shown(made)["error_message"]
    body = {
        "name": "x",
        "rate": "1 minute",
        "task_type": "http_callback",
        "payload": {"url": "https://one.example/500"},
    }
    ask("POST", SCHEDULES, body, english)
    fake_aws.run(seconds=62)
    assert ok("GET", f"{TASKS}?task_type=http_callback")["tasks"][0]["error_message"] == "The receiver answered 500"
