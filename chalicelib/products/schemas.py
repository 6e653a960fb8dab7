"""Request and response models of products."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from chalicelib.core.fields import Code, Input, ListQuery, Moment, Output


class ProductAdd(Input):
    """A product to add to a batch."""

    unique_code: Code


class Aggregation(Input):
    """Aggregation; `aggregated_at` is now when absent."""

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


class ProductQuery(ListQuery):
    """The list of products; `unique_code` finds a code in all batches."""

    SORTS: ClassVar[tuple[str, ...]] = ("created_at", "updated_at", "unique_code", "is_aggregated", "aggregated_at")

    batch_id: UUID | None = None
    unique_code: Code | None = None
    is_aggregated: bool | None = None
