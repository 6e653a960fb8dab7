"""The two long steps: collecting data into a file of lines, and rendering the report from it.

Neither keeps rows in memory. Both tell how far they are at least every two seconds or every 5 %, and that is also how
they learn that nobody wants the result any more: the telling raises Superseded.
"""

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from chalicelib.core import clock, objects
from chalicelib.core.later_work import Heartbeat
from chalicelib.reports import files, model, store
from chalicelib.reports.layouts import BUILT_IN, Heading, Row
from chalicelib.reports.model import Saga
from chalicelib.reports.render import render
from chalicelib.reports.store import ReportItem
from chalicelib.users import service as users

SECONDS, SHARE = 2.0, 0.05  # how often progress is told


class Progress:
    """Tells the saga how much of its running step is done; never less than it said before."""

    def __init__(self, saga: Saga, total: int = 0) -> None:
        self.total = total
        self._saga, self._heartbeat = saga, Heartbeat(SECONDS, SHARE, saga.share)

    def __call__(self, done: int) -> None:
        share = min(model.NEARLY, done / self.total) if self.total else 0.0
        share = max(share, self._heartbeat.share or 0.0)
        if self._heartbeat.is_due(share):
            store.save_share(self._saga, share)
            self._heartbeat.written(share)


class _Lines:
    """The sink of a layout: rows as lines of JSON."""

    def __init__(self, file: IO[str], progress: Progress) -> None:
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
    """Collect the data: the first line is the summary, every other one a row. Returns where they are."""
    plan, user = saga.notes["plan"], users.get(saga.user_id)
    with TemporaryDirectory() as folder:
        rows, whole = Path(folder) / "rows", Path(folder) / "data"
        with rows.open("w", encoding="utf-8") as file:
            lines = _Lines(file, Progress(saga))
            owner = None if user.sees_all else user
            summary = BUILT_IN[plan["layout"]].collect(plan["parameters"], lines, owner)
        summary["collected_at"] = clock.to_text(clock.now())
        with whole.open("w", encoding="utf-8") as file, rows.open(encoding="utf-8") as body:
            file.write(json.dumps(summary, ensure_ascii=False) + "\n")
            shutil.copyfileobj(body, file)
        stored = objects.upload(whole, files.data_key(saga, attempt), "application/x-ndjson")
    return {"key": stored.key, "rows": lines.rows}


def generate(saga: Saga, report: ReportItem, attempt: int) -> dict[str, Any]:
    """Render the collected data; returns where the file is, its size and MD5."""
    data, layout = saga.notes["data"], BUILT_IN[saga.notes["plan"]["layout"]]
    with TemporaryDirectory() as folder:
        source, target = Path(folder) / "data", Path(folder) / "report"
        objects.download(data["key"], source)
        with source.open(encoding="utf-8") as file:
            summary = json.loads(file.readline())
            document = layout.compose(_heading(report, summary["collected_at"]), summary, _rows(file))
            render(document, saga.format, target, Progress(saga, data["rows"]))
        kind = objects.CONTENT_TYPES[saga.format]
        return asdict(objects.upload(target, files.draft_key(saga, attempt), kind))


def _rows(file: IO[str]) -> Iterator[Row]:
    return (json.loads(line) for line in file)


def _heading(report: ReportItem, collected_at: str) -> Heading:
    meta = {"Отчет": f"№ {report.number}", "Создал": users.get(int(report.user_id)).name}
    return Heading(report.name, report.description, clock.from_text(collected_at), meta)
