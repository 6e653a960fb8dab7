"""Rules and errors of reports, and the state machine of the saga that makes one.

Only the methods of `Saga` change a saga. It starts with run 1; a retry, a cancellation and the deletion of its report
begin the next run. A run has one execution of the state machine, and another one each time the sweep resumes it. Each
start of a step is an attempt. An attempt may change the saga only while its run is the current one, the saga is
executing, and no later attempt of the step has started; otherwise it gets `Superseded` and changes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from chalicelib.core import texts
from chalicelib.core.errors import AppError, Conflict, NotFound
from chalicelib.core.retries import REPORT_SAGA
from chalicelib.core.texts import text

STEP_NAMES = (
    "Validate User", "Validate Template", "Collect Data", "Generate Report", "Store File", "Send Notification",
)  # fmt: skip
COLLECT, GENERATE, STORE = 3, 4, 5  # numbers of steps
STEPS_WITH_FILES = frozenset({COLLECT, GENERATE, STORE})  # compensation deletes their files
LAST_STEP = len(STEP_NAMES)
ACTIVE = ("pending", "executing", "compensating")
RETRYABLE = ("failed", "compensated", "cancelled")
EXECUTION_CHECK_INTERVAL = timedelta(seconds=45)  # the sweep checks that an active saga has its execution
FILE_CLEANUP_DELAY = timedelta(minutes=4)  # until the sweep deletes files once more; longer than any step may run
MAX_RUNNING_SHARE = 0.99  # of a step that is not finished

ReportStatus = Literal["pending", "processing", "completed", "failed", "cancelled"]
SagaStatus = Literal["pending", "executing", "completed", "failed", "compensating", "compensated", "cancelled"]
StepStatus = Literal["pending", "executing", "completed", "failed", "compensated"]
Ending = Literal["failed", "cancelled"]

CANCELLED = "Отчет отменен"
INTERNAL_ERROR = "Ошибка генерации отчета"
TOO_MANY_CRASHES = "Отчет не создан: выполнение прервано {limit} раз подряд, повторите сагу позже"

NOT_IN_PRODUCTION = frozenset({"customer"})  # roles that may not see batches and products (chalicelib/roles.py)


class Superseded(Exception):
    """An attempt or execution may no longer change the saga: another one has started, the saga has ended, or its report
    is deleted.
    """


class Refused(AppError):
    """The report cannot be made, for a reason that is shown to its author."""

    code = "REPORT_REFUSED"


def check_may_see_production(roles: Iterable[str]) -> None:
    """Raise Refused when none of the roles may see production."""
    if NOT_IN_PRODUCTION.issuperset(roles):
        raise Refused(text("Отчет о производстве недоступен для роли customer"))


@dataclass
class Step:
    """A step; `attempts` counts its starts in all runs."""

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
    """The state of a saga.

    `notes` has the results that steps leave for later steps: plan, data, draft and file. They are not in the log, whose
    fields `core.logs.note` adds. `language` is that of the request; a template may have another.
    `share` is the finished part of the running step, 0 to 1. `run` is the number of the current run, `starts` the
    number of executions that were started for it. `lost` counts crashes: executions in a row that ended before another
    step was finished. `ending` is the status of the report after compensation. `seen_status` is the status in the table
    as it was read or last written; the counters of the list are changed by the difference.
    """

    saga_id: str
    report_id: int
    user_id: int
    created_at: datetime
    format: str = "pdf"
    language: str = texts.DEFAULT
    status: SagaStatus = "pending"
    steps: list[Step] = field(default_factory=_new_steps)
    run: int = 1
    starts: int = 1
    lost: int = 0
    ending: Ending = "failed"
    updated_at: datetime | None = None
    completed_at: datetime | None = None
    due_at: datetime | None = None
    error: str | None = None
    notes: dict[str, dict[str, Any]] = field(default_factory=dict)
    share: float = 0.0
    deleted: bool = False
    version: int = 1
    seen_status: str = ""

    def step(self, number: int) -> Step:
        """Return the step of that number, from 1."""
        return self.steps[number - 1]

    @property
    def execution(self) -> str:
        """The name of its current execution."""
        return f"{self.saga_id}-{self.run}-{self.starts}"

    @property
    def current(self) -> Step | None:
        """The step that is executing, else the first that is not completed; None when the saga has ended."""
        executing = (step for step in self.steps if step.status == "executing")
        waiting = (step for step in self.steps if step.status != "completed")
        return next(executing, None) or (next(waiting, None) if self.status in ACTIVE else None)

    def count(self, status: StepStatus) -> int:
        """Return how many steps have a status."""
        return sum(step.status == status for step in self.steps)

    @property
    def percent(self) -> int:
        """The progress in percent: completed steps, and the finished share of the running one."""
        running = self.share if any(step.status == "executing" for step in self.steps) else 0.0
        return int(100 * (self.count("completed") + running) / LAST_STEP)

    def next_to_compensate(self) -> Step | None:
        """Return the last step that is executing, or is completed and has files; None when there is none."""
        for step in reversed(self.steps):
            if step.status == "executing" or (step.status == "completed" and step.id in STEPS_WITH_FILES):
                return step
        return None

    # -- forward -------------------------------------------------------------------------------------------------------

    def begin_step(self, run: int, step_number: int, at: datetime) -> int:
        """Start an attempt of a step; returns the number of the attempt, 0 when the step is completed already."""
        self._assert_executing(run)
        step = self.step(step_number)
        if step.status == "completed":
            return 0
        if any(earlier.status != "completed" for earlier in self.steps[: step_number - 1]):
            raise Superseded
        if step.status != "executing":
            step.started_at, self.share = at, 0.0
        step.status, step.error = "executing", None
        step.attempts += 1
        self.status = "executing"
        self._updated(at)
        return step.attempts

    def finish_step(
        self, run: int, step_number: int, attempt: int, at: datetime, notes: dict[str, Any] | None = None
    ) -> None:
        """Complete a step, with its results for later steps; the last step completes the saga."""
        step = self._step_of_attempt(run, step_number, attempt)
        step.status, step.completed_at, step.error = "completed", at, None
        self.share, self.lost = 0.0, 0
        self.notes |= notes or {}
        if step_number == LAST_STEP:
            self.status, self.completed_at, self.error = "completed", at, None
        self._updated(at)

    def fail_step(self, run: int, step_number: int, attempt: int, reason: str, at: datetime) -> None:
        """Fail a step, so that the steps before it are compensated."""
        self._start_compensation(self._step_of_attempt(run, step_number, attempt), reason, at)

    # -- compensation and new runs -------------------------------------------------------------------------------------

    def cancel(self, at: datetime) -> bool:
        """Start compensation because of a cancellation; False when that has happened already."""
        if self.status == "completed":
            raise Conflict(text("Сага уже завершена, отменить ее нельзя"))
        if self.status == "cancelled" or (self.status == "compensating" and self.ending == "cancelled"):
            return False
        if self.status in RETRYABLE:
            raise Conflict(text("Сага уже завершилась ошибкой, отменять нечего"))
        if self.status != "compensating":
            self.run, self.starts = self.run + 1, 1
        self.status, self.ending, self.error = "compensating", "cancelled", CANCELLED
        self._updated(at)
        return True

    def assert_compensating(self, run: int) -> None:
        """Raise Superseded unless that run is the current one and compensating."""
        if self.run != run or self.status != "compensating":
            raise Superseded

    def mark_compensated(self, run: int, step_number: int, at: datetime) -> None:
        """Mark a step whose files are deleted."""
        self.assert_compensating(run)
        self.step(step_number).status = "compensated"
        self.share = 0.0
        self._updated(at)

    def settle(self, run: int, at: datetime) -> None:
        """End a saga that has nothing left to compensate."""
        self.assert_compensating(run)
        if self.next_to_compensate():
            raise Superseded
        if self.ending == "cancelled":
            self.status = "cancelled"
        else:
            self.status = "compensated" if self.count("compensated") else "failed"
        self.completed_at = at
        self.notes = {name: note for name, note in self.notes.items() if name == "plan"}
        self._updated(at)

    def retry(self, at: datetime) -> None:
        """Start a new run from the first step that is not completed."""
        if self.status not in RETRYABLE:
            raise Conflict(text("Повторить можно только сагу, которая завершилась ошибкой или отменена"))
        for step in self.steps:
            if step.status != "completed":
                step.status, step.error, step.started_at, step.completed_at = "pending", None, None, None
        self.status, self.ending, self.error, self.completed_at = "pending", "failed", None, None
        self.run, self.starts, self.lost, self.share = self.run + 1, 1, 0, 0.0
        self._updated(at)

    def delete(self, at: datetime) -> None:
        """Mark the saga of a deleted report; a running step is superseded, and the sweep deletes the files."""
        self.deleted, self.run, self.starts = True, self.run + 1, 1
        self._updated(at)

    def resume(self, at: datetime) -> None:
        """Count a crash, for another execution of the run; compensation starts after too many crashes in a row."""
        self.starts += 1
        self.lost += 1
        step = self.current
        if step and self.status != "compensating" and self.lost >= REPORT_SAGA.max_crashes:
            self._start_compensation(step, text(TOO_MANY_CRASHES, limit=REPORT_SAGA.max_crashes), at)
        self._updated(at)

    @property
    def spoken(self) -> str:
        """The language of the report, and of the reasons why it cannot be made."""
        return str(self.notes.get("plan", {}).get("language") or self.language)

    def _assert_executing(self, run: int) -> None:
        """Raise Superseded unless that run is the current one and executing."""
        if self.run != run or self.deleted or self.status not in ("pending", "executing"):
            raise Superseded

    def _step_of_attempt(self, run: int, step_number: int, attempt: int) -> Step:
        """Return the step; Superseded unless that run and that attempt are the current ones."""
        self._assert_executing(run)
        step = self.step(step_number)
        if step.status != "executing" or step.attempts != attempt:
            raise Superseded
        return step

    def _start_compensation(self, step: Step, reason: str, at: datetime) -> None:
        step.status, step.completed_at, step.error = "failed", at, reason
        self.status, self.ending, self.error, self.share = "compensating", "failed", reason, 0.0
        self._updated(at)

    def _updated(self, at: datetime) -> None:
        self.updated_at = at
        is_working = self.status in ACTIVE and not self.deleted
        self.due_at = at + (EXECUTION_CHECK_INTERVAL if is_working else FILE_CLEANUP_DELAY)


# -- errors --------------------------------------------------------------------------------------------------------


def report_not_found() -> NotFound:
    """The error for a report that does not exist, or that the actor may not see."""
    return NotFound(text("Отчет не найден"))


def saga_not_found() -> NotFound:
    """The error for a saga that does not exist, or that the actor may not see."""
    return NotFound(text("Сага не найдена"))


def template_not_found(template_id: int) -> NotFound:
    """The error for a template that does not exist."""
    return NotFound(text("Шаблон {id} не найден", id=template_id))
