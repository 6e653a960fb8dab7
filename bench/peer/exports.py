"""Exports: a background task reads the batches and writes a file, which is then downloaded."""

import asyncio
import csv
import json
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import xlsxwriter
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from bench.peer.batches import conditions
from bench.peer.database import EXPORTS, sessions
from bench.peer.models import BackgroundTask, Batch, now
from bench.peer.schemas import BatchFilters

HEADER = [
    "batch_number", "batch_date", "nomenclature", "ekn_code", "shift", "team", "task_description", "shift_start",
    "shift_end", "work_center_identifier", "work_center_name", "is_closed", "closed_at", "uuid", "created_at",
    "updated_at", "products",
]  # fmt: skip
ROWS = 1_000  # read at once


async def run(task_id: UUID, format: str, filters: BatchFilters) -> None:
    """Export the batches that the filters match."""
    wanted = (
        select(Batch)
        .where(*conditions(filters))
        .order_by(Batch.created_at, Batch.uuid)
        .options(joinedload(Batch.work_center), selectinload(Batch.products))
        .execution_options(yield_per=ROWS)
    )
    async with sessions() as session:
        rows = [_row(batch) async for batch in await session.stream_scalars(wanted)]
    target = EXPORTS / f"{task_id}.{format}"
    await asyncio.to_thread(_write_xlsx if format == "xlsx" else _write_csv, target, rows)
    async with sessions() as session:
        task = await session.get_one(BackgroundTask, task_id)
        task.status, task.updated_at = "SUCCESS", now()
        task.result = {"file_id": str(task_id), "download_url": f"/api/reports/{task_id}", "total": len(rows)}
        await session.commit()


def file_of(task_id: UUID) -> Path | None:
    """The file of a finished export."""
    return next(EXPORTS.glob(f"{task_id}.*"), None)


def _row(batch: Batch) -> list[Any]:
    return [
        batch.batch_number, batch.batch_date, batch.nomenclature, batch.ekn_code, batch.shift, batch.team,
        batch.task_description, _text(batch.shift_start), _text(batch.shift_end), batch.work_center.identifier,
        batch.work_center.name, batch.is_closed, _text(batch.closed_at), str(batch.uuid), _text(batch.created_at),
        _text(batch.updated_at), json.dumps([product.unique_code for product in batch.products], ensure_ascii=False),
    ]  # fmt: skip


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None


def _write_xlsx(target: Path, rows: Sequence[Sequence[Any]]) -> None:
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(target, options)
    sheet, day, bold = book.add_worksheet("Партии"), book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format()
    bold.set_bold()
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(HEADER) - 1, 22)
    sheet.write_row(0, 0, HEADER, bold)
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            if isinstance(value, date):
                sheet.write_datetime(number, column, value, day)
            else:
                sheet.write(number, column, value)
    book.close()


def _write_csv(target: Path, rows: Sequence[Sequence[Any]]) -> None:
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for row in rows:
            writer.writerow([str(value).lower() if isinstance(value, bool) else value for value in row])
