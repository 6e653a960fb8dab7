"""Start of tasks that are due: each is started, postponed, or passed on to the function for its type.

One transaction does it for a batch. When that fails, because of another writer or a defective task, each task is
started by itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from chalicelib.core import clock
from chalicelib.core.actor import Actor
from chalicelib.core.breaker import Permit
from chalicelib.core.retries import DEFERRED_TASK
from chalicelib.core.threads import result_or_error
from chalicelib.core.transactions import optimistic, transaction
from chalicelib.deferred_tasks import dispatch, registry, store
from chalicelib.deferred_tasks.admission import Admission, Admitted, Decision, Postponed
from chalicelib.deferred_tasks.model import Task
from chalicelib.users import service as users


@dataclass(frozen=True)
class Run:
    """A started task, its owner as of now (None: deleted), and the permit of the breaker of its host."""

    task: Task
    owner: Actor | None
    permit: Permit | None = None


Taken = Run | Literal["moved", "postponed", "wait here"]


def take(numbers: Sequence[int], admission: Admission | None = None) -> dict[int, Taken | Exception]:
    """Start an attempt of each of these tasks that is due; `admission` is for the function `run_outside` only.

    Left out: tasks that have ended or that another worker has. The value of a task that cannot be started is the
    exception.
    """
    at = clock.now()
    try:
        due = [task for task in store.find_many(list(dict.fromkeys(numbers))) if task.is_due(at)]
        return {**_begin(due, at, admission)}
    except Exception:
        taken = {number: result_or_error(lambda number: _take_one(number, admission), number) for number in numbers}
        return {number: run for number, run in taken.items() if run}


@optimistic
def _take_one(number: int, admission: Admission | None) -> Taken | None:
    task, at = store.find(number), clock.now()
    return _begin([task], at, admission)[number] if task and task.is_due(at) else None


def _begin(tasks: Sequence[Task], at: datetime, admission: Admission | None) -> dict[int, Taken]:
    here = [task for task in tasks if registry.is_outside(task.task_type) == (admission is not None)]
    elsewhere = [task for task in tasks if task not in here]
    owners = users.actors({task.user_id for task in here})
    decisions = admission.admit(here) if admission else {task.number: Admitted() for task in here}
    try:
        _write(here, at, decisions)
    except Exception:
        if admission:
            admission.withdraw(here, decisions)
        raise
    postponed = [task for task in here if isinstance(decisions[task.number], Postponed)]
    dispatch.wake_tasks([*elsewhere, *postponed])
    taken: dict[int, Taken] = {task.number: "moved" for task in elsewhere}
    for task in here:
        decision = decisions[task.number]
        if isinstance(decision, Admitted):
            taken[task.number] = Run(task, owners.get(task.user_id), decision.permit)
        else:
            taken[task.number] = "postponed" if isinstance(decision, Postponed) else decision
    return taken


def _write(tasks: Sequence[Task], at: datetime, decisions: Mapping[int, Decision]) -> None:
    """Write the start of admitted tasks and the new due time of postponed ones."""
    with transaction() as tx:
        for task in tasks:
            before, decision = task.status, decisions[task.number]
            if decision == "wait here":
                continue
            if isinstance(decision, Postponed):
                task.postpone(at, decision.seconds, DEFERRED_TASK.random_factor())
            else:
                task.start(at)
            store.save(tx, task, before)
