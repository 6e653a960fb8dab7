"""Aggregating a batch in the background."""

from collections.abc import Callable
from datetime import datetime
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.background_tasks import service as background_tasks
from chalicelib.batches import aggregation, steps
from infra.machines import AGGREGATION
from tests.crash_injection import after_write
from tests.integration.bulk.api_calls import (
    AT,
    add,
    aggregate,
    check,
    names_of_events,
    place,
    products_of,
    start_adding,
    start_aggregation,
    work,
)
from tests.machine import run_executions
from tests.production import UNKNOWN, ask, batch, batch_with, closed_batch, ok, refused, wrong_fields
from tests.tasks import TASKS, reason_of, result_of, run_tasks, task, waiting

pytestmark = pytest.mark.usefixtures("small")
CODES = [f"P-{number:02d}" for number in range(20)]
MISSING, ALREADY = "Продукт с таким кодом не найден в партии", "Продукт уже агрегирован"


def full() -> dict[str, Any]:
    """A batch of 20 products."""
    made = batch()
    add(made, CODES)
    return made


def aggregate_one(made: dict[str, Any], code: str) -> None:
    (product,) = [one for one in products_of(made) if one["unique_code"] == code]
    ok("PATCH", f"/api/products/{product['uuid']}/aggregate", {"aggregated_at": "2025-01-19T00:00:00Z"})


def remove_one(made: dict[str, Any], code: str) -> None:
    (product,) = [one for one in products_of(made) if one["unique_code"] == code]
    ok("DELETE", f"{place(made)}/products/{product['uuid']}")


def free(made: dict[str, Any]) -> bool:
    """Whether the batch is not reserved any more."""
    return ask("PATCH", f"{place(made)}/close").status == 200


def test_all_products_are_aggregated_with_one_event_each() -> None:
    made = full()
    task_id = start_aggregation(made)
    path = work()
    assert path == ["Plan", "Plan: outcome", "Chunks", "Finish", "Finish: outcome", "Completed"]
    assert result_of(task_id) == {"success": True, "total": 20, "aggregated": 20, "failed": 0, "errors": []}
    check(made, CODES, 20)
    assert {product["aggregated_at"] for product in products_of(made)} == {AT}
    assert names_of_events(made)[20:] == ["product.aggregated"] * 20 + ["batch.aggregated"]
    assert free(made)


def test_the_answer_is_a_task() -> None:
    made = full()
    answer = ask("PATCH", f"{place(made)}/aggregate_async")
    assert (answer.status, answer.json["status"]) == (202, "PENDING")
    assert answer.json["message"] == "Aggregation task started"
    assert task(answer.json["task_id"])["type"] == "aggregation"
    work()
    (when,) = {product["aggregated_at"] for product in products_of(made)}
    started = datetime.fromisoformat(task(answer.json["task_id"])["created_at"])
    assert abs((datetime.fromisoformat(when) - started).total_seconds()) < 0.1


def test_products_that_are_aggregated_keep_their_time_and_are_no_errors() -> None:
    made = full()
    aggregate_one(made, "P-05")
    assert aggregate(made) == {"success": True, "total": 19, "aggregated": 19, "failed": 0, "errors": []}
    times = [product["aggregated_at"] for product in products_of(made)]
    assert times.count("2025-01-19T00:00:00Z") == 1 and times.count(AT) == 19
    assert aggregate(made)["total"] == 0
    assert aggregate(batch()) == {"success": True, "total": 0, "aggregated": 0, "failed": 0, "errors": []}


def test_codes_are_aggregated_and_errors_reported() -> None:
    made = full()
    aggregate_one(made, "P-03")
    assert aggregate(made, ["P-19", "P-02", "X", "P-02", "P-03", "P-10"]) == {
        "success": False, "total": 5, "aggregated": 3, "failed": 2,
        "errors": [{"code": "X", "reason": MISSING}, {"code": "P-03", "reason": ALREADY}],
    }  # fmt: skip
    check(made, CODES, 4)
    assert names_of_events(made)[-4:] == ["product.aggregated"] * 3 + ["batch.aggregated"]


