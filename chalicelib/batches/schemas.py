"""What travels about batches."""

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
"""How many products are to be made."""


class BatchFields(Input):
    """What is said about a batch, its work centre apart."""

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
    """What changes; null is the same as absent, but takes the plan away. `is_closed` closes or reopens."""

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
    """When it was closed; now, when absent."""

    closed_at: Moment | None = None


AddMode = Literal["proceed", "rollback"]
Codes = Annotated[list[Code], Field(max_length=MAX_ITEMS), WrapValidator(validate_in_parts)]


class AddQuery(Input):
    """How to add many products, when the body does not say."""

    mode: AddMode = "proceed"


class ProductsAdd(Input):
    """Products to be added: `proceed` adds what can be added, `rollback` all or nothing."""

    unique_codes: Annotated[list[Code], Field(min_length=1, max_length=MAX_ITEMS), WrapValidator(validate_in_parts)]
    mode: AddMode | None = None


CodesTable = Annotated[str, Field(examples=["unique_code\r\nPROD-001\r\n"])]
"""Codes as csv: one column, or a table whose header names it."""


class AggregationTask(Aggregation):
    """Which products to aggregate; all of the batch, when no codes are given."""

    unique_codes: Codes | None = None


class ShiftTimeRange(Output):
    """The shift the batch is made in."""

    start: datetime
    end: datetime


class Batch(Output):
    """A batch as clients see it, with its first products inside.

    `products_total` says how many there are, `aggregated_total` how many of them are aggregated, `planned_quantity` how
    many are to be made.
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


class BatchQuery(ListQuery):
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
    SHOWING: ClassVar[frozenset[str]] = frozenset({"with_products"})

    with_products: Annotated[bool, Field(description="Показывать первые 100 продуктов каждой партии")] = True
    is_closed: bool | None = None
    batch_number: Annotated[int | None, Field(gt=0, le=10**15)] = None
    batch_date: Day | None = None
    batch_date_from: Day | None = None
    batch_date_to: Day | None = None
    work_center_id: UUID | None = None
    shift: Name | None = None
    running: bool = False
    """Only those whose shift has begun and not ended, at most the 200 whose shift ends first."""

    def request(self) -> PageRequest:
        """The same: which shifts run is no filter of the engine."""
        request = super().request()
        return replace(request, filters={name: value for name, value in request.filters.items() if name != "running"})


class WorkCenterDelete(Input):
    """How to delete a work centre: with its batches, or only when it has none."""

    cascade: bool = False
