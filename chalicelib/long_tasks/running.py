"""The steps of a long task before and after its wait, and the sweep.

Each write requires that the run is the current one and that the task is as it was read. So a step may be repeated, be
killed, or run after another run has started.
"""

import math
from typing import Any, Literal

from chalicelib.core import clock, later_work, texts
from chalicelib.core.settings import settings
from chalicelib.core.texts import text
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
    """Start the work; return whether it has to wait, and for how many seconds."""
    task = _find_current(user_id, number, run)
    if task is None:
        return "stopped", 0
    left = math.ceil(task.begin(clock.now(), kinds.wait_for(task)).total_seconds())
    with transaction() as tx:
        store.save(tx, task)
    return ("wait" if left else "ok"), left


def finish(user_id: int, number: int, run: int) -> Outcome:
    """Do the work and write its result."""
    task = _find_current(user_id, number, run)
    if task is None:
        return "stopped"
    with texts.language(task.language):
        return _finish(task)


def _finish(task: Task) -> Outcome:
    place = (task.user_id, task.number, task.run)
    if reason := _refusal_reason(task):
        return _end(*place, error=reason)
    try:
        return _end(*place, result=kinds.run(task))
    except Failure as failure:
        return _end(*place, error=failure.text)


def fail(user_id: int, number: int, run: int, reason: str) -> Outcome:
    """End a task with an error."""
    return _end(user_id, number, run, error=reason)


def _refusal_reason(task: Task) -> str | None:
    """Return why the work is not done: its user or maker was deleted, or may not make it any more."""
    actors = users.actors({task.user_id, task.maker})
    return kinds.refusal_reason(actors.get(task.maker) if task.user_id in actors else None, task.text)


def _find_current(user_id: int, number: int, run: int) -> Task | None:
    task = store.find(user_id, number)
    return task if task and task.is_current(run) else None


@optimistic
def _end(user_id: int, number: int, run: int, *, result: str = "", error: str = "") -> Outcome:
    task = _find_current(user_id, number, run)
    if task is None:
        return "stopped"
    if error:
        with texts.language(task.language):
            task.fail(clock.now(), text(error))
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
    """Start lost executions again; return how many tasks were checked."""
    return later_work.sweep_executions(store.due(clock.now(), SWEEP_LIMIT), _check, _postpone)


def _check(task: Task) -> None:
    at = clock.now()
    state = later_work.execution_state(settings().long_task_arn, task.execution)
    if state == "running":
        task.due_at = at + model.RECHECK_AFTER
    elif state == "never started":
        task.due_at = at + model.SWEEP_GRACE
    else:
        with texts.language(task.language):
            task.resume(at)
    with transaction() as tx:
        store.save(tx, task)
        if task.status == "failed":
            _record_end(tx, task)
    if task.status == "pending" and state != "running":
        start(task)


def _postpone(task: Task) -> None:
    """Let the sweep check a task later, which it could not check now."""
    current, at = store.find(task.user_id, task.number), clock.now()
    if current and current.due_at and current.due_at <= at:
        current.due_at = at + model.RECHECK_AFTER
        with transaction() as tx:
            store.save(tx, current)
