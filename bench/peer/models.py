"""The tables. The list of batches has an index for each field that it is sorted or filtered by."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, BigInteger, Date, DateTime, ForeignKey, Index, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


def now() -> datetime:
    """The current instant."""
    return datetime.now(UTC)


class Base(DeclarativeBase):
    """What all tables share: texts without a limit, times with a zone."""

    type_annotation_map = {str: Text, int: BigInteger, date: Date, datetime: DateTime(timezone=True), UUID: Uuid}


class Timed:
    """An id and the times of creation and change."""

    uuid: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime | None]


class WorkCenter(Timed, Base):
    """A work centre."""

    __tablename__ = "work_centers"
    __table_args__ = (UniqueConstraint("identifier", name="work_center_identifier"),)

    identifier: Mapped[str]
    name: Mapped[str]


class Product(Timed, Base):
    """A product of a batch."""

    __tablename__ = "products"
    __table_args__ = (UniqueConstraint("batch_id", "unique_code", name="product_code"),)

    unique_code: Mapped[str]
    batch_id: Mapped[UUID] = mapped_column(ForeignKey("batches.uuid", ondelete="CASCADE"))
    is_aggregated: Mapped[bool] = mapped_column(default=False)
    aggregated_at: Mapped[datetime | None]


class Batch(Timed, Base):
    """A batch."""

    __tablename__ = "batches"

    is_closed: Mapped[bool] = mapped_column(default=False)
    closed_at: Mapped[datetime | None]
    task_description: Mapped[str]
    shift: Mapped[str]
    team: Mapped[str]
    batch_number: Mapped[int]
    batch_date: Mapped[date]
    nomenclature: Mapped[str]
    ekn_code: Mapped[str]
    shift_start: Mapped[datetime]
    shift_end: Mapped[datetime]
    work_center_id: Mapped[UUID] = mapped_column(ForeignKey("work_centers.uuid", name="batch_work_center"))

    work_center: Mapped[WorkCenter] = relationship()
    products: Mapped[list[Product]] = relationship(order_by=(Product.created_at, Product.uuid))

    @property
    def shift_time_range(self) -> dict[str, datetime]:
        """The shift as the API shows it."""
        return {"start": self.shift_start, "end": self.shift_end}

    @property
    def products_total(self) -> int:
        """How many products there are."""
        return len(self.products)


class BackgroundTask(Timed, Base):
    """An export that is to be done, runs or has ended."""

    __tablename__ = "background_tasks"

    status: Mapped[str] = mapped_column(default="PENDING")
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON)


SORTS = ("created_at", "updated_at", "batch_number", "batch_date", "shift", "team", "is_closed")

_order = (Batch.created_at, Batch.uuid)
UniqueConstraint(Batch.batch_number, Batch.batch_date, name="batch_number_date")
Index("batches_created_at", *_order)
Index("batches_updated_at", Batch.updated_at.asc().nulls_first(), *_order)
for _name in (*SORTS[2:], "work_center_id"):
    Index(f"batches_{_name}", getattr(Batch, _name), *_order)
