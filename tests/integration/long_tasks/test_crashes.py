"""Steps that run twice, processes that die after any write, executions that are gone: each task ends once."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from chalicelib.core import clock, later_work
from chalicelib.core.aws import client
from chalicelib.core.retries import LONG_TASK
from chalicelib.core.settings import settings
from chalicelib.long_tasks import kinds, model, running, service, store
from tests.crash_injection import Died, after_write, die, killed, throttle
from tests.integration.long_tasks.api_calls import TEXT, forget_executions, start, task, work
from tests.machine import Restart
from tests.production import ask, dump, empty_tables, events_of
from tests.stages import stage_with


def restart() -> None:
    raise Restart


def executions() -> list[str]:
    """The names of all executions, oldest first."""
    found = client("stepfunctions").list_executions(stateMachineArn=settings().long_task_arn)["executions"]
    return sorted(one["name"] for one in found)


def ended_once(number: int) -> None:
    """The task is done, and one event says so."""
    assert task(number)["status"] == "done"
    assert [name for name, _ in events_of(f"long_task#{number}")] == ["long_task.completed"]


@pytest.mark.parametrize("happens", [die, restart])
def test_a_task_is_done_whenever_its_function_dies(happens: Callable[[], None], later: Callable[..., None]) -> None:
    for place in (1, 2, 3):
        number = start()
        with after_write(place, happens) as writes, suppress(Died, Restart):
            work()
        for _ in range(3):
            later(minutes=2)
            service.sweep()
            work()
        ended_once(number)
        assert len(writes) >= min(place, 2)
        empty_tables()
        forget_executions()


def test_a_request_that_dies_after_the_task_is_written_leaves_it_to_the_sweep(later: Callable[..., None]) -> None:
    with after_write(2, die):
        assert ask("POST", "/task/1", {"task": TEXT}).status == 500
    assert (task(1)["status"], executions()) == ("pending", [])
    assert service.sweep() == 0
    later(seconds=11)
    assert service.sweep() == 1
    assert executions() == ["task-1-1"]
    work()
    ended_once(1)


def test_a_task_whose_execution_cannot_be_started_is_started_by_the_sweep(
    monkeypatch: pytest.MonkeyPatch, later: Callable[..., None]
) -> None:
    arn = settings().long_task_arn
    monkeypatch.setenv("LONG_TASK_ARN", arn + "-gone")
    settings.cache_clear()
    number = start()
    monkeypatch.setenv("LONG_TASK_ARN", arn)
    settings.cache_clear()
    later(seconds=11)
    service.sweep()
    work()
    ended_once(number)


def test_every_step_may_run_twice() -> None:
    number = start()
    outcome, seconds = running.begin(1, number, 1)
    again, left = running.begin(1, number, 1)
    assert outcome == again == "wait"
    assert seconds - 1 <= left <= seconds
    assert running.finish(1, number, 1) == "ok"
    ended = dump()
    assert running.finish(1, number, 1) == "stopped"
    assert running.fail(1, number, 1, "поздно") == "stopped"
    assert running.begin(1, number, 1) == ("stopped", 0)
    assert dump() == ended
    ended_once(number)


def test_a_run_that_another_took_over_writes_nothing(later: Callable[..., None]) -> None:
    number = start()
    running.begin(1, number, 1)
    client("stepfunctions").stop_execution(executionArn=_arn("task-1-1"))
    later(minutes=1)
    assert service.sweep() == 1
    before = dump()
    assert running.finish(1, number, 1) == "stopped"
    assert running.fail(1, number, 1, "поздно") == "stopped"
    assert dump() == before
    assert running.begin(1, number, 2) == ("ok", 0)  # the wait is over: a second run does not wait anew
    assert running.finish(1, number, 2) == "ok"
    ended_once(number)


def test_work_that_ends_during_the_sweep_is_not_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    number, calls = start(), list[int]()

    def slow(found: Any) -> str:
        calls.append(found.number)
        changed = store.find(1, number)
        assert changed
        changed.due_at = changed.created_at
        with running.transaction() as tx:
            store.save(tx, changed)
        return "готово"

    running.begin(1, number, 1)
    monkeypatch.setattr(kinds, "run", slow)
    assert running.finish(1, number, 1) == "ok"
    assert (task(number)["result"], calls) == ("готово", [number])


def test_a_task_that_is_worked_on_is_left_alone(later: Callable[..., None]) -> None:
    start()
    later(seconds=30)
    assert (service.sweep(), service.sweep(), executions()) == (1, 0, ["task-1-1"])
    later(seconds=46)
    assert service.sweep() == 1


def test_two_sweeps_start_one_execution(later: Callable[..., None]) -> None:
    number = start()
    client("stepfunctions").stop_execution(executionArn=_arn("task-1-1"))
    later(seconds=30)
    seen = [list(store.due(clock.now(), 10)) for _ in range(2)]
    assert [later_work.sweep_executions(found, running._check, running._postpone) for found in seen] == [1, 0]
    assert executions() == ["task-1-1", "task-1-2"]
    work()
    ended_once(number)


def test_tasks_whose_check_always_fails_do_not_keep_the_sweep_from_the_others(
    monkeypatch: pytest.MonkeyPatch, later: Callable[..., None]
) -> None:
    numbers = []

    def state(_arn: str, execution: str) -> str:
        if execution != f"task-{numbers[-1]}-1":
            throttle()
        return "running"

    monkeypatch.setattr(running, "SWEEP_LIMIT", 2)
    monkeypatch.setattr(later_work, "execution_state", state)
    with stage_with(shards=(1, 1)):
        for _ in range(3):
            numbers.append(start())
            later(seconds=1)
        later(seconds=30)
        assert (service.sweep(), service.sweep(), service.sweep()) == (0, 1, 0)
        later(minutes=1)
        assert sorted(task.number for task in store.due(clock.now(), 10)) == numbers


def test_a_task_that_loses_every_execution_is_given_up(
    monkeypatch: pytest.MonkeyPatch, later: Callable[..., None]
) -> None:
    monkeypatch.setattr(later_work, "execution_state", lambda *_: "ended")
    number = start()
    for _ in range(LONG_TASK.max_crashes):
        later(seconds=30)
        assert service.sweep() == 1
    later(seconds=30)
    assert service.sweep() == 0
    assert (task(number)["status"], task(number)["error"]) == (
        "failed",
        model.GAVE_UP.format(limit=LONG_TASK.max_crashes),
    )
    assert [name for name, _ in events_of(f"long_task#{number}")] == ["long_task.failed"]


def _arn(execution: str) -> str:
    return f"{settings().long_task_arn.replace(':stateMachine:', ':execution:')}:{execution}"


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("step", ["begin", "finish"])
def test_a_step_killed_in_all_its_attempts_is_resumed(step: str, late: bool, later: Callable[..., None]) -> None:
    number = start()
    with killed("run_long_task", 4, late=late, step=step) as events:
        assert work()[-1] == "Left To The Sweep"
    assert [event["retries"] for event in events] == [0, 1, 2, 3]
    assert task(number)["status"] == ("done" if (step, late) == ("finish", True) else "pending")
    later(minutes=1)
    service.sweep()
    work()
    ended_once(number)


def test_work_that_is_throttled_is_resumed(monkeypatch: pytest.MonkeyPatch, later: Callable[..., None]) -> None:
    number = start()
    with monkeypatch.context() as patch:
        patch.setattr(kinds, "run", lambda _: throttle())
        assert work()[-1] == "Left To The Sweep"
    later(minutes=1)
    service.sweep()
    work()
    ended_once(number)


def test_a_task_that_kills_every_function_is_given_up(later: Callable[..., None]) -> None:
    number = start()
    with killed("run_long_task", 1000, step="finish") as events:
        for _ in range(LONG_TASK.max_crashes):
            assert work()[-1] == "Left To The Sweep"
            later(minutes=1)
            service.sweep()
    assert len(events) == 4 * LONG_TASK.max_crashes
    assert (task(number)["status"], task(number)["error"]) == (
        "failed",
        model.GAVE_UP.format(limit=LONG_TASK.max_crashes),
    )
