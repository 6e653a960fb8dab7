"""Simulation of deferred tasks without AWS: the real service, runs, messages and sweep; a table in memory, a clock of
its own, and workers that die.

The table keeps the promises of the store: a write requires the version that was read, all writes of a transaction
happen or none. The queue delivers some tenths of a second late, sometimes twice; the Scheduler up to a minute late,
sometimes never. A worker that dies takes its whole batch along; the queue brings those messages again much later.

The table in memory is what lets 10,000 tasks run over 90 days in five seconds: on the DynamoDB of the integration
tests, which run the same code with a few tasks, it would take minutes.
"""

import copy
import heapq
import random
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.core import clock, queues, retries
from chalicelib.core.transactions import Changed
from chalicelib.deferred_tasks import dispatch, handlers, running, service, store, taking
from chalicelib.deferred_tasks.model import Task
from chalicelib.events import service as events
from tests.killable_process import Died, InlineExecutor

VISIBILITY = timedelta(seconds=270)
BATCH = 10


def _copy(task: Task) -> Task:
    """Far quicker than the module of that name."""
    made = object.__new__(Task)
    made.__dict__.update(task.__dict__, log=[copy.copy(attempt) for attempt in task.log])
    return made


class Transaction:
    """The writes of one use case, each with what it requires."""

    def __init__(self, simulation: "Simulation") -> None:
        self.simulation = simulation
        self.writes: list[tuple[int, Task]] = []
        self.recorded: list[tuple[str, str]] = []

    def note_made(self, what: str) -> None:
        """No request here has an Idempotency-Key."""

    def commit(self) -> None:
        """All or nothing."""
        self.simulation.step()
        for seen, task in self.writes:
            there = self.simulation.tasks.get(task.number)
            if (there.version if there else 0) != seen:
                raise Changed
        for _, task in self.writes:
            self.simulation.keep(task)
        self.simulation.recorded.update(self.recorded)
        self.simulation.step()


