"""Calls to hosts of others, in virtual time: slow calls of one user do not delay those of another, none is lost.

The functions are played here as Lambda has them: so many calls of each at a time, ten messages to a call, which lasts
as long as the slowest of its tasks. What is taken, postponed, concluded and woken is the real code on moto's tables.
"""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.core import clock, outgoing
from chalicelib.core.actor import ADMINISTRATOR
from chalicelib.core.aws import client
from chalicelib.core.breaker import Permit
from chalicelib.core.dynamo import table_name
from chalicelib.core.outgoing import OutsideResponse
from chalicelib.core.settings import settings
from chalicelib.deferred_tasks import handlers, model, running, schedules, service, store, taking
from chalicelib.deferred_tasks.admission import Admission, Admitted, Postponed
from chalicelib.deferred_tasks.model import Failure
from chalicelib.deferred_tasks.registry import Result
from chalicelib.deferred_tasks.schemas import DeferredTaskCreate
from chalicelib.deferred_tasks.slots_store import PREFIX
from chalicelib.deferred_tasks.taking import Run
from chalicelib.users import service as users
from chalicelib.users.service import User
from tests.integration.deferred_tasks.fake_aws import DEFERRED, OUTSIDE, FakeAws
from tests.people import person

SILENT, GOOD = "https://silent.example/", "https://good.example/"
CALLS, BATCH, IN_FLIGHT = 4, 10, 2  # of each function at a time; messages of one; calls that one user's tasks may have
TIMEOUT, SHORT_CALL = 10.0, 0.05  # seconds
MANY = 250


@dataclass
class Call:
    """One call of a function: its tasks that are under way, each with what will come of it and when."""

    queue: str
    admission: Admission | None
    soon: list[tuple[datetime, int]] = field(default_factory=list)  # what is kept for a moment
    runs: list[tuple[datetime, Run, Result | Failure]] = field(default_factory=list)


@dataclass
class Functions:
    """`run_deferred` and `run_outside`, and how long hosts take to answer them."""

    fake_aws: FakeAws
    is_silent: Callable[[], bool] = lambda: True
    calls: list[Call] = field(default_factory=list)
    started: dict[int, list[datetime]] = field(default_factory=dict)
    most: Counter[int] = field(default_factory=Counter)  # calls that had tasks of a user at once
    seconds: float = 0.0  # that the last request takes

    def request(self, method: str, url: str, headers: dict[str, str], body: bytes, timeout: float) -> OutsideResponse:
        """In place of core.outgoing."""
        if url.startswith((SILENT, f"{GOOD}silent")) and self.is_silent():
            self.seconds = TIMEOUT
            raise outgoing.Failed("timeout", "Нет ответа за 10 с")
        self.seconds = SHORT_CALL
        return OutsideResponse(200, "", 50)

    def run(self, until: Callable[[], bool], most: timedelta) -> None:
        """Let time pass until that is so."""
        end, minute = clock.now() + most, clock.now() + timedelta(minutes=1)
        while not until():
            assert clock.now() < end, "it takes too long"
            self._receive()
            ends = [at for call in self.calls for at, _, _ in call.runs]
            free = [queue for queue in (DEFERRED, OUTSIDE) if self._free(queue)]
            comes = [at for at, queue, _ in self.fake_aws.messages if queue in free]
            soon = [at for call in self.calls for at, _ in call.soon]
            moment = min([*ends, *comes, *soon, minute])
            self.fake_aws.later(seconds=max(0.0, (moment - clock.now()).total_seconds()) + 0.001)
            self._conclude()
            if moment == minute:
                service.sweep()
                schedules.sweep()
                minute += timedelta(minutes=1)

    def _free(self, queue: str) -> bool:
        return sum(call.queue == queue for call in self.calls) < CALLS

    def _receive(self) -> None:
        """Messages that have come start calls, as long as there are calls to be had."""
        for queue in (DEFERRED, OUTSIDE):
            while self._free(queue):
                come = [one for one in self.fake_aws.messages if one[1] == queue and one[0] <= clock.now()][:BATCH]
                if not come:
                    break
                self.fake_aws.messages = [one for one in self.fake_aws.messages if one not in come]
                self._call(queue, [json.loads(body) for _, _, body in come])

    def _call(self, queue: str, messages: list[dict[str, Any]]) -> None:
        call = Call(queue, Admission() if queue == OUTSIDE else None)
        early = [one for one in messages if clock.from_text(one["due"]) > clock.now()]
        self.fake_aws.messages += [(clock.from_text(one["due"]), queue, json.dumps(one)) for one in early]
        self._take(call, [one["task"] for one in messages if one not in early])
        if call.runs or call.soon:
            self.calls.append(call)

    def _take(self, call: Call, numbers: list[int]) -> None:
        for number, run in taking.take(numbers, call.admission).items():
            assert not isinstance(run, Exception), run
            if isinstance(run, Run):
                self.started.setdefault(number, []).append(clock.now())
                self.seconds = SHORT_CALL
                result = running.attempt(run.task, run.owner)
                call.runs.append((clock.now() + timedelta(seconds=self.seconds), run, result))
            elif run == "wait here":
                call.soon.append((clock.now() + handlers.RECHECK_AFTER, number))
        calls = [call, *(one for one in self.calls if one is not call)]
        self.most |= Counter(user for one in calls for user in {run.task.user_id for _, run, _ in one.runs})

    def _conclude(self) -> None:
        """Record the ends that have come, and try again what waits; a call with nothing left is over."""
        for call in list(self.calls):
            ended = [(run, result) for at, run, result in call.runs if at <= clock.now()]
            if ended:
                call.runs = [one for one in call.runs if one[0] > clock.now()]
                running.conclude([(run.task, result) for run, result in ended])
                if call.admission:
                    call.admission.end([(run.task, run.permit, result) for run, result in ended])
            if again := [number for at, number in call.soon if at <= clock.now()]:
                call.soon = [one for one in call.soon if one[1] not in again]
                self._take(call, again)
            if not call.runs and not call.soon:
                self.calls.remove(call)


