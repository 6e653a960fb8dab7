"""Rules of background tasks: due times, expiry, and the size of a result."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.background_tasks.model import CANCELLED, MAX_RESULT_ERRORS, RETENTION, Task, first_errors

AT = datetime(2025, 1, 20, 8, tzinfo=UTC)


def task(**fields: object) -> Task:
    return Task("t", "import", 1, AT, AT, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("made", "after"),
    [
        (task(), 30),
        (task(status="PROGRESS", lease_until=AT + timedelta(seconds=60)), 60),
        (task(status="SUCCESS", finished_at=AT, lease_until=AT - timedelta(seconds=9)), 24 * 3600),
    ],
)
def test_the_sweep_finds_tasks_without_a_run_and_expired_ones(made: Task, after: int) -> None:
    assert made.due_at == AT + timedelta(seconds=after)


def test_a_result_is_kept_for_a_day_after_the_end() -> None:
    done = task(status="SUCCESS", finished_at=AT)
    assert not done.is_expired(AT + RETENTION - timedelta(seconds=1))
    assert done.is_expired(AT + RETENTION)
    assert not task().is_expired(AT + 10 * RETENTION)


@pytest.mark.parametrize(
    ("current", "total", "shown"), [(0, 0, 0), (1, 3, 33), (99_999, 100_000, 99), (5, 5, 100), (7, 5, 100)]
)
def test_percents_are_whole_and_never_round_up(current: int, total: int, shown: int) -> None:
    result = task(status="PROGRESS", current=current, total=total).shown_result()
    assert result == {"current": min(current, total), "total": total, "percent": shown}


def test_a_result_holds_the_first_thousand_errors_as_long_as_they_are_short() -> None:
    short = [{"code": f"C-{number}", "reason": "нет"} for number in range(5_000)]
    assert first_errors(short) == short[:MAX_RESULT_ERRORS]
    long = [{"code": "Ы" * 200, "reason": "нет"}] * 1_000
    assert 400 < len(first_errors(long)) < 500


@pytest.mark.parametrize(
    ("fields", "trouble"),
    [
        ({}, False),
        ({"status": "FAILURE", "result": {"error": "x"}}, False),  # not ended yet
        ({"status": "FAILURE", "result": {"error": "x"}, "finished_at": AT}, True),
        ({"status": "FAILURE", "result": {"error": CANCELLED}, "finished_at": AT}, False),
        ({"status": "SUCCESS", "result": {"failed": 0}, "finished_at": AT}, False),
        ({"status": "SUCCESS", "result": {"failed": 2}, "finished_at": AT}, True),
        ({"status": "SUCCESS", "result": {"failed": 2}, "finished_at": AT, "params": {"dry_run": True}}, False),
    ],
)
def test_tasks_that_failed_whole_or_in_part_need_action(fields: dict[str, object], trouble: bool) -> None:
    assert task(**fields).is_trouble is trouble
