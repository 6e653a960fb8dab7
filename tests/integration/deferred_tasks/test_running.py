"""From a task to its end: in time, as often as it has to be, however its messages come and whoever dies."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.core import clock
from chalicelib.core.recount import ListingLedger, look
from chalicelib.deferred_tasks import model
from chalicelib.deferred_tasks.model import Failure
from chalicelib.deferred_tasks.store import TASKS as LISTING
from tests.integration.deferred_tasks.world import TASKS, World, attempts, message, plan, shown
from tests.production import empty_tables, events_of, ok

NAMES = {status: f"deferred_task.{status}" for status in ("completed", "failed", "cancelled")}


def lateness(world: World, task: dict[str, Any]) -> float:
    """Seconds from the time it was due to the work."""
    (at,) = (at for number, _, at in world.work if number == task["id"])
    return (at - datetime.fromisoformat(task["execute_at"])).total_seconds()


@pytest.mark.parametrize("seconds", [0.3, 1.2, 59.9, 899, 901, 3_600.5])
def test_it_runs_to_the_second_near_or_far(world: World, seconds: float) -> None:
    made = plan(seconds=seconds)
    assert bool(world.planned) == (seconds > 900)
    skipped = max(0.0, seconds - 200)
    world.later(seconds=skipped)
    world.run(seconds=seconds - skipped + 2)
    assert 0 <= lateness(world, made) < 0.5
    assert not world.planned
    assert not world.messages


def test_the_scheduler_wakes_it_ahead_of_the_time(world: World) -> None:
    made = plan(seconds=86_400)
    ((name, (at, body)),) = world.planned.items()
    due = datetime.fromisoformat(made["execute_at"])
    assert name == f"task-{made['id']}-{int((due - timedelta(seconds=120)).timestamp())}"
    assert 120 <= (due - at).total_seconds() < 121
    assert json.loads(body) == {"task": made["id"], "due": clock.to_text(due)}
    ok("DELETE", f"{TASKS}/{made['id']}")
    assert not world.planned


def test_what_is_years_away_takes_several_schedules(world: World) -> None:
    made = plan(seconds=400 * 86_400)
    ((_, (at, body)),) = world.planned.items()
    assert 359 <= (at - clock.now()).days <= 360
    world.later(days=360, seconds=1)
    world.planned.clear()
    assert world.receive(body)
    ((_, (at, _)),) = world.planned.items()
    assert 0 < (datetime.fromisoformat(made["execute_at"]) - at).total_seconds() < 121


@pytest.mark.parametrize(("seconds", "late"), [(30, 85), (3_600, 1)])
def test_a_lost_message_is_found_by_the_sweep(world: World, seconds: float, late: float) -> None:
    world.loses = True
    made = plan(seconds=seconds)
    world.planned.clear()
    world.loses = False
    skipped = max(0.0, seconds - 100)
    world.later(seconds=skipped)
    world.run(seconds=seconds - skipped + 90)
    assert 0 <= lateness(world, made) < late


def test_a_failure_is_tried_again_after_growing_pauses(world: World) -> None:
    world.fails = [Failure("раз", retry_after=5), Failure("два")]
    made = plan(max_attempts=3)
    world.run(seconds=1.1)
    waiting = shown(made)
    assert (waiting["status"], waiting["attempts"], waiting["error_message"]) == ("pending", 1, "раз")
    pause = datetime.fromisoformat(waiting["next_attempt_at"]) - datetime.fromisoformat(waiting["updated_at"])
    assert pause.total_seconds() == 5
    world.run(seconds=12)
    done = shown(made)
    assert (done["status"], done["attempts"]) == ("completed", 3)
    assert not {"error_message", "next_attempt_at"} & set(done)
    log = attempts(made)
    assert [(one["number"], one["error"]) for one in log] == [(1, "раз"), (2, "два"), (3, None)]
    starts = [at for _, _, at in world.work]
    assert 1 <= (starts[2] - starts[1]).total_seconds() <= 4


def test_the_last_failure_is_the_end(world: World) -> None:
    world.fails = [Failure("нет")] * 5
    made = plan(max_attempts=2)
    world.run(minutes=1)
    done = shown(made)
    assert (done["status"], done["attempts"], done["error_message"]) == ("failed", 2, "нет")
    ((name, data),) = events_of(f"deferred_task#{made['id']}")
    assert (name, data["error"], data["attempts"]) == ("deferred_task.failed", "нет", 2)


def test_a_message_that_comes_twice_or_late_does_nothing_more(world: World) -> None:
    made = plan()
    for _ in range(2):
        world.later(seconds=2)
        assert world.receive(message(made))
    world.run(minutes=1)
    assert len(world.work) == 1
    assert shown(made)["attempts"] == 1


def test_cancelled_while_it_runs_it_stays_cancelled(world: World) -> None:
    made = plan()
    world.during = lambda: ok("DELETE", f"{TASKS}/{made['id']}")
    world.run(minutes=3)
    done = shown(made)
    assert (done["status"], done["attempts"]) == ("cancelled", 1)
    assert "completed_at" not in done
    assert [name for name, _ in events_of(f"deferred_task#{made['id']}")] == ["deferred_task.cancelled"]
    assert [one["error"] for one in attempts(made)] == [model.CANCELLED]


def test_a_worker_that_was_only_slow_has_lost_its_task_to_another(world: World) -> None:
    made = plan()

    def slow() -> None:
        world.during = None
        world.later(seconds=model.LEASE.total_seconds() + 1)
        assert world.receive(message(made))

    world.during = slow
    world.run(seconds=2)
    assert len(world.work) == 2
    done = shown(made)
    assert (done["status"], done["attempts"]) == ("completed", 2)
    assert [one["error"] for one in attempts(made)] == [model.DIED, None]
    assert len(events_of(f"deferred_task#{made['id']}")) == 1


def test_workers_that_die_over_it_again_and_again_are_the_fault_of_the_task(world: World) -> None:
    made = plan(max_attempts=1)

    def die() -> None:
        world.dies_at = world.made + 1

    world.during = die
    world.run(minutes=20)
    done = shown(made)
    assert (done["status"], done["error_message"]) == ("failed", model.GAVE_UP)
    assert len(world.work) == model.MOST_DEATHS


def story(world: World, dies_at: int | None, seconds: float = 1) -> int:
    """One task goes well after it has failed once, one fails for good; all calls that were made of AWS."""
    empty_tables()
    world.work.clear()
    world.messages.clear()
    world.made, world.dies_at = 0, None
    fine, unknown = plan(seconds, payload="fine"), plan(seconds, task_type="nobody_knows")
    world.fails, world.dies_at = [Failure("раз")], dies_at
    world.later(seconds=max(0, seconds - 200))
    world.run(minutes=12, until=lambda: all(shown(task)["status"] in NAMES for task in (fine, unknown)))
    for task, status in ((fine, "completed"), (unknown, "failed")):
        assert shown(task)["status"] == status, dies_at
        assert [name for name, _ in events_of(f"deferred_task#{task['id']}")] == [NAMES[status]], dies_at
        assert sum(one["error"] is None for one in attempts(task)) == (status == "completed")
    assert all(at >= datetime.fromisoformat(fine["execute_at"]) for _, _, at in world.work)
    assert look(ListingLedger(LISTING))[0] == {}
    return world.made


@pytest.mark.parametrize("seconds", [1, 1_000])
def test_whenever_a_process_dies_each_task_comes_to_its_end_once(world: World, seconds: float) -> None:
    steps = story(world, None, seconds)
    assert 10 < steps < 60
    for dies_at in range(1, steps + 1, 1 if seconds < 900 else 3):
        story(world, dies_at, seconds)
