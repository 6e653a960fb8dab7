"""The states of a task and their transitions."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.errors import Conflict, Invalid, NotFound
from chalicelib.core.retries import DEFERRED_TASK
from chalicelib.deferred_tasks import model
from chalicelib.deferred_tasks.model import Failure, Task

AT = datetime(2026, 1, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
TEMPORARY, FINAL = Failure("не сейчас"), Failure("никогда", final=True)


def task(**fields: Any) -> Task:
    """A task that is due at AT."""
    made = {"number": 1, "user_id": 1, "task_type": "x", "payload": {}, "execute_at": AT, "due_at": AT}
    return Task(**{**made, "created_at": AT - SECOND, "updated_at": AT - SECOND, **fields})


def started(**fields: Any) -> Task:
    """A task that a worker has."""
    made = task(**fields)
    made.start(AT)
    return made


def test_a_task_that_goes_well_is_completed_after_one_attempt() -> None:
    made = started()
    assert (made.status, made.attempts, made.due_at) == ("processing", 1, AT + model.LEASE)
    made.succeed(AT + SECOND, {"status": 200})
    assert (made.status, made.completed_at, made.due_at) == ("completed", AT + SECOND, None)
    assert [(one.number, one.error, one.result) for one in made.log] == [(1, None, {"status": 200})]


def test_a_failure_waits_and_the_next_attempt_is_known() -> None:
    made = started()
    made.fail(AT + SECOND, TEMPORARY, 1.0)
    assert (made.status, made.error_message) == ("pending", "не сейчас")
    assert made.next_attempt_at == made.due_at == AT + 2 * SECOND
    made.start(AT + 2 * SECOND)
    assert (made.attempts, made.next_attempt_at) == (2, None)
    made.succeed(AT + 3 * SECOND, None)
    assert (made.status, made.error_message) == ("completed", None)
    assert [one.error for one in made.log] == ["не сейчас", None]


@pytest.mark.parametrize("attempts", [1, 2, 5])
def test_the_last_attempt_ends_it(attempts: int) -> None:
    made = task(max_attempts=attempts)
    for number in range(attempts):
        assert made.is_active
        made.start(AT + number * SECOND)
        made.fail(AT + number * SECOND, TEMPORARY, 1.0)
    assert (made.status, made.attempts, made.due_at, made.completed_at) == ("failed", attempts, None, None)


def test_a_final_failure_uses_one_attempt() -> None:
    made = started(max_attempts=100)
    made.fail(AT, FINAL, 1.0)
    assert (made.status, made.attempts, made.error_message) == ("failed", 1, "никогда")


def test_a_failure_may_ask_for_a_longer_pause() -> None:
    made = started()
    made.fail(AT, Failure("занято", retry_after=90), 1.0)
    assert made.next_attempt_at == AT + 90 * SECOND


def test_a_failure_that_does_not_count_uses_up_no_attempt() -> None:
    made = task(max_attempts=1)
    for number in range(5):
        made.start(AT + number * SECOND)
        made.fail(AT + number * SECOND, Failure("занято", retry_after=1, counts=False), 1.0)
        assert (made.status, made.failures) == ("pending", 0)


@given(st.integers(1, 100), st.floats(0.5, 1.5))
def test_pauses_grow_and_end_at_five_minutes(failures: int, jitter: float) -> None:
    assert 0.5 <= DEFERRED_TASK.backoff(failures, jitter) <= 300
    assert DEFERRED_TASK.backoff(failures, jitter) <= DEFERRED_TASK.backoff(failures + 1, jitter)


def test_a_worker_that_died_costs_no_attempt_that_was_given() -> None:
    made = started(max_attempts=1)
    assert not made.is_due(AT + model.LEASE - SECOND)
    made.start(AT + model.LEASE)
    assert (made.attempts, made.log[0].error) == (2, model.CRASHED)
    made.succeed(AT + model.LEASE, None)
    assert made.status == "completed"


def test_a_task_that_kills_its_workers_is_given_up() -> None:
    made, at = started(), AT
    for _ in range(DEFERRED_TASK.max_crashes):
        assert not made.is_out_of_attempts
        at += model.LEASE
        made.start(at)
    assert made.is_out_of_attempts
    made.fail(at, FINAL, 1.0)
    assert (made.status, made.attempts) == ("failed", DEFERRED_TASK.max_crashes + 1)


def test_only_workers_that_die_in_a_row_are_the_tasks_fault() -> None:
    made, at = started(max_attempts=100), AT
    for _ in range(DEFERRED_TASK.max_crashes):
        at += model.LEASE
        made.start(at)
        made.fail(at, Failure("503"), 1.0)
        at += model.LEASE
        made.start(at)
    assert not made.is_out_of_attempts


@pytest.mark.parametrize("made", [task(), started()])
def test_what_waits_or_runs_can_be_cancelled(made: Task) -> None:
    made.cancel(AT)
    assert (made.status, made.due_at, made.next_attempt_at) == ("cancelled", None, None)
    with pytest.raises(NotFound):
        made.cancel(AT)


def test_what_has_ended_cannot_be_cancelled_or_changed() -> None:
    made = started()
    made.succeed(AT, None)
    with pytest.raises(NotFound):
        made.cancel(AT)
    with pytest.raises(Conflict):
        made.change(AT, {"payload": 1})
    with pytest.raises(Conflict):
        made.restart(AT)


def test_another_time_is_the_time_of_the_next_attempt() -> None:
    made = started()
    made.fail(AT, TEMPORARY, 1.0)
    later = AT + timedelta(days=3)
    made.change(AT, {"execute_at": later})
    assert (made.execute_at, made.due_at, made.next_attempt_at) == (later, later, None)
    with pytest.raises(Invalid):
        made.change(AT, {"execute_at": AT})


def test_what_failed_is_made_again_with_all_its_attempts() -> None:
    made = started(max_attempts=1)
    made.fail(AT, TEMPORARY, 1.0)
    made.restart(AT + SECOND)
    assert (made.status, made.due_at, made.attempts, made.error_message) == ("pending", AT + SECOND, 1, None)
    made.start(AT + SECOND)
    made.fail(AT + SECOND, TEMPORARY, 1.0)
    assert (made.status, made.attempts, len(made.log)) == ("failed", 2, 2)


def test_the_log_and_its_texts_are_bounded() -> None:
    made = task(max_attempts=100)
    for number in range(250):
        made.status = "pending"
        made.start(AT + number * SECOND)
        made.fail(AT, Failure("я" * 5_000), 1.0)
    assert len(made.log) == model.MAX_LOG_LENGTH
    assert made.log[-1].number == 250
    assert all(len(one.error or "") == model.MAX_ERROR_LENGTH for one in made.log)
