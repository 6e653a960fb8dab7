"""Reading sheets: an xlsx or csv file becomes a file of rows, each a list of texts, that is read row by row.

The rows are written to a local file first (row_file.py). So a file that cannot be read to its end is refused before it
is imported, the number of rows is known, and the memory of the worker does not grow with the file. For xlsx another
process writes it (workbook.py has the reason). csv is UTF-8 with or without BOM, UTF-16 with BOM, or Windows-1251,
separated by commas, semicolons or tabs, or by the character of a line `sep=`: the variants that a Russian Excel writes.
"""

import csv
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from chalicelib.batches.exchange import columns, row_file, workbook
from chalicelib.batches.exchange.file_types import Format
from chalicelib.batches.exchange.row_file import SheetRefused
from chalicelib.core import csv_text, encodings
from chalicelib.core.errors import BadRequest
from chalicelib.core.logs import log

ROWS_PER_TICK = 5_000
SECONDS_PER_TICK = 1.0
_CREDENTIALS = re.compile(r"AWS_|.*(SECRET|TOKEN|PASSWORD|CREDENTIAL|_KEY)", re.IGNORECASE)
_OUT_OF_MEMORY = b"memory allocation of"  # message of the reader when it aborts
Tick = Callable[[], None]


class Unreadable(BadRequest):
    """A file cannot be read; the message (Russian) says what to change."""


@dataclass(frozen=True)
class Sheet:
    """A readable sheet: the texts of its header, the number of rows after it, their file, and the name of the sheet."""

    header: list[str]
    count: int
    path: Path
    name: str | None = None

    def rows(self) -> Iterator[list[str]]:
        """Read the rows after the header, blank ones too; a row may be shorter than the header."""
        return row_file.rows_of(str(self.path))


def read(source: Path, format: Format, folder: Path, tick: Tick = lambda: None) -> Sheet:
    """Write the rows of a file into `folder`; Unreadable when it cannot be read. `tick` is called regularly."""
    target = folder / "rows.jsonl"
    try:
        found, name = _xlsx(source, target, tick) if format == "xlsx" else (_csv(source, target, tick), None)
    except SheetRefused as refused:
        raise Unreadable(str(refused)) from None
    return Sheet(row_file.header_of(str(target)), found, target, name)


# -- xlsx -------------------------------------------------------------------------------------------------------------


def _xlsx(source: Path, target: Path, tick: Tick) -> tuple[int, str]:
    """Write the rows of a sheet of a workbook by another process; returns their number and its name."""
    code, out, problems = _run([workbook.__file__, str(source), str(target), *columns.REQUIRED], tick)
    if code == workbook.BROKEN:
        raise Unreadable("Файл поврежден или не является книгой Excel (xlsx)")
    aborted = code == -signal.SIGABRT and _OUT_OF_MEMORY in problems
    if aborted or code in (workbook.TOO_MUCH, -signal.SIGKILL, -signal.SIGXCPU):
        raise Unreadable("Книга Excel слишком велика в распакованном виде: удалите лишние листы, строки и столбцы")
    if code:
        log.error(
            "the reader of workbooks failed", extra={"code": code, "stderr": problems[-2_000:].decode(errors="replace")}
        )
        raise RuntimeError(f"the reader of workbooks ended with {code}")
    result = json.loads(out)
    if "refused" in result:
        raise Unreadable(result["refused"])
    return result["count"], result["sheet"]


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


def _csv(source: Path, target: Path, tick: Tick) -> int:
    """Write the rows of a csv file; returns their number."""
    try:
        encoding = encodings.encoding_of(source.read_bytes())
    except encodings.UnknownEncoding as unknown:
        raise Unreadable(str(unknown)) from None
    with source.open(encoding=encoding, newline="") as file:
        dialect = csv_text.dialect_of(file.read(csv_text.SAMPLE))
        file.seek(0)
        reader = csv_text.read(file, dialect)
        try:
            return row_file.write_rows(_unguarded(reader, tick), str(target))
        except csv.Error:
            raise Unreadable(f"Файл csv поврежден около строки {reader.line_num}: проверьте кавычки") from None


def _unguarded(rows: Iterator[list[str]], tick: Tick) -> Iterator[list[str]]:
    """Yield the rows without the guards of an export; lists of products have none (columns.py)."""
    lists: frozenset[int] | None = None
    for number, row in zip(count(), rows, strict=False):
        if not number % ROWS_PER_TICK:
            tick()
        if lists is None and not row_file.is_blank(row):
            lists = frozenset(
                position for position, name in enumerate(row) if columns.products_part(name.strip().lower())
            )
        if "'" in "".join(row):
            row = [
                text if lists and position in lists else csv_text.unescape_formula(text)
                for position, text in enumerate(row)
            ]
        yield row
