"""The runner of imports: the file is read to its end, then its rows are done a chunk at a time.

After each chunk the task's checkpoint says which rows are done and how many went which way. The rows of the chunk that
failed lie in the bucket by then, under a key made of their place, so a chunk that is done again after a kill writes the
same object. At the end they become the file of errors, in the format of the import.
"""

import itertools
import json
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any

from chalicelib.background_tasks import model as tasks
from chalicelib.background_tasks.service import Run
from chalicelib.batches.exchange import columns, output, sheets
from chalicelib.batches.exchange.applying import Applier, Outcome
from chalicelib.batches.exchange.rows import Reader, Row
from chalicelib.core import clock, objects
from chalicelib.core.threads import own_threads
from chalicelib.core.transactions import transaction
from chalicelib.events import service as events
from chalicelib.files import service as files
from chalicelib.files.model import File

CHUNK = 2_000  # rows: a few seconds of work, which a run that died leaves to be done again
TICKS = 20  # parts of large rows between two looks at the time
CODES = 6_000  # products of a chunk, after which no row is added to it


@dataclass
class Done:
    """The checkpoint: how many rows of the sheet are done, what became of them, where those are that failed."""

    rows: int = 0
    total: int = 0
    created: int = 0
    updated: int = 0
    failed: int = 0
    parts: list[int] = field(default_factory=list)

    def add(self, chunk: Sequence[Row], outcome: Outcome) -> None:
        """A chunk is done."""
        self.rows = chunk[-1].number
        self.total += len(chunk)
        self.created += outcome.created
        self.updated += outcome.updated
        self.failed += len(outcome.failed)
        if outcome.failed:
            self.parts.append(chunk[0].number)


class Meter:
    """Tells the progress of a run inside of a chunk, whose transactions are under way in several threads."""

    def __init__(self, run: Run, count: int, done: Done) -> None:
        self._run, self._count, self._done = run, count, done
        self._ticks = self._inside = 0
        self._lock = Lock()

    def tick(self, rows: int) -> None:
        """A transaction is through, and with it so many rows; none, when it was a part of a large one."""
        with self._lock:
            self._inside += rows
            self._ticks += not rows
            current, part = min(self._done.rows + self._inside, self._count), self._ticks % TICKS == 0 and not rows
            self._run.progress(current, self._count, asdict(self._done) if part else None)

    def save(self) -> None:
        """A chunk is through: the next run goes on here."""
        self._inside = 0
        self._run.progress(self._done.rows, self._count, asdict(self._done))


def run(run: Run) -> None:
    """Import the file of a task."""
    with TemporaryDirectory() as folder:
        source = Path(folder) / "source"
        objects.download(run.params["key"], source)
        sheet = sheets.read(source, run.params["format"], Path(folder), run.renew)
        reader, done = Reader(sheet), Done(**run.checkpoint)
        run.progress(done.rows, sheet.count)
        _do_rows(run, reader, sheet.count, done)
        _finish(run, reader, done, Path(folder), sheet.name)


def _do_rows(run: Run, reader: Reader, count: int, done: Done) -> None:
    meter = Meter(run, count, done)
    applier = Applier(run.task_id, run.task.user_id, run.params["update_existing"], run.params["dry_run"], meter.tick)
    for chunk in _ahead(_chunks(row for row in reader if row.number > done.rows)):
        outcome = applier.apply(chunk)
        if outcome.failed:
            objects.write(_part_key(run, chunk[0].number), "\n".join(map(_to_line, outcome.failed)).encode())
        done.add(chunk, outcome)
        meter.save()


def _ahead(chunks: Iterator[list[Row]]) -> Iterator[list[Row]]:
    """The same chunks; the next one is read and validated while the tables are busy with this one."""
    with own_threads(1) as pool:
        coming = pool.submit(next, chunks, None)
        while (chunk := coming.result()) is not None:
            coming = pool.submit(next, chunks, None)
            yield chunk


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    chunk: list[Row] = []
    codes = 0
    for row in rows:
        chunk.append(row)
        codes += len(row.batch.products) if row.batch else 0
        if len(chunk) == CHUNK or codes >= CODES:
            yield chunk
            chunk, codes = [], 0
    if chunk:
        yield chunk


def _finish(run: Run, reader: Reader, done: Done, folder: Path, sheet: str | None) -> None:
    result: dict[str, Any] = {"success": not done.failed, "total": done.total, "created": done.created}
    result |= {"updated": done.updated, "failed": done.failed, "errors": [], "errors_url": None}
    result |= {"format": run.params["format"], "sheet": sheet}
    file = None
    if done.failed:
        result["errors"] = tasks.first_errors(list(itertools.islice(_errors(run, done), tasks.MAX_RESULT_ERRORS)))
        file = _errors_file(run, reader, done, folder)
        result["errors_url"] = file.download_url
    with transaction() as tx:
        run.succeed(tx, result)
        if file:
            files.register(tx, file)
        if not run.params["dry_run"]:
            about = {name: result[name] for name in ("created", "updated", "failed")}
            about |= {"task_id": run.task_id, "total_rows": done.total}
            name = "batch.import_completed"
            about["update_existing"] = run.params["update_existing"]
            events.record(tx, name, f"import#{run.task_id}", clock.now(), **about)


# -- rows that failed -----------------------------------------------------------------------------------------------


def _errors_file(run: Run, reader: Reader, done: Done, folder: Path) -> File:
    """The rows that failed as a sheet to correct and send again: the same columns, and what is wrong in one more."""
    format, name = run.params["format"], f"{run.params['name']} — ошибки"
    file_id = str(uuid.uuid5(uuid.UUID(run.task_id), "errors"))
    file = files.new(name, format, 1, clock.now(), user_id=run.task.user_id, file_id=file_id)
    places = {name: place for place, name in enumerate(reader.header) if name and name.lower() != columns.ERROR}
    rows = (
        [*(_cell(row["cells"], place) for place in places.values()), _told(row["errors"])] for row in _failed(run, done)
    )
    output.write(folder / "errors", format, [*places, columns.ERROR], rows, done.failed)
    files.put(file, folder / "errors")
    return file


def _cell(cells: Sequence[str], place: int) -> str:
    """What stands in a place of a row, which may be shorter than the header."""
    return columns.fitting(cells[place]) if place < len(cells) else ""


def _told(errors: Iterable[dict[str, Any]]) -> str:
    return "; ".join(f"{error['column']}: {error['error']}" if error["column"] else error["error"] for error in errors)


def _errors(run: Run, done: Done) -> Iterator[dict[str, Any]]:
    return (error for row in _failed(run, done) for error in row["errors"])


def _failed(run: Run, done: Done) -> Iterator[dict[str, Any]]:
    for part in done.parts:
        run.renew()
        yield from map(json.loads, objects.read(_part_key(run, part)).decode().split("\n"))


def _to_line(row: Row) -> str:
    errors = [error.model_dump() for error in row.errors]
    return json.dumps({"cells": row.cells, "errors": errors}, ensure_ascii=False)


def _part_key(run: Run, first: int) -> str:
    return f"work/imports/{run.task_id}/failed-{first}.jsonl"