@dataclass
class Simulation:
    """See the module."""

    chance: random.Random
    deadly: float = 0.0  # the share of steps that a worker does not survive
    now: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    tasks: dict[int, Task] = field(default_factory=dict)
    due: list[tuple[datetime, int]] = field(default_factory=list)
    messages: list[tuple[datetime, int, str]] = field(default_factory=list)
    recorded: Counter[tuple[str, str]] = field(default_factory=Counter)
    starts: dict[int, list[datetime]] = field(default_factory=dict)
    numbers: int = 0
    sent: int = 0
    crashed_attempts: int = 0
    swept: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    working: bool = False
    dead: bool = False

    # -- the table ----------------------------------------------------------------------------------------------------

    def keep(self, task: Task) -> None:
        """A task as it is from now on."""
        self.tasks[task.number] = kept = _copy(task)
        if kept.due_at:
            insort(self.due, (kept.due_at, kept.number))

    def find(self, number: int) -> Task | None:
        """A task as it is now."""
        there = self.tasks.get(number)
        return _copy(there) if there else None

    def find_many(self, numbers: Sequence[int]) -> list[Task]:
        """Those that are there."""
        return [task for number in numbers if (task := self.find(number))]

    def add(self, tx: Transaction, task: Task) -> None:
        tx.writes.append((0, task))

    def save(self, tx: Transaction, task: Task, before: str) -> None:
        seen, task.version = task.version, task.version + 1
        tx.writes.append((seen, task))

    def index(self, late: datetime, soon: datetime, most: int) -> Iterator[tuple[int, datetime]]:
        """What the index `due` has, without what has moved on since."""
        self._forget_old()
        for due_at, number in self.due[: bisect_left(self.due, (soon, 0))]:
            task = self.tasks[number]
            if task.due_at == due_at and (due_at < late or task.far):
                yield number, due_at

    def _forget_old(self) -> None:
        while self.due and self.tasks[self.due[0][1]].due_at != self.due[0][0]:
            self.due.pop(0)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        tx = Transaction(self)
        yield tx
        tx.commit()

    def record(self, tx: Transaction, name: str, aggregate: str, at: datetime, **data: Any) -> None:
        tx.recorded.append((name, aggregate))

    def next_id(self, sequence: str) -> int:
        self.numbers += 1
        return self.numbers

    # -- AWS ----------------------------------------------------------------------------------------------------------

    def client(self, name: str) -> Any:
        """SQS and the Scheduler."""
        return SimpleNamespace(
            send_message_batch=self._send, create_schedule=self._schedule, delete_schedule=lambda **_: None
        )

    def _send(self, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - as AWS calls it
        self.step()
        for entry in Entries:
            assert 0 <= entry["DelaySeconds"] <= 900
            for _ in range(2 if self.chance.random() < 0.05 else 1):
                self._put(self.now + timedelta(seconds=entry["DelaySeconds"] + self.chance.uniform(0, 0.3)), entry)
        return {}

    def _put(self, at: datetime, entry: dict[str, Any]) -> None:
        self.sent += 1
        heapq.heappush(self.messages, (at, self.sent, entry["MessageBody"]))

    def _schedule(self, ScheduleExpression: str, Target: dict[str, Any], **_: Any) -> None:  # noqa: N803
        self.step()
        at = datetime.strptime(ScheduleExpression, "at(%Y-%m-%dT%H:%M:%S)").replace(tzinfo=UTC)
        assert at > self.now
        if self.chance.random() > 0.01:
            self._put(at + timedelta(seconds=self.chance.uniform(0, 60)), {"MessageBody": Target["Input"]})

    # -- workers ------------------------------------------------------------------------------------------------------

    def step(self) -> None:
        """Something a worker does not live to do, or does as its last."""
        if self.working and (self.dead or self.chance.random() < self.deadly):
            self.dead = True
            raise Died

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def run(self, until: datetime, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Let time pass until all has ended; the sweep runs in every minute that has something for it."""
        while self.now < until:
            self._forget_old()
            if not self.due:
                return
            needed = (self.due[0][0] - timedelta(seconds=75)).replace(second=0, microsecond=0)
            sweep = max(self.swept + timedelta(minutes=1), needed)
            if self.messages and self.messages[0][0] < sweep:
                self.now = max(self.now, self.messages[0][0])
                self._receive()
            else:
                self.now, self.swept = max(self.now, sweep), sweep
                service.sweep()
            meanwhile()

    def _receive(self) -> None:
        batch: list[str] = []
        while self.messages and self.messages[0][0] <= self.now and len(batch) < BATCH:
            batch.append(heapq.heappop(self.messages)[2])
        records = [{"messageId": str(number), "body": body} for number, body in enumerate(batch)]
        self.working = True
        try:
            answer = handlers.work({"Records": records})
        except Died:
            answer = {}
        self.working, died, self.dead = False, self.dead, False
        self.crashed_attempts += died
        failed = range(len(batch)) if died else [int(one["itemIdentifier"]) for one in answer["batchItemFailures"]]
        for number in failed:
            self._put(self.now + VISIBILITY, {"MessageBody": batch[number]})


@contextmanager
def simulation(seed: int) -> Iterator[Simulation]:
    """A new one, in which the package works."""
    made = Simulation(random.Random(seed))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: made.now)
        patch.setattr(handlers, "time", SimpleNamespace(sleep=made.sleep))
        patch.setattr(handlers, "own_threads", InlineExecutor)
        for module in (queues, dispatch):
            patch.setattr(module, "client", made.client)
        for module in (service, running, taking):
            patch.setattr(module, "transaction", made.transaction)
        patch.setattr(service, "next_id", made.next_id)
        patch.setattr(events, "record", made.record)
        patch.setattr(retries, "random", SimpleNamespace(uniform=made.chance.uniform))
        for name in ("find", "find_many", "add", "save"):
            patch.setattr(store, name, getattr(made, name))
        patch.setattr(store, "due", lambda *arguments: list(made.index(*arguments)))
        yield made
