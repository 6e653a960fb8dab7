"""Rules of long tasks.

An execution of the state machine does a task; its name is made of the task and its `run`. When the execution is gone,
the sweep starts the next run; writes of the run before are refused from then on. The work is done after `ready_at`,
which the first run sets: a later run waits only for the rest.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from chalicelib.core import texts
from chalicelib.core.actor import listed
from chalicelib.core.errors import NotFound
from chalicelib.core.retries import LONG_TASK
from chalicelib.core.texts import text

Status = Literal["pending", "done", "failed"]

SWEEP_GRACE = timedelta(seconds=5)  # after the time when the execution should have continued
RECHECK_AFTER = timedelta(seconds=45)  # while the execution runs
SHARDS = 8  # partitions of a user's tasks, read in parallel

OWNER_DELETED = "Пользователь, для которого или которым создана задача, удален"
ERROR = "error"  # the result of a task that failed
BROKEN = "Внутренняя ошибка: задача не выполнена, сообщите администратору ее номер"
GAVE_UP = "Выполнение прервано {limit} раз подряд"


class Failure(Exception):
    """What a kind of task raises when the work cannot be done. The text is shown as the task's `error`."""

    def __init__(self, reason: str) -> None:
        self.text = text(reason)
        super().__init__(self.text)


@dataclass
class Task:
    """A task as it was read.

    `made_by`: the user who has made it, when that is another one. `due_at`: when the sweep checks it, None when it has
    ended. `version` grows with every change. `language`: of the request that made it, for its error.
    """

    number: int
    user_id: int
    text: str
    created_at: datetime
    due_at: datetime | None
    status: Status = "pending"
    result: str = ""
    error: str = ""
    started_at: datetime | None = None
    ready_at: datetime | None = None
    ended_at: datetime | None = None
    run: int = 1
    version: int = 1
    made_by: int | None = None
    language: str = texts.DEFAULT

    @property
    def maker(self) -> int:
        """The user who has made it."""
        return self.user_id if self.made_by is None else self.made_by

    @property
    def execution(self) -> str:
        """The name of the execution of its current run."""
        return f"task-{self.number}-{self.run}"

    def is_current(self, run: int) -> bool:
        """Return whether the task waits and this is its current run."""
        return self.status == "pending" and self.run == run

    def begin(self, at: datetime, wait: timedelta) -> timedelta:
        """Start it, unless an earlier run has; return how long it still has to wait."""
        if self.started_at is None or self.ready_at is None:
            self.started_at, self.ready_at = at, at + wait
        left = max(self.ready_at - at, timedelta())
        self.due_at = at + left + SWEEP_GRACE
        return left

    def succeed(self, at: datetime, result: str) -> None:
        """End it with a result."""
        self.status, self.result, self.ended_at, self.due_at = "done", result, at, None

    def fail(self, at: datetime, reason: str) -> None:
        """End it with an error."""
        self.status, self.result, self.error, self.ended_at, self.due_at = "failed", ERROR, reason, at, None

    def resume(self, at: datetime) -> None:
        """Start the next run after an execution that is gone; fail after too many."""
        if self.run >= LONG_TASK.max_crashes:
            self.fail(at, text(GAVE_UP, limit=LONG_TASK.max_crashes))
            return
        self.run += 1
        self.due_at = at + SWEEP_GRACE


def role_lost(kind: str, roles: Collection[str]) -> str:
    """Return why a task is not done whose maker has lost the role for it."""
    return text("У создавшего задачу больше нет роли для {kind}: нужна одна из {roles}", kind=kind, roles=listed(roles))


def claim(number: int) -> str:
    """Return the unique value whose claim has the user of a task."""
    return f"long_tasks#number={number}"


def not_found(number: int) -> NotFound:
    """Return the error for a task that does not exist or is another user's."""
    return NotFound(text("Задача {number} не найдена", number=number))
