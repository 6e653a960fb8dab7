"""What the state machine does for a task, before and after the wait; and the sweep, which lets none lie about.

Everything is written on condition that the run is still the current one and nobody has changed the task meanwhile, so a
step may be repeated, be killed, or come when another run has taken over.
"""

import math
from typing import Any, Literal

from chalicelib.core import clock, later_work
from chalicelib.core.settings import settings
from chalicelib.core.transactions import Transaction, optimistic, transaction
from chalicelib.events import service as events
from chalicelib.long_tasks import kinds, model, store
from chalicelib.long_tasks.model import Failure, Task
from chalicelib.users import service as users

SWEEP_LIMIT = 50  # tasks of each partition

Outcome = Literal["ok", "wait", "failed", "stopped"]


def start(task: Task) -> None:
    """Start the execution of a task's run."""
    data = {"task_id": task.number, "user_id": task.user_id, "run": task.run}
    later_work.start_execution_or_leave(settings().long_task_arn, task.execution, data)


@optimistic
def begin(user_id: int, number: int, run: int) -> tuple[Outcome, int]:
    """Start the work; whether there is something to wait for, and how many seconds."""
    task = _wanted(user_id, number, run)
    if task is None:
        return "stopped", 0
    left = math.ceil(task.begin(clock.now(), kinds.wait_for(task)).total_seconds())
    with transaction() as tx:
        store.save(tx, task)
    return ("wait" if left else "ok"), left


def finish(user_id: int, number: int, run: int) -> Outcome:
    """Do the work and write what came of it."""
    task = _wanted(user_id, number, run)
    if task is None:
        return "stopped"
    if reason := _hindrance(task):
        return _end(user_id, number, run, error=reason)
    try:
        return _end(user_id, number, run, result=kinds.run(task))
    except Failure as failure:
        return _end(user_id, number, run, error=failure.text)


def fail(user_id: int, number: int, run: int, reason: str) -> Outcome:
    """End a task that cannot be done."""
    return _end(user_id, number, run, error=reason)


def _hindrance(task: Task) -> str | None:
    """Why the work is not done: its user or maker is gone, or may not make it any more."""
    there = users.actors({task.user_id, task.maker})
    return kinds.hindrance(there.get(task.maker) if task.user_id in there else None, task.text)


def _wanted(user_id: int, number: int, run: int) -> Task | None:
    task = store.find(user_id, number)
    return task if task and task.wanted(run) else None


@optimistic
def _end(user_id: int, number: int, run: int, *, result: str = "", error: str = "") -> Outcome:
    task = _wanted(user_id, number, run)
    if task is None:
        return "stopped"
    if error:
        task.fail(clock.now(), error)
    else:
        task.succeed(clock.now(), result)
    with transaction() as tx:
        store.save(tx, task)
        _record_end(tx, task)
    return "failed" if error else "ok"


def _record_end(tx: Transaction, task: Task) -> None:
    about: dict[str, Any] = {"long_task_id": task.number, "user_id": task.user_id}
    aggregate, at = f"long_task#{task.number}", task.ended_at or clock.now()
    if task.status == "done":
        events.record(tx, "long_task.completed", aggregate, at, **about, result=task.result)
    else:
        events.record(tx, "long_task.failed", aggregate, at, **about, error=task.error)


# -- the sweep ------------------------------------------------------------------------------------------------------


def sweep() -> int:
    """Check the tasks whose execution should have gone on by now; how many."""
    return later_work.sweep_executions(store.due(clock.now(), SWEEP_LIMIT), _check)


def _check(task: Task) -> None:
    at = clock.now()
    state = later_work.execution_state(settings().long_task_arn, task.execution)
    if state == "running":
        task.due_at = at + model.LOOK_AGAIN
    elif state == "never started":
        task.due_at = at + model.LATE
    else:
        task.resume(at)
    with transaction() as tx:
        store.save(tx, task)
        if task.status == "failed":
            _record_end(tx, task)
    if task.status == "pending" and state != "running":
        start(task)
