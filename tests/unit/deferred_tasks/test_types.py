"""The types of tasks and their payloads."""

import json
import sys
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib.core import outgoing
from chalicelib.core.auth import ADMINISTRATOR
from chalicelib.core.errors import Busy, Conflict, Invalid, NotFound, Unavailable
from chalicelib.core.outgoing import Failed, OutsideResponse
from chalicelib.deferred_tasks import registry, running, types  # noqa: F401 - fills the registry
from chalicelib.deferred_tasks.model import Failure, Task
from chalicelib.deferred_tasks.registry import Job, task_type

AT = datetime(2026, 1, 1, tzinfo=UTC)
URL = "https://example.com/hook"


def attempt(task_type: str, payload: Any) -> Any:
    """One attempt of a task of that type."""
    task = Task(7, 3, task_type, payload, AT, AT, AT, AT, attempts=2)
    return running.attempt(task, ADMINISTRATOR)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What was sent; answers are taken from the path."""
    sent: list[tuple[Any, ...]] = []

    def request(method: str, url: str, headers: dict[str, str], body: bytes, timeout: float) -> OutsideResponse:
        sent.append((method, url, headers, body, timeout))
        last = url.rpartition("/")[2]
        if last in ("timeout", "refused"):
            raise Failed(last, "нет ответа")  # type: ignore[arg-type]
        return OutsideResponse(int(last) if last.isdigit() else 200, "", 5)

    monkeypatch.setattr(outgoing, "request", request)
    return sent


def test_a_callback_sends_json_and_identifies_its_task(calls: list[tuple[Any, ...]]) -> None:
    payload = {"url": URL, "headers": {"X-Own": "1"}, "data": {"б": 1}}
    assert attempt("http_callback", payload) == {"status": 200, "ms": 5}
    ((method, url, headers, body, timeout),) = calls
    assert (method, url, timeout) == ("POST", URL, 10.0)
    assert json.loads(body) == {"б": 1}
    assert headers == {
        "Idempotency-Key": "deferred-task-7",
        "X-Task-Id": "7",
        "X-Task-Attempt": "2",
        "Content-Type": "application/json",
        "X-Own": "1",
    }


def test_a_callback_of_ones_own_making(calls: list[tuple[Any, ...]]) -> None:
    payload = {"url": URL, "method": "PUT", "headers": {"content-type": "text/csv"}, "data": "a;b", "timeout": 30}
    attempt("http_callback", payload)
    ((method, _, headers, body, timeout),) = calls
    assert (method, body, timeout, headers["content-type"]) == ("PUT", b"a;b", 30.0, "text/csv")
    assert "Content-Type" not in headers


@pytest.mark.parametrize("status", [199, 301, 302, 400, 404, 410, 429, 500, 503])
def test_every_other_answer_is_tried_again(calls: list[tuple[Any, ...]], status: int) -> None:
    failure = attempt("http_callback", {"url": f"{URL}/{status}"})
    assert (failure.text, failure.final) == (f"Получатель ответил {status}", False)


@pytest.mark.parametrize(("kind", "final"), [("timeout", False), ("refused", True)])
def test_no_answer_is_tried_again_but_where_we_may_not_go(calls: list[tuple[Any, ...]], kind: str, final: bool) -> None:
    failure = attempt("http_callback", {"url": f"{URL}/{kind}"})
    assert (failure.text, failure.final) == ("нет ответа", final)


WRONG = [
    ("http_callback", {}, "url"),
    ("http_callback", None, "url"),
    ("http_callback", {"url": "ftp://example.com/"}, "url"),
    ("http_callback", {"url": "https://u:p@example.com/"}, "url"),
    ("http_callback", {"url": URL, "method": "TRACE"}, "method"),
    ("http_callback", {"url": URL, "headers": {"Host": "other"}}, "headers"),
    ("http_callback", {"url": URL, "headers": {"X-Name": "Иван"}}, "X-Name: допускаются только символы ASCII"),
    ("http_callback", {"url": URL, "headers": {"X": "a\r\nY: b"}}, "headers"),
    ("http_callback", {"url": URL, "headers": {"X": 1}}, "headers.X"),
    ("http_callback", {"url": URL, "timeout": 31}, "timeout"),
    ("send_email", {"to": "nobody"}, "to"),
    ("send_email", {"to": "a@example.com", "subject": "a\r\nBcc: b@example.com"}, "subject"),
    ("send_sms", {"phone": "112", "text": "x"}, "phone"),
    ("send_sms", {"phone": "+79991234567"}, "text"),
    ("publish_event", {"detail": {}}, "name"),
    ("publish_event", ["name"], "payload"),
]


@pytest.mark.parametrize(("task_type", "payload", "field"), WRONG)
def test_a_payload_that_does_not_fit_will_never_do_and_the_text_names_the_field(
    calls: list[tuple[Any, ...]], task_type: str, payload: Any, field: str
) -> None:
    failure = attempt(task_type, payload)
    assert failure.final
    assert failure.text.startswith("payload: ")
    assert field in failure.text
    assert calls == []


def test_an_unknown_type_fails_for_good() -> None:
    failure = attempt("nobody_knows", {})
    assert (failure.text, failure.final) == ("unknown task type", True)


@pytest.mark.parametrize(
    ("error", "text", "final"),
    [
        (Failure("так", final=True), "так", True),
        (NotFound("нет такого"), "нет такого", True),
        (Invalid("не то"), "не то", True),
        (Conflict("занято"), "занято", False),
        (Unavailable("позже"), "позже", False),
        (ZeroDivisionError(), "Внутренняя ошибка: ZeroDivisionError", False),
    ],
)
def test_what_a_function_raises_ends_its_attempt(
    monkeypatch: pytest.MonkeyPatch, error: Exception, text: str, final: bool
) -> None:
    monkeypatch.setattr(registry, "_types", kept := dict(registry._types))
    monkeypatch.setattr(registry, "TYPES", kept)

    @task_type("breaks")
    def breaks(payload: Any, job: Job) -> None:
        assert (payload, job) == ([1], Job(7, 3, 2, ADMINISTRATOR))
        raise error

    failure = attempt("breaks", [1])
    assert (failure.text, failure.final) == (text, final)


@pytest.mark.parametrize("error", [Busy(), ClientError({"Error": {"Code": "ThrottlingException"}}, "PutItem")])
def test_contention_uses_up_no_attempt(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def busy(*_: object) -> None:
        raise error

    monkeypatch.setattr(registry, "run", busy)
    failure = attempt("anything", {})
    assert (failure.final, failure.counts, failure.retry_after > 0) == (False, False, True)


def test_an_attempt_does_not_swallow_the_end_of_its_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "run", lambda task, owner: sys.exit(1))
    with pytest.raises(SystemExit):
        attempt("breaks", [1])
