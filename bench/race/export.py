"""The race of exports: from the request to the last byte of the file."""

import io
import time
from threading import Event
from typing import Any

import openpyxl

from bench.race import data
from bench.race.side import Side

EVERY_SECONDS = 0.1
_never = Event()


def seconds(side: Side, size: int) -> tuple[float, bytes]:
    """How long an export takes as xlsx, and the file."""
    first, last = data.export_days(size)
    wanted = {"batch_date_from": first.isoformat(), "batch_date_to": last.isoformat()}
    started = time.perf_counter()
    status, task = side.call("POST", "/api/batches/export?format=xlsx", wanted)
    if status != 202:
        raise SystemExit(f"{side.name} refused the export: {status} {task}")
    place = f"/api/background_tasks/{task['task_id']}"
    while (state := side.call("GET", place)[1])["status"] in ("PENDING", "PROGRESS"):
        _never.wait(EVERY_SECONDS)
    if state["status"] != "SUCCESS":
        raise SystemExit(f"the export of {side.name} failed: {state}")
    file = side.download(state["result"]["download_url"])
    return time.perf_counter() - started, file


def compare(ours: bytes, peer: bytes, size: int) -> None:
    """Both files have the same rows, as many as there are batches."""
    mine, other = _rows(ours), _rows(peer)
    if len(mine) != min(size, data.EXPORTED) + 1:
        raise SystemExit(f"the exported file has {len(mine)} rows")
    for row, expected in zip(mine, other, strict=True):
        if row != expected:
            raise SystemExit(f"the exported files differ:\nours: {row}\npeer: {expected}")


def _rows(file: bytes) -> list[tuple[Any, ...]]:
    sheet = openpyxl.load_workbook(io.BytesIO(file), read_only=True).active
    return list(sheet.iter_rows(values_only=True))
