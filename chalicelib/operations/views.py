"""What each kind of work looks like as an operation."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from chalicelib import roles
from chalicelib.background_tasks import model as background_model
from chalicelib.background_tasks.service import Task as BackgroundTask
from chalicelib.core import redaction
from chalicelib.core.auth import Actor
from chalicelib.core.retries import LONG_TASK
from chalicelib.deferred_tasks import service as deferred
from chalicelib.deferred_tasks.model import Task as DeferredTask
from chalicelib.deferred_tasks.recurrence import Schedule
from chalicelib.long_tasks import model as long_model
from chalicelib.long_tasks import service as long_tasks
from chalicelib.operations.model import STATUSES, Status
from chalicelib.operations.schemas import Operation, OperationLink, OperationLinks, OperationProgress
from chalicelib.reports import model as reports_model
from chalicelib.reports.model import Saga

LONGEST_TITLE = 200
REPORT = "report"  # the type of every saga
_PARAMETER = re.compile(r"\{\w+\}")
TITLES: Mapping[str, str] = {
    "import": "Импорт партий",
    "export": "Экспорт партий",
    "aggregation": "Агрегация партии",
    "products": "Добавление продукции в партию",
    "http_callback": "HTTP-вызов",
    "send_email": "Письмо",
    "send_sms": "SMS",
    "publish_event": "Событие на шину",
    "generate_report": "Заказ отчета",
}


@dataclass(frozen=True)
class Viewer:
    """The one who looks: what he may do decides which links he gets."""

    actor: Actor

    def link(self, endpoint: str, own_id: object, allowed: bool = True) -> OperationLink | None:
        """The call of an endpoint of the table of roles, if the actor may make it and it is allowed now."""
        may = allowed and not _allowed()[endpoint].isdisjoint(self.actor.roles)
        return _link(endpoint, own_id) if may else None

    def links(self, itself: str, own_id: object, **others: OperationLink | None) -> OperationLinks:
        """The links of an operation."""
        actions: dict[str, OperationLink | None] = {"cancel": None, "retry": None, "attempts": None, **others}
        return OperationLinks.model_validate({"itself": _link(itself, own_id), **actions})

    def background(self, task: BackgroundTask) -> Operation:
        """A background task. Nothing notes when it was first taken up."""
        status: Status = "cancelled" if task.cancelled else STATUSES["background"][task.status][0]
        stop = self.link("DELETE /api/background_tasks/{task_id}", task.id, not task.finished)
        return Operation(
            kind="background",
            id=task.id,
            type=task.kind,
            title=TITLES[task.kind],
            status=status,
            raw_status=task.status,
            progress=_progress(task.current, task.total),
            owner_id=task.user_id,
            owner_name=None,
            attempts=task.run,
            max_attempts=None,
            created_at=task.created_at,
            started_at=None,
            completed_at=task.finished_at,
            next_attempt_at=None,
            error=(task.result or {}).get("error") if task.status == "FAILURE" else None,
            links=self.links("GET /api/background_tasks/{task_id}", task.id, cancel=stop),
        )

    def deferred(self, task: DeferredTask) -> Operation:
        """A deferred task; its last start is the one that is remembered."""
        number, error = task.number, task.error_message
        if error and not self.actor.sees_secrets_of(task.user_id):
            error = redaction.redacted_text(error)
        again = task.status == "failed" and deferred.may_make(self.actor, task.task_type)
        title = TITLES.get(task.task_type, f"Задание {task.task_type}")
        return Operation(
            kind="deferred",
            id=str(number),
            type=task.task_type,
            title=f"{title} по расписанию" if task.schedule_id else title,
            status=STATUSES["deferred"][task.status][0],
            raw_status=task.status,
            progress=None,
            owner_id=task.user_id,
            owner_name=None,
            attempts=task.attempts,
            max_attempts=task.max_attempts,
            created_at=task.created_at,
            started_at=task.log[-1].started_at if task.log else None,
            completed_at=None if task.is_active else task.completed_at or task.updated_at,
            next_attempt_at=(task.next_attempt_at or task.execute_at) if task.status == "pending" else None,
            error=error,
            links=self.links(
                "GET /api/v1/tasks/{task_id}",
                number,
                cancel=self.link("DELETE /api/v1/tasks/{task_id}", number, task.is_active),
                retry=self.link("POST /api/v1/tasks/{task_id}/retry", number, again),
                attempts=self.link("GET /api/v1/tasks/{task_id}/attempts", number),
            ),
        )

    def schedule(self, schedule: Schedule) -> Operation:
        """A schedule: it waits for its next run, or is paused."""
        raw = "paused" if schedule.paused else "active"
        return Operation(
            kind="schedule",
            id=schedule.id,
            type=schedule.task_type,
            title=schedule.name,
            status=STATUSES["schedule"][raw][0],
            raw_status=raw,
            progress=None,
            owner_id=schedule.user_id,
            owner_name=None,
            attempts=schedule.runs,
            max_attempts=None,
            created_at=schedule.created_at,
            started_at=schedule.last_run_at,
            completed_at=None,
            next_attempt_at=schedule.next_run_at,
            error=schedule.paused_reason,
            links=self.links("GET /api/v1/schedules/{schedule_id}", schedule.id),
        )

    def long(self, task: long_model.Task) -> Operation:
        """A long task, with its text as this one may see it."""
        shown = long_tasks.view(self.actor, task)
        underway: Status = "running" if task.started_at else "waiting"
        return Operation(
            kind="long",
            id=str(task.number),
            type=long_tasks.kind_of(task),
            title=" ".join(shown.task.split())[:LONGEST_TITLE],
            status=underway if task.status == "pending" else STATUSES["long"][task.status][0],
            raw_status=task.status,
            progress=None,
            owner_id=task.user_id,
            owner_name=None,
            attempts=task.run if task.started_at else 0,
            max_attempts=LONG_TASK.max_crashes,
            created_at=task.created_at,
            started_at=task.started_at,
            completed_at=task.ended_at,
            next_attempt_at=None,
            error=shown.error or None,
            links=self.links("GET /task/{id}", task.number),
        )

    def saga(self, saga: Saga, report_name: str | None) -> Operation:
        """A saga, counted in its steps."""
        is_cancelled = saga.status == "compensating" and saga.ending == "cancelled"
        live = saga.status in reports_model.ACTIVE and not is_cancelled
        starts: list[datetime] = [step.started_at for step in saga.steps if step.started_at]
        steps = OperationProgress(done=saga.count("completed"), total=reports_model.LAST_STEP, percent=saga.percent)
        return Operation(
            kind="saga",
            id=saga.saga_id,
            type=REPORT,
            title=f"Отчет «{report_name}»" if report_name else f"Отчет {saga.report_id}",
            status=STATUSES["saga"][saga.status][0],
            raw_status=saga.status,
            progress=steps,
            owner_id=saga.user_id,
            owner_name=None,
            attempts=None,
            max_attempts=None,
            created_at=saga.created_at,
            started_at=min(starts, default=None),
            completed_at=saga.completed_at,
            next_attempt_at=None,
            error=saga.error,
            links=self.links(
                "GET /api/v1/sagas/{saga_id}",
                saga.saga_id,
                cancel=self.link("DELETE /api/v1/sagas/{saga_id}", saga.saga_id, live),
                retry=self.link(
                    "POST /api/v1/sagas/{saga_id}/retry", saga.saga_id, saga.status in reports_model.RETRYABLE
                ),
                attempts=self.link("GET /api/v1/sagas/{saga_id}/events", saga.saga_id),
            ),
        )


@cache
def _allowed() -> Mapping[str, frozenset[str]]:
    return roles.allowed()


def _link(endpoint: str, own_id: object) -> OperationLink:
    """The call of an endpoint with the id in the place of its parameter."""
    method, path = endpoint.split()
    return OperationLink.model_validate({"method": method, "href": _PARAMETER.sub(str(own_id), path)})


def _progress(current: int, total: int) -> OperationProgress | None:
    if not total:
        return None
    done = min(current, total)
    return OperationProgress(done=done, total=total, percent=background_model.percent(done, total))
