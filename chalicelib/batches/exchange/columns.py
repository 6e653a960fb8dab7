"""The columns of a sheet of batches: their names, which a file must have, and how a cell is written.

The products of a batch are a JSON list of codes. A cell of xlsx holds 32,767 characters, so a longer list continues in
`products_2`, `products_3` and so on: a JSON list in each, read in this order. csv has one column of any length.
"""

import json
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "number", "day", "moment", "flag", "products"]
PRODUCTS = "products"
ERROR = "error"
EXAMPLE_CODE = "EKN-001"  # the EKN code of the example of the template
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
