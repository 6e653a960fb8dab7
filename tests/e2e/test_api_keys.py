"""API keys on a stack where every call needs a token or a key, with IAM enforced."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.e2e.due import TASKS, in_time, plan
from tests.e2e.people import administrator
from tests.e2e.stack import Stack
from tests.waiting import wait_for

KEYS = "/v1/api-keys"


def make(stack: Stack, *roles: str) -> dict[str, Any]:
    """A new key."""
    body = {"name": "Весы цеха №1", "roles": list(roles)}
    answer = stack.call("POST", KEYS, json=body, headers=administrator(stack))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()["data"]
    return made


@pytest.mark.parametrize("header", ["Authorization", "X-API-Key"])
def test_the_life_of_a_key(header: str, locked_stack: Stack) -> None:
    made, chief = make(locked_stack, "manager"), administrator(locked_stack)
    key = {header: f"Bearer {made['key']}" if header == "Authorization" else made["key"]}
    center = {"identifier": made["id"], "name": "Весы"}
    assert locked_stack.call("POST", "/api/work_centers", json=center, headers=key).status_code == 201
    assert locked_stack.call("GET", KEYS, headers=key).status_code == 403
    listed = locked_stack.call("GET", KEYS, headers=chief).json()["data"]
    (mine,) = [one for one in listed if one["id"] == made["id"]]
    assert mine["last_used_at"] and "key" not in mine
    assert locked_stack.call("DELETE", f"{KEYS}/{made['id']}", headers=chief).status_code == 200
    assert locked_stack.call("GET", "/api/work_centers", headers=key).status_code == 401
    line = next(one for one in locked_stack.log_lines("api") if one.get("user") == made["number"])
    assert line["status"] == 201
    assert made["key"] not in str(locked_stack.log_lines("api"))


def test_a_task_of_a_revoked_key_fails_and_says_why(locked_stack: Stack) -> None:
    made, chief = make(locked_stack, "engineer"), administrator(locked_stack)
    url, key = "http://127.0.0.1:9/", {"X-API-Key": made["key"]}
    task = plan(locked_stack, "http_callback", {"url": url}, 600, headers=key)
    path = f"{TASKS}/{task['id']}"
    assert locked_stack.call("DELETE", f"{KEYS}/{made['id']}", headers=chief).status_code == 200
    soon = datetime.now(UTC) + timedelta(seconds=1)
    in_time(lambda at: locked_stack.call("PATCH", path, json={"execute_at": at}, headers=chief), soon)

    def ended() -> Any:
        shown = locked_stack.call("GET", path, headers=chief).json()["task"]
        return shown if shown["status"] == "failed" else None

    assert "нет роли" in wait_for(ended, every=0.2)["error_message"]