@pytest.fixture
def functions(fake_aws: FakeAws, monkeypatch: pytest.MonkeyPatch) -> Functions:
    """Both of them, with nothing to do yet."""
    made = Functions(fake_aws)
    monkeypatch.setattr(outgoing, "request", made.request)
    monkeypatch.setenv("DEFERRED_IN_FLIGHT", str(IN_FLIGHT))
    settings.cache_clear()
    return made


def plan(owner: User, due: datetime, url: str | None, count: int = 1) -> list[int]:
    """Callbacks of a user to that URL, or without one tasks that call nobody."""
    kind, payload = ("http_callback", {"url": url}) if url else ("publish_event", {"name": "shift.begins"})
    wanted = DeferredTaskCreate(execute_at=due, task_type=kind, payload=payload, max_attempts=100)
    return [service.create(owner.actor(), body=wanted).task.id for _ in range(count)]


def late(functions: Functions, due: datetime, numbers: list[int]) -> float:
    """Seconds from the time when they were due to the first start of the last of them."""
    return max((functions.started[number][0] - due).total_seconds() for number in numbers)


def ended(numbers: list[int]) -> Callable[[], bool]:
    """Whether all of these tasks have; those that have are not asked for again."""
    left = list(numbers)

    def all_have() -> bool:
        while left and not store.find_many(left[-1:])[0].is_active:
            left.pop()
        return not left

    return all_have


def breaker_of(owner: User) -> str:
    """The breaker of the good host for a user."""
    return f"callback:{owner.number}:good.example:443"


def slots_left() -> list[Any]:
    """What the table of slots holds of calls that are over."""
    items = client("dynamodb").scan(TableName=table_name("deferred_slots"))["Items"]
    return [item for item in items if item["taken"] != {"N": "0"} or any(name.startswith(PREFIX) for name in item)]


def test_calls_to_a_silent_host_do_not_delay_other_users(functions: Functions) -> None:
    bad, other = person("engineer"), person("manager")
    due = clock.now() + timedelta(seconds=30)
    silent, own = plan(bad, due, SILENT, MANY), plan(bad, due, GOOD)
    theirs = plan(other, due, GOOD, 20) + plan(other, due, None, 20)
    later = [due + timedelta(seconds=seconds) for seconds in (1, 5, 12, 25, 40, 65)]
    more = {at: plan(other, at, GOOD) + plan(other, at, None) for at in later}
    all_others = [*theirs, *own, *(number for two in more.values() for number in two)]
    functions.run(ended(all_others), timedelta(minutes=3))
    assert late(functions, due, theirs) < 1
    assert all(late(functions, at, numbers) < 1 for at, numbers in more.items())
    assert functions.most[bad.number] == IN_FLIGHT
    assert late(functions, due, own) < 60  # his own good host waits for his calls, but not for all of them
    assert any(task.is_active for task in store.find_many(silent))