def test_no_codes_mean_all() -> None:
    made = full()
    ok("PATCH", f"{place(made)}/aggregate_async", {"unique_codes": []})
    work()
    check(made, CODES, 20)


def test_an_impossible_aggregation_is_refused_at_once() -> None:
    assert refused(404, "PATCH", f"/api/batches/{UNKNOWN}/aggregate_async") == "Партия не найдена"
    closed = closed_batch()
    assert refused(409, "PATCH", f"{place(closed)}/aggregate_async") == "Партия закрыта: продукты не агрегируются"
    made = full()
    assert wrong_fields("PATCH", f"{place(made)}/aggregate_async", {"unique_codes": ["A", ""], "aggregated_at": "x"})
    start_aggregation(made)
    assert "агрегируется" in refused(409, "PATCH", f"{place(made)}/aggregate_async")
    assert "агрегируется" in refused(409, "PATCH", f"{place(made)}/aggregate")
    assert "агрегируется" in refused(409, "PATCH", f"{place(made)}/close")
    work()
    check(made, CODES, 20)
    assert free(made)


@pytest.mark.parametrize("codes", [None, CODES])
def test_single_products_are_aggregated_and_removed_meanwhile(codes: list[str] | None) -> None:
    made = full()
    task_id = start_aggregation(made, codes)
    run_tasks()
    with after_write(3, lambda: aggregate_one(made, "P-01")), after_write(4, lambda: remove_one(made, "P-02")):
        run_executions(AGGREGATION)
    result = result_of(task_id)
    wrong = [{"code": "P-01", "reason": ALREADY}, {"code": "P-02", "reason": MISSING}]
    assert (result["aggregated"], result["errors"]) == (18, wrong if codes else [])
    check(made, [code for code in CODES if code != "P-02"], 19)


def test_products_come_meanwhile() -> None:
    made = full()
    task_id = start_aggregation(made)
    run_tasks()
    with after_write(5, lambda: ok("POST", f"{place(made)}/products", {"unique_code": "NEW"})):
        run_executions(AGGREGATION)
    assert result_of(task_id)["aggregated"] == 20
    check(made, [*CODES, "NEW"], 20)


def test_a_bulk_is_added_while_the_batch_is_aggregated() -> None:
    made = full()
    task_id, more = start_aggregation(made), [f"Q-{number:02d}" for number in range(10)]
    run_tasks()
    adding = start_adding(made, more)
    with after_write(3, lambda: run_tasks() and None):
        run_executions(AGGREGATION)
    assert result_of(adding)["added"] == 10
    assert result_of(task_id)["aggregated"] == 20
    check(made, [*CODES, *more], 20)


@pytest.mark.parametrize("number", range(1, 9))
def test_cancelling_stops_it_and_frees_the_batch(number: int) -> None:
    made = full()
    task_id = start_aggregation(made)
    with after_write(number, lambda: ok("DELETE", f"{TASKS}/{task_id}")):
        work()
    assert reason_of(task_id) == "Задача отменена"
    done = [product["is_aggregated"] for product in products_of(made)].count(True)
    assert done < 20
    check(made, CODES, done)
    assert "batch.aggregated" not in names_of_events(made)
    assert free(made)


def test_cancelling_before_it_begins_frees_the_batch() -> None:
    made = full()
    task_id = start_aggregation(made)
    waiting()  # the message is lost, or late
    ok("DELETE", f"{TASKS}/{task_id}")
    work()
    assert free(made)


