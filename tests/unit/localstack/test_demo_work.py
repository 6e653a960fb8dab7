"""The deferred tasks, schedules and long tasks of the demo, on machines of any speed."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from localstack.client import Api, ApiFailed
from localstack.demo import work

EMPTY = {"tasks": [], "schedules": [], "next_cursor": None}


@dataclass(frozen=True)
class SlowApi(Api):
    """An API without data that reads requests so long after they were sent; it keeps the tasks that it takes."""

    delay: timedelta = timedelta()
    tasks: list[dict[str, Any]] = field(default_factory=list)

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Answer in place of the stack."""
        if method == "GET":
            return 200, [] if path.startswith("/tasks/") else EMPTY
        if path.startswith("/task/"):
            return 200, {}
        if path == "/api/v1/tasks":
            if datetime.fromisoformat(body["execute_at"]) <= datetime.now(UTC) + self.delay:
                return 400, {"error": "execute_at: должно быть в будущем"}
            self.tasks.append(body)
        return 201, {}


@pytest.mark.parametrize("seconds", [0, 0.9, 3, 29, 34])
def test_every_deferred_task_is_made_however_long_the_api_takes_to_read_it(seconds: float) -> None:
    api = SlowApi("http://127.0.0.1:8000", delay=timedelta(seconds=seconds))
    work.make(api, 1)
    assert len(api.tasks) == 5


def test_a_task_that_no_time_is_late_enough_for_fails() -> None:
    api = SlowApi("http://127.0.0.1:8000", delay=timedelta(days=400))
    with pytest.raises(ApiFailed, match="execute_at"):
        work.make(api, 1)
