"""A run of a task: what a runner tells of its progress, and how it ends the task."""

import time
from collections.abc import Mapping
from typing import Any

from chalicelib.background_tasks import model, store
from chalicelib.background_tasks.model import OutOfTime, Stopped, Task
from chalicelib.core import clock
from chalicelib.core.later_work import Heartbeat
from chalicelib.core.transactions import Transaction, transaction

RENEWAL_SECONDS = 10.0  # a sixth of the lease: a worker that is slow keeps it, one that died lets go soon
SPARE_SECONDS = 60.0  # a run that has no more than this left goes on in another call


class Run:
    """One run of a task. All it writes is refused with Stopped when another run has taken over, or the task has ended.

    `remaining_ms` is how long the function may still run.
    """

    def __init__(self, task: Task, remaining_ms: int) -> None:
        self.task = task
        self._ends = time.monotonic() + remaining_ms / 1000 - SPARE_SECONDS
        self._heartbeat = Heartbeat(model.SECONDS, model.SHARE)

    @property
    def task_id(self) -> str:
        """The id of the task."""
        return self.task.id

    @property
    def number(self) -> int:
        """Which run of the task this is."""
        return self.task.run

    @property
    def params(self) -> dict[str, Any]:
        """What the task was created with."""
        return self.task.params

    @property
    def checkpoint(self) -> dict[str, Any]:
        """What the last `progress` with a checkpoint left; empty at first."""
        return self.task.checkpoint

    def progress(self, current: int, total: int, checkpoint: Mapping[str, Any] | None = None) -> None:
        """Tell how far it is: `current` of `total`. Written every second or every 5 %, and with every checkpoint.

        A checkpoint is where the next run goes on; OutOfTime when that has to be now.
        """
        share = current / total if total else 0.0
        if checkpoint is None and not self._heartbeat.is_due(share):
            return
        self.task.current, self.task.total = current, total
        self._heartbeat.written(share)
        if not store.tell(self.task, clock.now(), checkpoint):
            raise Stopped
        if checkpoint is not None and time.monotonic() > self._ends:
            raise OutOfTime

    def renew(self) -> None:
        """Keep the lease while nothing can be told of the progress; Stopped when another run has taken over."""
        if self._heartbeat.age < RENEWAL_SECONDS:
            return
        self._heartbeat.written()
        if not store.tell(self.task, clock.now(), None):
            raise Stopped

    def advance(self, amount: int) -> None:
        """Tell that one of several workers of this run did `amount` more."""
        if not store.advance(self.task, amount, clock.now()):
            raise Stopped

    def check(self) -> None:
        """Stopped when this run is not wanted any more."""
        now = store.find(self.task.id)
        if now is None or now.finished or now.run != self.task.run:
            raise Stopped

    def hold(self, tx: Transaction) -> None:
        """What `tx` writes is written only while this run is wanted; Stopped otherwise. One write of its hundred."""
        store.hold(tx, self.task)

    def succeed(self, tx: Transaction, result: Mapping[str, Any]) -> None:
        """End the task well, in the transaction that records what happened."""
        store.finish(tx, self.task, "SUCCESS", result, clock.now())

    def fail(self, reason: str) -> None:
        """End the task with a reason its user can act on."""
        with transaction() as tx:
            store.finish(tx, self.task, "FAILURE", {"error": reason}, clock.now())
