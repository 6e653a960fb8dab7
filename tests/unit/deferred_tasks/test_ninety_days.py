"""10,000 tasks from one second to ninety days, with workers that die: none is lost, early, or completed twice."""

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.core.auth import ADMINISTRATOR
from chalicelib.core.errors import NotFound
from chalicelib.deferred_tasks import registry, service
from chalicelib.deferred_tasks.model import Failure, Task
from chalicelib.deferred_tasks.registry import Job, task_type
from chalicelib.deferred_tasks.schemas import DeferredTaskCreate
from tests.unit.deferred_tasks.simulation import Simulation, simulation

TASKS, CANCELLED = 10_000, 300
DAYS = 90


@pytest.fixture
def made() -> Iterator[Simulation]:
    """The simulation, with a type of task that goes well, badly at times, or never."""
    with simulation(7) as one, pytest.MonkeyPatch.context() as patch:
        types: dict[str, Any] = {}
        patch.setattr(registry, "_types", types)
        patch.setattr(registry, "TYPES", types)

        @task_type("work")
        def work(payload: Any, job: Job) -> None:
            one.step()
            one.starts.setdefault(job.number, []).append(one.now)
            one.now += timedelta(milliseconds=1)
            if payload == "never" or (payload == "at times" and one.chance.random() < 0.5):
                raise Failure("не вышло")
            one.step()

        yield one


def plan(one: Simulation, seconds: float, payload: str) -> int:
    """A task through the real use case."""
    wanted = DeferredTaskCreate(
        execute_at=one.now + timedelta(seconds=seconds), task_type="work", payload=payload, max_attempts=5
    )
    return service.create(ADMINISTRATOR, body=wanted).task.id


@pytest.mark.slow
def test_none_is_lost_early_or_completed_twice(made: Simulation) -> None:
    made.deadly = 0.002
    chance = random.Random(1)
    spans = (60, 900, 7_200, DAYS * 86_400)
    wanted: dict[int, str] = {}
    for number in range(TASKS):
        payload = chance.choices(("fine", "at times", "never"), (90, 7, 3))[0]
        wanted[plan(made, chance.uniform(1, spans[number % len(spans)]), payload)] = payload
        made.now += timedelta(milliseconds=3)
    unwanted = set(chance.sample(sorted(wanted), CANCELLED))
    waiting = sorted(unwanted, key=lambda number: made.tasks[number].execute_at)
    cancelled: set[int] = set()

    def cancel() -> None:
        """Some are cancelled at about the time when they run."""
        while waiting and made.tasks[waiting[0]].execute_at <= made.now + timedelta(seconds=1):
            try:
                cancelled.add(service.cancel(ADMINISTRATOR, number=waiting.pop(0)).task.id)
            except NotFound:
                continue  # it was faster

    made.run(made.now + timedelta(days=DAYS + 1), cancel)
    assert made.crashed_attempts > 50
    assert len(cancelled) > CANCELLED // 4
    for number, payload in wanted.items():
        check(made, made.tasks[number], payload, number in cancelled)
    late = sorted(lateness(made, task) for task in made.tasks.values() if undisturbed(task))
    assert late[len(late) // 2] < 0.5
    assert late[len(late) * 99 // 100] < 90  # the sweep's time: a worker died over another message of the batch


def check(made: Simulation, task: Task, payload: str, cancelled: bool) -> None:
    """It has ended as it should, once, and was never early."""
    assert not task.is_active, task
    ended = {name: made.recorded[name, f"deferred_task#{task.number}"] for name in ENDS}
    assert ended == {name: int(name == f"deferred_task.{task.status}") for name in ENDS}, task
    assert (task.status == "cancelled") == cancelled
    if not cancelled and payload != "at times":
        assert task.status == ("failed" if payload == "never" else "completed"), task
    assert all(start >= task.execute_at for start in made.starts.get(task.number, []))
    assert task.attempts >= len(made.starts.get(task.number, []))
    done = [attempt for attempt in task.log if attempt.error is None]
    assert len(done) == (task.status == "completed"), task


ENDS = ("deferred_task.completed", "deferred_task.failed", "deferred_task.cancelled")


def undisturbed(task: Task) -> bool:
    """Nobody died over it."""
    return task.status == "completed" and task.attempts == task.failures + 1


def lateness(made: Simulation, task: Task) -> float:
    """Seconds from the time it was due to its first start."""
    return (made.starts[task.number][0] - task.execute_at).total_seconds()


def test_without_deaths_each_is_started_once_and_in_time(made: Simulation) -> None:
    for number in range(1_000):
        plan(made, 1 + number * 7.7, "fine")
    made.run(made.now + timedelta(days=1))
    assert all(len(starts) == 1 for starts in made.starts.values())
    late = [lateness(made, task) for task in made.tasks.values()]
    assert len(late) == 1_000
    assert min(late) >= 0
    assert max(late) < 1
