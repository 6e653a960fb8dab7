"""Request and response models of the trace of a product code."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from chalicelib.batches.schemas import ShiftTimeRange
from chalicelib.core.fields import Code, Cursor, Input, ListAnswer, Output
from chalicelib.events.schemas import LoggedEvent
from chalicelib.reports.model import ReportStatus


class TraceQuery(Input):
    """A product code as it was scanned; the newest products with it come first."""

    code: Code
    limit: Annotated[int, Field(ge=1, le=25)] = 10
    cursor: Cursor = None


class WorkCenterName(Output):
    """A work centre with identifier and name."""

    uuid: UUID
    identifier: str
    name: str


class PersonName(Output):
    """A user by number and name."""

    id: int
    name: str


class TracedBatch(Output):
    """The batch of a product. `work_center` is null when it was deleted."""

    uuid: UUID
    batch_number: int
    batch_date: date
    shift: str
    team: str
    nomenclature: str
    ekn_code: str
    shift_time_range: ShiftTimeRange
    is_closed: bool
    closed_at: datetime | None
    work_center: WorkCenterName | None


class TracedReport(Output):
    """A report on the batch: made by a saga (`report`) or in the request (`batch_report`)."""

    kind: Literal["report", "batch_report"]
    id: int | None
    name: str | None
    status: ReportStatus
    format: str
    created_at: datetime
    download_url: str | None
    expires_at: datetime | None


class TracedProduct(Output):
    """A product with the code. `added_by` and `aggregated_by` are null when not recorded, or for a deleted user.

    `events`: those of the batch, newest first, without the events of other products. `events_complete` is false when
    the batch has older events that were not read.
    """

    product_id: UUID
    unique_code: str
    batch: TracedBatch
    added_at: datetime
    added_by: PersonName | None
    is_aggregated: bool
    aggregated_at: datetime | None
    aggregated_by: PersonName | None
    events: list[LoggedEvent]
    events_complete: bool
    reports: list[TracedReport]


class Trace(ListAnswer):
    """The products with a code, one for each batch. `next_cursor` is null on the last page."""

    code: str
    items: list[TracedProduct]
    total: int
    limit: int
    next_cursor: str | None = None
