"""The columns of a sheet of batches: names, which a file must have, and how a cell is read and written.

Cells are read as texts in both formats (sheets.py) and converted to what the API accepts. A text that cannot be
converted stays unchanged, and validation refuses it with the name of its column.

The products of a batch are a JSON list of codes. A cell of xlsx holds 32,767 characters, so a longer list continues in
`products_2`, `products_3` and so on: a JSON list in each, read in this order. csv has one column of any length.
"""

import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from chalicelib.batches.exchange.sheet_xml import ERRORS, UNCALCULATED

Kind = Literal["text", "number", "day", "moment", "flag", "products"]
PRODUCTS = "products"
ERROR = "error"
MAX_CELL_LENGTH = 32_767  # UTF-16 code units of a cell of xlsx
_MORE_PRODUCTS = re.compile(r"products_([2-9]|[1-9][0-9]{1,4})")


@dataclass(frozen=True)
class Column:
    """A column; a file to import must have the `required` ones."""

    name: str
    kind: Kind = "text"
    required: bool = True
    export_only: bool = False
    import_only: bool = False


COLUMNS = (
    Column("batch_number", "number"),
    Column("batch_date", "day"),
    Column("nomenclature"),
    Column("ekn_code"),
    Column("shift"),
    Column("team"),
    Column("task_description"),
    Column("shift_start", "moment"),
    Column("shift_end", "moment"),
    Column("work_center_identifier"),
    Column("work_center_name", required=False),
    Column("is_closed", "flag", required=False),
    Column("closed_at", "moment", required=False),
    Column("planned_quantity", "number", required=False, import_only=True),
    Column("uuid", required=False, export_only=True),
    Column("created_at", "moment", required=False, export_only=True),
    Column("updated_at", "moment", required=False, export_only=True),
    Column(PRODUCTS, "products", required=False),  # the last one: it may continue in further columns
)
BY_NAME: Mapping[str, Column] = {column.name: column for column in COLUMNS}
REQUIRED = tuple(column.name for column in COLUMNS if column.required)
READ = frozenset(column.name for column in COLUMNS if not column.export_only and column.kind != "products")


def products_part(name: str) -> int:
    """Return the part of the products in a column: 1 for `products`, 2 for `products_2`; 0 for other columns."""
    more = _MORE_PRODUCTS.fullmatch(name)
    return int(more[1]) if more else int(name == PRODUCTS)


def products_columns(count: int) -> list[str]:
    """Return the names of `count` columns of products, at least one: `products`, `products_2`, ..."""
    return [PRODUCTS, *(f"{PRODUCTS}_{number}" for number in range(2, count + 1))]


# -- reading --------------------------------------------------------------------------------------------------------

_JSON = json.JSONDecoder(strict=False)  # a marking code may contain unescaped separators
_WHOLE_NUMBER = re.compile(r"([0-9]{1,16})(?:\.0+)?")
_DAY_FIRST = re.compile(r"([0-9]{1,2})([./])([0-9]{1,2})\2([0-9]{4})(?:[ T]+([0-9]{1,2}:[0-9]{2}.*))?")
_MIDNIGHT = re.compile(r"[ T]+0?0:00(:00(\.0+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})?")
_FLAGS = {
    **dict.fromkeys(("true", "1", "да", "yes", "истина", "1.0"), True),
    **dict.fromkeys(("false", "0", "нет", "no", "ложь", "0.0"), False),
}


_ERROR = re.compile(r"#{3,}|(?:Err|Ош|Ошибка):[0-9]{3}")  # ####: the column was too narrow; Err:502: LibreOffice
_ROUNDED = re.compile(r"-?[0-9](?:[.,][0-9]+)?[Ee]\+[0-9]{2,3}")


def fault(text: str, kind: Kind) -> tuple[str, str] | None:
    """Return code and reason of a spreadsheet error, or of a number that lost digits; None for a value.

    In csv an error is the text that its program shows, in the language of the program.
    """
    if text[:1] in "#EО" and (text in ERRORS or _ERROR.fullmatch(text)):
        if text == UNCALCULATED:
            return "formula", "формула без значения: откройте файл в Excel, пересчитайте его и сохраните"
        return "cell_error", f"в ячейке ошибка {text[:30]}"
    if kind == "text" and "+" in text and _ROUNDED.fullmatch(text):
        return "digits_lost", "число потеряло цифры: сделайте ячейку текстовой и введите его снова"
    return None


def fault_starts(kind: Kind) -> frozenset[str]:
    """Return the first characters of the texts that `fault` reports."""
    return frozenset("#EО-0123456789" if kind == "text" else "#EО")


def reader(kind: Kind) -> Callable[[str], Any]:
    """Return the function that converts a stripped cell to a value of the API."""
    return _READERS[kind]


def _number(text: str) -> int | str:
    found = _WHOLE_NUMBER.fullmatch(text)
    return int(found[1]) if found else text


def _moment(text: str) -> str:
    """Convert `20.01.2025 8:00` and `20/01/2025 8:00` to ISO 8601, which stays unchanged."""
    found = _DAY_FIRST.fullmatch(text)
    if not found:
        return text
    day, time = f"{found[4]}-{found[3]:0>2}-{found[1]:0>2}", found[5]
    return f"{day}T{'0' * (time[1] == ':')}{time}" if time else day


def _day(text: str) -> str:
    """Convert a day, without the midnight that spreadsheets add."""
    day = _moment(text)
    return day[:10] if _MIDNIGHT.fullmatch(day[10:]) else day


def _flag(text: str) -> bool | str:
    return _FLAGS.get(text.lower(), text)


def products(text: str) -> Any:
    """Convert a JSON list of codes, or of objects with a code."""
    try:
        found = _JSON.decode(text)
    except (ValueError, RecursionError):
        return text
    if not isinstance(found, list):
        return text
    return [item.get("unique_code") if isinstance(item, dict) else item for item in found]


_READERS: Mapping[Kind, Callable[[str], Any]] = {
    "text": str,
    "number": _number,
    "day": _day,
    "moment": _moment,
    "flag": _flag,
    "products": products,
}


# -- writing --------------------------------------------------------------------------------------------------------


def products_cells(codes: Iterable[str], limit: int | None) -> list[str]:
    """Return JSON lists of codes, each of at most `limit` characters, at least one list; without a limit, one."""
    lists: list[list[str]] = [[]]
    left = room = (limit or sys.maxsize) - len("[]")
    for code in codes:
        item = json.dumps(code, ensure_ascii=False)
        size = _utf16(item) + len(", ")
        if size > left and lists[-1]:
            lists.append([])
            left = room
        lists[-1].append(item)
        left -= size
    return [f"[{', '.join(items)}]" for items in lists]


def fitting(text: str) -> str:
    """Return a text cut to the length of a cell of xlsx."""
    if len(text) <= MAX_CELL_LENGTH // 2 or _utf16(text) <= MAX_CELL_LENGTH:
        return text
    return text.encode("utf-16-le")[: 2 * MAX_CELL_LENGTH].decode("utf-16-le", errors="ignore")


def _utf16(text: str) -> int:
    return len(text) + sum(char > "\uffff" for char in text) if not text.isascii() else len(text)
