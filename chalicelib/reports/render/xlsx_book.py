"""What all sheets of a workbook share: styles of cells, names of sheets, the title at the top, the print set-up.

Lengths are those of Excel: the width of a column is in characters, a height in points.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from math import ceil
from typing import Any, Literal

from chalicelib.core import texts
from chalicelib.core.texts import text as translated
from chalicelib.reports.render.document import BRAND, Document, ValueKind
from chalicelib.reports.render.values import (
    NUMERIC,
    Cell,
    clean,
    display_text,
    in_zone,
    kind_of,
    starts_formula,
    to_cell,
)

ACCENT, MUTED, RULE = "#1F4E79", "#5F6B7A", "#D5DBE3"
LINE, MAX_HEIGHT = 15.0, 400.0  # of a line of text, of a row
FILLING, AVERAGE = 1.12, 1.05  # of a letter, Cyrillic ones are wider, in the digits that Excel measures a column with
PADDING = 2.5
MAX_TEXT = 32_000  # characters of a cell; the limit is 32,767 UTF-16 units
SHEET_NAME = 31  # characters
A4 = 9  # Excel's number for this paper
# Characters that fit on A4 side by side in their full size: of a wide font, because not every program has Excel's.
PORTRAIT, LANDSCAPE = 66, 100
SMALLEST = 0.75  # a sheet that would be printed smaller lies

Role = Literal["cell", "total", "fact", "left"]

_BY_KIND: dict[str, dict[str, Any]] = {
    "text": {"text_wrap": True},
    "quoted": {"text_wrap": True, "quote_prefix": True},
    "int": {"num_format": "#,##0", "align": "right", "indent": 1},
    "id": {"num_format": "0", "align": "left"},
    "number": {"num_format": "#,##0.00", "align": "right", "indent": 1},
    "percent": {"num_format": "0.0%", "align": "right", "indent": 1},
    "date": {"align": "left"},
    "datetime": {"align": "left"},
}
_DAYS = {"date": ("dd.mm.yyyy", "yyyy-mm-dd"), "datetime": ("dd.mm.yyyy hh:mm", "yyyy-mm-dd hh:mm")}  # ru, en
_BY_ROLE: dict[Role, dict[str, Any]] = {
    "cell": {"valign": "top", "bottom": 4, "bottom_color": RULE},
    "total": {"text_wrap": False, "valign": "top", "bold": True, "top": 1, "top_color": ACCENT},
    "fact": {"valign": "top", "bottom": 4, "bottom_color": RULE},
    "left": {"valign": "top", "bottom": 4, "bottom_color": RULE, "align": "left", "indent": 0},
}
_STYLES: dict[str, dict[str, Any]] = {
    "company": {"font_color": ACCENT, "bold": True, "font_size": 9},
    "title": {"bold": True, "font_size": 16, "font_color": ACCENT, "text_wrap": True, "valign": "top"},
    "muted": {"font_color": MUTED, "valign": "top", "text_wrap": True},
    "name": {"font_color": MUTED, "valign": "top", "text_wrap": True, "bottom": 4, "bottom_color": RULE},
    "heading": {"bold": True, "font_size": 12, "font_color": ACCENT, "text_wrap": True, "valign": "bottom"},
    "columns": {"bold": True, "font_color": "#FFFFFF", "bg_color": ACCENT, "text_wrap": True, "valign": "vcenter"},
}
_STYLES["columns_right"] = _STYLES["columns"] | {"align": "right", "indent": 1}
_BEFORE_CALENDAR = 1900  # the first year of Excel's calendar
_FORBIDDEN_IN_NAMES = re.compile(r"[\[\]:*?/\\\s]+|[\U00010000-\U0010ffff]")
_LAST_WORDS = re.compile(r"(?:[\s,.;:–—(-]+|\s\w{1,3})+$")


@dataclass(slots=True)
class Book:
    """A workbook that is being written."""

    document: Document
    workbook: Any
    formats: dict[tuple[str, str], Any] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)

    def describe(self) -> None:
        """Set the properties of the file, with the time of the document, so that equal documents give equal files."""
        report = self.document
        created = in_zone(report.created_at, report.timezone)
        properties = {"title": report.title, "subject": report.subtitle, "author": BRAND, "company": report.company}
        self.workbook.set_properties({k: clean(v)[:255] for k, v in properties.items()} | {"created": created})

    def format_of(self, kind: str, role: Role | Literal[""] = "") -> Any:
        """Return the format of a kind of value in its role, or of a style that is no value."""
        made = self.formats.get((kind, role))
        if made is None:
            options = _BY_KIND.get(kind, {}) | _BY_ROLE[role] if role else _STYLES[kind]
            if kind in _DAYS:
                options = options | {"num_format": _DAYS[kind][texts.current() == texts.ENGLISH]}
            made = self.formats[kind, role] = self.workbook.add_format(options)
        return made

    # -- sheets -------------------------------------------------------------------------------------------------------

    def sheet(self, title: str) -> Any:
        """Add a sheet that is named after a title."""
        return self.workbook.add_worksheet(self.reserve(title))

    def reserve(self, title: str) -> str:
        """Return a name for a sheet that Excel accepts: unique, at most 31 characters, without []:*?/\\."""
        base = short_name(title) or translated("Таблица")
        name, number = base, 1
        while name.casefold() in self.names or name.casefold() == "history":
            number += 1
            suffix = f" ({number})"
            name = short_name(base, SHEET_NAME - len(suffix)) + suffix
        self.names.add(name.casefold())
        return name

    def head(self, sheet: Any, widths: Sequence[float], title: str, note: str) -> int:
        """Write what a sheet is about: the report, its table, where it comes from; returns the next free row."""
        report = self.document
        origin = "   ·   ".join([self.made, *(f"{clean(name)}: {clean(value)}" for name, value in report.meta.items())])
        lines = [(report.title, "title", 1.5), (title, "heading", 1.2), (note, "muted", 1.0), (origin, "muted", 1.0)]
        row = 0
        for text, style, size in lines:
            if text:
                self.line(sheet, row, widths, text, style, size)
                row += 1
        return row + 1

    @property
    def made(self) -> str:
        """When the report was made."""
        made = in_zone(self.document.created_at, self.document.timezone)
        return translated("Сформирован: {time}", time=display_text(made, "datetime"))

    def line(self, sheet: Any, row: int, widths: Sequence[float], text: str, style: str, size: float = 1.0) -> float:
        """Write a text over the whole width of a sheet, as high as it needs; returns its height."""
        shown = literal(clean(text))
        height = min(MAX_HEIGHT, LINE * size * lines_of(shown, sum(widths) / size))
        sheet.set_row(row, height)
        if len(widths) > 1:
            sheet.merge_range(row, 0, row, len(widths) - 1, "", self.format_of(style))
        sheet.write_string(row, 0, shown, self.format_of(style))
        return height

    def set_up_page(self, sheet: Any, widths: Sequence[float]) -> float:
        """Set the columns, and how the sheet is printed; returns the scale at which all columns fit on a page."""
        for index, width in enumerate(widths):
            sheet.set_column(index, index, width)
        total = max(1.0, sum(widths))
        sheet.set_paper(A4)
        sheet.center_horizontally()
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        lies = PORTRAIT / total < SMALLEST
        if lies:
            sheet.set_landscape()
        title, company = (
            clean(name).replace("\n", " ").replace("&", "&&") for name in (self.document.title, self.document.company)
        )
        pages = translated("Стр. {page} из {pages}", page="&P", pages="&N")
        sheet.set_footer(f"&L&8{company[:40]} · {title[: 110 if lies else 50]}&R&8{pages}")
        return min(1.0, (LANDSCAPE if lies else PORTRAIT) / total)

    # -- cells --------------------------------------------------------------------------------------------------------

    def cell(self, value: object, kind: ValueKind) -> Cell:
        """Return a value as a cell; what Excel's calendar does not have is a text."""
        cell = to_cell(value, kind, self.document.timezone)
        return display_text(cell, kind) if isinstance(cell, date) and cell.year < _BEFORE_CALENDAR else cell

    def put(self, sheet: Any, row: int, column: int, cell: Cell, kind: str, role: Role) -> None:
        """Write a cell by its type."""
        if isinstance(cell, str):
            kind = "quoted" if starts_formula(cell) else "text"
            sheet.write_string(row, column, literal(cell), self.formats.get((kind, role)) or self.format_of(kind, role))
        elif cell is None:
            sheet.write_blank(row, column, None, self.format_of("text", role))
        elif isinstance(cell, datetime | date):
            sheet.write_datetime(row, column, cell, self.format_of(kind, role))
        else:
            whole = kind == "number" and isinstance(cell, int)
            sheet.write_number(row, column, cell, self.format_of("int" if whole else kind, role))

    def totals(self, sheet: Any, row: int, values: Sequence[object], kinds: Sequence[ValueKind]) -> None:
        """Write the last row of a table. Its values are numbers like those of their columns, or texts."""
        for column, (value, kind_of_column) in enumerate(zip(values, kinds, strict=True)):
            kind = kind_of_column if kind_of_column in NUMERIC and not isinstance(value, str) else kind_of(value)
            self.put(sheet, row, column, self.cell(value, kind), kind, "total")

    def columns(self, sheet: Any, row: int, titles: Sequence[str], kinds: Sequence[ValueKind]) -> None:
        """Write the titles of columns, those of numbers at the right like their numbers."""
        for index, (title, kind) in enumerate(zip(titles, kinds, strict=True)):
            style = "columns_right" if kind in NUMERIC else "columns"
            sheet.write_string(row, index, literal(clean(title)), self.format_of(style))


