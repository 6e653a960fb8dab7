"""Rules of long tasks.

A task is worked on by an execution of the state machine, named by the task and its `run`. Whoever finds the execution
gone makes the run one higher: from then on the one before may write nothing. The work waits until `ready_at`, which the
first run decides: one that was interrupted does not wait anew.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from chalicelib.core.actor import listed
from chalicelib.core.errors import NotFound
from chalicelib.core.retries import LONG_TASK

Status = Literal["pending", "done", "failed"]

LATE = timedelta(seconds=5)  # after the time when it should have gone on, the sweep looks after it
LOOK_AGAIN = timedelta(seconds=45)  # when its execution is there and works
SHARDS = 8  # partitions of a user's tasks: one request reads them side by side

OWNER_DELETED = "Пользователь, для которого или которым создана задача, удален"
ERROR = "error"  # the result of a task that failed
BROKEN = "Внутренняя ошибка: задача не выполнена, сообщите администратору ее номер"
GAVE_UP = f"Выполнение прервано {LONG_TASK.max_crashes} раз подряд"


class Failure(Exception):
    """What a kind of task raises when the work cannot be done. The text (Russian) is shown as the task's `error`."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


@dataclass
class Task:
    """A task as it was read.

    `made_by`: who has asked for it, when that is another user. `due_at`: when the sweep looks after it, None when it
    has ended. `version` grows with every change.
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

    @property
    def maker(self) -> int:
        """Who has asked for it."""
        return self.user_id if self.made_by is None else self.made_by

    @property
    def execution(self) -> str:
        """The name of the execution of its current run."""
        return f"task-{self.number}-{self.run}"

    def wanted(self, run: int) -> bool:
        """Whether a run may still do something for it."""
        return self.status == "pending" and self.run == run

    def begin(self, at: datetime, wait: timedelta) -> timedelta:
        """Start it, unless that was done before; how long is still to be waited."""
        if self.started_at is None or self.ready_at is None:
            self.started_at, self.ready_at = at, at + wait
        left = max(self.ready_at - at, timedelta())
        self.due_at = at + left + LATE
        return left

    def succeed(self, at: datetime, result: str) -> None:
        """The work is done."""
        self.status, self.result, self.ended_at, self.due_at = "done", result, at, None

    def fail(self, at: datetime, reason: str) -> None:
        """The work cannot be done."""
        self.status, self.result, self.error, self.ended_at, self.due_at = "failed", ERROR, reason, at, None

    def resume(self, at: datetime) -> None:
        """Its execution is gone: another run takes over, or nobody does any more."""
        if self.run >= LONG_TASK.max_crashes:
            self.fail(at, GAVE_UP)
            return
        self.run += 1
        self.due_at = at + LATE


def role_lost(kind: str, roles: Collection[str]) -> str:
    """Why a task is not done for one who may not make such tasks any more."""
    return f"У создавшего задачу больше нет роли для {kind}: нужна одна из {listed(roles)}"


def claim(number: int) -> str:
    """The unique value that tells whose a task is."""
    return f"long_tasks#number={number}"


def not_found(number: int) -> NotFound:
    """No task with that number, or none of yours."""
    return NotFound(f"Задача {number} не найдена")
