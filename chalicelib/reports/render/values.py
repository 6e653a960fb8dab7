"""From a value of the domain to what a cell holds: the same rules for every format, and none of their libraries."""

import math
import re
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal

from chalicelib.reports.render.document import Kind, Percent

Number = int | float | Decimal
Cell = str | Number | date | datetime | None

NUMERIC: frozenset[Kind] = frozenset({"int", "number", "percent"})
NBSP = "\u00a0"

# A spreadsheet keeps 15 digits of a number; beyond that the text is the truth.
_EXACT = 10**15
# A float may have printed as an integer until here; longer ones cost quadratic time and Python refuses at 4,300 digits.
_PRINTABLE_BITS = 10_000
_LINE_ENDS = re.compile("\r\n?|\x85|\u2028|\u2029")
# Control characters and non-characters: XML forbids them, and no font draws them.
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
GROUP_SEPARATOR = "\x1d"  # a part of marking codes (GS1)
_SURROGATES = re.compile("[\ud800-\udfff]")
# What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection), with the full-width forms.
_FORMULA_STARTS = frozenset("=+-@\t\r\n＝＋－＠")


def clean(value: object) -> str:
    """The text of a value without what no file format can hold; lone surrogates become the replacement character."""
    text = _printed(value) if isinstance(value, int) else str(value)
    if text.isprintable():
        return text
    text = _SURROGATES.sub("\ufffd", text)
    return _UNWANTED.sub("", _LINE_ENDS.sub("\n", text))


def cell_text(value: object) -> str:
    """The same for a cell of a table, where a marking code keeps its group separators."""
    if not isinstance(value, str) or GROUP_SEPARATOR not in value:
        return clean(value)
    return GROUP_SEPARATOR.join(map(clean, value.split(GROUP_SEPARATOR)))


def starts_formula(text: str) -> bool:
    """Whether a spreadsheet may run a cell with this text when somebody edits it."""
    return text[:1] in _FORMULA_STARTS


def kind_of(value: object) -> Kind:
    """The kind of a fact, which has no column to say so."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, Percent):
        return "percent"
    if isinstance(value, int):
        return "int"
    if isinstance(value, float | Decimal):
        return "number"
    if isinstance(value, datetime):
        return "datetime"
    return "date" if isinstance(value, date) else "text"


def typed(value: object, kind: Kind, zone: tzinfo) -> Cell:
    """The value as its column wants it, or its text where it is of another kind: bad data is shown, never hidden."""
    if value is None:
        return None
    if kind == "bool" and isinstance(value, bool):
        return "Да" if value else "Нет"
    if kind in NUMERIC and isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return value if _is_exact(value) else clean(value)
    if isinstance(value, datetime) and kind in ("date", "datetime"):
        moment = local(value, zone)
        return moment if kind == "datetime" else moment.date()
    if isinstance(value, date) and kind in ("date", "datetime"):
        return value
    return cell_text(value)


def local(moment: datetime, zone: tzinfo) -> datetime:
    """The moment on the clock of the zone, as a naive datetime: files have no time zones."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        return aware.astimezone(zone).replace(tzinfo=None)
    except OverflowError:  # the first and last hours of the calendar have no neighbours to move to
        return aware.replace(tzinfo=None)


def shown(cell: Cell, kind: Kind) -> str:
    """The cell as a Russian reader expects it on paper: 1 234,50; 85,5 %; 31.12.2025 23:59."""
    if isinstance(cell, str):
        return cell
    if cell is None:
        return "—"
    if isinstance(cell, datetime):
        return f"{_day(cell)} {cell.hour:02}:{cell.minute:02}"
    if isinstance(cell, date):
        return _day(cell)
    if kind == "percent":
        return f"{_grouped(cell * 100, 1)}{NBSP}%"
    if kind == "int" and not isinstance(cell, int):
        return _grouped(cell, 2).rstrip("0").rstrip(",")
    return _grouped(cell, 0 if isinstance(cell, int) else 2)


def zone_name(moment: datetime, zone: tzinfo) -> str:
    """How the zone is called at that moment: UTC, MSK, +05."""
    return moment.astimezone(zone).strftime("%Z")


def _day(value: date) -> str:
    return f"{value.day:02}.{value.month:02}.{value.year:04}"


def _grouped(value: Number, digits: int) -> str:
    return f"{value:,.{digits}f}".replace(",", NBSP).replace(".", ",")


def _is_exact(value: Number) -> bool:
    finite = value.is_finite() if isinstance(value, Decimal) else isinstance(value, int) or math.isfinite(value)
    return finite and -_EXACT < value < _EXACT


def _printed(value: int) -> str:
    if value.bit_length() <= _PRINTABLE_BITS:
        return str(value)
    return f"{'-' if value < 0 else ''}2^{value.bit_length() - 1}…"
