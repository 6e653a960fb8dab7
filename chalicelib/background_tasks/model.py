"""Rules of background tasks.

Every time a task is taken up its `run` grows by one, and everything that run writes requires that it is still the
current one: a worker that was thought dead can change nothing. A run that does not report for the length of its lease
is thought dead.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from chalicelib.core.errors import Conflict, NotFound
from chalicelib.core.retries import BACKGROUND_TASK

Kind = Literal["import", "export", "aggregation", "products"]
Status = Literal["PENDING", "PROGRESS", "SUCCESS", "FAILURE"]

LEASE = timedelta(seconds=60)
KEPT = timedelta(hours=24)  # after the end
PATIENCE = timedelta(seconds=30)  # a task may wait so long in the queue before it is dispatched again
SECONDS, SHARE = 1.0, 0.05  # how often progress is written
MOST_ERRORS, MOST_BYTES = 1_000, 200_000  # of a result, which is part of the record

SHOWN: Mapping[Kind, tuple[str, ...]] = {
    "import": ("name", "format", "update_existing", "dry_run"),
    "export": ("format", "filters"),
    "aggregation": ("batch_id",),
    "products": ("batch_id", "mode"),
}
"""What of the parameters of a task its users see; the others are for its runner."""

CANCELLED = "Задача отменена"
GAVE_UP = (
    f"Внутренняя ошибка: задача не выполнена за {BACKGROUND_TASK.max_crashes} попыток, сообщите администратору ее номер"
)


class Stopped(Exception):
    """The run is not wanted any more: its task is cancelled, ended, or taken up by another run."""


class OutOfTime(Exception):
    """The function has to end soon; what is done is noted, and the task goes on in another call."""


@dataclass
class Task:
    """A task as it was read."""

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
    fruitless: int = 0
    lease_until: datetime | None = None
    finished_at: datetime | None = None

    @property
    def finished(self) -> bool:
        """Whether it has ended, one way or the other."""
        return self.finished_at is not None

    @property
    def cancelled(self) -> bool:
        """Whether it has ended because it was not wanted any more."""
        return self.finished and self.result == {"error": CANCELLED}

    @property
    def is_trouble(self) -> bool:
        """Whether its result needs action: it failed, or some of its rows did."""
        if not self.finished or self.cancelled or self.params.get("dry_run"):
            return False
        return self.status == "FAILURE" or bool((self.result or {}).get("failed"))

    def shown_result(self) -> dict[str, Any] | None:
        """What clients see: nothing yet, the progress, or the result."""
        if self.status == "PROGRESS":
            current = min(self.current, self.total)
            return {"current": current, "total": self.total, "percent": percent(current, self.total)}
        return self.result

    def shown_params(self) -> dict[str, Any]:
        """What clients see of what was asked for."""
        return {name: self.params[name] for name in SHOWN[self.kind] if name in self.params}

    def expired(self, at: datetime) -> bool:
        """Whether its result is kept no longer."""
        return self.finished_at is not None and self.finished_at + KEPT <= at

    @property
    def due_at(self) -> datetime:
        """When the sweep looks at it: nobody seems to work on it then, or its result is kept no longer."""
        if self.finished_at:
            return self.finished_at + KEPT
        return self.lease_until or self.updated_at + PATIENCE


def percent(current: int, total: int) -> int:
    """Whole percents, rounded down."""
    return current * 100 // total if total else 0


def first_of(errors: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """As many errors as a result holds."""
    kept: list[dict[str, Any]] = []
    left = MOST_BYTES
    for error in errors[:MOST_ERRORS]:
        left -= len(json.dumps(error, ensure_ascii=False).encode())
        if left < 0:
            break
        kept.append(error)
    return kept


def not_found() -> NotFound:
    """No such task, not yours, or its 24 hours are over."""
    return NotFound("Задача не найдена")


def already_finished(status: Status) -> Conflict:
    """What has ended cannot be cancelled."""
    return Conflict(f"Задача уже завершена: {status}")
