"""Request and response models of background tasks."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from chalicelib.background_tasks.model import Kind, Status
from chalicelib.core.fields import ListQuery, Output


class Accepted(Output):
    """A task was started. Its state: `GET /api/background_tasks/{task_id}`."""

    task_id: UUID
    status: Status
    message: str


class BackgroundTask(Output):
    """A task. `params`: of the request; `result`: null, progress, result or error, depending on `status`."""

    task_id: UUID
    type: Kind
    status: Status
    params: dict[str, Any]
    result: dict[str, Any] | None
    created_at: datetime
    updated_at: datetime


class BackgroundTaskQuery(ListQuery):
    """The list of tasks."""

    SORTS: ClassVar[tuple[str, ...]] = ("created_at",)

    type: Kind | None = None
    status: Status | None = None