def test_postponed_tasks_are_done_when_the_host_is_back(functions: Functions) -> None:
    bad, due = person("engineer"), clock.now() + timedelta(seconds=5)
    silent = plan(bad, due, SILENT, MANY)
    back = due + timedelta(minutes=2)
    functions.is_silent = lambda: clock.now() < back
    functions.run(ended(silent), timedelta(minutes=6))
    tasks = store.find_many(silent)
    assert {task.status for task in tasks} == {"completed"}
    assert {task.number: task.attempts for task in tasks} == {
        number: len(starts) for number, starts in functions.started.items()
    }
    assert sum(task.attempts for task in tasks) < MANY + 60  # waiting is no attempt, and the host was let rest
    assert slots_left() == []


def test_a_breaker_opened_by_one_user_does_not_refuse_others(functions: Functions) -> None:
    bad, other, due = person("engineer"), person("engineer"), clock.now() + timedelta(seconds=5)
    silent = plan(bad, due, f"{GOOD}silent", 40)
    later = [due + timedelta(seconds=seconds) for seconds in (11, 14, 25)]
    theirs = {at: plan(other, at, GOOD) for at in later}
    functions.run(ended([number for (number,) in theirs.values()]), timedelta(minutes=1))
    assert all(late(functions, at, numbers) < 1 for at, numbers in theirs.items())
    assert sum(len(functions.started.get(number, [])) for number in silent) < 40  # the breaker of his own was open


def test_many_calls_to_a_good_host_are_soon_done(functions: Functions) -> None:
    owner, due = person("engineer"), clock.now() + timedelta(seconds=5)
    made = plan(owner, due, GOOD, MANY)
    functions.run(ended(made), timedelta(seconds=15))
    assert all(len(starts) == 1 for starts in functions.started.values())


def test_the_slot_of_a_dead_process_is_free_after_its_lease(functions: Functions) -> None:
    owner = person("engineer")
    tasks = store.find_many(plan(owner, clock.now() + timedelta(seconds=1), GOOD, IN_FLIGHT + 1))
    for task in tasks[:IN_FLIGHT]:
        assert Admission().admit([task]) == {task.number: Admitted(Permit(breaker_of(owner)))}
    (last,) = tasks[IN_FLIGHT:]
    assert Admission().admit([last]) == {last.number: "wait here"}
    functions.fake_aws.later(seconds=1)
    assert Admission().admit([last]) == {last.number: Postponed()}
    functions.fake_aws.later(seconds=model.LEASE.total_seconds())
    admission = Admission()
    admitted = admission.admit([last])
    assert admitted == {last.number: Admitted(Permit(breaker_of(owner)))}
    admission.withdraw([last], admitted)
    assert slots_left() == []


@pytest.mark.parametrize("marked", [True, False])
def test_each_function_passes_on_what_is_the_others(fake_aws: FakeAws, marked: bool) -> None:
    """Messages of the sweep, of the Scheduler and of the release before tell nothing of the type."""
    due = clock.now() + timedelta(seconds=1)
    owner = users.create("Анна", None, ADMINISTRATOR.roles)
    (callback,), (plain,) = plan(owner, due, f"{GOOD}200"), plan(owner, due, None)
    assert [queue for _, queue, _ in fake_aws.messages] == [OUTSIDE, DEFERRED]
    fake_aws.messages.clear()
    fake_aws.later(seconds=2)
    body = {"task": callback, "due": clock.to_text(due), **({"outside": True} if marked else {})}
    assert fake_aws.receive(json.dumps(body), DEFERRED)
    assert fake_aws.receive(json.dumps({"task": plain, "due": clock.to_text(due)}), OUTSIDE)
    assert [queue for _, queue, _ in fake_aws.messages] == [OUTSIDE, DEFERRED]
    assert fake_aws.calls == []
    fake_aws.run(seconds=2)
    assert {task.status for task in store.find_many([callback, plain])} == {"completed"}
    assert [task.attempts for task in store.find_many([callback, plain])] == [1, 1]
