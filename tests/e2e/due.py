"""Deferred tasks that are due in a moment, on a machine that may be slower than that.

The API refuses a time that has passed when it reads the request.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from tests.e2e.stack import Stack

TASKS = "/api/v1/tasks"
LEADS = (2, 4, 8, 16, 32)  # seconds; no request takes longer than the last


def in_time(send: Callable[[str], requests.Response], at: datetime) -> dict[str, Any]:
    """The task that a request with this time answers; while it comes too late, it is sent again with a later time."""
    answer = send(at.isoformat())
    for lead in LEADS:
        if answer.status_code != 400 or "должно быть в будущем" not in answer.text:
            break
        assert at <= datetime.now(UTC), "a time that is still to come was refused"
        answer = send((at := datetime.now(UTC) + timedelta(seconds=lead)).isoformat())
    assert answer.status_code in (200, 201), answer.text
    task: dict[str, Any] = answer.json()["task"]
    return task


def plan_at(
    stack: Stack, at: datetime, task_type: str, payload: Any, headers: Mapping[str, str] | None = None, **fields: Any
) -> dict[str, Any]:
    """A new task that is due at that time, or soon if it cannot be made before."""
    body = {"task_type": task_type, "payload": payload, **fields}
    return in_time(lambda time: stack.call("POST", TASKS, json={"execute_at": time, **body}, headers=headers), at)


def plan(stack: Stack, task_type: str, payload: Any, seconds: float = 3, **fields: Any) -> dict[str, Any]:
    """A new task that is due in so many seconds, or later if it cannot be made before."""
    return plan_at(stack, datetime.now(UTC) + timedelta(seconds=seconds), task_type, payload, **fields)
