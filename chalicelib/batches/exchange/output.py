"""Writing sheets row by row, so memory does not grow with their number.

Cells that a spreadsheet would run as formulas are made safe: in csv by an apostrophe (core/csv_text.py), which the
import removes, and in lists of products by an escape of JSON; in xlsx by the type text and the quote prefix, which
keeps the type when a user edits the cell. Numbers, days and flags keep their type. U+FFFE and U+FFFF, which XML cannot
have, are written to xlsx as Excel writes them, `_xFFFF_`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Literal

from chalicelib.batches.exchange import columns, headings
from chalicelib.core import csv_text
from chalicelib.core.errors import BadRequest
from chalicelib.core.texts import text

Format = Literal["xlsx", "csv"]
Cell = str | int | bool | date | None
MAX_ROWS = 1_048_575  # of a sheet of Excel, without the header
SHEET = "Партии"
_WIDTHS = {"text": 22, "number": 14, "day": 12, "moment": 26, "flag": 10, "products": 40}


def write(
    target: Path,
    format: Format,
    header: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    count: int,
    delimiter: str = csv_text.DELIMITERS[0],
) -> None:
    """Write a sheet with these columns and `count` rows; `delimiter` is that of a csv file."""
    if format == "csv":
        _csv(target, header, rows, delimiter)
    elif count > MAX_ROWS:
        template = "В xlsx помещается не больше {limit} строк, а их {count}: выберите формат csv"
        raise BadRequest(text(template, limit=MAX_ROWS, count=count))
    else:
        _xlsx(target, header, rows)


def _names(header: Sequence[str]) -> Mapping[int, str]:
    """Return the names of the columns by their places in a header."""
    return {place: name for name, place in headings.read(header).positions.items()}


def _csv(target: Path, header: Sequence[str], rows: Iterable[Sequence[Cell]], delimiter: str) -> None:
    names = _names(header)
    escapes = [
        csv_text.escape_json if columns.products_part(names.get(place, "")) else csv_text.escape_formula
        for place in range(len(header))
    ]
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv_text.writer(file, delimiter)
        writer.writerow(map(csv_text.escape_formula, header))
        writer.writerows([_field(cell, escape) for cell, escape in zip(row, escapes, strict=True)] for row in rows)


def _field(cell: Cell, guard: Callable[[str], str]) -> Cell:
    if cell.__class__ is str:
        return guard(cell)
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return cell


def _xlsx(target: Path, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    from rustpy_xlsxwriter import Format as CellFormat
    from rustpy_xlsxwriter import write_worksheet

    quoted, day = CellFormat().set_quote_prefix(), CellFormat().set_num_format("yyyy-mm-dd")
    known = {header[place]: name for place, name in _names(header).items()}
    kinds = {
        title: columns.BY_NAME[name].kind if (name := known.get(title, "")) in columns.BY_NAME else "text"
        for title in header
    }
    formats = {name: day if kind == "day" else quoted for name, kind in kinds.items() if kind not in ("number", "flag")}
    write_worksheet(
        _records(header, rows),
        str(target),
        sheet_name=text(SHEET),
        freeze_row=1,
        header_format=CellFormat().set_bold(),
        column_formats=formats,
        column_widths={name: float(_WIDTHS[kind]) for name, kind in kinds.items()},
    )


def _records(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[Mapping[str, Any]]:
    """Yield rows as mappings; without rows an empty one, or the library would leave out the header."""
    empty = True
    for row in rows:
        yield dict(zip(header, row, strict=True))
        empty = False
    if empty:
        yield dict.fromkeys(header)
