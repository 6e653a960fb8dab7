"""Marks of the cells of a workbook for what its reader does not tell: errors, formulas without a value, leading zeros.

The reader reports an error as an empty cell, and an empty cell of an optional column is valid, so that an error would
be lost. A number whose format shows it with leading zeros is a code, and its zeros belong to it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

UNCALCULATED = "#FORMULA!"  # the mark of a formula without a value
UNKNOWN = "#ERROR!"
ERRORS = frozenset((  # written by English and Russian programs
    UNCALCULATED, UNKNOWN, "#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA",
    "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#CONNECT!", "#BUSY!", "#UNKNOWN!", "#EXTERNAL!", "#PYTHON!",
    "#ПУСТО!", "#ДЕЛ/0!", "#ЗНАЧ!", "#ССЫЛКА!", "#ИМЯ?", "#ЧИСЛО!", "#Н/Д", "#ПЕРЕНОС!", "#ПЕРЕЛИВ!", "#ВЫЧИСЛ!",
    "#ПОЛЕ!", "#БЛОКИРОВКА!", "#ПОДКЛЮЧИТЬ!", "#ЗАНЯТО!", "#ОШИБКА!",
))  # fmt: skip
MAX_ROW, MAX_COLUMN = 1_048_576, 16_384
MAX_TEXT = 30  # characters of the name of an error
_ZEROS = re.compile(r"(?:\[\$[^\]]*\])?(0{2,30})(?:_.|\\? )*(?:;.*)?", re.DOTALL)

Mark = str | int  # the text of a cell, or the number of digits that it shows


@dataclass
class Marks:
    """The marked cells of a sheet, by row and column from 0, and whether its serials of days begin in 1904."""

    cells: dict[int, dict[int, Mark]] = field(default_factory=dict)
    from_1904: bool = False

    def add(self, row: int, column: int, mark: Mark) -> None:
        """Mark a cell."""
        if 0 <= row < MAX_ROW and 0 <= column < MAX_COLUMN:
            self.cells.setdefault(row, {})[column] = mark


def named(error: str) -> str:
    """Return the mark of an error by its name."""
    return error if error in ERRORS else UNKNOWN


def digits_of(number_format: str) -> int:
    """Return the number of digits that a format like `00000` or `00000;-00000` shows at least; 0 for other formats."""
    found = _ZEROS.fullmatch(number_format)
    return len(found[1]) if found else 0


def marked(row: list[str], marks: Mapping[int, Mark], first: int) -> list[str]:
    """Return a row, whose first cell is in the column `first`, with the marks of its cells."""
    places = {column - first: mark for column, mark in marks.items() if column >= first}
    if places:
        row = row + [""] * (max(places) + 1 - len(row))
        for place, mark in places.items():
            row[place] = (
                mark if isinstance(mark, str) else row[place].zfill(mark) if row[place].isdigit() else row[place]
            )
    return row
