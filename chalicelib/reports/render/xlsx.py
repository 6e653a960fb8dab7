"""Writes a document as XLSX with XlsxWriter in constant_memory mode: rows go to a temporary file as they are read.

The first sheet has title, facts and charts with their numbers. Each table has a sheet of its own, and continues on
another one after a million rows. Cells are typed. A text is never interpreted as a formula or a link; one that looks
like a formula is marked as quoted, so that it stays a text when the cell is edited. Memory does not grow with the rows.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import xlsxwriter

from chalicelib.reports.render.document import PALETTE, Chart, Column, Document, Facts, Table, ValueKind
from chalicelib.reports.render.values import Cell, clean, display_text, in_zone, kind_of, starts_formula, to_cell

MAX_ROWS = 1_048_575  # of a sheet, without the heading
MAX_TEXT = 32_000  # characters of a cell; the limit is 32,767 UTF-16 units
SAMPLE_ROWS = 500  # rows that determine the width of a column
VALUE_WIDTH = 48  # characters of a fact in one line
SUMMARY = "Сводка"

_FORMATS: dict[str, dict[str, Any]] = {
    "text": {},
    "quoted": {"quote_prefix": True},
    "int": {"num_format": "#,##0"},
    "id": {"num_format": "0", "align": "left"},
    "uuid": {},
    "number": {"num_format": "#,##0.00"},  # integers get the format "int", see `put`
    "percent": {"num_format": "0.0%"},
    "date": {"num_format": "dd.mm.yyyy", "align": "left"},
    "datetime": {"num_format": "dd.mm.yyyy hh:mm", "align": "left"},
    "title": {"bold": True, "font_size": 16, "font_color": "#1F4E79"},
    "muted": {"font_color": "#5F6B7A", "valign": "top"},
    "heading": {"bold": True, "font_size": 12, "font_color": "#1F4E79", "bottom": 1, "bottom_color": "#1F4E79"},
    "columns": {"bold": True, "font_color": "#FFFFFF", "bg_color": "#1F4E79", "text_wrap": True, "valign": "vcenter"},
}
_FACT = {"align": "left", "valign": "top", "text_wrap": True}
_TYPED = frozenset({"int", "id", "number", "percent", "date", "datetime", "bool"})
_LOOKS = frozenset({"title", "muted", "heading", "columns"})
_FORBIDDEN_IN_NAMES = re.compile(r"[\[\]:*?/\\\s]+|[\U00010000-\U0010ffff]")


def write(document: Document, target: Path) -> None:
    """Write a document as an XLSX file."""
    with TemporaryDirectory() as scratch:  # XlsxWriter leaves its temporary files after an error
        options = {"constant_memory": True, "tmpdir": scratch, "strings_to_urls": False, "strings_to_formulas": False}
        book = _Book(document, xlsxwriter.Workbook(str(target), options))
        book.describe()
        book.summary()
        for section in document.sections:
            if isinstance(section, Table):
                book.table(section)
        book.workbook.close()


@dataclass(slots=True)
class _Book:
    document: Document
    workbook: Any
    formats: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.formats = {name: self.workbook.add_format(options) for name, options in _FORMATS.items()}
        self.facts = {name: self.workbook.add_format(_FORMATS[name] | _FACT) for name in _FORMATS if name not in _LOOKS}

    def describe(self) -> None:
        """Set the properties of the file, with the time of the document, so that equal documents give equal files."""
        created = in_zone(self.document.created_at, self.document.timezone)
        properties = {"title": self.document.title, "subject": self.document.subtitle, "author": "Shopfloor"}
        self.workbook.set_properties({k: clean(v)[:255] for k, v in properties.items()} | {"created": created})

    def summary(self) -> None:
        """Write the first sheet: title, facts and charts."""
        sheet = self.add_sheet(SUMMARY)
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, 32)
        sheet.set_column(1, 1, VALUE_WIDTH)
        sheet.set_column(2, 8, 16)
        sheet.set_paper(9)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 1)
        self.put(sheet, 0, 0, self.document.title, "title")
        self.put(sheet, 1, 0, self.document.subtitle, "muted")
        row = self.pairs(sheet, 2, [("Сформирован", self.document.created_at), *self.document.meta.items()]) + 1
        for section in self.document.sections:
            if isinstance(section, Facts):
                row = self.pairs(sheet, self.heading(sheet, row, section.title), section.pairs) + 1
            elif isinstance(section, Chart):
                row = self.chart(sheet, self.heading(sheet, row, section.title), section) + 1

    def table(self, table: Table) -> None:
        """Write the rows to a sheet, and to further sheets after Excel's limit."""
        rows = iter(table.rows)
        first: Sequence[object] | None = next(rows, None)
        while True:
            sheet = self.add_sheet(table.title)
            self.rows(sheet, table.columns, islice(chain([] if first is None else [first], rows), MAX_ROWS))
            first = next(rows, None)
            if first is None:
                return

    def rows(self, sheet: Any, columns: Sequence[Column], rows: Any) -> None:
        """Write headings and rows; set column widths, the frozen heading, the filter and the print set-up."""
        kinds: list[ValueKind] = [column.kind for column in columns]
        widths = [min(60, len(clean(column.title)) + 4) for column in columns]
        for index, column in enumerate(columns):
            self.put(sheet, 0, index, column.title, "columns")
        last = 0
        for last, row in enumerate(rows, start=1):
            for index, (value, kind) in enumerate(zip(row, kinds, strict=True)):
                cell = self.put(sheet, last, index, value, kind)
                if last <= SAMPLE_ROWS and cell is not None:
                    widths[index] = max(widths[index], min(60, len(display_text(cell, kind)) + 3))
        for index, width in enumerate(widths):
            sheet.set_column(index, index, width)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, last, max(0, len(columns) - 1))
        sheet.repeat_rows(0)
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&CСтр. &P из &N")

    def pairs(self, sheet: Any, row: int, pairs: Sequence[tuple[str, object]]) -> int:
        """Write names and values in two columns; returns the next free row."""
        for offset, (name, value) in enumerate(pairs):
            self.put(sheet, row + offset, 0, name, "muted")
            cell = self.put(sheet, row + offset, 1, value, kind_of(value), fact=True)
            if (
                isinstance(cell, str) and len(cell) > VALUE_WIDTH
            ):  # some programs do not adapt the height to wrapped text
                sheet.set_row(row + offset, min(400, 15 * (len(cell) // VALUE_WIDTH + 1 + cell.count("\n"))))
        return row + len(pairs)

    def chart(self, sheet: Any, row: int, chart: Chart) -> int:
        """Write the numbers and a native chart of them; returns the next free row."""
        series = chart.series[:1] if chart.kind == "pie" else chart.series
        for index, (name, _) in enumerate(series, start=1):
            self.put(sheet, row, index, name, "columns")
        for offset, label in enumerate(chart.labels, start=1):
            self.put(sheet, row + offset, 0, label, "text")
            for index, (_, values) in enumerate(series, start=1):
                value = values[offset - 1] if offset <= len(values) else None
                self.put(sheet, row + offset, index, value, "number", fact=True)
        last = row + len(chart.labels)
        if last == row or not series:
            return last + 1
        native = self.workbook.add_chart({"type": "pie" if chart.kind == "pie" else "column"})
        for index in range(1, len(series) + 1):
            native.add_series(_series(chart, sheet.get_name(), row, last, index))
        native.set_title({"name": " " + clean(chart.title)[:200], "name_font": {"size": 12, "color": "#1F4E79"}})
        native.set_legend({"none": True} if chart.kind == "bar" and len(series) == 1 else {"position": "bottom"})
        native.set_size({"width": 560, "height": 300})
        sheet.insert_chart(row, len(series) + 1, native, {"x_offset": 20})
        return max(last, row + 15) + 1

    def heading(self, sheet: Any, row: int, title: str) -> int:
        """Write the title of a section; returns the next free row."""
        self.put(sheet, row, 0, title, "heading")
        sheet.write_blank(row, 1, None, self.formats["heading"])
        return row + 1

    def add_sheet(self, title: str) -> Any:
        """Add a sheet with a name that Excel accepts: unique, at most 31 characters, without []:*?/\\."""
        base = _FORBIDDEN_IN_NAMES.sub(" ", clean(title)).strip(" '")[:31].strip(" '") or "Таблица"
        name, number = base, 1
        while name.casefold() in self.names or name.casefold() == "history":
            number += 1
            suffix = f" ({number})"
            name = base[: 31 - len(suffix)].strip(" '") + suffix
        self.names.add(name.casefold())
        return self.workbook.add_worksheet(name)

    def put(self, sheet: Any, row: int, column: int, value: object, style: str, *, fact: bool = False) -> Cell:
        """Write a cell by the type of its value; returns the cell."""
        kind = cast("ValueKind", style) if style in _TYPED else "text"
        formats = self.facts if fact else self.formats
        cell = to_cell(value, kind, self.document.timezone)
        if cell is None:
            return None
        if isinstance(cell, date) and cell.year < 1900:  # before Excel's calendar begins
            cell = display_text(cell, kind)
        if isinstance(cell, str):
            plain = "quoted" if starts_formula(cell) else "text"
            look = style if style in _LOOKS else plain
            sheet.write_string(row, column, _literal(cell), formats[look])
        elif isinstance(cell, datetime | date):
            sheet.write_datetime(row, column, cell, formats[style])
        else:
            look = "int" if style == "number" and isinstance(cell, int) else style
            sheet.write_number(row, column, cell, formats[look])
        return cell


def _series(chart: Chart, sheet: str, row: int, last: int, index: int) -> dict[str, Any]:
    series: dict[str, Any] = {
        "name": [sheet, row, index],
        "categories": [sheet, row + 1, 0, last, 0],
        "values": [sheet, row + 1, index, last, index],
    }
    if chart.kind == "pie":
        fills = [{"fill": {"color": PALETTE[point % len(PALETTE)]}} for point in range(len(chart.labels))]
        return series | {"points": fills, "data_labels": {"percentage": True}}
    return series | {"fill": {"color": PALETTE[(index - 1) % len(PALETTE)]}, "gap": 60}


def _literal(text: str) -> str:
    if len(text) > MAX_TEXT // 2:
        limit = MAX_TEXT // 2 if max(text) > "\uffff" else MAX_TEXT
        text = text if len(text) <= limit else text[:limit] + "…"
    # XlsxWriter takes "<r>...</r>" for markup of a rich string and copies it into the file unescaped.
    return text + " " if text.startswith("<r>") and text.endswith("</r>") else text
