"""Long tasks on the deployed stack: many at once, what lies at a URL."""

import hashlib
import re
from typing import Any

from tests.e2e.production import at_once, events_of, ok, statuses
from tests.e2e.stack import Stack
from tests.waiting import wait_for

CROWD = 4


def test_tasks_made_at_the_same_time_are_all_done_and_listed_in_their_order(stack: Stack) -> None:
    user = ok(stack, "POST", "/user", {"name": "Анна"})["id"]
    texts = [f"Задача {number}" for number in range(CROWD)]
    texts[0] = f"fetch {stack.url}/api/v1/health"
    answers = at_once(lambda text: stack.call("POST", f"/task/{user}", json={"task": text}), texts)
    assert statuses(answers) == {200: CROWD}
    listed = ok(stack, "GET", f"/tasks/{user}")
    numbers = [int(re.findall(r"\d+", answer.json()["message"])[0]) for answer in answers]
    made = dict(zip(numbers, texts, strict=True))
    assert [(task["id"], task["task"]) for task in listed] == sorted(made.items())
    numbers = [task["id"] for task in listed]

    def done() -> Any:
        tasks = ok(stack, "GET", f"/tasks/{user}")
        return tasks if all(task["status"] == "done" for task in tasks) else None

    tasks = wait_for(done, timeout=60, every=0.5)
    assert [task["id"] for task in tasks] == numbers
    (fetched,) = [task for task in tasks if task["task"] == texts[0]]
    assert fetched["result"] == f"status=200 size=2 sha256={hashlib.sha256(b'OK').hexdigest()}"
    waited = [int(task["result"]) for task in tasks if task is not fetched]
    assert min(waited) >= 2_900
    events = [event["name"] for number in numbers for event in events_of(stack, f"long_task#{number}")]
    assert events == ["long_task.completed"] * CROWD
