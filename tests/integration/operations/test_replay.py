"""`POST /api/v1/operations/replay`: what it would do, what it does, and what it leaves."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.core import clock
from chalicelib.deferred_tasks import dispatch
from chalicelib.operations import replaying
from chalicelib.quotas import service as quotas
from chalicelib.reports import machine
from tests.integration.operations.sample_work import (
    at,
    background_task,
    deferred_task,
    failed_saga,
    failed_task,
    new_id,
    saga,
)
from tests.people import person, signed_in
from tests.production import ask, empty_tables, nothing_written, ok

PATH = "/api/v1/operations/replay"


@pytest.fixture(autouse=True)
def started(tables_of_the_system: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The operations that were started again; queues and executions are replaced."""
    made: list[str] = []
    monkeypatch.setattr(dispatch, "wake_tasks", lambda tasks: made.extend(str(task.number) for task in tasks))
    monkeypatch.setattr(machine, "start", lambda saga: made.append(saga.saga_id))
    yield made
    empty_tables()


def replay(kind: str, dry_run: bool = False, **body: Any) -> dict[str, Any]:
    answer = ask("POST", PATH, {"kind": kind, "dry_run": dry_run, **body})
    assert answer.status == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def statuses(kind: str) -> dict[str, str]:
    return {one["id"]: one["status"] for one in ok("GET", f"/api/v1/operations?kind={kind}&limit=100")["items"]}


@pytest.mark.parametrize(("kind", "fail"), [("deferred", failed_task), ("saga", failed_saga)])
def test_preview_matches_the_replay(kind: str, fail: Any, started: list[str]) -> None:
    made = [fail(second) for second in (1, 2, 3)]
    with nothing_written():
        preview = replay(kind, dry_run=True)
    assert [one["id"] for one in preview["items"]] == made[::-1]
    assert (preview["matched"], preview["replayed"], preview["next_cursor"], started) == (3, 0, None, [])
    done = replay(kind)
    assert (done["matched"], done["replayed"], done["items"]) == (3, 3, preview["items"])
    assert sorted(started) == made and set(statuses(kind).values()) == {"waiting"}


def test_asked_again_it_finds_nothing_left(started: list[str]) -> None:
    failed_task(1)
    assert [replay("deferred")["replayed"] for _ in range(2)] == [1, 0]
    assert started == ["1"]


def test_only_what_failed_is_made_again() -> None:
    failed_saga(1), saga(2, status="cancelled"), saga(3, status="completed"), saga(4)
    assert replay("saga")["replayed"] == 1
    assert list(statuses("saga").values()) == ["waiting", "done", "cancelled", "waiting"]


def test_a_type_and_a_period_choose(started: list[str]) -> None:
    for second in (1, 2, 3, 4):
        failed_task(second)
    failed_task(5, task_type="http_callback", payload={"url": "https://example.com/"})
    period = {"failed_from": clock.to_json(at(62)), "failed_to": clock.to_json(at(63))}
    assert replay("deferred", dry_run=True, **period)["matched"] == 2
    assert replay("deferred", type="http_callback")["replayed"] == 1
    assert replay("deferred", type="send_sms", **period)["replayed"] == 2
    assert sorted(started) == ["2", "3", "5"]


def test_replay_by_ids_returns_reasons_of_skipped_ones(started: list[str]) -> None:
    failed_task(1), deferred_task(2, due_at=at(2)), failed_task(3)
    done = replay("deferred", ids=["1", "2", "99", new_id(1), "1"])
    assert done["replayed"] == 1 and started == ["1"]
    assert done["skipped"] == [
        {"id": "2", "reason": replaying.NOT_FAILED},
        {"id": "99", "reason": replaying.NOT_FOUND},
        {"id": new_id(1), "reason": replaying.NOT_FOUND},
    ]
    assert statuses("deferred") == {"1": "waiting", "2": "waiting", "3": "failed"}


def test_more_than_one_call_can_is_left_for_the_next(started: list[str]) -> None:
    made = [failed_saga(second) for second in range(1, 46)]
    body, calls = dict[str, Any](), 0
    while True:
        done = replay("saga", **body)
        calls += 1
        assert done["matched"] <= replaying.MAX_RETRIES["saga"]
        if done["next_cursor"] is None:
            break
        body = {"cursor": done["next_cursor"]}
    assert (sorted(started), calls) == (made, 3)
    assert ask("POST", PATH, {"kind": "saga", "dry_run": True, "type": "report", **body}).status == 400


def test_ids_above_the_limit_are_skipped_with_a_reason() -> None:
    made = [failed_saga(second) for second in range(1, 23)]
    done = replay("saga", ids=made)
    assert done["replayed"] == 20
    assert [one["id"] for one in done["skipped"]] == made[20:]


def test_a_quota_that_ends_on_the_way_leaves_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    for second in (1, 2, 3):
        failed_saga(second)
    take, taken = quotas.take, list[int]()

    def twice(*arguments: Any, **amounts: int) -> None:
        taken.append(1)
        if len(taken) > 2:
            raise quotas.Exhausted("Квота исчерпана")
        take(*arguments, **amounts)

    monkeypatch.setattr(quotas, "take", twice)
    done = replay("saga")
    assert (done["replayed"], done["skipped"]) == (2, [{"id": new_id(1), "reason": "Квота исчерпана"}])
    assert ask("POST", PATH, {"kind": "saga", "dry_run": False}).status == 429


@pytest.mark.parametrize("kind", ["background", "schedule", "long"])
def test_kind_without_retry_is_refused_with_a_hint(kind: str) -> None:
    background_task(1)
    answer = ask("POST", PATH, {"kind": kind, "dry_run": True})
    assert answer.status == 400 and "повторя" in answer.json["error"]


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "saga"},
        {"dry_run": True},
        {"kind": "other", "dry_run": True},
        {"kind": "saga", "dry_run": True, "ids": []},
        {"kind": "saga", "dry_run": True, "ids": ["x"]},
        {"kind": "deferred", "dry_run": True, "ids": [1]},
        {"kind": "saga", "dry_run": True, "ids": ["1"], "type": "report"},
        {"kind": "saga", "dry_run": True, "cursor": "abc"},
    ],
)
def test_invalid_replay_is_refused(body: dict[str, Any]) -> None:
    assert ask("POST", PATH, body).status == 400


def test_managers_and_administrators_replay(locked: None) -> None:
    failed_saga(1)
    body = {"kind": "saga", "dry_run": False}
    roles = ("user", "customer", "engineer", "executive", "manager")
    asked = [ask("POST", PATH, body, signed_in(person(role))) for role in roles]
    assert [answer.status for answer in asked] == [403, 403, 403, 403, 200]
    assert asked[-1].json["replayed"] == 1
