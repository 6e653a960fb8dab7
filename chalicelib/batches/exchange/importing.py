"""The runner of imports: it reads the file to its end, then applies the rows chunk by chunk.

After each chunk the checkpoint of the task has the number of processed rows and their results. The failed rows of the
chunk are stored in the bucket before, under a key made of their position, so a chunk that is repeated after a crash
writes the same object. At the end they become the file of errors, in the format of the import.
"""

import itertools
import json
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any

from chalicelib.background_tasks import model as tasks
from chalicelib.background_tasks.service import Run
from chalicelib.batches.exchange import columns, headings, output, sheets, values
from chalicelib.batches.exchange.applying import Applier, Outcome
from chalicelib.batches.exchange.rows import Reader, Row
from chalicelib.batches.exchange.sheets import Sheet
from chalicelib.core import clock, csv_text, objects
from chalicelib.core.texts import text
from chalicelib.core.threads import own_threads
from chalicelib.core.transactions import transaction
from chalicelib.events import service as events
from chalicelib.files import service as files
from chalicelib.files.model import File

ROWS_PER_CHUNK = 2_000  # a few seconds of work to repeat after a crash
TRANSACTIONS_PER_CHECKPOINT = 20  # of rows that are too large for one transaction
PRODUCTS_PER_CHUNK = 6_000  # a chunk ends with the row that reaches it
CHARACTERS_PER_CHUNK = 8 << 20  # the same, of its cells: two chunks are in memory


@dataclass
class Checkpoint:
    """How many rows of the sheet are processed, their results, and the first rows of chunks with failed ones."""

    rows: int = 0
    total: int = 0
    created: int = 0
    updated: int = 0
    failed: int = 0
    parts: list[int] = field(default_factory=list)
    renamed: dict[str, list[str]] = field(default_factory=dict)  # work centres, see Applier

    def add(self, chunk: Sequence[Row], outcome: Outcome) -> None:
        """Add a processed chunk."""
        self.rows = chunk[-1].number
        self.total += len(chunk)
        self.created += outcome.created
        self.updated += outcome.updated
        self.failed += len(outcome.failed)
        if outcome.failed:
            self.parts.append(chunk[0].number)

    def saved(self) -> dict[str, Any]:
        """Return what is stored. `renamed` is copied in one step, since a thread of the Applier may add to it."""
        return asdict(replace(self, renamed=self.renamed.copy()))


class Progress:
    """Reports the progress of a run within a chunk, whose transactions are sent by several threads."""

    def __init__(self, run: Run, count: int, done: Checkpoint) -> None:
        self._run, self._count, self._done = run, count, done
        self._rows_in_chunk = self._transactions = 0
        self._lock = Lock()

    def tick(self, rows: int) -> None:
        """Count a transaction of `rows` rows; 0: a part of a large row."""
        with self._lock:
            self._rows_in_chunk += rows
            self._transactions += not rows
            current = min(self._done.rows + self._rows_in_chunk, self._count)
            is_checkpoint_due = not rows and self._transactions % TRANSACTIONS_PER_CHECKPOINT == 0
            self._run.progress(current, self._count, self._done.saved() if is_checkpoint_due else None)

    def save(self) -> None:
        """Save the checkpoint after a chunk."""
        self._rows_in_chunk = 0
        self._run.progress(self._done.rows, self._count, self._done.saved())


def run(run: Run) -> None:
    """Import the file of a task."""
    with TemporaryDirectory() as folder:
        source = Path(folder) / "source"
        objects.download(run.params["key"], source)
        sheet = sheets.read(source, run.params["format"], Path(folder), run.renew)
        reader, done = Reader(sheet), Checkpoint(**run.checkpoint)
        run.progress(done.rows, sheet.count)
        _apply_rows(run, reader, sheet.count, done)
        _finish(run, sheet, done, Path(folder))


def _apply_rows(run: Run, reader: Reader, count: int, done: Checkpoint) -> None:
    progress = Progress(run, count, done)
    applier = Applier(
        run.task_id,
        run.task.user_id,
        run.params["update_existing"],
        run.params["dry_run"],
        progress.tick,
        renamed=done.renamed,
    )
    for chunk in _ahead(_chunks(row for row in reader if row.number > done.rows)):
        outcome = applier.apply(chunk)
        if outcome.failed:
            objects.write(_part_key(run, chunk[0].number), "\n".join(map(_to_line, outcome.failed)).encode())
        done.add(chunk, outcome)
        progress.save()


def _ahead(chunks: Iterator[list[Row]]) -> Iterator[list[Row]]:
    """Yield the chunks; the next one is read and validated while this one is applied."""
    with own_threads(1) as pool:
        next_chunk = pool.submit(next, chunks, None)
        while (chunk := next_chunk.result()) is not None:
            next_chunk = pool.submit(next, chunks, None)
            yield chunk


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    chunk: list[Row] = []
    codes = size = 0
    for row in rows:
        chunk.append(row)
        codes += len(row.batch.products) if row.batch else 0
        size += sum(map(len, row.cells))
        if len(chunk) == ROWS_PER_CHUNK or codes >= PRODUCTS_PER_CHUNK or size >= CHARACTERS_PER_CHUNK:
            yield chunk
            chunk, codes, size = [], 0, 0
    if chunk:
        yield chunk


