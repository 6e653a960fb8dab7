"""Rules and errors of reports, and the state machine of the saga that makes one.

A saga is changed by these methods alone. The fence: a step is begun for a run and gets an attempt number; it may report
back only while that run is the current one, the saga is executing, and no later attempt of the step has begun.
Everybody else gets `Superseded` and changes nothing. Cancelling and retrying begin a new run.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from chalicelib.core.errors import AppError, Conflict, NotFound
from chalicelib.core.retries import REPORT_SAGA

STEP_NAMES = (
    "Validate User", "Validate Template", "Collect Data", "Generate Report", "Store File", "Send Notification",
)  # fmt: skip
WITH_EFFECTS = frozenset({3, 4, 5})  # steps that leave files behind, to be undone when the saga does not complete
LAST = len(STEP_NAMES)
LIVE = ("pending", "executing", "compensating")
RETRYABLE = ("failed", "compensated", "cancelled")

NAMESPACE = uuid.UUID("0b6f2c56-53b0-5c1e-9a55-6d0d5ad6f7b4")  # of the sagas whose ids follow from a key
LOOK_AFTER = timedelta(seconds=45)  # when the sweep asks whether a live saga still has its execution
CLEAN_AFTER = timedelta(minutes=4)  # when it removes files again: longer than any step of a stopped run can live
NEARLY = 0.99  # a running step is never shown as done

ReportStatus = Literal["pending", "processing", "completed", "failed", "cancelled"]
SagaStatus = Literal["pending", "executing", "completed", "failed", "compensating", "compensated", "cancelled"]
StepStatus = Literal["pending", "executing", "completed", "failed", "compensated"]
Ending = Literal["failed", "cancelled"]

CANCELLED = "Отчет отменен"
BROKEN = "Ошибка генерации отчета"
GAVE_UP = f"Отчет не создан: выполнение прервано {REPORT_SAGA.max_crashes} раз подряд, повторите сагу позже"

NOT_IN_PRODUCTION = frozenset({"customer"})  # roles that may not see batches and products (chalicelib/roles.py)


class Superseded(Exception):
    """The run was cancelled or replaced: whoever gets this stops and leaves everything as it is."""


class Refused(AppError):
    """The report cannot be made, for a reason its author should read."""

    code = "REPORT_REFUSED"


def check_may_see_production(roles: Iterable[str]) -> None:
    """Raise Refused when none of the roles may see production."""
    if NOT_IN_PRODUCTION.issuperset(roles):
        raise Refused("Отчет о производстве недоступен для роли customer")


@dataclass
class Step:
    """One step; `attempts` counts its starts in all runs."""

    id: int
    name: str
    status: StepStatus = "pending"
    attempts: int = 0
    started_at: datetime | None = None
    completed_at: datetime | None = None
    error: str | None = None


def _new_steps() -> list[Step]:
    return [Step(number, name) for number, name in enumerate(STEP_NAMES, 1)]


@dataclass
class Saga:
    """The state of a saga. `notes` are what steps leave for later ones; `share` is how much of its step is done."""

    saga_id: str
    report_id: int
    user_id: int
    created_at: datetime
    format: str = "pdf"
    status: SagaStatus = "pending"
    steps: list[Step] = field(default_factory=_new_steps)
    run: int = 1
    starts: int = 1
    lost: int = 0  # executions since a step was finished
    ending: Ending = "failed"
    updated_at: datetime | None = None
    completed_at: datetime | None = None
    due_at: datetime | None = None
    error: str | None = None
    notes: dict[str, dict[str, Any]] = field(default_factory=dict)
    share: float = 0.0
    deleted: bool = False
    version: int = 1
    seen_status: str = ""  # as it was read, for the counters of the list

    # -- what is asked of it ------------------------------------------------------------------------------------

    def step(self, number: int) -> Step:
        """The step with that number, from 1."""
        return self.steps[number - 1]

    @property
    def execution(self) -> str:
        """The name of the execution that runs it now."""
        return f"{self.saga_id}-{self.run}-{self.starts}"

    @property
    def current(self) -> Step | None:
        """The step that is executing, else the first that is not done; None when there is nothing to do."""
        executing = (step for step in self.steps if step.status == "executing")
        waiting = (step for step in self.steps if step.status != "completed")
        return next(executing, None) or (next(waiting, None) if self.status in LIVE else None)

    def count(self, status: StepStatus) -> int:
        """How many steps are in a status."""
        return sum(step.status == status for step in self.steps)

    @property
    def percent(self) -> int:
        """How much of the work is done: whole steps, and of the running one the share of its rows."""
        running = self.share if any(step.status == "executing" for step in self.steps) else 0.0
        return int(100 * (self.count("completed") + running) / LAST)

    def next_undo(self) -> Step | None:
        """The last step that still has something to undo."""
        for step in reversed(self.steps):
            if step.status == "executing" or (step.status == "completed" and step.id in WITH_EFFECTS):
                return step
        return None

    # -- forward ------------------------------------------------------------------------------------------------

    def begin(self, run: int, number: int, at: datetime) -> int:
        """A step starts; returns the number of its attempt, 0 when it was done before."""
        self._hold(run)
        step = self.step(number)
        if step.status == "completed":
            return 0
        if any(earlier.status != "completed" for earlier in self.steps[: number - 1]):
            raise Superseded
        if step.status != "executing":
            step.started_at, self.share = at, 0.0
        step.status, step.error = "executing", None
        step.attempts += 1
        self.status = "executing"
        self._touch(at)
        return step.attempts

    def finish(self, run: int, number: int, attempt: int, at: datetime, notes: dict[str, Any] | None = None) -> None:
        """A step is done, with what it leaves for the next ones; the last one completes the saga."""
        step = self._hold(run, number, attempt)
        step.status, step.completed_at, step.error = "completed", at, None
        self.share, self.lost = 0.0, 0
        self.notes |= notes or {}
        if number == LAST:
            self.status, self.completed_at, self.error = "completed", at, None
        self._touch(at)

    def fail(self, run: int, number: int, attempt: int, reason: str, at: datetime) -> None:
        """A step cannot be done: what was done before is to be undone."""
        self._hold(run, number, attempt)
        self._break(number, reason, at)

    # -- back ---------------------------------------------------------------------------------------------------

    def cancel(self, at: datetime) -> bool:
        """Stop it and undo what was done; False when that is under way or done already."""
        if self.status == "completed":
            raise Conflict("Сага уже завершена, отменить ее нельзя")
        if self.status == "cancelled" or (self.status == "compensating" and self.ending == "cancelled"):
            return False
        if self.status in RETRYABLE:
            raise Conflict("Сага уже завершилась ошибкой, отменять нечего")
        if self.status != "compensating":
            self.run, self.starts = self.run + 1, 1
        self.status, self.ending, self.error = "compensating", "cancelled", CANCELLED
        self._touch(at)
        return True

    def assert_undoing(self, run: int) -> None:
        """The fence of undoing."""
        if self.run != run or self.status != "compensating":
            raise Superseded

    def undone(self, run: int, number: int, at: datetime) -> None:
        """The effects of a step are gone."""
        self.assert_undoing(run)
        self.step(number).status = "compensated"
        self.share = 0.0
        self._touch(at)

    def settle(self, run: int, at: datetime) -> None:
        """Nothing is left to undo: the saga ends."""
        self.assert_undoing(run)
        if self.next_undo():
            raise Superseded
        if self.ending == "cancelled":
            self.status = "cancelled"
        else:
            self.status = "compensated" if self.count("compensated") else "failed"
        self.completed_at = at
        self.notes = {name: note for name, note in self.notes.items() if name == "plan"}
        self._touch(at)

    def retry(self, at: datetime) -> None:
        """Go on from the first step that is not done, in a new run."""
        if self.status not in RETRYABLE:
            raise Conflict("Повторить можно только сагу, которая завершилась ошибкой или отменена")
        for step in self.steps:
            if step.status != "completed":
                step.status, step.error, step.started_at, step.completed_at = "pending", None, None, None
        self.status, self.ending, self.error, self.completed_at = "pending", "failed", None, None
        self.run, self.starts, self.lost, self.share = self.run + 1, 1, 0, 0.0
        self._touch(at)

    def delete(self, at: datetime) -> None:
        """The report is deleted: a running step loses its run, the sweep removes the rest."""
        self.deleted, self.run, self.starts = True, self.run + 1, 1
        self._touch(at)

    def resumed(self, at: datetime) -> None:
        """Its execution is gone and it gets another, which undoes when too many were lost over one step."""
        self.starts += 1
        self.lost += 1
        step = self.current
        if step and self.status != "compensating" and self.lost >= REPORT_SAGA.max_crashes:
            self._break(step.id, GAVE_UP, at)
        self._touch(at)

    # -- inside -------------------------------------------------------------------------------------------------

    def _hold(self, run: int, number: int | None = None, attempt: int | None = None) -> Step:
        """The fence."""
        if self.run != run or self.deleted or self.status not in ("pending", "executing"):
            raise Superseded
        step = self.step(number or 1)
        if attempt is not None and (step.status != "executing" or step.attempts != attempt):
            raise Superseded
        return step

    def _break(self, number: int, reason: str, at: datetime) -> None:
        step = self.step(number)
        step.status, step.completed_at, step.error = "failed", at, reason
        self.status, self.ending, self.error, self.share = "compensating", "failed", reason, 0.0
        self._touch(at)

    def _touch(self, at: datetime) -> None:
        self.updated_at = at
        self.due_at = at + (LOOK_AFTER if self.status in LIVE and not self.deleted else CLEAN_AFTER)


def batch_named(parameters: Mapping[str, Any]) -> str | None:
    """The batch that the parameters of a report name, if they do."""
    try:
        return str(uuid.UUID(parameters["batch_id"]))
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def request_claim(key: str) -> str:
    """The unique value of a request that may come again, and makes one report."""
    return f"reports#request={key}"


def saga_id_of(key: str) -> str:
    """The id of the saga of such a report."""
    return str(uuid.uuid5(NAMESPACE, key))


# -- errors --------------------------------------------------------------------------------------------------------


def report_not_found() -> NotFound:
    """No such report, or somebody else's."""
    return NotFound("Отчет не найден")


def saga_not_found() -> NotFound:
    """No such saga, or of somebody else's report."""
    return NotFound("Сага не найдена")


def template_not_found(template_id: int) -> NotFound:
    """No such template."""
    return NotFound(f"Шаблон {template_id} не найден")


def not_ready() -> Conflict:
    """There is no file yet."""
    return Conflict("отчет еще не готов")


def built_in(action: str) -> Conflict:
    """Built-in templates stay as they are."""
    return Conflict(f"Встроенный шаблон нельзя {action}")
