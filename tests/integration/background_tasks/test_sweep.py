"""The sweep of background tasks: what died or was lost is resumed or given up, and old results are forgotten."""

from collections.abc import Callable

import pytest

from chalicelib.background_tasks import service
from chalicelib.background_tasks.runs import Run
from chalicelib.core.aws import client
from chalicelib.core.dynamo import table_name
from chalicelib.core.retries import BACKGROUND_TASK
from chalicelib.core.settings import settings
from tests.aws_calls import record_calls
from tests.integration.background_tasks.test_tasks import end, runner, start
from tests.production import ok
from tests.tasks import TASKS, reason_of, result_of, run_tasks, unknown, waiting


def test_what_dies_is_resumed_from_its_checkpoint_by_the_sweep(
    monkeypatch: pytest.MonkeyPatch, later: Callable[..., None]
) -> None:
    starts: list[int] = []

    def run(run: Run) -> None:
        done = int(run.checkpoint.get("done", 0))
        starts.append(done)
        for number in range(done, 6):
            run.progress(number + 1, 6, {"done": number + 1})
            if len(starts) <= 2:
                raise KeyboardInterrupt
        end(run, done=6)

    runner(monkeypatch, run)
    task_id = start()
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            run_tasks()
        assert service.sweep() == 0  # its lease still runs
        later(seconds=61)
        assert service.sweep() == 1
    run_tasks()
    assert starts == [0, 1, 2]
    assert result_of(task_id) == {"done": 6}


def test_a_task_that_always_dies_is_given_up(monkeypatch: pytest.MonkeyPatch, later: Callable[..., None]) -> None:
    ran: list[int] = []

    def run(run: Run) -> None:
        ran.append(run.number)
        raise KeyboardInterrupt

    runner(monkeypatch, run)
    task_id = start()
    for _ in range(BACKGROUND_TASK.max_crashes):
        with pytest.raises(KeyboardInterrupt):
            run_tasks()
        later(seconds=61)
        assert service.sweep() == 1
    run_tasks()
    assert "5 попыток" in reason_of(task_id)
    assert ran == [1, 2, 3, 4, 5]


def test_a_lost_message_is_replaced_by_the_sweep(monkeypatch: pytest.MonkeyPatch, later: Callable[..., None]) -> None:
    runner(monkeypatch, end)
    task_id = start()
    waiting()
    assert service.sweep() == 0
    later(seconds=31)
    assert service.sweep() == 1
    run_tasks()
    assert result_of(task_id) == {}


def test_results_are_kept_for_a_day(monkeypatch: pytest.MonkeyPatch, later: Callable[..., None]) -> None:
    runner(monkeypatch, end)
    old = start()
    run_tasks()
    later(hours=23, minutes=59)
    young = start()
    service.sweep()
    assert result_of(old) == {}
    later(minutes=2)
    assert unknown(old)
    service.sweep()
    assert [one["task_id"] for one in ok("GET", TASKS)["items"]] == [young]
    assert ok("GET", TASKS)["total"] == 1


def test_the_sweep_reads_only_what_is_due(monkeypatch: pytest.MonkeyPatch, later: Callable[..., None]) -> None:
    monkeypatch.setattr(service, "SWEEP_LIMIT", 5)
    runner(monkeypatch, end)
    for _ in range(30):
        start()
    run_tasks()
    for _ in range(30):
        start()
    with monkeypatch.context() as patch:
        calls = record_calls(patch)
        assert service.sweep() == 0
    queries = [asked["IndexName"] for operation, asked in calls if operation == "Query"]
    assert queries.count("due") == settings().listing_shards
    assert all(asked["Limit"] <= 26 for operation, asked in calls if operation == "Query")
    waiting()
    later(seconds=31)
    with monkeypatch.context() as patch:
        calls = record_calls(patch)
        again = service.sweep()
    assert 0 < again <= 5 * settings().listing_shards
    assert [operation for operation, _ in calls].count("Query") <= 2 * settings().listing_shards
    for _ in range(30):
        run_tasks()
        service.sweep()
    assert ok("GET", f"{TASKS}?status=SUCCESS")["total"] == 60
    later(hours=25)
    for _ in range(30):
        service.sweep()
    assert ok("GET", TASKS)["total"] == 0


def test_tasks_of_the_version_before_are_resumed_and_forgotten_too(
    monkeypatch: pytest.MonkeyPatch, later: Callable[..., None]
) -> None:
    runner(monkeypatch, end)
    done = start()
    run_tasks()
    lost = start()
    waiting()
    for task_id in (done, lost):
        client("dynamodb").update_item(
            TableName=table_name("background_tasks"),
            Key={"task_id": {"S": task_id}},
            UpdateExpression="REMOVE due_at",
        )
    later(seconds=31)
    assert service.sweep() == 1
    run_tasks()
    assert result_of(lost) == {}
    later(hours=25)
    service.sweep()
    assert ok("GET", TASKS)["total"] == 0