def _finish(run: Run, sheet: Sheet, done: Checkpoint, folder: Path) -> None:
    result: dict[str, Any] = {"success": not done.failed, "total": done.total, "created": done.created}
    result |= {"updated": done.updated, "failed": done.failed, "errors": [], "errors_url": None}
    result |= {"format": sheet.source.format, "sheet": sheet.source.sheet, "file": _about(sheet)}
    result["warnings"] = [_renamed(identifier, *names) for identifier, names in done.renamed.items()]
    file = None
    if done.failed:
        result["errors"] = tasks.first_errors(list(itertools.islice(_errors(run, done), tasks.MAX_RESULT_ERRORS)))
        file = _errors_file(run, sheet, done, folder)
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


def _renamed(identifier: str, name: str, title: str) -> dict[str, str]:
    """Return the warning about a work centre whose name is another one in the file."""
    template = "рабочий центр {identifier} называется «{name}»: название «{title}» из файла не применено"
    warning = text(template, identifier=identifier, name=name, title=title)
    return {"column": "work_center_name", "code": "name_not_changed", "value": title, "warning": warning}


def _about(sheet: Sheet) -> dict[str, Any]:
    """Return what the file was read as; the date order only if it is not that of the documented forms."""
    about = asdict(sheet.source)
    about |= {"header_row": sheet.header_row, "date_order": sheet.usage.order}
    return about | {"ignored_columns": list(sheet.columns.ignored)}


# -- failed rows -----------------------------------------------------------------------------------------------


def _errors_file(run: Run, sheet: Sheet, done: Checkpoint, folder: Path) -> File:
    """Store the failed rows as a sheet to correct and import again: the same columns, and one with the errors.

    A csv file is separated as the imported one was, and in UTF-8 with BOM; a workbook is xlsx. Dates whose reading the
    other rows of the imported file decided are written in ISO 8601, since these rows are not in this file.
    """
    format: output.Format = "csv" if sheet.source.format == "csv" else "xlsx"
    name = text("{name} — ошибки", name=run.params["name"])
    file_id = str(uuid.uuid5(uuid.UUID(run.task_id), "errors"))
    file = files.new(name, format, 1, clock.now(), user_id=run.task.user_id, file_id=file_id)
    known = {place: name for name, place in sheet.columns.positions.items()}
    places = [place for place, cell in enumerate(sheet.header) if cell.strip() and known.get(place) != columns.ERROR]
    cell = _cell_of(sheet, places[-1], format)
    rows = ([*(cell(row["cells"], place) for place in places), _joined(row["errors"])] for row in _failed(run, done))
    header = headings.distinct([*(sheet.header[place].strip() for place in places), headings.error_title(sheet.header)])
    delimiter = sheet.source.delimiter or csv_text.DELIMITERS[0]
    delimiter = delimiter if delimiter in csv_text.DELIMITERS else "\t"  # without `sep=` no other is recognised
    output.write(folder / "errors", format, header, rows, done.failed, delimiter)
    files.put(file, folder / "errors")
    return file


def _cell_of(sheet: Sheet, last: int, format: output.Format) -> Callable[[Sequence[str], int], str]:
    """Return the function for the cell at a place of a row, which may be shorter than the header, or longer."""
    usage, delimiter = sheet.usage, sheet.source.delimiter or ""
    width = len(sheet.header)
    is_decided = usage.order == "month_first" or usage.from_1904
    dates = sheet.places_of_dates if is_decided else ()

    def cell(cells: Sequence[str], place: int) -> str:
        is_rest = place == last and len(cells) > width  # a text with separators and without quotes
        found = delimiter.join(cells[place:]) if is_rest else cells[place] if place < len(cells) else ""
        if place in dates:
            with suppress(values.Unclear):
                found = values.moment(found.strip(), usage)
        return columns.fitting(found) if format == "xlsx" else found

    return cell


def _joined(errors: Iterable[dict[str, Any]]) -> str:
    return "; ".join(
        f"{error['file_column'] or error['column']}: {error['error']}" if error["column"] else error["error"]
        for error in errors
    )


def _errors(run: Run, done: Checkpoint) -> Iterator[dict[str, Any]]:
    return (error for row in _failed(run, done) for error in row["errors"])


def _failed(run: Run, done: Checkpoint) -> Iterator[dict[str, Any]]:
    for part in done.parts:
        run.renew()
        yield from map(json.loads, objects.read(_part_key(run, part)).decode().split("\n"))


def _to_line(row: Row) -> str:
    errors = [asdict(error) for error in row.errors]
    return json.dumps({"cells": row.cells, "errors": errors}, ensure_ascii=False)


def _part_key(run: Run, first: int) -> str:
    return f"work/imports/{run.task_id}/failed-{first}.jsonl"
