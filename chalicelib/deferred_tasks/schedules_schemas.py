"""Request and response models of schedules."""

from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import AfterValidator, Field, WithJsonSchema, field_validator, model_validator

from chalicelib.core import clock
from chalicelib.core.fields import Cursor, Flag, Input, ListAnswer, Name, Output
from chalicelib.core.paging import PageRequest
from chalicelib.core.retries import DEFERRED_TASK
from chalicelib.core.texts import text
from chalicelib.deferred_tasks import recurrence
from chalicelib.deferred_tasks.recurrence import Overlap
from chalicelib.deferred_tasks.schemas import LARGEST_PAGE, PAGE, MaxAttempts, Payload, TaskType


def _cron(cron: str) -> str:
    recurrence.check_cron(cron, clock.now())
    return " ".join(cron.split())


def _rate(rate: str) -> str:
    recurrence.period(rate)
    return rate


def _zone(name: str) -> str:
    if name not in recurrence.time_zones():
        raise ValueError(text("ожидается часовой пояс IANA, например Europe/Moscow"))
    return name


Cron = Annotated[Name, AfterValidator(_cron), WithJsonSchema({"type": "string", "format": "cron"})]
Rate = Annotated[Name, Field(json_schema_extra={"pattern": recurrence.RATE}), AfterValidator(_rate)]
Zone = Annotated[Name, AfterValidator(_zone), WithJsonSchema({"type": "string", "format": "time-zone"})]


class _Timed(Input):
    cron: Cron | None = None
    rate: Annotated[Rate | None, Field(examples=[None])] = None

    @model_validator(mode="after")
    def _one_timing(self) -> "_Timed":
        if self.cron and self.rate:
            raise ValueError(text("укажите либо cron, либо rate"))
        return self


class ScheduleCreate(_Timed):
    """A new schedule: `cron` in the time zone, or `rate`."""

    name: Name
    task_type: TaskType
    payload: Payload
    max_attempts: MaxAttempts = DEFERRED_TASK.max_attempts
    time_zone: Zone = "UTC"
    overlap: Overlap = "skip"
    paused: Flag = False

    @model_validator(mode="after")
    def _some_timing(self) -> "ScheduleCreate":
        if not (self.cron or self.rate):
            raise ValueError(text("укажите cron или rate"))
        return self


class SchedulePatch(_Timed):
    """Changed fields; null means unchanged, except for `payload`. `cron` replaces `rate`, and vice versa."""

    name: Name | None = None
    task_type: TaskType | None = None
    payload: Payload = None
    max_attempts: MaxAttempts | None = None
    time_zone: Zone | None = None
    overlap: Overlap | None = None
    paused: Flag | None = None

    def changes(self) -> dict[str, Any]:
        """Return the fields of the request."""
        sent = self.model_dump(include=self.model_fields_set)
        return {name: value for name, value in sent.items() if name == "payload" or value is not None}


class ScheduleView(Output):
    """A schedule; `next_run_at` is null while it is paused, by a user or because of `paused_reason`."""

    id: UUID
    name: str
    task_type: str
    payload: Any
    max_attempts: int
    cron: str | None
    rate: str | None
    time_zone: str
    overlap: Overlap
    paused: bool
    paused_reason: str | None
    next_run_at: datetime | None
    last_run_at: datetime | None
    last_task_id: int | None
    runs: int
    skipped: int
    user_id: int
    created_at: datetime
    updated_at: datetime


class OneSchedule(Output):
    """A schedule in its envelope."""

    schedule: ScheduleView


class Schedules(ListAnswer):
    """A page of schedules, newest first. `next_cursor` is null on the last one."""

    ITEMS: ClassVar[str] = "schedules"

    schedules: list[ScheduleView]
    total: int
    next_cursor: str | None = None


class ScheduleQuery(Input):
    """The list of schedules; `limit` 0 means the default, over 100 means 100."""

    task_type: TaskType | None = None
    paused: bool | None = None
    limit: Annotated[int, Field(ge=0)] = PAGE
    offset: Annotated[int, Field(ge=0, le=10**9)] = 0
    cursor: Cursor = None

    @field_validator("limit")
    @classmethod
    def _clamped(cls, value: int) -> int:
        return min(value or PAGE, LARGEST_PAGE)

    def request(self) -> PageRequest:
        """Return the query for the listing engine."""
        filters = {"task_type": self.task_type, "paused": self.paused}
        used = {name: value for name, value in filters.items() if value is not None}
        return PageRequest(self.limit, self.offset, filters=used, cursor=self.cursor)
