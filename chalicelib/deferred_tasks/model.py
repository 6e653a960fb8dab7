"""Rules of deferred tasks.

Every change of a task makes its `version` one higher and requires the one that was read, so of two who change it at the
same time one decides again. That is also the fence of a run: whoever takes a task may write its end only if nobody has
changed the task meanwhile, be it a cancellation or another worker that took over when the lease was gone.
"""

import math
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from chalicelib.core.actor import listed
from chalicelib.core.errors import Conflict, Invalid, NotFound, invalid_field
from chalicelib.core.retries import DEFERRED_TASK

Status = Literal["pending", "processing", "completed", "failed", "cancelled"]

LEASE = timedelta(seconds=50)  # longer than the function lives: whoever has held a task for so long is dead
LONGEST_TYPE = 50  # characters
LARGEST_PAYLOAD = 200_000  # bytes of its JSON
LONGEST_ERROR = 300  # characters; with the longest log and payload a task fits into an item of 400 KB
LOG_LENGTH = 100  # attempts that a task remembers
LONGEST_WAIT = 60.0  # seconds from one look to the next for a task whose owner has enough others under way

TASK_MAKERS = ("admin", "manager", "engineer", "user")  # the roles that may make tasks at all, as roles.py has them
SCHEDULE_MAKERS = ("admin", "manager")  # and schedules

OWNER_DELETED = "Владелец удален, в его имени ничего не выполняется"
UNKNOWN_TYPE = "unknown task type"
DIED = "Исполнитель прерван, задание взял другой"
GAVE_UP = f"Исполнитель прерван {DEFERRED_TASK.max_crashes} раз подряд"
CANCELLED = "Задание отменено"


class Failure(Exception):
    """What a task's function raises when the work is not done: tried again later, unless it is `final`.

    The text (Russian) is shown to the one who made the task. `retry_after` are seconds before which it makes no sense.
    One that does not count uses up no attempt: the task was not to blame. `outage`: the host that was called gave no
    answer, or one that says that it is out of order.
    """

    def __init__(
        self, text: str, *, final: bool = False, retry_after: float = 0, counts: bool = True, outage: bool = False
    ) -> None:
        super().__init__(text)
        self.text, self.final, self.retry_after = text, final, retry_after
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
        """Note how it ended, unless that is known."""
        if self.finished_at is None:
            self.finished_at, self.error, self.result = at, error, result


@dataclass
class Task:
    """A task as it was read.

    `attempts` counts starts, `failures` those of them that ended badly since it was last set going, `deaths` workers
    in a row that died over it. `due_at`: from when on somebody may take it, None when it has ended. `far`: it is woken
    by the Scheduler, and looked after more closely by the sweep.
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
    deaths: int = 0
    next_attempt_at: datetime | None = None
    completed_at: datetime | None = None
    error_message: str | None = None
    schedule_id: str | None = None
    far: bool = False
    version: int = 1
    log: list[Attempt] = field(default_factory=list)

    @property
    def active(self) -> bool:
        """Whether it waits or runs."""
        return self.status in ("pending", "processing")

    def is_due(self, at: datetime) -> bool:
        """Whether somebody may take it: its time has come, or the lease of the one who had it is over."""
        return self.due_at is not None and self.due_at <= at

    def start(self, at: datetime) -> None:
        """Somebody takes it, and has it for the time of the lease."""
        if self.status == "processing":
            self.deaths += 1
            self.log[-1].end(at, DIED)
        self.attempts += 1
        self.status, self.due_at, self.next_attempt_at, self.updated_at = "processing", at + LEASE, None, at
        self.log = [*self.log, Attempt(self.attempts, at)][-LOG_LENGTH:]

    def postpone(self, at: datetime, seconds: float, jitter: float) -> None:
        """It is due and cannot be taken yet: wait about as long again as it has waited, at least so many seconds.

        They are whole, as those of a queue's delay, so that its message does not come early and keep a worker waiting.
        """
        since = max(self.next_attempt_at or self.execute_at, self.updated_at)
        waited = min((at - since).total_seconds(), LONGEST_WAIT)
        self.due_at = at + timedelta(seconds=math.ceil(max(1, waited * jitter, seconds)))

    @property
    def doomed(self) -> bool:
        """Whether it has cost so many workers that no other is given to it."""
        return self.deaths >= DEFERRED_TASK.max_crashes

    def succeed(self, at: datetime, result: dict[str, Any] | None) -> None:
        """The attempt went well."""
        self.log[-1].end(at, None, result)
        self._end("completed", at)
        self.completed_at, self.error_message = at, None

    def fail(self, at: datetime, failure: Failure, jitter: float) -> None:
        """The attempt went badly: again after a pause, or never. `jitter` is from 0.5 to 1.5."""
        self.error_message = failure.text[:LONGEST_ERROR]
        self.log[-1].end(at, self.error_message)
        self.failures, self.deaths = self.failures + failure.counts, 0
        if failure.final or self.failures >= self.max_attempts:
            self._end("failed", at)
            return
        self.status, self.updated_at = "pending", at
        self.next_attempt_at = at + timedelta(
            seconds=max(DEFERRED_TASK.backoff(max(1, self.failures), jitter), failure.retry_after)
        )
        self.due_at = self.next_attempt_at

    def refuse(self, at: datetime, reason: str) -> None:
        """It fails before its first attempt."""
        self.error_message = reason[:LONGEST_ERROR]
        self._end("failed", at)

    def cancel(self, at: datetime) -> None:
        """It is not wanted any more; NotFound when it has ended."""
        if not self.active:
            raise not_found()
        if self.log:
            self.log[-1].end(at, CANCELLED)
        self._end("cancelled", at)

    def change(self, at: datetime, changes: dict[str, Any]) -> None:
        """Other work, another time; Conflict unless it waits. A new time is the time of the next attempt."""
        if self.status != "pending":
            raise not_pending(self.status)
        if "payload" in changes:
            self.payload = changes["payload"]
        if execute_at := changes.get("execute_at"):
            check_future(execute_at, at)
            self.execute_at = self.due_at = execute_at
            self.next_attempt_at = None
        self.updated_at = at

    def set_going(self, at: datetime) -> None:
        """Make it again, with all its attempts; Conflict unless it has failed."""
        if self.status != "failed":
            raise not_failed(self.status)
        self.status, self.due_at, self.updated_at = "pending", at, at
        self.failures = self.deaths = 0
        self.error_message = None

    def _end(self, status: Status, at: datetime) -> None:
        self.status, self.updated_at = status, at
        self.due_at = self.next_attempt_at = None


def check_future(execute_at: datetime, at: datetime) -> None:
    """Refuse a time that has passed."""
    if execute_at <= at:
        raise invalid_field("execute_at", "должно быть в будущем")


def role_lost(what: str, roles: Collection[str]) -> str:
    """Why nothing is done for an owner who may not make such things any more."""
    return f"У владельца больше нет роли для {what}: нужна одна из {listed(roles)}"


def payload_hidden() -> Invalid:
    """Somebody sends back what was shown to him, with `***` in the place of a secret."""
    return invalid_field("payload", "*** стоит на месте скрытого значения: укажите само значение")


def not_found() -> NotFound:
    """No such task, not yours, or it has ended."""
    return NotFound("Задание не найдено или уже завершено")


def not_pending(status: Status) -> Conflict:
    """Only what waits can be changed."""
    return Conflict(f"Изменить можно только ожидающее задание, статус этого: {status}")


def not_failed(status: Status) -> Conflict:
    """Only what has failed is made again."""
    return Conflict(f"Повторить можно только задание с ошибкой, статус этого: {status}")
