"""The two long steps of a saga: collect the data into a file of lines, and render the report from it.

Collecting holds no rows in memory; rendering holds what the format needs, of a PDF all pages (render/pdf.py). Both save
their progress every two seconds or 5 %, whichever comes first. Saving raises Superseded when the saga's version has
changed since the attempt began, and that ends the step.
"""

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from chalicelib.core import clock, objects
from chalicelib.core.later_work import Heartbeat
from chalicelib.core.texts import text
from chalicelib.reports import branding, files, model, store
from chalicelib.reports.layouts import BUILT_IN, Heading, Row
from chalicelib.reports.layouts.layout import zone_of
from chalicelib.reports.model import Saga
from chalicelib.reports.render import render
from chalicelib.reports.store import ReportItem
from chalicelib.users import service as users

SAVE_INTERVAL_SECONDS, SAVE_INTERVAL_SHARE = 2.0, 0.05  # between two writes of the progress


class ProgressWriter:
    """Saves the finished share of the running step; it never becomes less."""

    def __init__(self, saga: Saga, total: int = 0) -> None:
        self.total = total
        self._saga, self._heartbeat = saga, Heartbeat(SAVE_INTERVAL_SECONDS, SAVE_INTERVAL_SHARE, saga.share)

    def __call__(self, done: int) -> None:
        share = min(model.MAX_RUNNING_SHARE, done / self.total) if self.total else 0.0
        share = max(share, self._heartbeat.share or 0.0)
        if self._heartbeat.is_due(share):
            store.save_share(self._saga, share)
            self._heartbeat.written(share)


class _LineFile:
    """The sink of a layout that writes rows as lines of JSON."""

    def __init__(self, file: IO[str], progress: ProgressWriter) -> None:
        self.rows = 0
        self._file, self._progress = file, progress

    def expect(self, total: int) -> None:
        self._progress.total = total

    def add(self, row: Row) -> None:
        self._file.write(json.dumps(row, ensure_ascii=False) + "\n")
        self.rows += 1
        if self.rows % 100 == 0:
            self._progress(self.rows)


def collect(saga: Saga, attempt: int) -> dict[str, Any]:
    """Collect the data into a file in S3: its first line is the summary, each other line a row.

    Returns the `data` notes of the saga: the key of the file and the number of rows.
    """
    plan, user = saga.notes["plan"], users.get(saga.user_id)
    with TemporaryDirectory() as folder:
        rows, target = Path(folder) / "rows", Path(folder) / "data"
        with rows.open("w", encoding="utf-8") as file:
            lines = _LineFile(file, ProgressWriter(saga))
            owner = None if user.sees_all else user
            summary = BUILT_IN[plan["layout"]].collect(plan["parameters"], lines, owner)
        summary["collected_at"] = clock.to_text(clock.now())
        with target.open("w", encoding="utf-8") as file, rows.open(encoding="utf-8") as body:
            file.write(json.dumps(summary, ensure_ascii=False) + "\n")
            shutil.copyfileobj(body, file)
        stored = objects.upload(target, files.data_key(saga, attempt), "application/x-ndjson")
    return {"key": stored.key, "rows": lines.rows}


def generate(saga: Saga, report: ReportItem, attempt: int) -> dict[str, Any]:
    """Render the collected data into a file in S3; returns the `draft` notes: its key, size and MD5."""
    data, layout = saga.notes["data"], BUILT_IN[saga.notes["plan"]["layout"]]
    with TemporaryDirectory() as folder:
        source, target = Path(folder) / "data", Path(folder) / "report"
        objects.download(data["key"], source)
        with source.open(encoding="utf-8") as file:
            summary = json.loads(file.readline())
            document = layout.compose(_heading(saga, report, summary["collected_at"]), summary, _rows(file))
            if saga.format == "csv":
                document = replace(document, table=layout.table_of(saga.notes["plan"]["parameters"]))
            render(document, saga.format, target, ProgressWriter(saga, data["rows"]))
        kind = objects.CONTENT_TYPES[saga.format]
        return asdict(objects.upload(target, files.draft_key(saga, attempt), kind))


def _rows(file: IO[str]) -> Iterator[Row]:
    return (json.loads(line) for line in file)


def _heading(saga: Saga, report: ReportItem, collected_at: str) -> Heading:
    meta = {text("Отчет"): f"№ {report.number}", text("Создал"): users.get(int(report.user_id)).name}
    zone = zone_of(saga.notes["plan"]["parameters"])
    at, brand = clock.from_text(collected_at), (branding.company(), branding.logo())
    return Heading(report.name, report.description, at, meta, zone, *brand)
