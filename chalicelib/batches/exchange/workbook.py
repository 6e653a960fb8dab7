"""A program that reads a sheet of a workbook (xlsx, xls, ods) and writes its rows as texts to a file (row_file.py).

`python workbook.py format in out` prints a line of JSON: what it has read (`Found`), or `{"refused": reason, "values":
{}}`.

The reader (calamine, in Rust) holds the sheet in memory, and a small file can need any amount of it: one cell at
XFD1048576 makes a table of 17 billion cells, and a failed allocation ends the process. So it is a process of its own,
with limited memory and time and without rights: the worker survives every file and can report the error. 100,000 rows
of 17 columns take about 180 MB.
"""

import json
import resource
import struct
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.parsers.expat import ExpatError

from chalicelib.batches.exchange import headings, marks_ods, marks_xls, marks_xlsx, row_file
from chalicelib.batches.exchange.marks import Marks, marked
from chalicelib.batches.exchange.row_file import SheetRefused

MAX_MEMORY_BYTES = 512 << 20  # of address space
MAX_CPU_SECONDS = 120
MAX_UNPACKED_BYTES = 256 << 20  # that a file declares; if it declares less than it has, MAX_MEMORY_BYTES is the limit
MAX_EXACT_NUMBER = 10**15  # above it a sheet has not every digit
BROKEN, TOO_MUCH = 3, 4  # exit codes
_MAX_NAMED = 5  # sheets that a message names
_INCONSISTENT = (
    zipfile.BadZipFile, ExpatError, struct.error, OSError, ValueError, KeyError, IndexError, NotImplementedError,
)  # fmt: skip

HIDDEN = "Лист с нужными столбцами скрыт: {sheets}. Покажите его, чтобы импортировать"
NO_VISIBLE = "В книге нет ни одного видимого листа с таблицей"


@dataclass(frozen=True)
class Found:
    """What was read: the sheet, its number of rows, other visible sheets with a header, and the day of serial 0."""

    sheet: str
    count: int
    others: list[str] = field(default_factory=list)
    from_1904: bool = False


def text_of(cell: Any) -> str:
    """Return a cell as text: whole numbers without a fraction, days and instants in ISO 8601."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float | int):
        if abs(cell) > MAX_EXACT_NUMBER:
            return f"{cell:.14E}"  # as Excel shows it: the rest of the digits is lost
        return str(int(cell)) if cell == int(cell) else f"{cell:.15g}"
    if isinstance(cell, datetime):
        return _rounded(cell).isoformat()
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)


def _rounded(moment: datetime) -> datetime:
    """Round to milliseconds: a sheet has instants as fractions of a day, a few microseconds off."""
    return moment - timedelta(microseconds=(moment.microsecond + 500) % 1_000 - 500)


def choose_sheet(book: Any) -> tuple[str, list[str]]:
    """Return the name of the first visible sheet with the header, or of the first visible one, and the others with it.

    A hidden sheet is never read: it may be an old copy.
    """
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    tables = [sheet for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    visible = [sheet.name for sheet in tables if sheet.visible == SheetVisibleEnum.Visible]
    if len(visible) == 1 == len(tables):
        return visible[0], []
    fitting = [name for name in visible if _has_columns(book, name)]
    if fitting:
        return fitting[0], fitting[1 : 1 + _MAX_NAMED]
    hidden = [sheet.name for sheet in tables if sheet.name not in visible and _has_columns(book, sheet.name)]
    if hidden:
        raise SheetRefused(HIDDEN, sheets=", ".join(f"«{name[:31]}»" for name in hidden[:_MAX_NAMED]))
    if not visible:
        raise SheetRefused(NO_VISIBLE)
    return visible[0], []


def _has_columns(book: Any, name: str) -> bool:
    rows = (list(map(text_of, row)) for row in book.get_sheet_by_name(name).iter_rows())
    try:
        return not headings.read(row_file.start_of(rows).header).missing
    except SheetRefused:
        return False


def rows_of(sheet: Any, marks: Marks) -> Iterator[list[str]]:
    """Yield the rows of a sheet, with the marks of cells without a value."""
    rows = ([cell if cell.__class__ is str else text_of(cell) for cell in row] for row in sheet.iter_rows())
    if not marks.cells:
        yield from rows
        return
    first = sheet.start[1] if sheet.start else 0
    number = -1
    for number, row in enumerate(rows):
        yield marked(row, marks.cells.get(number, {}), first)
    for later in range(number + 1, max(marks.cells) + 1):
        yield marked([], marks.cells.get(later, {}), first)


def _marks_of(format: str, source: str, sheet: str) -> Marks:
    find = {"ods": marks_ods.find, "xls": marks_xls.find}.get(format, marks_xlsx.find)
    return find(source, sheet)


def read(format: str, source: str, target: str) -> Found:
    """Write the rows of a sheet."""
    from python_calamine import CalamineWorkbook

    with CalamineWorkbook.from_path(source) as book:
        name, others = choose_sheet(book)
        marks = _marks_of(format, source, name)
        count = row_file.write_rows(rows_of(book.get_sheet_by_name(name), marks), target)
    return Found(name, count, others, marks.from_1904)


def _read_repaired(format: str, source: str, target: str) -> Found:
    """Write the rows of a sheet; an xlsx that the reader refuses is read without what the reader does not need."""
    from python_calamine import CalamineError

    is_encrypted = {"ods": marks_ods.is_encrypted, "xls": marks_xls.is_encrypted}.get(format)
    if is_encrypted and is_encrypted(source):
        raise SheetRefused(row_file.PASSWORD)
    try:
        return read(format, source, target)
    except CalamineError:
        if format != "xlsx":
            raise
        marks_xlsx.without_dimensions(source, f"{target}.xlsx")
        return read(format, f"{target}.xlsx", target)


def _is_too_large(source: str) -> bool:
    if not zipfile.is_zipfile(source):
        return False
    with zipfile.ZipFile(source) as parts:
        return sum(part.file_size for part in parts.infolist()) > MAX_UNPACKED_BYTES


def main(format: str, source: str, target: str) -> int:
    """Return the exit code: 0, BROKEN or TOO_MUCH; any other is a bug."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_SECONDS, MAX_CPU_SECONDS))
    from python_calamine import CalamineError

    try:
        if _is_too_large(source):
            return TOO_MUCH
        result = asdict(_read_repaired(format, source, target))
    except SheetRefused as refused:
        result = {"refused": refused.template, "values": refused.values}
    except MemoryError:
        return TOO_MUCH
    except (CalamineError, *_INCONSISTENT):
        return BROKEN
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # of the reader
            return BROKEN
        raise
    print(json.dumps(result))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
