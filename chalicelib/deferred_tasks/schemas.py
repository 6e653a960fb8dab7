"""Request and response models of deferred tasks."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
)
from pydantic_core import to_json

from chalicelib.core.fields import FILLED, LINE, Cursor, Input, Instant, ListAnswer, Output, check_line
from chalicelib.core.paging import PageRequest
from chalicelib.core.retries import DEFERRED_TASK
from chalicelib.core.texts import text
from chalicelib.core.warnings import Warned
from chalicelib.deferred_tasks import model
from chalicelib.deferred_tasks.model import Status

PAGE, LARGEST_PAGE = 50, 100
_IF_ANY = Field(exclude_if=lambda value: value is None)


def _sized(value: Any) -> Any:
    if len(to_json(value)) > model.MAX_PAYLOAD_BYTES:
        raise ValueError(text("не больше {limit} байт JSON", limit=model.MAX_PAYLOAD_BYTES))
    return value


def _none_if_blank(value: Any) -> Any:
    return None if value == "" else value


TaskType = Annotated[
    str, FILLED, Field(max_length=model.MAX_TYPE_LENGTH, json_schema_extra=LINE), AfterValidator(check_line)
]
MaxAttempts = Annotated[int, Field(strict=True, ge=1, le=100)]
Payload = Annotated[Any, AfterValidator(_sized)]
"""Any JSON, null included, up to 200 KB."""


class DeferredTaskCreate(Input):
    """A new task."""

    execute_at: Instant
    task_type: TaskType
    payload: Payload
    max_attempts: MaxAttempts = DEFERRED_TASK.max_attempts


class DeferredTaskPatch(Input):
    """Changed fields of a pending task. `execute_at` null means unchanged; `payload` null is a payload."""

    execute_at: Instant | None = None
    payload: Payload = None

    def changes(self) -> dict[str, Any]:
        """Return the fields of the request."""
        sent = self.model_dump(include=self.model_fields_set)
        return {name: value for name, value in sent.items() if name == "payload" or value is not None}


class DeferredTask(Output):
    """A task; those of the last fields that are empty are absent."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)

    id: int
    execute_at: datetime
    task_type: str
    payload: Any
    status: Status
    attempts: int
    max_attempts: int
    created_at: datetime
    updated_at: datetime
    completed_at: Annotated[datetime | None, _IF_ANY] = None
    error_message: Annotated[str | None, _IF_ANY] = None
    next_attempt_at: Annotated[datetime | None, _IF_ANY] = None
    schedule_id: Annotated[str | None, _IF_ANY] = None


class OneDeferredTask(Warned):
    """A task in its envelope; `warnings`: why it will fail, while it waits."""

    task: DeferredTask


class DeferredTasks(ListAnswer):
    """A page of tasks, newest first. `next_cursor` is null on the last one."""

    ITEMS: ClassVar[str] = "tasks"

    tasks: list[DeferredTask]
    total: int
    next_cursor: str | None = None


class DeferredTaskQuery(Input):
    """The list of tasks; `limit` 0 means the default, over 100 means 100."""

    status: Annotated[Status | None, BeforeValidator(_none_if_blank, Status | Literal[""] | None)] = None
    task_type: Annotated[TaskType | None, BeforeValidator(_none_if_blank, TaskType | Literal[""] | None)] = None
    limit: Annotated[int, Field(ge=0)] = PAGE
    offset: Annotated[int, Field(ge=0, le=10**9)] = 0
    cursor: Cursor = None

    @field_validator("limit")
    @classmethod
    def _clamped(cls, value: int) -> int:
        return min(value or PAGE, LARGEST_PAGE)

    def request(self, user_id: int | None) -> PageRequest:
        """Return the query for the listing engine; `user_id`: only tasks of that user."""
        filters = {"status": self.status, "task_type": self.task_type, "user_id": user_id}
        used = {name: value for name, value in filters.items() if value is not None}
        return PageRequest(self.limit, self.offset, filters=used, cursor=self.cursor)


class TaskAttempt(Output):
    """One start of a task: `finished_at` is null while it runs, `error` when it succeeded."""

    number: int
    started_at: datetime
    finished_at: datetime | None
    error: str | None
    result: dict[str, Any] | None


class TaskAttempts(Output):
    """The starts of a task, oldest first; the last hundred."""

    attempts: list[TaskAttempt]
    total: int


class RetryFilter(Input):
    """Which failed tasks are restarted; without any field, all."""

    task_type: TaskType | None = None
    created_from: Instant | None = None
    created_before: Instant | None = None


class Retried(Output):
    """How many were restarted; `more`: send the request again for the rest."""

    retried: int
    more: bool
