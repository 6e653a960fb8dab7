"""The queries on batches and their products."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import HTTPException
from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from bench.peer.models import Batch, Product, now
from bench.peer.schemas import BatchCreate, BatchFilters, BatchQuery

REFUSALS = {
    "work_center_identifier": (409, "Рабочий центр с таким идентификатором уже существует"),
    "batch_number_date": (409, "Партия с таким номером на эту дату уже существует"),
    "batch_work_center": (404, "Рабочий центр не найден"),
    "product_code": (409, "Продукт с таким кодом уже есть в партии"),
}


async def commit(session: AsyncSession) -> None:
    """Write what has changed; a violated constraint becomes the answer that it stands for."""
    try:
        await session.commit()
    except IntegrityError as error:
        name = getattr(getattr(error.orig, "__cause__", None), "constraint_name", None)
        if name not in REFUSALS:
            raise
        raise HTTPException(*REFUSALS[name]) from error


async def create(session: AsyncSession, body: BatchCreate) -> Batch:
    """Create an open batch."""
    batch = Batch(**body.model_dump(), products=[])
    session.add(batch)
    await commit(session)
    return batch


async def get(session: AsyncSession, batch_id: UUID) -> Batch:
    """One batch with its products."""
    return await _one(session, select(Batch).where(Batch.uuid == batch_id).options(selectinload(Batch.products)))


async def page(session: AsyncSession, query: BatchQuery) -> tuple[Sequence[Batch], int]:
    """A page of batches with their products, and how many the filters match."""
    wanted = conditions(query)
    total = await session.scalar(select(func.count()).select_from(Batch).where(*wanted))
    found = await session.scalars(
        select(Batch)
        .where(*wanted)
        .order_by(*_order(query))
        .limit(query.limit)
        .offset(query.offset)
        .options(selectinload(Batch.products))
    )
    return found.all(), total or 0


async def add_product(session: AsyncSession, batch_id: UUID, unique_code: str) -> Batch:
    """Add a product to an open batch."""
    batch = await _locked(session, batch_id)
    batch.products.append(Product(unique_code=unique_code))
    batch.updated_at = now()
    await commit(session)
    return batch


async def aggregate(session: AsyncSession, batch_id: UUID, aggregated_at: datetime | None) -> Batch:
    """Mark the products of an open batch as aggregated; those that are already keep their time."""
    at = now()
    batch = await _locked(session, batch_id)
    await session.execute(
        update(Product)
        .where(Product.batch_id == batch_id, Product.is_aggregated.is_(False))
        .values(is_aggregated=True, aggregated_at=aggregated_at or at, updated_at=at)
        .execution_options(synchronize_session="evaluate")
    )
    batch.updated_at = at
    await commit(session)
    return batch


def conditions(filters: BatchFilters) -> list[ColumnElement[bool]]:
    """The conditions that the filters stand for."""
    values = filters.model_dump(include=set(BatchFilters.model_fields), exclude_none=True)
    found: list[ColumnElement[bool]] = []
    for name, value in values.items():
        if name == "batch_date_from":
            found.append(Batch.batch_date >= value)
        elif name == "batch_date_to":
            found.append(Batch.batch_date <= value)
        else:
            found.append(getattr(Batch, name) == value)
    return found


def _order(query: BatchQuery) -> list[ColumnElement[Any]]:
    """By the field, then by time and id; a missing value sorts below every other, as the indexes have it."""
    fields = [getattr(Batch, name) for name in dict.fromkeys([query.sort_field, "created_at", "uuid"])]
    if query.sort_direction == "ASC":
        return [field.asc().nulls_first() if field is Batch.updated_at else field.asc() for field in fields]
    return [field.desc().nulls_last() if field is Batch.updated_at else field.desc() for field in fields]


async def _locked(session: AsyncSession, batch_id: UUID) -> Batch:
    """An open batch with its products, which nobody else closes or changes meanwhile."""
    wanted = select(Batch).where(Batch.uuid == batch_id).with_for_update().options(selectinload(Batch.products))
    batch = await _one(session, wanted)
    if batch.is_closed:
        raise HTTPException(409, "Партия закрыта")
    return batch


async def _one(session: AsyncSession, wanted: Select[Batch]) -> Batch:
    batch = await session.scalar(wanted)
    if batch is None:
        raise HTTPException(404, "Партия не найдена")
    return batch