def test_a_batch_closed_after_the_reservation_was_lost_refuses_the_rest(later: Callable[..., None]) -> None:
    made = full()
    task_id = start_aggregation(made)
    run_tasks()

    def close() -> None:
        later(minutes=2)
        ok("PATCH", f"{place(made)}/close")

    with after_write(5, close):
        run_executions(AGGREGATION)
    result = result_of(task_id)
    assert 0 < result["aggregated"] < 20 == result["total"]
    assert {error["reason"] for error in result["errors"]} == {"Партия закрыта: продукты не агрегируются"}
    check(made, CODES, result["aggregated"])


def test_a_batch_deleted_after_the_reservation_was_lost_ends_the_task(later: Callable[..., None]) -> None:
    made = full()
    task_id = start_aggregation(made)
    run_tasks()

    def delete() -> None:
        later(minutes=2)
        ok("PATCH", f"{place(made)}/close")
        ok("DELETE", place(made))

    with after_write(5, delete):
        run_executions(AGGREGATION)
    assert reason_of(task_id) == "Партия не найдена"
    assert ok("GET", "/api/products")["total"] == 0


def test_a_step_that_always_fails_ends_the_task(monkeypatch: pytest.MonkeyPatch) -> None:
    made = full()
    task_id = start_aggregation(made)

    def broken(*given: Any) -> Any:
        raise RuntimeError("bug")

    monkeypatch.setattr(aggregation, "chunk", broken)
    assert work()[-2:] == ["Finish: outcome", "Broken"]
    assert reason_of(task_id) == aggregation.BROKEN
    assert free(made)


def test_every_step_may_run_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    made = full()
    task_id = start_aggregation(made)
    for name in ("plan", "chunk", "finish"):
        real = getattr(steps, name)
        monkeypatch.setattr(steps, name, lambda event, real=real: (real(event), real(event))[0])
    work()
    assert result_of(task_id)["aggregated"] == 20
    check(made, CODES, 20)
    assert names_of_events(made).count("batch.aggregated") == 1


def test_a_step_of_a_run_that_is_over_changes_nothing() -> None:
    made = full()
    task_id = start_aggregation(made)
    work()
    event = {"task_id": task_id, "run": 1, "batch_id": made["uuid"], "chunk": 0, "chunks": []}
    for step in (steps.plan, steps.chunk, steps.finish):
        assert step(event) == {"outcome": "stopped"}
    check(made, CODES, 20)


def test_progress_is_real() -> None:
    made = full()
    task_id = start_aggregation(made)
    run_tasks()
    seen: list[Any] = []
    real = aggregation.chunk

    def watched(run: background_tasks.Run, number: int) -> Any:
        answer = real(run, number)
        seen.append(task(task_id)["result"])
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aggregation, "chunk", watched)
        run_executions(AGGREGATION)
    assert seen == [{"current": done, "total": 20, "percent": 5 * done} for done in (8, 16, 20)]


def test_a_chunk_that_takes_long_reports_its_progress_in_between(monkeypatch: pytest.MonkeyPatch) -> None:
    """Report the second of three transactions in the middle of a chunk, and the third at its end: nothing twice."""
    made = full()
    task_id = start_aggregation(made)
    run_tasks()
    real, seen = background_tasks.Run.advance, list[int]()

    def watched(run: background_tasks.Run, amount: int) -> None:
        real(run, amount)
        seen.append(task(task_id)["result"]["current"])

    moments = count(0.0, 0.6 * aggregation.PROGRESS_SECONDS)
    monkeypatch.setattr(aggregation, "time", SimpleNamespace(monotonic=lambda: next(moments)))
    monkeypatch.setattr(background_tasks.Run, "advance", watched)
    run_executions(AGGREGATION)
    assert seen == [6, 8, 13, 16, 20]
    assert result_of(task_id)["aggregated"] == 20


def test_scattered_products_are_within_a_transaction() -> None:
    """Each of them is on another page, and so takes two writes."""
    made = batch_with(*"ABCDEFGHIJKL")
    for code in "ABDEGHJK":
        aggregate_one(made, code)
    assert aggregate(made)["aggregated"] == 4
    check(made, "ABCDEFGHIJKL", 12)
