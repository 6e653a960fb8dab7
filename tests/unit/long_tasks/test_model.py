"""Rules of long tasks."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.core.retries import LONG_TASK
from chalicelib.long_tasks import model
from chalicelib.long_tasks.model import Task

AT = datetime(2026, 1, 1, tzinfo=UTC)
WAIT = timedelta(minutes=4)


@pytest.fixture
def task() -> Task:
    return Task(1, 1, "Обработка данных", AT, due_at=AT)


def test_the_wait_is_decided_once_and_only_the_rest_of_it_is_waited_again(task: Task) -> None:
    assert task.begin(AT, WAIT) == WAIT
    later = AT + timedelta(minutes=3)
    assert task.begin(later, timedelta(minutes=5)) == timedelta(minutes=1)
    assert task.started_at == AT
    assert task.begin(AT + timedelta(hours=1), WAIT) == timedelta()


def test_the_sweep_checks_a_task_after_its_wait(task: Task) -> None:
    task.begin(AT, WAIT)
    assert task.due_at == AT + WAIT + model.SWEEP_GRACE


def test_a_task_that_has_ended_is_not_due_and_wanted_by_no_run(task: Task) -> None:
    assert task.is_current(1) and not task.is_current(2)
    task.succeed(AT, "1")
    assert (task.status, task.result, task.error, task.due_at) == ("done", "1", "", None)
    assert not task.is_current(1)


def test_a_task_that_failed_has_the_result_error_and_the_reason(task: Task) -> None:
    task.fail(AT, "Имя узла не найдено")
    assert (task.status, task.result, task.error, task.ended_at) == ("failed", "error", "Имя узла не найдено", AT)


def test_another_run_has_an_execution_of_its_own_until_there_were_too_many(task: Task) -> None:
    names = {task.execution}
    for _ in range(LONG_TASK.max_crashes - 1):
        task.resume(AT)
        names.add(task.execution)
    assert (len(names), task.status) == (LONG_TASK.max_crashes, "pending")
    task.resume(AT)
    assert (task.status, task.error) == ("failed", model.GAVE_UP.format(limit=LONG_TASK.max_crashes))


def test_names_of_executions_are_as_long_as_step_functions_allows() -> None:
    assert len(Task(10**18 - 1, 1, "", AT, AT, run=LONG_TASK.max_crashes).execution) <= 80
