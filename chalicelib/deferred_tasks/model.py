"""Rules of deferred tasks.

Each write of a task requires the `version` that was read and increases it, so of two concurrent changes one is
repeated. The same condition is the fence of an attempt: a worker can write its result only if the task was not
cancelled, and not taken by another worker at the end of the lease.
"""

import math
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from chalicelib.core import texts
from chalicelib.core.actor import listed
from chalicelib.core.errors import Conflict, Invalid, NotFound, invalid_field
from chalicelib.core.retries import DEFERRED_TASK
from chalicelib.core.texts import text

Status = Literal["pending", "processing", "completed", "failed", "cancelled"]

LEASE = timedelta(seconds=50)  # longer than the timeout of the function
MAX_TYPE_LENGTH = 50  # characters
MAX_PAYLOAD_BYTES = 200 * 1_024  # of its JSON
MAX_ERROR_LENGTH = 300  # characters; with the longest log and payload a task fits into an item (400 KB)
MAX_LOG_LENGTH = 100  # attempts
MAX_RECHECK_SECONDS = 60.0  # until a postponed task is checked again

TASK_MAKERS = ("admin", "manager", "engineer", "user")  # the roles that may make tasks, the same as in roles.py
SCHEDULE_MAKERS = ("admin", "manager")

OWNER_DELETED = "Владелец удален, в его имени ничего не выполняется"
UNKNOWN_TYPE = "unknown task type"
CRASHED = "Исполнитель прерван, задание взял другой"
GAVE_UP = "Исполнитель прерван {limit} раз подряд"
CANCELLED = "Задание отменено"


class Failure(Exception):
    """A task's function could not do the work. It is repeated later, unless the failure is `final`.

    The text is shown to the owner of the task. `retry_after`: seconds before the next attempt. A failure that
    does not count (`counts`) uses no attempt, because its cause is outside of the task. `outage`: the host that was
    called did not answer, or answered that it is out of order.
    """

    def __init__(
        self, reason: str, *, final: bool = False, retry_after: float = 0, counts: bool = True, outage: bool = False
    ) -> None:
        self.text, self.final, self.retry_after = text(reason), final, retry_after
        super().__init__(self.text)
        self.counts, self.outage = counts, outage


@dataclass
class Attempt:
    """One start of a task; `finished_at` is None while it runs, `error` None when it went well."""

    number: int
    started_at: datetime
    finished_at: datetime | None = None
    error: str | None = None
    result: dict[str, Any] | None = None

    def end(self, at: datetime, error: str | None, result: dict[str, Any] | None = None) -> None:
        """Set how it ended, unless that is set."""
        if self.finished_at is None:
            self.finished_at, self.error, self.result = at, error, result


