"""Deferred tasks through the API: the shapes of the document, its refusals, lists, ownership."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.core import clock
from chalicelib.core.recount import ListCounters, compare
from chalicelib.deferred_tasks import service
from chalicelib.deferred_tasks.model import Failure
from chalicelib.deferred_tasks.store import TASKS as LISTING
from tests.integration.deferred_tasks.fake_aws import TASKS, FakeAws, attempts, plan, shown
from tests.people import person, signed_in, signing
from tests.production import ask, events_of, nothing_written, ok

FIELDS = ["id", "execute_at", "task_type", "payload", "status", "attempts", "max_attempts", "created_at", "updated_at"]
SWEEP_AHEAD = "2999-01-01T00:00:00Z"
GOOD = {"execute_at": SWEEP_AHEAD, "task_type": "work", "payload": {"to": "user@example.com"}}


def test_a_task_has_the_documented_fields_in_every_status(fake_aws: FakeAws) -> None:
    at = (clock.now() + timedelta(minutes=5)).replace(microsecond=0)
    made = ok("POST", TASKS, {**GOOD, "execute_at": at.astimezone().isoformat(), "max_attempts": 3})["task"]
    assert list(made) == FIELDS
    assert (made["execute_at"], made["payload"]) == (clock.to_json(at), GOOD["payload"])
    assert (made["status"], made["attempts"], made["max_attempts"]) == ("pending", 0, 3)
    assert shown(made) == made
    fake_aws.run(minutes=5, seconds=1)
    done = shown(made)
    assert list(done) == [*FIELDS, "completed_at"]
    assert (done["status"], done["attempts"]) == ("completed", 1)
    assert 0 <= (datetime.fromisoformat(done["completed_at"]) - at).total_seconds() < 1
    assert [name for name, _ in events_of(f"deferred_task#{made['id']}")] == ["deferred_task.completed"]


def test_numbers_count_up_and_any_json_is_a_payload(fake_aws: FakeAws) -> None:
    payloads: list[Any] = [None, 0, "текст", [1, [2.5]], {"a": {"b": None}}, True]
    made = [plan(payload=payload) for payload in payloads]
    numbers = [task["id"] for task in made]
    assert numbers == list(range(numbers[0], numbers[0] + len(payloads)))
    assert [shown(task)["payload"] for task in made] == payloads


WRONG = [
    ({**GOOD, "execute_at": "2025-11-10T15:00:00Z"}, "execute_at"),
    ({**GOOD, "execute_at": "2999-11-10T15:00:00"}, "execute_at"),
    ({**GOOD, "execute_at": "tomorrow"}, "execute_at"),
    ({**GOOD, "execute_at": 4_000_000_000}, "execute_at"),
    ({**GOOD, "task_type": "x" * 51}, "task_type"),
    ({**GOOD, "task_type": " "}, "task_type"),
    ({**GOOD, "max_attempts": 0}, "max_attempts"),
    ({**GOOD, "max_attempts": 101}, "max_attempts"),
    ({**GOOD, "max_attempts": "3"}, "max_attempts"),
    ({**GOOD, "payload": "x" * 204_799}, "payload"),
    ({"execute_at": SWEEP_AHEAD, "task_type": "work"}, "payload"),
    ({}, "execute_at"),
]


def test_a_payload_has_up_to_200_times_1024_bytes(fake_aws: FakeAws) -> None:
    assert ask("POST", TASKS, {**GOOD, "payload": "x" * 204_798}).status == 201


@pytest.mark.parametrize(("body", "field"), WRONG)
def test_what_is_not_right_is_400_and_names_the_field(fake_aws: FakeAws, body: dict[str, Any], field: str) -> None:
    with nothing_written():
        answer = ask("POST", TASKS, body)
    assert answer.status == 400
    assert list(answer.json) == ["error"]
    assert field in answer.json["error"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/x", 400), ("GET", "/0", 400), ("GET", "/999", 404), ("DELETE", "/999", 404), ("PATCH", "/999", 404),
        ("GET", "?limit=-1", 400), ("GET", "?limit=x", 400), ("GET", "?offset=-1", 400), ("GET", "?status=x", 400),
        ("GET", "/999/attempts", 404), ("POST", "/999/retry", 404), ("PUT", "/999", 405),
    ],
)  # fmt: skip
def test_refusals_have_the_shape_of_its_area(fake_aws: FakeAws, method: str, path: str, status: int) -> None:
    answer = ask(method, TASKS + path, {} if method == "PATCH" else None)
    assert (answer.status, list(answer.json)) == (status, ["error"])


def test_lists_are_filtered_and_their_totals_exact(fake_aws: FakeAws) -> None:
    ended, waiting = plan(task_type="nobody_knows"), plan(seconds=500)
    others = [plan(seconds=500, task_type="send_sms") for _ in range(3)]
    fake_aws.run(seconds=3)
    numbers = [task["id"] for task in (*reversed(others), waiting, ended)]
    page = ok("GET", TASKS)
    assert ([task["id"] for task in page["tasks"]], page["total"]) == (numbers, 5)
    totals = {"status=pending": 4, "status=failed": 1, "task_type=send_sms": 3, "status=completed": 0}
    for query, total in totals.items():
        assert ok("GET", f"{TASKS}?{query}")["total"] == total
    page = ok("GET", f"{TASKS}?status=pending&task_type=send_sms&limit=2&offset=1")
    assert ([task["id"] for task in page["tasks"]], page["total"]) == (numbers[1:3], 3)
    for limit in (0, 101, 1_000):
        assert len(ok("GET", f"{TASKS}?limit={limit}")["tasks"]) == 5
    assert compare(ListCounters(LISTING))[0] == {}


def test_cancelling_is_for_what_has_not_ended(fake_aws: FakeAws) -> None:
    waiting, ended = plan(seconds=500), plan()
    fake_aws.run(seconds=3)
    cancelled = ok("DELETE", f"{TASKS}/{waiting['id']}")["task"]
    assert (list(cancelled), cancelled["status"]) == (FIELDS, "cancelled")
    for task in (waiting, ended):
        assert ask("DELETE", f"{TASKS}/{task['id']}").status == 404
    fake_aws.run(minutes=15)
    assert [number for number, _, _ in fake_aws.work] == [ended["id"]]
    assert shown(waiting) == cancelled


def test_time_and_payload_of_what_waits_can_be_changed(fake_aws: FakeAws) -> None:
    made = plan(seconds=300, payload=1)
    place = f"{TASKS}/{made['id']}"
    sooner = (clock.now() + timedelta(seconds=20)).replace(microsecond=0)
    changed = ok("PATCH", place, {"execute_at": clock.to_json(sooner), "payload": {"n": 2}})["task"]
    assert (changed["execute_at"], changed["payload"]) == (clock.to_json(sooner), {"n": 2})
    assert ok("PATCH", place, {"execute_at": None})["task"] == changed
    assert ask("PATCH", place, {"execute_at": "2020-01-01T00:00:00Z"}).status == 400
    fake_aws.run(minutes=8)
    ((_, payload, at),) = fake_aws.work
    assert payload == {"n": 2}
    assert 0 <= (at - sooner).total_seconds() < 1
    assert ask("PATCH", place, {"payload": 3}).status == 409


def test_put_off_it_does_not_run_at_its_old_time(fake_aws: FakeAws) -> None:
    made = plan(seconds=30)
    later = clock.now() + timedelta(minutes=5)
    ok("PATCH", f"{TASKS}/{made['id']}", {"execute_at": clock.to_json(later)})
    fake_aws.run(minutes=4)
    assert fake_aws.work == []
    fake_aws.run(minutes=2)
    ((_, _, at),) = fake_aws.work
    assert 0 <= (at - later).total_seconds() < 1


def test_failed_tasks_are_made_again_one_or_many(fake_aws: FakeAws) -> None:
    fake_aws.fails = [Failure("нет", final=True) for _ in range(4)]
    one, *many = [plan() for _ in range(4)]
    fake_aws.run(seconds=3)
    assert ok("GET", f"{TASKS}?status=failed")["total"] == 4
    again = ask("POST", f"{TASKS}/{one['id']}/retry")
    assert (again.status, again.json["task"]["status"]) == (202, "pending")
    assert ask("POST", f"{TASKS}/{one['id']}/retry").status == 409
    assert ok("POST", f"{TASKS}/retry", {"task_type": "other"}) == {"retried": 0, "more": False}
    assert ok("POST", f"{TASKS}/retry", {"task_type": "work"}) == {"retried": 3, "more": False}
    fake_aws.run(seconds=3)
    assert [shown(task)["status"] for task in (one, *many)] == ["completed"] * 4
    assert [(entry["error"], entry["result"]) for entry in attempts(one)] == [("нет", None), (None, {"done": 2})]


def test_an_idempotency_key_makes_one_task(fake_aws: FakeAws) -> None:
    first, second = (ask("POST", TASKS, GOOD, {"Idempotency-Key": "k-1"}) for _ in range(2))
    assert (first.status, second.body) == (201, first.body)
    assert ok("GET", TASKS)["total"] == 1
    assert ask("POST", TASKS, {**GOOD, "payload": 2}, {"Idempotency-Key": "k-1"}).status == 422


def test_a_user_does_not_find_tasks_of_others(fake_aws: FakeAws, monkeypatch: pytest.MonkeyPatch) -> None:
    from chalicelib.core.settings import settings

    monkeypatch.setenv("JWT_SECRET_ARN", signing())
    settings.cache_clear()
    anna, boss = signed_in(person("user")), signed_in(person("manager"))
    plan(seconds=500)
    own = ask("POST", TASKS, GOOD, anna).json["task"]
    page = ask("GET", TASKS, None, anna).json
    assert ([task["id"] for task in page["tasks"]], page["total"]) == ([own["id"]], 1)
    assert ask("GET", f"{TASKS}?status=pending", None, boss).json["total"] == 2
    for method, path in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("GET", "/attempts"), ("POST", "/retry")):
        body = {} if method == "PATCH" else None
        assert ask(method, f"{TASKS}/{own['id'] - 1}{path}", body, anna).status == 404
    assert ask("POST", f"{TASKS}/retry", {}, anna).status == 403
    assert ask("POST", TASKS, GOOD, signed_in(person("customer"))).status == 403


def test_tasks_of_a_period(fake_aws: FakeAws) -> None:
    before = clock.now()
    first = plan(seconds=500)
    fake_aws.run(minutes=2)
    middle = clock.now()
    second = plan(seconds=500)
    periods = ((before, None), (middle, None), (None, middle))
    numbers = [[task.number for task in service.between(*period)] for period in periods]
    assert numbers == [[first["id"], second["id"]], [second["id"]], [first["id"]]]
    assert list(service.between(before, None, user_id=99)) == []
