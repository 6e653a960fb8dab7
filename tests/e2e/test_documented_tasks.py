"""Every example of the contracts of deferred and of long tasks, as it stands there, the answers field by field.

Host, ids and dates are filled in: a date of the document has passed, so it is moved to where the example needs it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.e2e.documented import Reader, same
from tests.e2e.stack import Stack
from tests.waiting import wait_for

CREATE = """curl -X POST http://localhost:8080/api/v1/tasks \\
  -H "Content-Type: application/json" \\
  -d '{
    "execute_at": "2025-11-10T15:00:00Z",
    "task_type": "send_email",
    "payload": {
      "to": "user@example.com",
      "subject": "Test"
    },
    "max_attempts": 3
  }'"""
GET = "curl http://localhost:8080/api/v1/tasks/1"
CANCEL = "curl -X DELETE http://localhost:8080/api/v1/tasks/1"
PENDING = 'curl "http://localhost:8080/api/v1/tasks?status=pending&limit=10"'
REQUESTS = (
    "GET /api/v1/tasks",
    "GET /api/v1/tasks?status=pending",
    "GET /api/v1/tasks?task_type=send_email",
    "GET /api/v1/tasks?limit=20&offset=20",
    "GET /api/v1/tasks?status=pending&task_type=send_email&limit=10",
)
CREATED = {
    "task": {
        "id": 1,
        "execute_at": "2025-11-10T15:00:00Z",
        "task_type": "send_email",
        "payload": {"to": "user@example.com", "subject": "Test"},
        "status": "pending",
        "attempts": 0,
        "max_attempts": 3,
        "created_at": "2025-11-10T10:00:00Z",
        "updated_at": "2025-11-10T10:00:00Z",
    }
}
COMPLETED = {"task": {**CREATED["task"], "status": "completed", "attempts": 1, "completed_at": "2025-11-10T15:01:00Z"}}
CANCELLED = {"task": {**CREATED["task"], "status": "cancelled"}}
MOMENTS = ("created_at", "updated_at", "completed_at")

USER = '{\n  "name": "Иван Иванов"\n}'
TASK = '{\n  "task": "Обработка данных"\n}'
OTHER = '{\n  "task": "Другая задача"\n}'
WAITING = {
    "id": 1,
    "status": "pending",
    "task": "Обработка данных",
    "result": "",
    "error": "",
    "createdAt": "2023-10-01T14:30:00Z",
    "endedAt": None,
    "userId": 1,
}
DONE = {**WAITING, "status": "done", "result": "1234567890", "endedAt": "2023-10-01T14:33:00Z"}
FAILED = {**DONE, "status": "failed", "result": "error", "error": "Описание ошибки"}


def in_future(command: str, **ahead: int) -> tuple[str, str]:
    """The command with its date moved, and that date."""
    moment = (datetime.now(UTC) + timedelta(**ahead)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return command.replace("2025-11-10T15:00:00Z", moment), moment


def test_a_deferred_task_is_made_and_when_its_time_has_come_completed(reader: Reader) -> None:
    command, moment = in_future(CREATE, seconds=8)
    made = reader.types(command, 201)
    number = made["task"]["id"]
    filled_in = {"id": number, "execute_at": moment}
    same(made, {"task": CREATED["task"] | filled_in}, *MOMENTS)

    def completed() -> Any:
        shown = reader.types(GET.replace("tasks/1", f"tasks/{number}"), 200)
        return shown if shown["task"]["status"] == "completed" else None

    same(wait_for(completed, every=0.2), {"task": COMPLETED["task"] | filled_in}, *MOMENTS)


def test_a_deferred_task_is_listed_and_cancelled(reader: Reader) -> None:
    command, moment = in_future(CREATE, days=1)
    number = reader.types(command, 201)["task"]["id"]
    filled_in = {"id": number, "execute_at": moment}
    listed = reader.types(PENDING, 200)
    assert list(listed) == ["tasks", "total", "next_cursor"]
    assert listed["total"] >= 1
    same(listed["tasks"][0], CREATED["task"] | filled_in, *MOMENTS)
    for request in REQUESTS:
        page = reader.asks(request)
        assert (number in [one["id"] for one in page["tasks"]]) == ("offset" not in request)
    cancelled = reader.types(CANCEL.replace("tasks/1", f"tasks/{number}"), 200)
    same(cancelled, {"task": CANCELLED["task"] | filled_in}, *MOMENTS)
    assert "error" in reader.types(CANCEL.replace("tasks/1", f"tasks/{number}"), 404)


def test_the_documented_date_has_passed_and_is_refused(reader: Reader) -> None:
    assert reader.types(CREATE, 400)["error"].startswith("execute_at")


def test_the_deferred_tasks_are_well(stack: Stack) -> None:
    for path, accept in (("/api/v1/health", "*/*"), ("/health", "text/plain")):
        answer = stack.call("GET", path, headers={"Accept": accept})
        assert (answer.status_code, answer.text) == (200, "OK")


def test_a_long_task_is_made_done_and_listed(reader: Reader) -> None:
    user = reader.asks("POST /user", USER)
    same(user, {"id": 1, "name": "Иван Иванов"}, "id")
    number = user["id"]
    assert reader.asks(f"GET /user/{number}") == user
    assert reader.asks(f"GET /tasks/{number}") == []

    with undone(reader.stack):
        first = made(reader.asks(f"POST /task/{number}", TASK))
        filled_in = {"id": first, "userId": number}
        same(reader.asks(f"GET /task/{first}"), WAITING | filled_in, "createdAt")
    done = wait_for(lambda: ended(reader, first), timeout=120, every=0.2)
    same(done, DONE | filled_in, "createdAt", "endedAt", "result")
    assert int(done["result"]) >= 2_900
    assert done["endedAt"] > done["createdAt"]

    with undone(reader.stack):
        second = made(reader.asks(f"POST /task/{number}", OTHER))
        listed = reader.asks(f"GET /tasks/{number}")
    other = WAITING | {"id": second, "userId": number, "task": "Другая задача"}
    same(listed[0], DONE | filled_in, "createdAt", "endedAt", "result")
    same(listed[1], other, "createdAt")
    assert len(listed) == 2


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://nobody.invalid/", "ftp://example.com/"])
def test_a_long_task_that_cannot_be_done_is_shown_as_documented(stack: Stack, tmp_path: Any, url: str) -> None:
    reader = Reader(stack, tmp_path, locked=False)
    number = made(reader.asks("POST /task/1", TASK.replace("Обработка данных", f"fetch {url}")))
    failed = wait_for(lambda: ended(reader, number), every=0.2)
    same(failed, FAILED | {"id": number, "task": f"fetch {url}"}, "createdAt", "endedAt", "error")
    assert failed["error"]


@contextmanager
def undone(stack: Stack) -> Iterator[None]:
    """No long task is worked on inside the block, so one that is made there is pending to the end of it."""
    function, functions = {"FunctionName": f"{stack.name}-run-long-task"}, stack.client("lambda")
    functions.put_function_concurrency(**function, ReservedConcurrentExecutions=0)
    try:
        yield
    finally:
        functions.delete_function_concurrency(**function)


def made(answer: dict[str, str]) -> int:
    """The number of a task that was made."""
    number = int(answer["message"].split()[3])
    assert answer == {"message": f"Таск с id {number} создан"}
    return number


def ended(reader: Reader, number: int) -> Any:
    """A task when it is no longer pending."""
    shown = reader.asks(f"GET /task/{number}")
    return shown if shown["status"] != "pending" else None
