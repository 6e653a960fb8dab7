"""Rules of background tasks.

Each start of a task has a higher `run`, and every write requires the current run. A run that writes nothing for the
length of its lease counts as crashed; what it writes after that is refused.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from chalicelib.core import texts
from chalicelib.core.errors import Conflict, NotFound
from chalicelib.core.texts import text

Kind = Literal["import", "export", "aggregation", "products"]
Status = Literal["PENDING", "PROGRESS", "SUCCESS", "FAILURE"]

LEASE = timedelta(seconds=60)
RETENTION = timedelta(hours=24)  # after the end of a task
REDISPATCH_AFTER = timedelta(seconds=30)  # without a run, its message may be lost
PROGRESS_SECONDS, PROGRESS_SHARE = 1.0, 0.05  # progress is written as often as one of them says
MAX_RESULT_ERRORS, MAX_RESULT_BYTES = 1_000, 200_000  # of a result, which is an attribute of the task

SHOWN_PARAMS: Mapping[Kind, tuple[str, ...]] = {
    "import": ("name", "format", "update_existing", "dry_run"),
    "export": ("format", "filters"),
    "aggregation": ("batch_id",),
    "products": ("batch_id", "mode"),
}
"""The parameters of a task that users see; the others are for its runner."""

CANCELLED = "Задача отменена"
GAVE_UP = "Внутренняя ошибка: задача не выполнена за {limit} попыток, сообщите администратору ее номер"


class Stopped(Exception):
    """The run has to stop: its task is cancelled, has ended, or has another run."""


class OutOfTime(Exception):
    """The function has to end soon. The checkpoint is written; the task continues in another call."""


@dataclass
class Task:
    """A task as it was read. `runs_without_progress`: in a row, up to now. `language`: of the request that made it."""

    id: str
    kind: Kind
    user_id: int
    created_at: datetime
    updated_at: datetime
    status: Status = "PENDING"
    params: dict[str, Any] = field(default_factory=dict)
    checkpoint: dict[str, Any] = field(default_factory=dict)
    current: int = 0
    total: int = 0
    result: dict[str, Any] | None = None
    run: int = 0
    runs_without_progress: int = 0
    lease_until: datetime | None = None
    finished_at: datetime | None = None
    language: str = texts.DEFAULT

    @property
    def finished(self) -> bool:
        """Whether it has ended, with any result."""
        return self.finished_at is not None

    @property
    def cancelled(self) -> bool:
        """Whether it has ended because a user cancelled it."""
        return self.finished and self.result == {"error": CANCELLED}

    @property
    def is_trouble(self) -> bool:
        """Whether its result needs action: it failed, or some of its rows did."""
        if not self.finished or self.cancelled or self.params.get("dry_run"):
            return False
        return self.status == "FAILURE" or bool((self.result or {}).get("failed"))

    def shown_result(self) -> dict[str, Any] | None:
        """Return the result as clients see it: None, the progress, or the result itself."""
        if self.status == "PROGRESS":
            current = min(self.current, self.total)
            return {"current": current, "total": self.total, "percent": percent(current, self.total)}
        return {**self.result, "error": self.shown_error} if self.result and "error" in self.result else self.result

    @property
    def shown_error(self) -> str | None:
        """Why it has failed, in the language of the reader if it is CANCELLED."""
        error = (self.result or {}).get("error")
        return text(error) if error else None

    def shown_params(self) -> dict[str, Any]:
        """Return the parameters that clients see."""
        return {name: self.params[name] for name in SHOWN_PARAMS[self.kind] if name in self.params}

    def is_expired(self, at: datetime) -> bool:
        """Return whether the task is to be deleted."""
        return self.finished_at is not None and self.finished_at + RETENTION <= at

    @property
    def due_at(self) -> datetime:
        """When the sweep acts on it: dispatches it again, or deletes it after its retention."""
        if self.finished_at:
            return self.finished_at + RETENTION
        return self.lease_until or self.updated_at + REDISPATCH_AFTER


def percent(current: int, total: int) -> int:
    """Return whole percents, rounded down."""
    return current * 100 // total if total else 0


def first_errors(errors: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the first errors, as many as a result may hold."""
    first: list[dict[str, Any]] = []
    left = MAX_RESULT_BYTES
    for error in errors[:MAX_RESULT_ERRORS]:
        left -= len(json.dumps(error, ensure_ascii=False).encode())
        if left < 0:
            break
        first.append(error)
    return first


def not_found() -> NotFound:
    """Return the error for a task that does not exist, is another user's, or has expired."""
    return NotFound("Задача не найдена")


def already_finished(status: Status) -> Conflict:
    """Return the error for cancelling a task that has ended."""
    return Conflict(text("Задача уже завершена: {status}", status=status))