def literal(text: str) -> str:
    """Return a text that XlsxWriter writes as it is, cut to what a cell holds."""
    if len(text) > MAX_TEXT // 2:
        limit = MAX_TEXT // 2 if max(text) > "\uffff" else MAX_TEXT
        text = text if len(text) <= limit else text[:limit] + "…"
    # XlsxWriter takes "<r>...</r>" for markup of a rich string and copies it into the file unescaped.
    return text + " " if text.startswith("<r>") and text.endswith("</r>") else text


def short_name(title: str, limit: int = SHEET_NAME) -> str:
    """Return a title as the name of a sheet: without what stands in brackets if it is too long, cut between words."""
    name = _FORBIDDEN_IN_NAMES.sub(" ", clean(title)).strip(" '")
    if len(name) > limit:
        name = name.split(" (")[0]
    if len(name) > limit:
        words = name[: limit + 1].rsplit(" ", 1)[0]
        name = (_LAST_WORDS.sub("", words) or words)[:limit]
    return name.strip(" '")


def width_of(text: str) -> float:
    """Return the width of a column that has a text in one line."""
    return max(map(len, text.split("\n"))) * FILLING + PADDING


def lines_of(text: str, width: float) -> int:
    """Return about how many lines a text needs in a width."""
    room = max(1, int((width - 0.5) / AVERAGE))
    return sum(_wrapped(part, room) for part in text.split("\n"))


def _wrapped(text: str, room: int) -> int:
    if len(text) <= room:
        return 1
    lines, left = 1, room
    for word in text.split(" "):
        size = len(word)
        if size > left:
            lines += max(1, ceil(size / room)) if left < room else ceil(size / room) - 1
            left = room - (size % room or room)
        else:
            left -= size
        left -= 1  # for the blank
    return lines