@dataclass
class Task:
    """A task as it was read.

    `attempts` counts starts, `failures` those that failed since the last restart, `crashed_attempts` those in a row
    whose worker died. `due_at`: from when on a worker may take it, None when it has ended. `far`: the Scheduler wakes
    it, and the sweep does so too, shortly before it is due. `language`: of the request that made it, for its texts.
    """

    number: int
    user_id: int
    task_type: str
    payload: Any
    execute_at: datetime
    created_at: datetime
    updated_at: datetime
    due_at: datetime | None
    max_attempts: int = DEFERRED_TASK.max_attempts
    status: Status = "pending"
    attempts: int = 0
    failures: int = 0
    crashed_attempts: int = 0
    next_attempt_at: datetime | None = None
    completed_at: datetime | None = None
    error_message: str | None = None
    schedule_id: str | None = None
    far: bool = False
    version: int = 1
    log: list[Attempt] = field(default_factory=list)
    language: str = texts.DEFAULT

    @property
    def is_active(self) -> bool:
        """Whether it waits or runs."""
        return self.status in ("pending", "processing")

    def is_due(self, at: datetime) -> bool:
        """Return whether a worker may take it: its time has come, or the lease of another worker has ended."""
        return self.due_at is not None and self.due_at <= at

    def start(self, at: datetime) -> None:
        """Start an attempt; the worker has the task for the time of the lease."""
        if self.status == "processing":
            self.crashed_attempts += 1
            self.log[-1].end(at, CRASHED)
        self.attempts += 1
        self.status, self.due_at, self.next_attempt_at, self.updated_at = "processing", at + LEASE, None, at
        self.log = [*self.log, Attempt(self.attempts, at)][-MAX_LOG_LENGTH:]

    def postpone(self, at: datetime, seconds: float, jitter: float) -> None:
        """Move the due time of a task that may not begin yet: by about as long as it has waited, at least `seconds`.

        Rounded up to whole seconds, as a queue's delay is, so that the message does not come before the due time.
        """
        since = max(self.next_attempt_at or self.execute_at, self.updated_at)
        waited = min((at - since).total_seconds(), MAX_RECHECK_SECONDS)
        self.due_at = at + timedelta(seconds=math.ceil(max(1, waited * jitter, seconds)))

    @property
    def is_out_of_attempts(self) -> bool:
        """Whether so many workers have died that it gets no other."""
        return self.crashed_attempts >= DEFERRED_TASK.max_crashes

    def succeed(self, at: datetime, result: dict[str, Any] | None) -> None:
        """End the task with success."""
        self.log[-1].end(at, None, result)
        self._end("completed", at)
        self.completed_at, self.error_message = at, None

    def fail(self, at: datetime, failure: Failure, jitter: float) -> None:
        """End the attempt with a failure, and the task if it was the last one; `jitter` is the factor of the pause."""
        self.error_message = failure.text[:MAX_ERROR_LENGTH]
        self.log[-1].end(at, self.error_message)
        self.failures, self.crashed_attempts = self.failures + failure.counts, 0
        if failure.final or self.failures >= self.max_attempts:
            self._end("failed", at)
            return
        self.status, self.updated_at = "pending", at
        self.next_attempt_at = at + timedelta(
            seconds=max(DEFERRED_TASK.backoff(max(1, self.failures), jitter), failure.retry_after)
        )
        self.due_at = self.next_attempt_at

    def refuse(self, at: datetime, reason: str) -> None:
        """End the task with an error before its first attempt."""
        self.error_message = reason[:MAX_ERROR_LENGTH]
        self._end("failed", at)

    def cancel(self, at: datetime) -> None:
        """Cancel the task; NotFound when it has ended."""
        if not self.is_active:
            raise not_found()
        if self.log:
            self.log[-1].end(at, CANCELLED)
        self._end("cancelled", at)

    def change(self, at: datetime, changes: dict[str, Any]) -> None:
        """Set payload or time; Conflict unless it is pending. A new time is the time of the next attempt."""
        if self.status != "pending":
            raise not_pending(self.status)
        if "payload" in changes:
            self.payload = changes["payload"]
        if execute_at := changes.get("execute_at"):
            check_future(execute_at, at)
            self.execute_at = self.due_at = execute_at
            self.next_attempt_at = None
        self.updated_at = at

    def restart(self, at: datetime) -> None:
        """Make a failed task due again, with all its attempts; Conflict for another status."""
        if self.status != "failed":
            raise not_failed(self.status)
        self.status, self.due_at, self.updated_at = "pending", at, at
        self.failures = self.crashed_attempts = 0
        self.error_message = None

    def _end(self, status: Status, at: datetime) -> None:
        self.status, self.updated_at = status, at
        self.due_at = self.next_attempt_at = None


def check_future(execute_at: datetime, at: datetime) -> None:
    """Raise Invalid for a time that has passed."""
    if execute_at <= at:
        raise invalid_field("execute_at", "должно быть в будущем")


def role_lost(what: str, roles: Collection[str]) -> str:
    """Return why nothing is done for an owner who has lost the role for it."""
    return text("У владельца больше нет роли для {what}: нужна одна из {roles}", what=text(what), roles=listed(roles))


def payload_hidden() -> Invalid:
    """Return the error for a payload with `***` in the place of a hidden secret."""
    return invalid_field("payload", "*** стоит на месте скрытого значения: укажите само значение")


def not_found() -> NotFound:
    """Return the error for a task that does not exist, is another user's, or has ended."""
    return NotFound("Задание не найдено или уже завершено")


def not_pending(status: Status) -> Conflict:
    """Return the error for changing a task that is not pending."""
    return Conflict(text("Изменить можно только ожидающее задание, статус этого: {status}", status=status))


def not_failed(status: Status) -> Conflict:
    """Return the error for restarting a task that has not failed."""
    return Conflict(text("Повторить можно только задание с ошибкой, статус этого: {status}", status=status))
