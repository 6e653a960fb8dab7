"""A sheet of an xlsx file as rows of texts, laid out in a file: a program of its own.

`python workbook.py in out` with the columns that the sheet has to have as further arguments; prints a line of JSON:
`{"sheet": name, "count": rows}`, or `{"refused": why}`.

The reader (calamine, in Rust) holds the sheet in memory, and a small file can ask for any amount of it: one cell at
XFD1048576 makes a table of 17 billion cells, and a failed allocation ends the process. So it runs apart from the
worker, with bounded memory and time and without any rights: whatever a file does, the worker lives and says what was
wrong. Memory grows with the file, up to `MEMORY`: 100,000 rows of 17 columns take about 180 MB.
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
from chalicelib.batches.exchange.row_file import Refused

MEMORY = 512 << 20  # address space, bytes
SECONDS = 120  # of processor
UNPACKED = 256 << 20  # what a file may declare to hold; one that lies meets MEMORY
EXACT = 10**15  # up to which a sheet has every digit of a number
BROKEN, TOO_MUCH = 3, 4  # exit codes
_NAMED = 5  # sheets that a message names
_DIMENSION = re.compile(rb"<(?:\w+:)?dimension\b[^>]*?/>")


def text_of(cell: Any) -> str:
    """A cell as the text a csv file would have: whole numbers without a fraction, days and instants as ISO 8601."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        if abs(cell) > EXACT:
            return f"{cell:.14E}"  # as Excel shows it: the rest of the digits is lost
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return _rounded(cell).isoformat()
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)


def _rounded(moment: datetime) -> datetime:
    """To the millisecond: a sheet keeps instants as fractions of a day, which are a few microseconds off."""
    return moment - timedelta(microseconds=(moment.microsecond + 500) % 1_000 - 500)


def choose(book: Any, wanted: Sequence[str]) -> str:
    """The name of the visible sheet that has these columns; where none has, the first visible one."""
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    tables = [sheet for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    visible = [sheet.name for sheet in tables if sheet.visible == SheetVisibleEnum.Visible]
    if len(visible) == 1 == len(tables):
        return str(visible[0])
    fitting = [name for name in visible if _has_columns(book, name, wanted)]
    if len(fitting) > 1:
        raise Refused(f"Подходящих листов несколько: {_quoted(fitting)}. Оставьте один или скройте остальные")
    if fitting:
        return str(fitting[0])
    hidden = [sheet.name for sheet in tables if sheet.name not in visible and _has_columns(book, sheet.name, wanted)]
    if hidden:
        raise Refused(f"Лист с нужными столбцами скрыт: {_quoted(hidden)}. Покажите его, чтобы импортировать")
    if not visible:
        raise Refused("В книге нет ни одного видимого листа с таблицей")
    return str(visible[0])


def _has_columns(book: Any, name: str, wanted: Sequence[str]) -> bool:
    rows = ([text_of(cell).strip().lower() for cell in row] for row in book.get_sheet_by_name(name).iter_rows())
    header = next((row for row in rows if any(row)), [])
    return bool(wanted) and set(wanted) <= set(header)


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"«{name[:31]}»" for name in names[:_NAMED]) + (" и другие" if len(names) > _NAMED else "")


def rows_of(sheet: Any, faults: sheet_xml.Faults) -> Iterator[list[str]]:
    """The rows of a sheet; what stands for cells without a value stands in them."""
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


def read(source: str, target: str, wanted: Sequence[str]) -> dict[str, Any]:
    """Lay out a sheet, and say which."""
    from python_calamine import CalamineWorkbook

    with zipfile.ZipFile(source) as archive, CalamineWorkbook.from_path(source) as book:
        name = choose(book, wanted)
        faults = sheet_xml.find_faults(archive, name)
        return {"sheet": name, "count": row_file.lay_out(rows_of(book.get_sheet_by_name(name), faults), target)}


def without_dimensions(source: str, target: str) -> None:
    """Copy a workbook without what its sheets say of their size: some programs write what the reader cannot take."""
    with zipfile.ZipFile(source) as parts, zipfile.ZipFile(target, "w") as copy:
        for part in parts.infolist():
            content = parts.read(part)
            copy.writestr(part.filename.replace("\\", "/"), _DIMENSION.sub(b"", content, count=1))


def main(source: str, target: str, wanted: Sequence[str]) -> int:
    """The exit code: 0, BROKEN, TOO_MUCH; anything else is a fault of ours."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    from python_calamine import CalamineError

    try:
        with zipfile.ZipFile(source) as parts:
            if sum(part.file_size for part in parts.infolist()) > UNPACKED:
                return TOO_MUCH
        try:
            result = read(source, target, wanted)
        except CalamineError:
            without_dimensions(source, f"{target}.xlsx")
            result = read(f"{target}.xlsx", target, wanted)
    except Refused as refused:
        result = {"refused": str(refused)}
    except MemoryError:
        return TOO_MUCH
    except (CalamineError, zipfile.BadZipFile, ExpatError, OSError, ValueError, KeyError, NotImplementedError):
        return BROKEN
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # of the reader, which met something it did not expect
            return BROKEN
        raise
    print(json.dumps(result))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
