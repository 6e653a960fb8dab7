"""Steps of an aggregation whose function is killed or throttled in all its attempts: it ends well nevertheless."""

from collections.abc import Callable

import pytest

from chalicelib.background_tasks import model
from chalicelib.background_tasks import service as background_tasks
from chalicelib.batches import aggregation, contents, steps
from chalicelib.core.retries import BACKGROUND_TASK
from infra.machines import AGGREGATION
from tests.crash_injection import killed, throttle
from tests.failure_injection import fault, throttled
from tests.integration.bulk.api_calls import add, check, names_of_events, place, start_aggregation, work
from tests.machine import run_executions
from tests.production import ask, batch, ok, refused
from tests.tasks import reason_of, result_of, run_tasks, task

pytestmark = pytest.mark.usefixtures("small")
CODES = [f"P-{number:02d}" for number in range(20)]
ATTEMPTS = 4
Step = tuple[str, dict[str, int]]
STEPS: list[Step] = [("aggregate_plan", {}), ("aggregate_chunk", {"chunk": 1}), ("aggregate_finish", {})]


def resume(later: Callable[..., None]) -> None:
    """What happens within two minutes."""
    later(seconds=61)
    background_tasks.sweep()
    work()


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("step", STEPS)
def test_a_step_killed_in_all_its_attempts_is_resumed(step: Step, late: bool, later: Callable[..., None]) -> None:
    made = batch()
    add(made, CODES)
    task_id = start_aggregation(made)
    with killed(step[0], ATTEMPTS, late=late, **step[1]) as events:
        assert work()[-1] == "Left To The Sweep"
    assert [event["retries"] for event in events] == [0, 1, 2, 3]
    resume(later)
    assert result_of(task_id) == {"success": True, "total": 20, "aggregated": 20, "failed": 0, "errors": []}
    check(made, CODES, 20)
    assert names_of_events(made)[20:] == ["product.aggregated"] * 20 + ["batch.aggregated"]
    assert ask("PATCH", f"{place(made)}/close").status == 200


def test_an_aggregation_whose_functions_are_not_called_for_a_quarter_of_an_hour_is_not_given_up(
    later: Callable[..., None],
) -> None:
    """The state machine repeats calls that Lambda refuses. No other run is started meanwhile, and nobody closes."""
    made = batch()
    add(made, CODES)
    task_id = start_aggregation(made)
    run_tasks()
    for _ in range(2 * BACKGROUND_TASK.max_crashes):
        later(seconds=90)
        assert background_tasks.sweep(aggregation.is_waiting) == run_tasks() == 0
        assert (task(task_id)["status"], ask("PATCH", f"{place(made)}/close").status) == ("PROGRESS", 409)
    run_executions(AGGREGATION)
    assert result_of(task_id)["aggregated"] == 20
    check(made, CODES, 20)


def test_products_that_are_throttled_are_aggregated_later_not_refused(
    monkeypatch: pytest.MonkeyPatch, later: Callable[..., None]
) -> None:
    made = batch()
    add(made, CODES)
    task_id, real, calls = start_aggregation(made), contents.aggregate_many, list[int]()

    def limited(*given: object, **named: object) -> object:
        calls.append(1)
        return throttle() if 2 <= len(calls) <= 1 + ATTEMPTS else real(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(contents, "aggregate_many", limited)
    assert work()[-1] == "Left To The Sweep"
    resume(later)
    assert result_of(task_id)["errors"] == []
    check(made, CODES, 20)


def test_the_batch_is_free_after_a_minute_and_the_aggregation_waits_for_who_takes_it(
    later: Callable[..., None],
) -> None:
    made = batch()
    add(made, CODES)
    first = start_aggregation(made)
    with killed("aggregate_chunk", ATTEMPTS, chunk=1):
        work()
    assert "агрегируется" in refused(409, "PATCH", f"{place(made)}/aggregate_async")
    later(seconds=61)
    second = str(ok("PATCH", f"{place(made)}/aggregate_async")["task_id"])
    background_tasks.sweep()
    run_tasks()
    assert "Left To The Sweep" in run_executions(AGGREGATION)
    resume(later)
    assert task(first)["status"] == task(second)["status"] == "SUCCESS"
    assert result_of(first)["aggregated"] + result_of(second)["aggregated"] == 20
    check(made, CODES, 20)


def test_an_aggregation_that_kills_every_function_is_given_up_and_leaves_the_batch_free(
    later: Callable[..., None],
) -> None:
    made = batch()
    add(made, CODES)
    task_id = start_aggregation(made)
    with killed("aggregate_chunk", 1000, chunk=1):
        work()
        for _ in range(BACKGROUND_TASK.max_crashes + 1):
            resume(later)
    assert reason_of(task_id) == model.GAVE_UP.format(limit=BACKGROUND_TASK.max_crashes)
    later(seconds=61)
    assert ask("PATCH", f"{place(made)}/aggregate", {}).status == 202
    check(made, CODES, 20)


def test_an_execution_that_still_lives_changes_nothing_beside_its_successor(later: Callable[..., None]) -> None:
    made = batch()
    add(made, CODES)
    task_id = start_aggregation(made)
    with killed("aggregate_chunk", ATTEMPTS, chunk=1):
        work()
    later(seconds=61)
    background_tasks.sweep()
    run_tasks()
    old = {"task_id": task_id, "run": 1, "batch_id": made["uuid"]}
    assert steps.chunk({**old, "chunk": 1}) == steps.finish({**old, "chunks": []}) == {"outcome": "stopped"}
    run_executions(AGGREGATION)
    assert result_of(task_id)["aggregated"] == 20
    check(made, CODES, 20)


def test_a_table_throttled_for_long_does_not_use_up_the_runs_of_an_aggregation(later: Callable[..., None]) -> None:
    made = batch()
    add(made, CODES)
    task_id = start_aggregation(made)
    for _ in range(2 * BACKGROUND_TASK.max_crashes):
        with fault(throttled, of={"TransactWriteItems"}.__contains__, table="shopfloor-test-products"):
            work()
        assert task(task_id)["status"] == "PROGRESS"
        later(minutes=2)
        background_tasks.sweep()
    work()
    assert result_of(task_id)["aggregated"] == 20
