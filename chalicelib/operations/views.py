"""Conversion of each kind of work to an operation."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from chalicelib import roles
from chalicelib.background_tasks import model as background_model
from chalicelib.background_tasks.service import Task as BackgroundTask
from chalicelib.core import redaction
from chalicelib.core.auth import Actor
from chalicelib.core.retries import LONG_TASK
from chalicelib.core.texts import text
from chalicelib.deferred_tasks import service as deferred
from chalicelib.deferred_tasks.model import Task as DeferredTask
from chalicelib.deferred_tasks.recurrence import Schedule
from chalicelib.long_tasks import model as long_model
from chalicelib.long_tasks import service as long_tasks
from chalicelib.operations.model import STATUSES, Kind, Status
from chalicelib.operations.schemas import Operation, OperationLink, OperationLinks, OperationProgress
from chalicelib.reports import model as reports_model
from chalicelib.reports.model import Saga

MAX_TITLE_LENGTH = 200
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
    """Converts tasks, schedules and sagas to operations, with the links that the actor may use."""

    actor: Actor

    def link(self, endpoint: str, own_id: object, is_allowed: bool = True) -> OperationLink | None:
        """Return the call of an endpoint; None when the roles of the actor or the status do not allow it."""
        may = is_allowed and not _allowed()[endpoint].isdisjoint(self.actor.roles)
        return _link(endpoint, own_id) if may else None

    def background(self, task: BackgroundTask) -> Operation:
        """Return the operation of a background task. Its first start is not recorded."""
        endpoint = "/api/background_tasks/{task_id}"
        cancel = self.link(f"DELETE {endpoint}", task.id, not task.finished)
        return _operation(
            "background",
            task.id,
            task.status,
            "cancelled" if task.cancelled else None,
            type=task.kind,
            title=text(TITLES[task.kind]),
            progress=_progress(task.current, task.total),
            owner_id=task.user_id,
            attempts=task.run,
            created_at=task.created_at,
            completed_at=task.finished_at,
            error=task.shown_error if task.status == "FAILURE" else None,
            links=_links(f"GET {endpoint}", task.id, cancel=cancel),
        )

    def deferred(self, task: DeferredTask) -> Operation:
        """Return the operation of a deferred task; `started_at` is its last recorded start."""
        title = text(TITLES.get(task.task_type, "Задание {task_type}"), task_type=task.task_type)
        return _operation(
            "deferred",
            task.number,
            task.status,
            type=task.task_type,
            title=text("{title} по расписанию", title=title) if task.schedule_id else title,
            owner_id=task.user_id,
            attempts=task.attempts,
            max_attempts=task.max_attempts,
            created_at=task.created_at,
            started_at=task.log[-1].started_at if task.log else None,
            completed_at=None if task.is_active else task.completed_at or task.updated_at,
            next_attempt_at=(task.next_attempt_at or task.execute_at) if task.status == "pending" else None,
            error=self._error_of(task),
            links=self._links_of_deferred(task),
        )

    def _error_of(self, task: DeferredTask) -> str | None:
        error = task.error_message and text(task.error_message)
        return error if self.actor.sees_secrets_of(task.user_id) else error and redaction.mask_text(error)

    def _links_of_deferred(self, task: DeferredTask) -> OperationLinks:
        may_retry = task.status == "failed" and deferred.may_make(self.actor, task.task_type)
        endpoint = "/api/v1/tasks/{task_id}"
        return _links(
            f"GET {endpoint}",
            task.number,
            cancel=self.link(f"DELETE {endpoint}", task.number, task.is_active),
            retry=self.link(f"POST {endpoint}/retry", task.number, may_retry),
            attempts=self.link(f"GET {endpoint}/attempts", task.number),
        )

    def schedule(self, schedule: Schedule) -> Operation:
        """Return the operation of a schedule, which waits for its next run or is paused."""
        return _operation(
            "schedule",
            schedule.id,
            "paused" if schedule.paused else "active",
            type=schedule.task_type,
            title=schedule.name,
            owner_id=schedule.user_id,
            attempts=schedule.runs,
            created_at=schedule.created_at,
            started_at=schedule.last_run_at,
            next_attempt_at=schedule.next_run_at,
            error=schedule.paused_reason and text(schedule.paused_reason),
            links=_links("GET /api/v1/schedules/{schedule_id}", schedule.id),
        )

    def long(self, task: long_model.Task) -> Operation:
        """Return the operation of a long task, with the text that the actor may see."""
        shown = long_tasks.view(self.actor, task)
        return _operation(
            "long",
            task.number,
            task.status,
            "running" if task.status == "pending" and task.started_at else None,
            type=long_tasks.kind_of(task),
            title=" ".join(shown.task.split())[:MAX_TITLE_LENGTH],
            owner_id=task.user_id,
            attempts=task.run if task.started_at else 0,
            max_attempts=LONG_TASK.max_crashes,
            created_at=task.created_at,
            started_at=task.started_at,
            completed_at=task.ended_at,
            error=shown.error or None,
            links=_links("GET /task/{id}", task.number),
        )

    def saga(self, saga: Saga, report_name: str | None) -> Operation:
        """Return the operation of a saga; its progress is the number of completed steps."""
        starts: list[datetime] = [step.started_at for step in saga.steps if step.started_at]
        steps = OperationProgress(done=saga.count("completed"), total=reports_model.LAST_STEP, percent=saga.percent)
        return _operation(
            "saga",
            saga.saga_id,
            saga.status,
            type=REPORT,
            title=text("Отчет «{name}»" if report_name else "Отчет {id}", name=report_name, id=saga.report_id),
            progress=steps,
            owner_id=saga.user_id,
            created_at=saga.created_at,
            started_at=min(starts, default=None),
            completed_at=saga.completed_at,
            error=saga.error,
            links=self._links_of_saga(saga),
        )

    def _links_of_saga(self, saga: Saga) -> OperationLinks:
        endpoint, is_cancelled = "/api/v1/sagas/{saga_id}", saga.status == "compensating" and saga.ending == "cancelled"
        may_cancel = saga.status in reports_model.ACTIVE and not is_cancelled
        return _links(
            f"GET {endpoint}",
            saga.saga_id,
            cancel=self.link(f"DELETE {endpoint}", saga.saga_id, may_cancel),
            retry=self.link(f"POST {endpoint}/retry", saga.saga_id, saga.status in reports_model.RETRYABLE),
            attempts=self.link(f"GET {endpoint}/events", saga.saga_id),
        )


UNRECORDED: Mapping[str, None] = dict.fromkeys(
    ("progress", "owner_name", "attempts", "max_attempts", "started_at", "completed_at", "next_attempt_at", "error")
)


def _operation(kind: Kind, own_id: object, raw_status: str, status: Status | None = None, **fields: Any) -> Operation:
    """Return an operation; by default its status is the first meaning of `raw_status`, and other fields are null."""
    common = {"kind": kind, "id": str(own_id), "raw_status": raw_status}
    common["status"] = status or STATUSES[kind][raw_status][0]
    return Operation.model_validate({**UNRECORDED, **common, **fields})


def _links(itself: str, own_id: object, **actions: OperationLink | None) -> OperationLinks:
    """Return the links of an operation; actions that are not given are null."""
    missing: dict[str, OperationLink | None] = {"cancel": None, "retry": None, "attempts": None}
    return OperationLinks.model_validate({"itself": _link(itself, own_id), **missing, **actions})


@cache
def _allowed() -> Mapping[str, frozenset[str]]:
    return roles.allowed()


def _link(endpoint: str, own_id: object) -> OperationLink:
    """Return the call of an endpoint with the id as its path parameter."""
    method, path = endpoint.split()
    return OperationLink.model_validate({"method": method, "href": _PARAMETER.sub(str(own_id), path)})


def _progress(current: int, total: int) -> OperationProgress | None:
    if not total:
        return None
    done = min(current, total)
    return OperationProgress(done=done, total=total, percent=background_model.percent(done, total))
