"""Which tasks that call hosts of others begin now, and which wait, so that nobody's slow calls hold up another's.

A host that does not answer holds a call of the function for up to half a minute, and there are few of them. So the
tasks of one user are under way in a set number of calls at once (`deferred_in_flight`), of up to ten tasks each: the
rest of the calls are there for the others. A slot is an attribute with a lease; one whose process died is free when the
lease is over. And each host has a circuit breaker for each user who calls it: a host that is down costs its callers
little, and what one user makes of it refuses nobody else.

A task that may not begin stays as it is and is looked at again later (model.Task.postpone). That is no attempt. Where
the calls that have the slots have just begun, it waits for a moment in the call that has its message: good hosts answer
in milliseconds, and a user with many calls to them loses little by having few at once.
"""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.core import breaker, clock
from chalicelib.core.breaker import Open, Permit
from chalicelib.core.errors import AppError
from chalicelib.core.logs import log
from chalicelib.core.settings import settings
from chalicelib.deferred_tasks import model, registry, slots_store
from chalicelib.deferred_tasks.model import Failure, Task
from chalicelib.deferred_tasks.registry import Result

QUICK = timedelta(seconds=0.5)  # what has been under way for longer is not over in a moment
LONGEST_MOMENT = timedelta(seconds=2)  # that a message is kept for


@dataclass(frozen=True)
class Admitted:
    """The task may begin, with what the breaker of its host has given it."""

    permit: Permit | None = None


@dataclass(frozen=True)
class Later:
    """It may not, and it makes no sense to ask again before so many seconds."""

    seconds: float = 0


Decision = Admitted | Later | Literal["in a moment"]


class Admission:
    """One call of the function `run_outside`: how many tasks of each user are under way in it."""

    def __init__(self) -> None:
        self._call, self._since = f"{slots_store.PREFIX}{uuid.uuid4().hex}", clock.now()
        self._under_way: Counter[int] = Counter()
        self._with_slot: set[int] = set()

    def admit(self, tasks: Sequence[Task]) -> dict[int, Decision]:
        """Decide about tasks that are due, by number. What is admitted is under way until it `ended`."""
        decisions = _ask_breakers(tasks)
        admitted = [task for task in tasks if isinstance(decisions[task.number], Admitted)]
        for task in admitted:
            self._under_way[task.user_id] += 1
        crowded = self._take_slots({task.user_id for task in admitted})
        refused = [task for task in admitted if task.user_id in crowded]
        self.withdraw(refused, decisions)
        return decisions | {task.number: crowded[task.user_id] for task in refused}

    def withdraw(self, tasks: Sequence[Task], decisions: Mapping[int, Decision]) -> None:
        """Those of the tasks that were admitted have not begun after all."""
        for task in tasks:
            decision = decisions[task.number]
            if isinstance(decision, Admitted):
                if decision.permit:
                    decision.permit.give_back()
                self._under_way[task.user_id] -= 1
        self._free({task.user_id for task in tasks})

    def ended(self, ended: Sequence[tuple[Task, Permit | None, Result | Failure]]) -> None:
        """Tell the breakers what came of attempts, and free the slots of users of whom nothing is under way.

        What the attempts have done is written by now: when this fails, slots are free when their leases are over.
        """
        self._under_way.subtract(task.user_id for task, _, _ in ended)
        try:
            calls = [(permit, came_of_it) for _, permit, came_of_it in ended if permit]
            for permit, came_of_it in calls:
                if not _called(came_of_it):
                    permit.give_back()
            breaker.report_all((permit, _is_outage(one)) for permit, one in calls if _called(one))
            self._free({task.user_id for task, _, _ in ended})
        except (AppError, ClientError, BotoCoreError) as error:
            log.error("slots or breakers of callbacks were not told", extra={"reason": str(error)})

    def _take_slots(self, user_ids: set[int]) -> dict[int, Decision]:
        """Take a slot for each user who has none in this call; for those for whom there is none, what is decided."""
        wanted = user_ids - self._with_slot
        if not wanted:
            return {}
        at, most, crowded = clock.now(), settings().deferred_in_flight, dict[int, Decision]()
        held = slots_store.held(wanted)
        for user_id in wanted:
            slots = held.get(user_id, {})
            for call in [call for call, until in slots.items() if until <= at]:
                slots_store.give_back(user_id, call)
                del slots[call]
            if len(slots) < most and slots_store.take(user_id, self._call, at + model.LEASE, most):
                self._with_slot.add(user_id)
                continue
            latest = max(slots.values(), default=at + model.LEASE) - model.LEASE
            is_moment = at - latest < QUICK and at - self._since < LONGEST_MOMENT
            crowded[user_id] = "in a moment" if is_moment else Later()
        return crowded

    def _free(self, user_ids: set[int]) -> None:
        for user_id in user_ids & self._with_slot:
            if not self._under_way[user_id]:
                self._with_slot.discard(user_id)
                slots_store.give_back(user_id, self._call)


def _ask_breakers(tasks: Sequence[Task]) -> dict[int, Decision]:
    """What the breakers of the hosts that tasks will call say; one that refuses is asked once."""
    names = {task.number: f"callback:{task.user_id}:{host}" for task in tasks if (host := registry.host_of(task))}
    breakers = breaker.read_items(sorted(set(names.values()))) if names else {}
    decisions, refused = dict[int, Decision](), dict[str, Later]()
    for task in tasks:
        name = names.get(task.number)
        if name is None:
            decisions[task.number] = Admitted()
        elif name in refused:
            decisions[task.number] = refused[name]
        else:
            try:
                decisions[task.number] = Admitted(breaker.admit(name, breakers.get(name)))
            except Open as refusal:
                decisions[task.number] = refused[name] = Later(refusal.retry_after)
    return decisions


def _called(came_of_it: Result | Failure) -> bool:
    """Whether the host was asked at all; what fails for good is refused by ourselves."""
    return not (isinstance(came_of_it, Failure) and came_of_it.final and not came_of_it.outage)


def _is_outage(came_of_it: Result | Failure) -> bool:
    return isinstance(came_of_it, Failure) and came_of_it.outage
