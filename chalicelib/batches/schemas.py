"""Request and response models of batches."""

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, ClassVar, Literal, Self
from uuid import UUID

from pydantic import Field, WrapValidator, model_validator

from chalicelib.batches import model
from chalicelib.core.fields import (
    MAX_ITEMS,
    Code,
    Day,
    Flag,
    Input,
    ListQuery,
    LongText,
    Moment,
    Name,
    Output,
    PositiveInt,
    validate_in_parts,
)
from chalicelib.core.paging import PageRequest
from chalicelib.products.schemas import Aggregation, Product

Plan = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
"""The planned number of products."""


class BatchFields(Input):
    """The fields of a batch, without its work centre."""

    task_description: LongText
    shift: Name
    team: Name
    batch_number: PositiveInt
    batch_date: Day
    nomenclature: Name
    ekn_code: Name
    shift_start: Moment
    shift_end: Moment
    planned_quantity: Plan | None = None

    @model_validator(mode="after")
    def _shift(self) -> Self:
        model.check_shift(self.shift_start, self.shift_end)
        return self


class BatchCreate(BatchFields):
    """A new batch."""

    work_center_id: UUID


class BatchPatch(Input):
    """Changes of a batch; null is the same as absent, but removes the plan. `is_closed` closes or reopens."""

    task_description: LongText | None = None
    shift: Name | None = None
    team: Name | None = None
    batch_number: PositiveInt | None = None
    batch_date: Day | None = None
    nomenclature: Name | None = None
    ekn_code: Name | None = None
    shift_start: Moment | None = None
    shift_end: Moment | None = None
    work_center_id: UUID | None = None
    planned_quantity: Plan | None = None
    is_closed: Flag | None = None


class Closing(Input):
    """Closing of a batch; `closed_at` is now when absent."""

    closed_at: Moment | None = None


AddMode = Literal["proceed", "rollback"]
Codes = Annotated[list[Code], Field(max_length=MAX_ITEMS), WrapValidator(validate_in_parts)]


class AddOneQuery(Input):
    """What the answer shows."""

    with_products: bool = True


class AddQuery(Input):
    """How to add many products, unless the body has it."""

    mode: AddMode = "proceed"


class ProductsAdd(Input):
    """Products to add: `proceed` adds those that can be added, `rollback` all or none."""

    unique_codes: Annotated[list[Code], Field(min_length=1, max_length=MAX_ITEMS), WrapValidator(validate_in_parts)]
    mode: AddMode | None = None


CodesTable = Annotated[str, Field(examples=["unique_code\r\nPROD-001\r\n"], json_schema_extra={"format": "binary"})]
"""Codes as csv: one column, or a table whose header names it; a file for generated clients."""


class AggregationTask(Aggregation):
    """The products to aggregate; without codes, all of the batch."""

    unique_codes: Codes | None = None


class ShiftTimeRange(Output):
    """The time of the shift of a batch."""

    start: datetime
    end: datetime


class Batch(Output):
    """A batch with its first products inside.

    `products_total` is the number of its products, `aggregated_total` of the aggregated ones, `planned_quantity` of the
    planned ones.
    """

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
    aggregated_total: int
    planned_quantity: int | None


class BatchFilters(Input):
    """The filters of the list of batches, which an export has too. Indexes and counters of each: `store.BATCHES`."""

    is_closed: bool | None = None
    batch_number: Annotated[int | None, Field(gt=0, le=10**15)] = None
    batch_date: Day | None = None
    batch_date_from: Day | None = None
    batch_date_to: Day | None = None
    work_center_id: UUID | None = None
    shift: Name | None = None


class BatchQuery(BatchFilters, ListQuery):
    """The list of batches."""

    SORTS: ClassVar[tuple[str, ...]] = (
        "created_at",
        "updated_at",
        "batch_number",
        "batch_date",
        "shift",
        "team",
        "is_closed",
    )
    DISPLAY_OPTIONS: ClassVar[frozenset[str]] = frozenset({"with_products"})

    with_products: bool = True
    running: bool = False
    """Only batches whose shift has begun and not ended, at most the 200 whose shift ends first."""

    def request(self) -> PageRequest:
        """Return the request without `running`, which is no filter of the list (running.py)."""
        request = super().request()
        return replace(request, filters={name: value for name, value in request.filters.items() if name != "running"})


class WorkCenterDelete(Input):
    """How to delete a work centre: with its batches, or only when it has none."""

    cascade: bool = False
