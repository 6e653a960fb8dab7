"""The rules of a saga, without database and state machine."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.errors import Conflict
from chalicelib.core.retries import REPORT_SAGA
from chalicelib.reports.model import (
    ACTIVE,
    LAST_STEP,
    RETRYABLE,
    STEPS_WITH_FILES,
    TOO_MANY_CRASHES,
    Saga,
    Superseded,
)

AT = datetime(2026, 1, 1, tzinfo=UTC)


def saga() -> Saga:
    return Saga("7a1e4dd2-0000-4000-8000-000000000001", 1, 1, AT)


def done(upto: int) -> Saga:
    """Return a saga whose first steps are completed."""
    made = saga()
    for number in range(1, upto + 1):
        made.finish_step(1, number, made.begin_step(1, number, AT), AT, {f"note{number}": {}})
    return made


def undo(broken: Saga) -> list[int]:
    """Compensate all steps; returns them in the order of compensation."""
    undone = []
    while step := broken.next_to_compensate():
        broken.mark_compensated(broken.run, step.id, AT)
        undone.append(step.id)
    broken.settle(broken.run, AT)
    return undone


def test_six_steps_complete_it() -> None:
    made = done(LAST_STEP)
    assert (made.status, made.percent, made.completed_at, made.current) == ("completed", 100, AT, None)
    assert set(made.notes) == {f"note{number}" for number in range(1, LAST_STEP + 1)}


def test_a_step_waits_for_those_before_it() -> None:
    with pytest.raises(Superseded):
        done(1).begin_step(1, 3, AT)


def test_completed_step_is_not_started_again() -> None:
    made = done(2)
    assert made.begin_step(1, 2, AT) == 0
    assert made.step(2).attempts == 1


def test_only_the_last_attempt_of_a_step_may_finish_it() -> None:
    made = saga()
    first, second = made.begin_step(1, 1, AT), made.begin_step(1, 1, AT)
    with pytest.raises(Superseded):
        made.finish_step(1, 1, first, AT)
    with pytest.raises(Superseded):
        made.fail_step(1, 1, first, "поздно", AT)
    made.finish_step(1, 1, second, AT)
    assert (made.step(1).status, made.step(1).attempts) == ("completed", 2)


@pytest.mark.parametrize("upto", range(LAST_STEP))
def test_failure_compensates_steps_with_files_from_the_last_to_the_first(upto: int) -> None:
    made = done(upto)
    made.fail_step(1, upto + 1, made.begin_step(1, upto + 1, AT), "причина", AT)
    assert made.status == "compensating"
    expected = [number for number in range(upto, 0, -1) if number in STEPS_WITH_FILES]
    assert undo(made) == expected
    assert made.status == ("compensated" if expected else "failed")
    assert (made.step(upto + 1).status, made.step(upto + 1).error, made.error) == ("failed", "причина", "причина")
    assert made.count("executing") == 0


@pytest.mark.parametrize("upto", range(LAST_STEP))
@pytest.mark.parametrize("running", [True, False])
def test_saga_can_be_cancelled_at_any_step(upto: int, running: bool) -> None:
    made = done(upto)
    attempt = made.begin_step(1, upto + 1, AT) if running else 0
    assert made.cancel(AT)
    assert not made.cancel(AT)
    with pytest.raises(Superseded):
        made.begin_step(1, upto + 1, AT)
    if running:
        with pytest.raises(Superseded):
            made.finish_step(1, upto + 1, attempt, AT)
    undone = undo(made)
    assert undone == sorted(undone, reverse=True)
    assert (made.status, made.count("executing")) == ("cancelled", 0)
    assert not made.cancel(AT)


def test_compensating_saga_can_be_cancelled_in_the_same_run() -> None:
    made = done(3)
    made.fail_step(1, 4, made.begin_step(1, 4, AT), "причина", AT)
    assert made.cancel(AT)
    undo(made)
    assert (made.status, made.run) == ("cancelled", 1)


def test_ended_saga_cannot_be_cancelled() -> None:
    with pytest.raises(Conflict):
        done(LAST_STEP).cancel(AT)
    failed = saga()
    failed.fail_step(1, 1, failed.begin_step(1, 1, AT), "причина", AT)
    undo(failed)
    with pytest.raises(Conflict):
        failed.cancel(AT)


def test_retry_continues_from_the_first_step_that_is_not_completed() -> None:
    made = done(4)
    made.fail_step(1, 5, made.begin_step(1, 5, AT), "причина", AT)
    undo(made)
    made.retry(AT)
    assert (made.status, made.run, made.error) == ("pending", 2, None)
    assert [step.status for step in made.steps] == ["completed"] * 2 + ["pending"] * 4
    with pytest.raises(Superseded):
        made.begin_step(1, 3, AT)
    for number in range(1, LAST_STEP + 1):
        attempt = made.begin_step(2, number, AT)
        if attempt:
            made.finish_step(2, number, attempt, AT)
    assert made.status == "completed"
    assert [step.attempts for step in made.steps] == [1, 1, 2, 2, 2, 1]


@pytest.mark.parametrize("upto", [0, 3, LAST_STEP])
def test_only_failed_or_cancelled_sagas_are_retried(upto: int) -> None:
    with pytest.raises(Conflict):
        done(upto).retry(AT)


def test_saga_that_loses_too_many_executions_is_compensated() -> None:
    made = done(3)
    attempt = made.begin_step(1, 4, AT)
    for _ in range(REPORT_SAGA.max_crashes - 1):
        made.resume(AT)
    made.finish_step(1, 4, attempt, AT)
    for _ in range(REPORT_SAGA.max_crashes - 1):
        made.resume(AT)
        assert made.status == "executing"
    made.resume(AT)
    assert (made.status, made.step(5).status, made.error) == (
        "compensating",
        "failed",
        TOO_MANY_CRASHES.format(limit=REPORT_SAGA.max_crashes),
    )
    assert made.starts == 2 * REPORT_SAGA.max_crashes
    for _ in range(REPORT_SAGA.max_crashes):
        made.resume(AT)
    assert undo(made) == [4, 3]
    made.retry(AT)
    made.resume(AT)
    assert made.status == "pending"


def test_progress_never_decreases_within_a_run() -> None:
    made, seen = saga(), [0]
    for number in range(1, LAST_STEP + 1):
        attempt = made.begin_step(1, number, AT)
        for share in (0.0, 0.3, 0.99):
            made.share = max(made.share, share)
            seen.append(made.percent)
        attempt = made.begin_step(1, number, AT)
        seen.append(made.percent)
        made.finish_step(1, number, attempt, AT)
        seen.append(made.percent)
    assert seen == sorted(seen)
    assert len(set(seen)) > LAST_STEP


def test_active_saga_is_checked_soon_and_files_of_an_ended_one_are_deleted_later() -> None:
    made = done(1)
    assert made.due_at is not None and made.due_at - AT < timedelta(minutes=1)
    made.cancel(AT)
    undo(made)
    assert made.due_at - AT > timedelta(minutes=3)


def test_deleted_saga_rejects_every_change() -> None:
    made = saga()
    attempt = made.begin_step(1, 1, AT)
    made.delete(AT)
    for run in (1, 2):
        with pytest.raises(Superseded):
            made.finish_step(run, 1, attempt, AT)


def move_on(made: Saga, move: str, number: int, attempt: int) -> int:
    """Call a method of the saga; returns the running attempt."""
    if move == "begin":
        return made.begin_step(made.run, number, AT)
    undo_next = made.next_to_compensate() or made.step(1)
    {
        "finish": lambda: made.finish_step(made.run, number, attempt, AT),
        "late": lambda: made.finish_step(made.run - 1, number, attempt, AT),
        "fail": lambda: made.fail_step(made.run, number, attempt, "причина", AT),
        "lose": lambda: made.resume(AT),
        "cancel": lambda: made.cancel(AT),
        "undo": lambda: made.mark_compensated(made.run, undo_next.id, AT),
        "settle": lambda: made.settle(made.run, AT),
        "retry": lambda: made.retry(AT),
    }[move]()
    return attempt


moves = st.sampled_from(["begin", "finish", "fail", "lose", "cancel", "undo", "settle", "retry", "late"])


@given(st.lists(moves, max_size=60))
def test_any_sequence_of_changes_keeps_the_invariants(sequence: list[str]) -> None:
    """After any calls in any order, steps are completed in order, and at most one is executing."""
    made, attempt = saga(), 0
    for move in sequence:
        number = next((step.id for step in made.steps if step.status != "completed"), LAST_STEP)
        before = made.status
        try:
            attempt = move_on(made, move, number, attempt)
        except (Superseded, Conflict):
            assert made.status == before
        assert made.count("executing") <= 1
        assert made.status in (*ACTIVE, *RETRYABLE, "completed")
        if made.status in ("pending", "executing"):
            statuses = [step.status for step in made.steps]
            assert statuses == sorted(statuses, key=["completed", "executing", "pending"].index)
        if made.status in RETRYABLE:
            assert not any(step.status == "completed" for step in made.steps if step.id in STEPS_WITH_FILES)
