"""Admission of tasks that call external hosts: slow hosts of one user must not delay the tasks of others.

A host that does not answer occupies an invocation of the function for up to 30 s, and there are few invocations. So the
tasks of one user run in at most `deferred_in_flight` invocations at once, of up to ten tasks each. Such a slot is an
attribute with a lease: the slot of a process that died is free at the end of the lease. Each pair of user and host has
a circuit breaker, so a host that is down costs little, and one user cannot block a host for others.

A task that may not begin is checked again later (model.Task.postpone); that is no attempt. When the invocations that
have the slots began less than 0.5 s ago, the task waits in the invocation that has its message, up to 2 s: most hosts
answer in milliseconds.
"""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.core import breaker, clock
from chalicelib.core.breaker import CircuitOpen, Permit
from chalicelib.core.errors import AppError
from chalicelib.core.logs import log
from chalicelib.core.settings import settings
from chalicelib.deferred_tasks import model, registry, slots_store
from chalicelib.deferred_tasks.model import Failure, Task
from chalicelib.deferred_tasks.registry import Result

SHORT_CALL = timedelta(seconds=0.5)  # a slot taken so lately is likely to be free soon
MAX_WAIT_HERE = timedelta(seconds=2)  # of a message in its invocation


@dataclass(frozen=True)
class Admitted:
    """The task may begin, with the permit of the circuit breaker of its host."""

    permit: Permit | None = None


@dataclass(frozen=True)
class Postponed:
    """The task may not begin for at least so many seconds."""

    seconds: float = 0


Decision = Admitted | Postponed | Literal["wait here"]


class Admission:
    """The tasks of each user that are running in one invocation of the function `run_outside`."""

    def __init__(self) -> None:
        self._call, self._since = f"{slots_store.PREFIX}{uuid.uuid4().hex}", clock.now()
        self._running: Counter[int] = Counter()
        self._with_slot: set[int] = set()

    def admit(self, tasks: Sequence[Task]) -> dict[int, Decision]:
        """Return the decision for each task that is due, by number. An admitted task runs until `end` or `withdraw`."""
        decisions = _ask_breakers(tasks)
        admitted = [task for task in tasks if isinstance(decisions[task.number], Admitted)]
        for task in admitted:
            self._running[task.user_id] += 1
        without_slot = self._take_slots({task.user_id for task in admitted})
        refused = [task for task in admitted if task.user_id in without_slot]
        self.withdraw(refused, decisions)
        return decisions | {task.number: without_slot[task.user_id] for task in refused}

    def withdraw(self, tasks: Sequence[Task], decisions: Mapping[int, Decision]) -> None:
        """Take back the admission of tasks that have not begun."""
        for task in tasks:
            decision = decisions[task.number]
            if isinstance(decision, Admitted):
                if decision.permit:
                    decision.permit.give_back()
                self._running[task.user_id] -= 1
        self._free({task.user_id for task in tasks})

    def end(self, ended: Sequence[tuple[Task, Permit | None, Result | Failure]]) -> None:
        """Report attempts that have ended to the breakers, and free the slots of users without running tasks.

        The results of the attempts are written by now. When this fails, slots are free at the end of their leases.
        """
        self._running.subtract(task.user_id for task, _, _ in ended)
        try:
            calls = [(permit, result) for _, permit, result in ended if permit]
            for permit, result in calls:
                if not _was_called(result):
                    permit.give_back()
            breaker.report_all((permit, _is_outage(result)) for permit, result in calls if _was_called(result))
            self._free({task.user_id for task, _, _ in ended})
        except (AppError, ClientError, BotoCoreError) as error:
            log.error("slots or breakers of callbacks were not updated", extra={"reason": str(error)})

    def _take_slots(self, user_ids: set[int]) -> dict[int, Decision]:
        """Take a slot for each user who has none in this invocation; return decisions for users without a free one."""
        without_slot = user_ids - self._with_slot
        if not without_slot:
            return {}
        at, limit, refused = clock.now(), settings().deferred_in_flight, dict[int, Decision]()
        taken = slots_store.read(without_slot)
        for user_id in without_slot:
            slots = taken.get(user_id, {})
            for call in [call for call, until in slots.items() if until <= at]:
                slots_store.give_back(user_id, call)
                del slots[call]
            if len(slots) < limit and slots_store.take(user_id, self._call, at + model.LEASE, limit):
                self._with_slot.add(user_id)
                continue
            latest = max(slots.values(), default=at + model.LEASE) - model.LEASE
            is_short = at - latest < SHORT_CALL and at - self._since < MAX_WAIT_HERE
            refused[user_id] = "wait here" if is_short else Postponed()
        return refused

    def _free(self, user_ids: set[int]) -> None:
        for user_id in user_ids & self._with_slot:
            if not self._running[user_id]:
                self._with_slot.discard(user_id)
                slots_store.give_back(user_id, self._call)


def _ask_breakers(tasks: Sequence[Task]) -> dict[int, Decision]:
    """Return what the breakers of the hosts of tasks decide; of one that refuses, for all its tasks at once."""
    names = {task.number: f"callback:{task.user_id}:{host}" for task in tasks if (host := registry.host_of(task))}
    breakers = breaker.read_items(sorted(set(names.values()))) if names else {}
    decisions, refused = dict[int, Decision](), dict[str, Postponed]()
    for task in tasks:
        name = names.get(task.number)
        if name is None:
            decisions[task.number] = Admitted()
        elif name in refused:
            decisions[task.number] = refused[name]
        else:
            try:
                decisions[task.number] = Admitted(breaker.admit(name, breakers.get(name)))
            except CircuitOpen as refusal:
                decisions[task.number] = refused[name] = Postponed(refusal.retry_after)
    return decisions


def _was_called(result: Result | Failure) -> bool:
    """Return whether the host was called. A final failure without an outage was ours, before the call."""
    return not (isinstance(result, Failure) and result.final and not result.outage)


def _is_outage(result: Result | Failure) -> bool:
    return isinstance(result, Failure) and result.outage
