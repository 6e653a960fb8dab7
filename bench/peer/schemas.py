"""What comes in and goes out."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from bench.peer.models import SORTS

Name = Annotated[str, Field(min_length=1, max_length=200)]
Moment = Annotated[datetime, AfterValidator(lambda at: (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC))]


class Output(BaseModel):
    """The base of answers, which are read from rows."""

    model_config = ConfigDict(from_attributes=True)


class WorkCenterCreate(BaseModel):
    """A new work centre."""

    identifier: Name
    name: Name


class WorkCenter(Output):
    """A work centre."""

    uuid: UUID
    created_at: datetime
    updated_at: datetime | None
    identifier: str
    name: str


class ProductAdd(BaseModel):
    """A product to be added."""

    unique_code: Name


class Aggregation(BaseModel):
    """When the products were aggregated; now, when absent."""

    aggregated_at: Moment | None = None


class Product(Output):
    """A product."""

    uuid: UUID
    created_at: datetime
    updated_at: datetime | None
    unique_code: str
    batch_id: UUID
    is_aggregated: bool
    aggregated_at: datetime | None


class BatchCreate(BaseModel):
    """A new batch."""

    task_description: Annotated[str, Field(min_length=1, max_length=10_000)]
    shift: Name
    team: Name
    batch_number: Annotated[int, Field(strict=True, gt=0, le=10**15)]
    batch_date: date
    nomenclature: Name
    ekn_code: Name
    shift_start: Moment
    shift_end: Moment
    work_center_id: UUID

    @model_validator(mode="after")
    def _shift(self) -> Self:
        if self.shift_end <= self.shift_start:
            raise ValueError("shift_end must be after shift_start")
        return self


class ShiftTimeRange(BaseModel):
    """The shift of a batch."""

    start: datetime
    end: datetime


class Batch(Output):
    """A batch with its products."""

    uuid: UUID
    created_at: datetime
    updated_at: datetime | None
    is_closed: bool
    closed_at: datetime | None
    task_description: str
    shift: str
    team: str
    batch_number: int
    batch_date: date
    nomenclature: str
    ekn_code: str
    shift_time_range: ShiftTimeRange
    work_center_id: UUID
    products: list[Product]
    products_total: int


class BatchFilters(BaseModel):
    """Which batches."""

    is_closed: bool | None = None
    batch_number: Annotated[int | None, Field(gt=0, le=10**15)] = None
    batch_date: date | None = None
    batch_date_from: date | None = None
    batch_date_to: date | None = None
    work_center_id: UUID | None = None
    shift: Name | None = None


class BatchQuery(BatchFilters):
    """A page of the list of batches."""

    limit: Annotated[int, Field(ge=1, le=100)] = 25
    offset: Annotated[int, Field(ge=0)] = 0
    sort_field: Literal[SORTS] = "created_at"  # type: ignore[valid-type]
    sort_direction: Literal["ASC", "DESC"] = "DESC"


class BatchPage(BaseModel):
    """A page of batches."""

    items: list[Batch]
    total: int
    limit: int
    offset: int


class Accepted(BaseModel):
    """A background task that was started."""

    task_id: UUID
    status: str
    message: str


class TaskState(BaseModel):
    """A background task."""

    task_id: UUID
    status: str
    result: dict[str, Any] | None
