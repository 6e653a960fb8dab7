"""A program that reads a sheet of an xlsx file and writes its rows as texts to a file (row_file.py).

`python workbook.py in out`, with the names of required columns as further arguments, prints a line of JSON:
`{"sheet": name, "count": rows}`, or `{"refused": reason}`.

The reader (calamine, in Rust) holds the sheet in memory, and a small file can need any amount of it: one cell at
XFD1048576 makes a table of 17 billion cells, and a failed allocation ends the process. So it is a process of its own,
with limited memory and time and without rights: the worker survives every file and can report the error. 100,000 rows
of 17 columns take about 180 MB.
"""

import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.parsers.expat import ExpatError

from chalicelib.batches.exchange import row_file, sheet_xml
from chalicelib.batches.exchange.row_file import SheetRefused

MAX_MEMORY_BYTES = 512 << 20  # of address space
MAX_CPU_SECONDS = 120
MAX_UNPACKED_BYTES = 256 << 20  # that a file declares; if it declares less than it has, MAX_MEMORY_BYTES is the limit
MAX_EXACT_NUMBER = 10**15  # above it a sheet has not every digit
BROKEN, TOO_MUCH = 3, 4  # exit codes
_MAX_NAMED = 5  # sheets that a message names
_DIMENSION = re.compile(rb"<(?:\w+:)?dimension\b[^>]*?/>")


def text_of(cell: Any) -> str:
    """Return a cell as text: whole numbers without a fraction, days and instants in ISO 8601."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        if abs(cell) > MAX_EXACT_NUMBER:
            return f"{cell:.14E}"  # as Excel shows it: the rest of the digits is lost
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return _rounded(cell).isoformat()
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)


def _rounded(moment: datetime) -> datetime:
    """Round to milliseconds: a sheet has instants as fractions of a day, a few microseconds off."""
    return moment - timedelta(microseconds=(moment.microsecond + 500) % 1_000 - 500)


def choose_sheet(book: Any, required: Sequence[str]) -> str:
    """Return the name of the visible sheet with these columns; if none has them, of the first visible one."""
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    tables = [sheet for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    visible = [sheet.name for sheet in tables if sheet.visible == SheetVisibleEnum.Visible]
    if len(visible) == 1 == len(tables):
        return str(visible[0])
    fitting = [name for name in visible if _has_columns(book, name, required)]
    if len(fitting) > 1:
        raise SheetRefused(f"Подходящих листов несколько: {_quoted(fitting)}. Оставьте один или скройте остальные")
    if fitting:
        return str(fitting[0])
    hidden = [sheet.name for sheet in tables if sheet.name not in visible and _has_columns(book, sheet.name, required)]
    if hidden:
        raise SheetRefused(f"Лист с нужными столбцами скрыт: {_quoted(hidden)}. Покажите его, чтобы импортировать")
    if not visible:
        raise SheetRefused("В книге нет ни одного видимого листа с таблицей")
    return str(visible[0])


def _has_columns(book: Any, name: str, required: Sequence[str]) -> bool:
    rows = ([text_of(cell).strip().lower() for cell in row] for row in book.get_sheet_by_name(name).iter_rows())
    header = next((row for row in rows if any(row)), [])
    return bool(required) and set(required) <= set(header)


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"«{name[:31]}»" for name in names[:_MAX_NAMED]) + (" и другие" if len(names) > _MAX_NAMED else "")


def rows_of(sheet: Any, faults: sheet_xml.Faults) -> Iterator[list[str]]:
    """Yield the rows of a sheet, with the marks of cells without a value."""
    rows = ([cell if cell.__class__ is str else text_of(cell) for cell in row] for row in sheet.iter_rows())
    if not faults:
        yield from rows
        return
    first = sheet.start[1] if sheet.start else 0
    number = -1
    for number, row in enumerate(rows):
        yield _with_faults(row, faults.get(number, {}), first)
    for later in range(number + 1, max(faults) + 1):
        yield _with_faults([], faults.get(later, {}), first)


def _with_faults(row: list[str], faults: dict[int, str], first: int) -> list[str]:
    places = {column - first: text for column, text in faults.items() if column >= first}
    if places:
        row = row + [""] * (max(places) + 1 - len(row))
        for place, text in places.items():
            row[place] = text
    return row


def read(source: str, target: str, required: Sequence[str]) -> dict[str, Any]:
    """Write the rows of a sheet; returns its name and their number."""
    from python_calamine import CalamineWorkbook

    with zipfile.ZipFile(source) as archive, CalamineWorkbook.from_path(source) as book:
        name = choose_sheet(book, required)
        faults = sheet_xml.find_faults(archive, name)
        return {"sheet": name, "count": row_file.write_rows(rows_of(book.get_sheet_by_name(name), faults), target)}


def without_dimensions(source: str, target: str) -> None:
    """Copy a workbook without the sizes of its sheets: some programs write sizes that the reader refuses."""
    with zipfile.ZipFile(source) as parts, zipfile.ZipFile(target, "w") as copy:
        for part in parts.infolist():
            content = parts.read(part)
            copy.writestr(part.filename.replace("\\", "/"), _DIMENSION.sub(b"", content, count=1))


def main(source: str, target: str, required: Sequence[str]) -> int:
    """Return the exit code: 0, BROKEN or TOO_MUCH; any other is a bug."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_SECONDS, MAX_CPU_SECONDS))
    from python_calamine import CalamineError

    try:
        with zipfile.ZipFile(source) as parts:
            if sum(part.file_size for part in parts.infolist()) > MAX_UNPACKED_BYTES:
                return TOO_MUCH
        try:
            result = read(source, target, required)
        except CalamineError:
            without_dimensions(source, f"{target}.xlsx")
            result = read(f"{target}.xlsx", target, required)
    except SheetRefused as refused:
        result = {"refused": str(refused)}
    except MemoryError:
        return TOO_MUCH
    except (CalamineError, zipfile.BadZipFile, ExpatError, OSError, ValueError, KeyError, NotImplementedError):
        return BROKEN
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # of the reader
            return BROKEN
        raise
    print(json.dumps(result))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
