"""Request and response models of sagas."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from chalicelib.core.fields import Cursor, Input, ListAnswer, Output
from chalicelib.reports.model import SagaStatus, StepStatus
from chalicelib.reports.schemas import ListQuery


class SagaQuery(ListQuery):
    """The query of the list of sagas, newest first."""

    status: SagaStatus | None = None


class StepView(Output):
    """A step of a saga."""

    id: int
    name: str
    status: StepStatus
    attempts: int
    started_at: datetime | None
    completed_at: datetime | None
    error: str | None


class SagaView(Output):
    """A saga with its steps."""

    saga_id: UUID
    report_id: int
    status: SagaStatus
    steps: list[StepView]
    created_at: datetime
    updated_at: datetime | None
    completed_at: datetime | None
    error: str | None


class Sagas(ListAnswer):
    """A page of sagas."""

    ITEMS: ClassVar[str] = "sagas"

    sagas: list[SagaView]
    total: int
    page: int
    limit: int
    next_cursor: str | None = None


class SagaProgress(Output):
    """The progress of a saga."""

    saga_id: UUID
    status: SagaStatus
    total_steps: int
    completed_steps: int
    failed_steps: int
    compensated_steps: int
    progress_percent: int
    current_step: str | None


class SagaChanged(Output):
    """A saga that was cancelled or retried."""

    saga_id: UUID
    report_id: int
    status: SagaStatus
    message: str


class SagaEvent(Output):
    """An event of a saga."""

    id: UUID
    event: str
    occurred_at: datetime
    data: dict[str, Any]


class SagaEvents(ListAnswer):
    """The events of a saga, oldest first. `next_cursor` is set when a response cannot hold all of them."""

    ITEMS: ClassVar[str] = "events"

    saga_id: UUID
    events: list[SagaEvent]
    total: int
    next_cursor: str | None = None


class SagaEventQuery(Input):
    """The query of the events of a saga."""

    cursor: Cursor = None
