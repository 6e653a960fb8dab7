"""From a task to its end: in time, as often as it has to be, in any order of messages and deaths of workers."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.core import clock
from chalicelib.core.recount import ListCounters, compare
from chalicelib.core.retries import DEFERRED_TASK
from chalicelib.deferred_tasks import model
from chalicelib.deferred_tasks.model import Failure
from chalicelib.deferred_tasks.store import TASKS as LISTING
from tests.integration.deferred_tasks.fake_aws import TASKS, FakeAws, attempts, message, plan, shown
from tests.production import empty_tables, events_of, ok

NAMES = {status: f"deferred_task.{status}" for status in ("completed", "failed", "cancelled")}


def lateness(fake_aws: FakeAws, task: dict[str, Any]) -> float:
    """Seconds from the time it was due to the work."""
    (at,) = (at for number, _, at in fake_aws.work if number == task["id"])
    return (at - datetime.fromisoformat(task["execute_at"])).total_seconds()


@pytest.mark.parametrize("seconds", [0.3, 1.2, 59.9, 899, 901, 3_600.5])
def test_it_runs_to_the_second_near_or_far(fake_aws: FakeAws, seconds: float) -> None:
    made = plan(seconds=seconds)
    assert bool(fake_aws.planned) == (seconds > 900)
    skipped = max(0.0, seconds - 200)
    fake_aws.later(seconds=skipped)
    fake_aws.run(seconds=seconds - skipped + 2)
    assert 0 <= lateness(fake_aws, made) < 0.5
    assert not fake_aws.planned
    assert not fake_aws.messages


def test_the_scheduler_wakes_it_ahead_of_the_time(fake_aws: FakeAws) -> None:
    made = plan(seconds=86_400)
    ((name, (at, body)),) = fake_aws.planned.items()
    due = datetime.fromisoformat(made["execute_at"])
    assert name == f"task-{made['id']}-{int((due - timedelta(seconds=120)).timestamp())}"
    assert 120 <= (due - at).total_seconds() < 121
    assert json.loads(body) == {"task": made["id"], "due": clock.to_text(due)}
    ok("DELETE", f"{TASKS}/{made['id']}")
    assert not fake_aws.planned


def test_what_is_years_away_takes_several_schedules(fake_aws: FakeAws) -> None:
    made = plan(seconds=400 * 86_400)
    ((_, (at, body)),) = fake_aws.planned.items()
    assert 359 <= (at - clock.now()).days <= 360
    fake_aws.later(days=360, seconds=1)
    fake_aws.planned.clear()
    assert fake_aws.receive(body)
    ((_, (at, _)),) = fake_aws.planned.items()
    assert 0 < (datetime.fromisoformat(made["execute_at"]) - at).total_seconds() < 121


@pytest.mark.parametrize(("seconds", "late"), [(30, 85), (3_600, 1)])
def test_a_lost_message_is_found_by_the_sweep(fake_aws: FakeAws, seconds: float, late: float) -> None:
    fake_aws.loses = True
    made = plan(seconds=seconds)
    fake_aws.planned.clear()
    fake_aws.loses = False
    skipped = max(0.0, seconds - 100)
    fake_aws.later(seconds=skipped)
    fake_aws.run(seconds=seconds - skipped + 90)
    assert 0 <= lateness(fake_aws, made) < late


def test_a_failure_is_tried_again_after_growing_pauses(fake_aws: FakeAws) -> None:
    fake_aws.fails = [Failure("раз", retry_after=5), Failure("два")]
    made = plan(max_attempts=3)
    fake_aws.run(seconds=1.1)
    waiting = shown(made)
    assert (waiting["status"], waiting["attempts"], waiting["error_message"]) == ("pending", 1, "раз")
    pause = datetime.fromisoformat(waiting["next_attempt_at"]) - datetime.fromisoformat(waiting["updated_at"])
    assert pause.total_seconds() == 5
    fake_aws.run(seconds=12)
    done = shown(made)
    assert (done["status"], done["attempts"]) == ("completed", 3)
    assert not {"error_message", "next_attempt_at"} & set(done)
    log = attempts(made)
    assert [(one["number"], one["error"]) for one in log] == [(1, "раз"), (2, "два"), (3, None)]
    starts = [at for _, _, at in fake_aws.work]
    assert 1 <= (starts[2] - starts[1]).total_seconds() <= 4


def test_the_last_failure_is_the_end(fake_aws: FakeAws) -> None:
    fake_aws.fails = [Failure("нет")] * 5
    made = plan(max_attempts=2)
    fake_aws.run(minutes=1)
    done = shown(made)
    assert (done["status"], done["attempts"], done["error_message"]) == ("failed", 2, "нет")
    ((name, data),) = events_of(f"deferred_task#{made['id']}")
    assert (name, data["error"], data["attempts"]) == ("deferred_task.failed", "нет", 2)


def test_a_message_that_comes_twice_or_late_does_nothing_more(fake_aws: FakeAws) -> None:
    made = plan()
    for _ in range(2):
        fake_aws.later(seconds=2)
        assert fake_aws.receive(message(made))
    fake_aws.run(minutes=1)
    assert len(fake_aws.work) == 1
    assert shown(made)["attempts"] == 1


def test_cancelled_while_it_runs_it_stays_cancelled(fake_aws: FakeAws) -> None:
    made = plan()
    fake_aws.during = lambda: ok("DELETE", f"{TASKS}/{made['id']}")
    fake_aws.run(minutes=3)
    done = shown(made)
    assert (done["status"], done["attempts"]) == ("cancelled", 1)
    assert "completed_at" not in done
    assert [name for name, _ in events_of(f"deferred_task#{made['id']}")] == ["deferred_task.cancelled"]
    assert [one["error"] for one in attempts(made)] == [model.CANCELLED]


def test_a_worker_that_was_only_slow_has_lost_its_task_to_another(fake_aws: FakeAws) -> None:
    made = plan()

    def slow() -> None:
        fake_aws.during = None
        fake_aws.later(seconds=model.LEASE.total_seconds() + 1)
        assert fake_aws.receive(message(made))

    fake_aws.during = slow
    fake_aws.run(seconds=2)
    assert len(fake_aws.work) == 2
    done = shown(made)
    assert (done["status"], done["attempts"]) == ("completed", 2)
    assert [one["error"] for one in attempts(made)] == [model.CRASHED, None]
    assert len(events_of(f"deferred_task#{made['id']}")) == 1


def test_workers_that_die_over_it_again_and_again_are_the_fault_of_the_task(fake_aws: FakeAws) -> None:
    made = plan(max_attempts=1)

    def die() -> None:
        fake_aws.dies_at = fake_aws.steps + 1

    fake_aws.during = die
    fake_aws.run(minutes=20)
    done = shown(made)
    assert (done["status"], done["error_message"]) == ("failed", model.GAVE_UP.format(limit=DEFERRED_TASK.max_crashes))
    assert len(fake_aws.work) == DEFERRED_TASK.max_crashes


def story(fake_aws: FakeAws, dies_at: int | None, seconds: float = 1) -> int:
    """One task goes well after it has failed once, one fails for good; all calls that were made of AWS."""
    empty_tables()
    fake_aws.work.clear()
    fake_aws.messages.clear()
    fake_aws.steps, fake_aws.dies_at = 0, None
    fine, unknown = plan(seconds, payload="fine"), plan(seconds, task_type="nobody_knows")
    fake_aws.fails, fake_aws.dies_at = [Failure("раз")], dies_at
    fake_aws.later(seconds=max(0, seconds - 200))
    fake_aws.run(minutes=12, until=lambda: all(shown(task)["status"] in NAMES for task in (fine, unknown)))
    for task, status in ((fine, "completed"), (unknown, "failed")):
        assert shown(task)["status"] == status, dies_at
        assert [name for name, _ in events_of(f"deferred_task#{task['id']}")] == [NAMES[status]], dies_at
        assert sum(one["error"] is None for one in attempts(task)) == (status == "completed")
    assert all(at >= datetime.fromisoformat(fine["execute_at"]) for _, _, at in fake_aws.work)
    assert compare(ListCounters(LISTING))[0] == {}
    return fake_aws.steps


@pytest.mark.parametrize("seconds", [1, 1_000])
def test_whenever_a_process_dies_each_task_comes_to_its_end_once(fake_aws: FakeAws, seconds: float) -> None:
    steps = story(fake_aws, None, seconds)
    assert 10 < steps < 60
    for dies_at in range(1, steps + 1, 1 if seconds < 900 else 3):
        story(fake_aws, dies_at, seconds)
