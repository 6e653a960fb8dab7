"""Secrets in payloads are shown to their owner and to administrators; everybody else sees `***`."""

import json
from datetime import timedelta
from typing import Any
from unittest.mock import Mock

import pytest

from chalicelib.core import clock, outgoing, redaction
from chalicelib.deferred_tasks import running
from chalicelib.deferred_tasks.model import Failure
from chalicelib.users.service import User
from tests.integration.deferred_tasks.fake_aws import SCHEDULES, TASKS, FakeAws
from tests.people import person, signed_in
from tests.production import ask, events_of

SECRET = "s3cr3t-of-a-third-party"
PAYLOAD = {
    "url": f"https://host.example/200?token={SECRET}",
    "headers": {"Authorization": f"Bearer {SECRET}", "X-API-Key": SECRET, "X-Own": "1"},
    "data": {"login": "a", "nested": [{"password": SECRET}]},
}
SHOWN = {
    "url": "https://host.example/200?token=***",
    "headers": {"Authorization": "***", "X-API-Key": "***", "X-Own": "1"},
    "data": {"login": "a", "nested": [{"password": "***"}]},
}
OTHERS = ["manager", "engineer", "executive"]


def call(who: User, method: str, path: str, body: Any = None) -> Any:
    """The JSON of a call that is let through."""
    answer = ask(method, path, body, signed_in(who))
    assert answer.status < 300, answer.text
    return answer.json


def a_task(owner: User) -> str:
    """The path of a new task that is due in a second."""
    at = clock.to_json(clock.now() + timedelta(seconds=1))
    body = {"execute_at": at, "task_type": "http_callback", "payload": PAYLOAD, "max_attempts": 1}
    return f"{TASKS}/{call(owner, 'POST', TASKS, body)['task']['id']}"


def a_schedule(owner: User) -> str:
    """The path of a new schedule."""
    body = {"name": "Опрос", "rate": "1 hour", "task_type": "http_callback", "payload": PAYLOAD}
    return f"{SCHEDULES}/{call(owner, 'POST', SCHEDULES, body)['schedule']['id']}"


@pytest.mark.parametrize("role", OTHERS)
def test_others_see_no_secret_of_a_task_anywhere(locked: FakeAws, role: str) -> None:
    owner, other, admin = person("engineer"), person(role), person("admin")
    path = a_task(owner)
    for who, shown in ((owner, PAYLOAD), (admin, PAYLOAD), (other, SHOWN)):
        assert call(who, "GET", path)["task"]["payload"] == shown
        assert call(who, "GET", TASKS)["tasks"][0]["payload"] == shown
    if role != "executive":
        moved = {"execute_at": clock.to_json(clock.now() + timedelta(seconds=2))}
        assert call(other, "PATCH", path, moved)["task"]["payload"] == SHOWN
        assert call(other, "DELETE", path)["task"]["payload"] == SHOWN


def test_secrets_are_searched_only_in_tasks_that_fit_into_the_response(
    locked: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, other, hidden = person("engineer"), person("manager"), Mock(wraps=redaction.mask_json)
    monkeypatch.setattr(redaction, "mask_json", hidden)
    at = clock.to_json(clock.now() + timedelta(hours=1))
    body = {"execute_at": at, "task_type": "http_callback", "payload": "a=" * 95_000}
    made = [call(owner, "POST", TASKS, body)["task"]["id"] for _ in range(40)]
    first = call(other, "GET", f"{TASKS}?limit=100")
    assert hidden.call_count <= len(first["tasks"]) + 1 < 40
    rest = call(other, "GET", f"{TASKS}?limit=100&cursor={first['next_cursor']}")
    assert [one["id"] for one in first["tasks"] + rest["tasks"]] == made[::-1]
    assert rest["next_cursor"] is None


@pytest.mark.parametrize("role", OTHERS)
def test_others_see_no_secret_of_a_schedule_anywhere(locked: FakeAws, role: str) -> None:
    owner, other, admin = person("manager"), person(role), person("admin")
    path = a_schedule(owner)
    for who, shown in ((owner, PAYLOAD), (admin, PAYLOAD), (other, SHOWN)):
        assert call(who, "GET", path)["schedule"]["payload"] == shown
        assert call(who, "GET", SCHEDULES)["schedules"][0]["payload"] == shown
    if role == "manager":
        assert call(other, "PATCH", path, {"name": "Новое"})["schedule"]["payload"] == SHOWN
        assert call(other, "POST", f"{path}/run")["task"]["payload"] == SHOWN
    assert call(owner, "GET", path)["schedule"]["payload"] == PAYLOAD


def test_what_is_hidden_is_not_written_back_in_the_place_of_the_secret(locked: FakeAws) -> None:
    owner, other = person("manager"), person("manager")
    for path, name in ((a_task(owner), "task"), (a_schedule(owner), "schedule")):
        seen = call(other, "GET", path)[name]["payload"]
        answer = ask("PATCH", path, {"payload": seen | {"method": "PUT"}}, signed_in(other))
        assert (answer.status, answer.json["error"].partition(":")[0]) == (400, "payload")
        assert call(owner, "GET", path)[name]["payload"] == PAYLOAD
        call(other, "PATCH", path, {"payload": {"url": "https://host.example/200"}})


def test_no_secret_gets_into_errors_attempts_events_or_the_log(
    locked: FakeAws, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(method: str, url: str, headers: dict[str, str], body: bytes, timeout: float) -> Any:
        raise outgoing.Failed("protocol", f"{url} {headers['Authorization']} {headers['X-API-Key']}")

    monkeypatch.setattr(outgoing, "request", refused)
    owner = person("engineer")
    path = a_task(owner)
    locked.run(seconds=3)
    done = call(owner, "GET", path)["task"]
    assert (done["status"], done["error_message"]) == ("failed", "https://host.example/200?token=*** *** ***")
    ((_, data),) = events_of(f"deferred_task#{done['id']}")
    found = [data, call(owner, "GET", f"{path}/attempts"), done["error_message"]]
    assert SECRET not in json.dumps(found)
    assert SECRET not in capsys.readouterr().err


def test_results_of_attempts_are_shown_to_others_without_secrets(
    locked: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running.registry, "run", lambda task, owner: {"access_token": SECRET, "status": 200})
    owner, other = person("engineer"), person("executive")
    path = a_task(owner)
    locked.run(seconds=3)
    for who, token in ((owner, SECRET), (other, "***")):
        (attempt,) = call(who, "GET", f"{path}/attempts")["attempts"]
        assert attempt["result"] == {"access_token": token, "status": 200}


def test_an_unforeseen_failure_shows_no_secrets(locked: FakeAws, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(task: Any, owner: Any) -> None:
        raise Failure(f"нет доступа с ключом {SECRET}", final=True)

    monkeypatch.setattr(running.registry, "run", broken)
    owner = person("engineer")
    path = a_task(owner)
    locked.run(seconds=3)
    assert call(owner, "GET", path)["task"]["error_message"] == "нет доступа с ключом ***"
