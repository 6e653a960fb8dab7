"""Taking tasks that are due: each is begun, postponed, or passed on to the function that does its type.

All of a batch is one transaction; when that fails, because of another writer or of one broken task, each is taken by
itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from chalicelib.core import clock
from chalicelib.core.actor import Actor
from chalicelib.core.breaker import Permit
from chalicelib.core.queues import or_error
from chalicelib.core.retries import DEFERRED_TASK
from chalicelib.core.transactions import optimistic, transaction
from chalicelib.deferred_tasks import dispatch, registry, store
from chalicelib.deferred_tasks.admission import Admission, Admitted, Decision, Later
from chalicelib.deferred_tasks.model import Task
from chalicelib.users import service as users


@dataclass(frozen=True)
class Run:
    """A task that was taken, its owner as he is now (None when he was deleted), and what its breaker has given it."""

    task: Task
    owner: Actor | None
    permit: Permit | None = None


Taken = Run | Literal["moved", "postponed", "in a moment"]


def take(numbers: Sequence[int], admission: Admission | None = None) -> dict[int, Taken | Exception]:
    """Begin an attempt of each of these tasks that is due; `admission` is that of the function `run_outside`.

    Tasks that another run has, or has ended, are left out; a task whose own taking fails has the exception.
    """
    at = clock.now()
    try:
        due = [task for task in store.find_many(list(dict.fromkeys(numbers))) if task.is_due(at)]
        return {**_begin(due, at, admission)}
    except Exception:
        taken = {number: or_error(lambda one: _take_alone(one, admission), number) for number in numbers}
        return {number: run for number, run in taken.items() if run}


@optimistic
def _take_alone(number: int, admission: Admission | None) -> Taken | None:
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
    postponed = [task for task in here if isinstance(decisions[task.number], Later)]
    dispatch.wake_tasks([*elsewhere, *postponed])
    taken: dict[int, Taken] = {task.number: "moved" for task in elsewhere}
    for task in here:
        decision = decisions[task.number]
        if isinstance(decision, Admitted):
            taken[task.number] = Run(task, owners.get(task.user_id), decision.permit)
        else:
            taken[task.number] = "postponed" if isinstance(decision, Later) else decision
    return taken


def _write(tasks: Sequence[Task], at: datetime, decisions: Mapping[int, Decision]) -> None:
    """Begin tasks that may begin, and postpone those that have to wait for longer than a moment."""
    with transaction() as tx:
        for task in tasks:
            before, decision = task.status, decisions[task.number]
            if decision == "in a moment":
                continue
            if isinstance(decision, Later):
                task.postpone(at, decision.seconds, DEFERRED_TASK.random_factor())
            else:
                task.start(at)
            store.save(tx, task, before)
