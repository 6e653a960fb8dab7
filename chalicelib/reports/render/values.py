"""Conversion of values to cells: the same rules for every format, without the libraries of formats."""

import math
import re
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal

from chalicelib.core import csv_text, texts
from chalicelib.core.texts import text as translated
from chalicelib.reports.render.document import Id, Percent, ValueKind

Number = int | float | Decimal
Cell = str | Number | date | datetime | None

NUMERIC: frozenset[ValueKind] = frozenset({"int", "number", "percent"})
NBSP = "\u00a0"
UUID_START = 8  # characters of a UUID on paper

# A spreadsheet keeps 15 digits of a number; a larger one is written as text.
_EXACT = 10**15
# Longer integers take quadratic time to print, and Python raises at 4,300 digits.
_PRINTABLE_BITS = 10_000
_LINE_ENDS = re.compile("\r\n?|\x85|\u2028|\u2029")
# Control characters and non-characters: XML forbids them, and fonts have no glyphs for them.
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
GROUP_SEPARATOR = "\x1d"  # a part of marking codes (GS1)
_SURROGATES = re.compile("[\ud800-\udfff]")
_FORMULA_STARTS = csv_text.DROPPED.union(csv_text.FORMULA_STARTS)


def clean(value: object) -> str:
    """Return a value as text without characters that a file cannot have; lone surrogates are replaced."""
    text = _printed(value) if isinstance(value, int) else str(value)
    if text.isprintable():
        return text
    text = _SURROGATES.sub("\ufffd", text)
    return _UNWANTED.sub("", _LINE_ENDS.sub("\n", text))


def cell_text(value: object) -> str:
    """Return the text of a table cell, in which marking codes keep their group separators."""
    if not isinstance(value, str) or GROUP_SEPARATOR not in value:
        return clean(value)
    return GROUP_SEPARATOR.join(map(clean, value.split(GROUP_SEPARATOR)))


def starts_formula(text: str) -> bool:
    """Return whether a spreadsheet may run this text as a formula when the cell is edited."""
    return text[:1] in _FORMULA_STARTS


def kind_of(value: object) -> ValueKind:
    """Return the kind of a fact, which has no column."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, Percent):
        return "percent"
    if isinstance(value, Id):
        return "id"
    if isinstance(value, int):
        return "int"
    if isinstance(value, float | Decimal):
        return "number"
    if isinstance(value, datetime):
        return "datetime"
    return "date" if isinstance(value, date) else "text"


def to_cell(value: object, kind: ValueKind, zone: tzinfo) -> Cell:
    """Return the value as a cell of a kind; a value of another kind becomes its text, so that bad data is shown."""
    if value is None:
        return None
    if kind == "bool" and isinstance(value, bool):
        return translated("Да") if value else translated("Нет")
    if (kind in NUMERIC or kind == "id") and isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return value if _is_exact(value) else clean(value)
    if isinstance(value, datetime) and kind in ("date", "datetime"):
        moment = in_zone(value, zone)
        return moment if kind == "datetime" else moment.date()
    if isinstance(value, date) and kind in ("date", "datetime"):
        return value
    return cell_text(value)


def in_zone(moment: datetime, zone: tzinfo) -> datetime:
    """Return a datetime in a time zone, as a naive one, because files have no time zones."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        return aware.astimezone(zone).replace(tzinfo=None)
    except OverflowError:  # in the first and last hours of the calendar
        return aware.replace(tzinfo=None)


def value_text(value: object, kind: ValueKind, zone: tzinfo) -> str:
    """Return a value as text on paper, see `display_text`."""
    shown = display_text(to_cell(value, kind, zone), kind)
    return shown[:UUID_START] if kind == "uuid" else shown


def display_text(cell: Cell, kind: ValueKind) -> str:
    """Return a cell as text in the current language: 1 234,50; 85,5 %; 31.12.2025 23:59 in Russian, 1,234.50; 85.5%;
    2025-12-31 23:59 in English.
    """
    if isinstance(cell, str):
        return cell
    if cell is None:
        return "—"
    if isinstance(cell, datetime):
        return f"{day_text(cell)} {cell.hour:02}:{cell.minute:02}"
    if isinstance(cell, date):
        return day_text(cell)
    if kind == "id":
        return clean(cell)
    if kind == "percent":
        return f"{_grouped(cell * 100, 1)}%" if _is_english() else f"{_grouped(cell * 100, 1)}{NBSP}%"
    if kind == "int" and not isinstance(cell, int):
        return _grouped(cell, 2).rstrip("0").rstrip(",.")
    return _grouped(cell, 0 if isinstance(cell, int) else 2)


def zone_name(moment: datetime, zone: tzinfo) -> str:
    """Return the short name of a time zone at an instant: UTC, MSK, +05."""
    return moment.astimezone(zone).strftime("%Z")


def zone_title(moment: datetime, zone: tzinfo) -> str:
    """Return the name of a time zone with its offset at an instant: Europe/Moscow (UTC+03:00)."""
    offset = moment.astimezone(zone).strftime("%z")
    name = str(zone)
    return name if name == "UTC" else f"{name} (UTC{offset[:3]}:{offset[3:5]})"


def day_text(day: date) -> str:
    """Return a day as it is written in the current language."""
    if _is_english():
        return f"{day.year:04}-{day.month:02}-{day.day:02}"
    return f"{day.day:02}.{day.month:02}.{day.year:04}"


def _is_english() -> bool:
    return texts.current() == texts.ENGLISH


def _grouped(value: Number, digits: int) -> str:
    plain = f"{value:,.{digits}f}"
    return plain if _is_english() else plain.replace(",", NBSP).replace(".", ",")


def _is_exact(value: Number) -> bool:
    finite = value.is_finite() if isinstance(value, Decimal) else isinstance(value, int) or math.isfinite(value)
    return finite and -_EXACT < value < _EXACT


def _printed(value: int) -> str:
    if value.bit_length() <= _PRINTABLE_BITS:
        return str(value)
    return f"{'-' if value < 0 else ''}2^{value.bit_length() - 1}…"
