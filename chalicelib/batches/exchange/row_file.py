"""The rows of a sheet in a local file: lines of JSON, first the header, then lists of up to `ROWS_PER_LINE` rows.

The worker writes it for csv, and the process that reads a workbook for the others, so this module imports no other of
the service but those that know headings. Columns and rows are limited here. Rows are cut to the width of the header and
blank rows at the end are left out, so the file never has more than the sheet.
"""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, repeat
from typing import NamedTuple

from chalicelib.batches.exchange import headings

ROWS_PER_LINE = 500
CHARACTERS_PER_LINE = 4 << 20  # a line ends with the row that reaches it
MAX_ROWS = 200_000  # not counting blank ones
HEADER_ROWS = 30  # that are not blank, in which the header is searched

PASSWORD = "Файл защищен паролем: снимите пароль и отправьте его снова"  # noqa: S105
NO_ROWS = "В файле нет ни одной строки"
TOO_WIDE = "В заголовке файла {count} столбцов, принимается не больше {limit}"
TOO_LONG = "В файле больше {limit} строк: за один раз столько не принимается, разделите его"


Cleaner = Callable[[Sequence[str]], Sequence[str]]
CleanerOf = Callable[[Sequence[str]], Cleaner]  # for a header, what changes its rows before they are written


class SheetRefused(Exception):
    """A sheet is refused: the reason (Russian) as a template, and its values."""

    def __init__(self, template: str, **values: str | int) -> None:
        super().__init__(template)
        self.template, self.values = template, values


class Start(NamedTuple):
    """The start of a sheet: the cells of the header, its row in the file from 1, and the rows read behind it.

    `width` counts the blank cells behind the header too.
    """

    header: Sequence[str]
    row: int
    rest: Iterator[Sequence[str]]
    width: int


def start_of(rows: Iterator[Sequence[str]]) -> Start:
    """Read the start of a sheet up to its header, which may follow titles."""
    numbers, first, widths = list[int](), list[Sequence[str]](), list[int]()
    for number, row in enumerate(rows, start=1):
        if not is_blank(row):
            numbers.append(number)
            widths.append(len(row))
            first.append(_trimmed(row))
            if len(first) == HEADER_ROWS or not headings.read(row).missing:
                break
    if not first:
        raise SheetRefused(NO_ROWS)
    position, header = headings.find(first)
    width = max(len(header), widths[position])
    return Start(header, numbers[position], _with_blanks(numbers[position:], first[position:]), width)


def _with_blanks(numbers: Sequence[int], rows: Sequence[Sequence[str]]) -> Iterator[Sequence[str]]:
    """Yield the rows behind the first one, and the blank ones between them."""
    for before, number, row in zip(numbers, numbers[1:], rows[1:], strict=False):
        yield from repeat((), number - before - 1)
        yield row


def write_rows(rows: Iterable[Sequence[str]], target: str, cleaner_of: CleanerOf | None = None) -> int:
    """Write the rows of a sheet; returns how many follow the header, up to the last that is not blank.

    With `cleaner_of`, of csv, a row keeps its further cells if the first one behind the header is filled: they are the
    rest of a text that has a separator and no quotes.
    """
    left = iter(rows)
    header, row, rest, width = start_of(left)
    if len(header) > headings.MAX_COLUMNS:
        raise SheetRefused(TOO_WIDE, count=len(header), limit=headings.MAX_COLUMNS)
    written = width if cleaner_of else sys.maxsize
    following = _without_blank_end(chain(rest, left), len(header), written)
    if cleaner_of:
        clean = cleaner_of(header)
        header, following = clean(header), map(clean, following)
    count, size, block = 0, 0, list[Sequence[str]]()
    with open(target, "w", encoding="utf-8") as lines:  # noqa: PTH123
        lines.write(json.dumps([row, header], ensure_ascii=False) + "\n")
        for cells in following:
            block.append(cells)
            count += 1
            size += sum(map(len, cells))
            if len(block) == ROWS_PER_LINE or size >= CHARACTERS_PER_LINE:
                lines.write(json.dumps(block, ensure_ascii=False) + "\n")
                block.clear()
                size = 0
        lines.write(json.dumps(block, ensure_ascii=False) + "\n")
    return count


def header_of(source: str) -> tuple[int, list[str]]:
    """Read the row of the header, and its cells."""
    with open(source, encoding="utf-8") as lines:  # noqa: PTH123
        row, header = json.loads(lines.readline())
    return row, header


def rows_of(source: str) -> Iterator[list[str]]:
    """Read the rows after the header, blank ones too."""
    with open(source, encoding="utf-8") as lines:  # noqa: PTH123
        lines.readline()
        for line in lines:
            yield from json.loads(line)


def rows_with(source: str, mark: str) -> Iterator[list[str]]:
    """Read those parts of the rows that have this character."""
    with open(source, encoding="utf-8") as lines:  # noqa: PTH123
        lines.readline()
        for line in lines:
            if mark in line:
                yield from json.loads(line)


def is_blank(row: Sequence[str]) -> bool:
    """Return whether all cells of a row are empty or white space."""
    return not any(map(str.strip, row))


def _without_blank_end(rows: Iterable[Sequence[str]], width: int, written: int) -> Iterator[Sequence[str]]:
    """Yield the rows cut to a width, blank ones as empty rows; SheetRefused when there are too many others."""
    filled = blanks = 0
    for row in rows:
        if is_blank(row):
            blanks += 1
            continue
        filled += 1
        if filled > MAX_ROWS:
            raise SheetRefused(TOO_LONG, limit=MAX_ROWS)
        yield from repeat((), blanks)
        blanks = 0
        yield row if len(row) > written and row[written].strip() else row[:width]


def _trimmed(row: Sequence[str]) -> Sequence[str]:
    """Return a row without blank cells at its end."""
    end = len(row)
    while end and not row[end - 1].strip():
        end -= 1
    return row[:end]
