"""A run of a task: how its runner reports progress and ends the task."""

import time
from collections.abc import Mapping
from typing import Any

from chalicelib.background_tasks import model, store
from chalicelib.background_tasks.model import OutOfTime, Stopped, Task
from chalicelib.core import clock
from chalicelib.core.later_work import Heartbeat
from chalicelib.core.transactions import Transaction, transaction

RENEWAL_SECONDS = 10.0  # a sixth of the lease
SPARE_SECONDS = 60.0  # with no more time left, a run continues in another call


class Run:
    """One run of a task. Its writes raise Stopped when another run has started, or the task has ended.

    `remaining_ms`: for how long the function may still run.
    """

    def __init__(self, task: Task, remaining_ms: int) -> None:
        self.task = task
        self._ends = time.monotonic() + remaining_ms / 1000 - SPARE_SECONDS
        self._heartbeat = Heartbeat(model.PROGRESS_SECONDS, model.PROGRESS_SHARE)

    @property
    def task_id(self) -> str:
        """The id of the task."""
        return self.task.id

    @property
    def number(self) -> int:
        """The number of this run of the task, from 1."""
        return self.task.run

    @property
    def params(self) -> dict[str, Any]:
        """The parameters of the task."""
        return self.task.params

    @property
    def checkpoint(self) -> dict[str, Any]:
        """The last checkpoint; empty before the first one."""
        return self.task.checkpoint

    def progress(self, current: int, total: int, checkpoint: Mapping[str, Any] | None = None) -> None:
        """Report that `current` of `total` are done: written every second or every 5 %, and with every checkpoint.

        The next run starts from the checkpoint. Raises OutOfTime after a checkpoint when the function has to end soon.
        """
        share = current / total if total else 0.0
        if checkpoint is None and not self._heartbeat.is_due(share):
            return
        self.task.current, self.task.total = current, total
        self._heartbeat.written(share)
        if not store.save_progress(self.task, clock.now(), checkpoint):
            raise Stopped
        if checkpoint is not None and time.monotonic() > self._ends:
            raise OutOfTime

    def renew(self) -> None:
        """Renew the lease while there is no progress to report."""
        if self._heartbeat.age < RENEWAL_SECONDS:
            return
        self._heartbeat.written()
        if not store.save_progress(self.task, clock.now(), None):
            raise Stopped

    def advance(self, amount: int) -> None:
        """Report that one of several workers of this run did `amount` more."""
        if not store.advance(self.task, amount, clock.now()):
            raise Stopped

    def check(self) -> None:
        """Raise Stopped unless this is the current run of a task that has not ended."""
        now = store.find(self.task.id)
        if now is None or now.finished or now.run != self.task.run:
            raise Stopped

    def add_fence(self, tx: Transaction) -> None:
        """Make a transaction raise Stopped unless this run is the current one; takes one of its 100 writes."""
        store.require_current_run(tx, self.task)

    def succeed(self, tx: Transaction, result: Mapping[str, Any]) -> None:
        """End the task with success, in the transaction that writes its effects."""
        store.finish(tx, self.task, "SUCCESS", result, clock.now())

    def fail(self, reason: str) -> None:
        """End the task with an error; `reason` is shown to its user."""
        with transaction() as tx:
            store.finish(tx, self.task, "FAILURE", {"error": reason}, clock.now())
