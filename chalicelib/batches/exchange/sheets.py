"""Reading sheets: a file becomes a file of rows, each a list of texts, that is read row by row.

The rows are written to a local file first (row_file.py). So a file that cannot be read to its end is refused before it
is imported, the number of rows is known, and the memory of the worker does not grow with the file. For workbooks
another process writes it (workbook.py has the reason). csv is in any encoding of core/encodings.py, separated by
commas, semicolons or tabs, or by the character of a line `sep=`: what spreadsheets and programs of both languages
write.
"""

import csv
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import count
from pathlib import Path

from chalicelib.batches.exchange import columns, headings, row_file, values, workbook
from chalicelib.batches.exchange.file_types import Format
from chalicelib.batches.exchange.headings import Header
from chalicelib.batches.exchange.row_file import Cleaner, SheetRefused
from chalicelib.batches.exchange.values import Usage
from chalicelib.core import csv_text, encodings
from chalicelib.core.csv_text import Dialect
from chalicelib.core.errors import BadRequest
from chalicelib.core.logs import log
from chalicelib.core.texts import text

ROWS_PER_TICK = 5_000
SECONDS_PER_TICK = 1.0
_CREDENTIALS = re.compile(r"AWS_|.*(SECRET|TOKEN|PASSWORD|CREDENTIAL|_KEY)", re.IGNORECASE)
_OUT_OF_MEMORY = b"memory allocation of"  # message of the reader when it aborts
_HEADER_CHARACTERS = 1 << 16  # that are searched for the header with every separator
Tick = Callable[[], None]


class Unreadable(BadRequest):
    """A file cannot be read; the message says what to change."""


@dataclass(frozen=True)
class Source:
    """What a file turned out to be; `None` where its format has no such thing."""

    format: Format
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    other_sheets: tuple[str, ...] = ()  # visible ones with the same columns, which are not read
    from_1904: bool = False


@dataclass(frozen=True)
class Sheet:
    """A readable sheet: the texts of its header, the number of rows after it, and the file that has them.

    `header_row` is the row of the header in the file, from 1.
    """

    header: list[str]
    count: int
    path: Path
    source: Source = Source("csv")
    header_row: int = 1

    @cached_property
    def columns(self) -> Header:
        """The columns that the header names."""
        return headings.read(self.header)

    def rows(self) -> Iterator[list[str]]:
        """Read the rows after the header, blank ones too; a row may be shorter than the header."""
        return row_file.rows_of(str(self.path))

    @cached_property
    def places_of_dates(self) -> list[int]:
        """The places of the columns of days and instants."""
        return [
            place
            for name, place in self.columns.positions.items()
            if name in columns.READ and columns.BY_NAME[name].kind in ("day", "moment")
        ]

    @cached_property
    def usage(self) -> Usage:
        """How the file writes numbers and dates. A file with commas between cells has points in its numbers."""
        comma: values.Comma = {",": "thousands", ";": "decimal"}.get(self.source.delimiter or "", "unknown")  # type: ignore[assignment]
        places = self.places_of_dates
        rows = row_file.rows_with(str(self.path), "/") if places else iter(())
        dates = (row[place] for row in rows for place in places if place < len(row))
        return Usage(comma, values.order_of(dates), self.source.from_1904)


def read(source: Path, format: Format, folder: Path, tick: Tick = lambda: None) -> Sheet:
    """Write the rows of a file into `folder`; Unreadable when it cannot be read. `tick` is called regularly."""
    target = folder / "rows.jsonl"
    try:
        found, about = (_csv if format == "csv" else _workbook)(source, target, Source(format), tick)
    except SheetRefused as refused:
        raise Unreadable(text(refused.template, **refused.values)) from None
    row, header = row_file.header_of(str(target))
    return Sheet(header, found, target, about, row)


# -- workbooks --------------------------------------------------------------------------------------------------------


