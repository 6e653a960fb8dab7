"""What travels about products."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from chalicelib.core.fields import Code, Input, ListQuery, Moment, Output


class ProductAdd(Input):
    """A product to be added to a batch."""

    unique_code: Code


class Aggregation(Input):
    """When it was aggregated; now, when absent."""

    aggregated_at: Moment | None = None


class Product(Output):
    """A product as clients see it."""

    uuid: UUID
    created_at: datetime
    updated_at: datetime | None
    unique_code: str
    batch_id: UUID
    is_aggregated: bool
    aggregated_at: datetime | None


class ProductQuery(ListQuery):
    """The list of products; `unique_code` finds a code in all batches."""

    SORTS: ClassVar[tuple[str, ...]] = ("created_at", "updated_at", "unique_code", "is_aggregated", "aggregated_at")

    batch_id: UUID | None = None
    unique_code: Code | None = None
    is_aggregated: bool | None = None