def _workbook(source: Path, target: Path, about: Source, tick: Tick) -> tuple[int, Source]:
    """Write the rows of a sheet of a workbook by another process; returns their number, and what it is."""
    code, out, problems = _run([workbook.__file__, about.format, str(source), str(target)], tick)
    if code == workbook.BROKEN:
        raise Unreadable(text("Файл поврежден или не является книгой {format}", format=about.format))
    aborted = code == -signal.SIGABRT and _OUT_OF_MEMORY in problems
    if aborted or code in (workbook.TOO_MUCH, -signal.SIGKILL, -signal.SIGXCPU):
        raise Unreadable(text("Книга слишком велика в распакованном виде: удалите лишние листы, строки и столбцы"))
    if code:
        log.error(
            "the reader of workbooks failed", extra={"code": code, "stderr": problems[-2_000:].decode(errors="replace")}
        )
        raise RuntimeError(f"the reader of workbooks ended with {code}")
    result = json.loads(out)
    if "refused" in result:
        raise SheetRefused(result["refused"], **result["values"])
    found = workbook.Found(**result)
    return found.count, replace(about, sheet=found.sheet, other_sheets=tuple(found.others), from_1904=found.from_1904)


def _run(arguments: list[str], tick: Tick) -> tuple[int, bytes, bytes]:
    """Run a program without any rights; returns its exit code and output."""
    harmless = {name: value for name, value in os.environ.items() if not _CREDENTIALS.match(name)}
    environment = harmless | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-S", *arguments]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            while True:
                try:
                    out, problems = process.communicate(timeout=SECONDS_PER_TICK)
                    return process.returncode, out, problems
                except subprocess.TimeoutExpired:
                    tick()
        except BaseException:
            process.kill()
            raise


# -- csv --------------------------------------------------------------------------------------------------------------


def _csv(source: Path, target: Path, about: Source, tick: Tick) -> tuple[int, Source]:
    """Write the rows of a csv file; returns their number, and what it is."""
    try:
        encoding = encodings.encoding_of(source.read_bytes())
    except encodings.UnknownEncoding as unknown:
        raise Unreadable(str(unknown)) from None
    with source.open(encoding=encoding, newline="") as file:
        dialect = dialect_of(file.read(csv_text.SAMPLE))
        file.seek(0)
        reader = csv_text.read(file, dialect)
        try:
            found = row_file.write_rows(_ticking(reader, tick), str(target), _unguard)
        except csv.Error:
            template = "Файл csv поврежден около строки {line}: проверьте кавычки"
            raise Unreadable(text(template, line=reader.line_num)) from None
    return found, replace(about, encoding=encodings.NAMES[encoding], delimiter=dialect.delimiter)


def dialect_of(start: str) -> Dialect:
    """Return the dialect that the start of a csv text shows: that in which its header has most columns of ours."""
    likely = csv_text.dialect_of(start)
    if likely.skip:
        return likely
    others = (Dialect(delimiter) for delimiter in csv_text.DELIMITERS if delimiter != likely.delimiter)
    return max((likely, *others), key=lambda dialect: _known_columns(start, dialect))


def _known_columns(start: str, dialect: Dialect) -> int:
    try:
        rows = csv_text.records(start[:_HEADER_CHARACTERS], dialect)
        return len(headings.read(row_file.start_of(rows).header).positions)
    except (SheetRefused, csv.Error):
        return 0


def _ticking(rows: Iterator[list[str]], tick: Tick) -> Iterator[list[str]]:
    for number, row in zip(count(), rows, strict=False):
        if not number % ROWS_PER_TICK:
            tick()
        yield row


def _unguard(header: Sequence[str]) -> Cleaner:
    """Return what removes the guards of an export from a row; lists of products have none (columns.py)."""
    names = headings.read(header).positions
    lists = frozenset(place for name, place in names.items() if columns.products_part(name))

    def clean(row: Sequence[str]) -> Sequence[str]:
        if "'" not in "".join(row):
            return row
        return [cell if place in lists else csv_text.unescape_formula(cell) for place, cell in enumerate(row)]

    return clean
