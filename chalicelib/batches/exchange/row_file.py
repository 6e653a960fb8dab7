"""The rows of a sheet in a local file: lines of JSON, first the header, then lists of `ROWS_PER_LINE` rows.

The worker writes it for csv, and the process that reads a workbook for xlsx, so this module imports no other of the
service. Columns and rows are limited here. Rows are cut to the width of the header and blank rows at the end are left
out, so the file never has more than the sheet.
"""

import json
from collections.abc import Iterable, Iterator, Sequence

ROWS_PER_LINE = 500
MAX_COLUMNS = 200
MAX_ROWS = 200_000  # not counting blank ones


class SheetRefused(Exception):
    """A sheet is refused; the message (Russian) has the reason."""


def write_rows(rows: Iterable[Sequence[str]], target: str) -> int:
    """Write the rows of a sheet; returns how many follow the header, up to the last that is not blank."""
    left = iter(rows)
    header = next((_trimmed(row) for row in left if not is_blank(row)), None)
    if header is None:
        raise SheetRefused("В файле нет ни одной строки")
    if len(header) > MAX_COLUMNS:
        raise SheetRefused(f"В первой строке файла {len(header)} столбцов, принимается не больше {MAX_COLUMNS}")
    count, block = 0, list[Sequence[str]]()
    with open(target, "w", encoding="utf-8") as lines:  # noqa: PTH123
        lines.write(json.dumps(header, ensure_ascii=False) + "\n")
        for row in _without_blank_end(left, len(header)):
            block.append(row)
            count += 1
            if len(block) == ROWS_PER_LINE:
                lines.write(json.dumps(block, ensure_ascii=False) + "\n")
                block.clear()
        lines.write(json.dumps(block, ensure_ascii=False) + "\n")
    return count


def header_of(source: str) -> list[str]:
    """Read the header."""
    with open(source, encoding="utf-8") as lines:  # noqa: PTH123
        header: list[str] = json.loads(lines.readline())
    return header


def rows_of(source: str) -> Iterator[list[str]]:
    """Read the rows after the header, blank ones too."""
    with open(source, encoding="utf-8") as lines:  # noqa: PTH123
        lines.readline()
        for line in lines:
            yield from json.loads(line)


def is_blank(row: Sequence[str]) -> bool:
    """Return whether all cells of a row are empty or white space."""
    return not any(map(str.strip, row))


def _without_blank_end(rows: Iterable[Sequence[str]], width: int) -> Iterator[Sequence[str]]:
    """Yield the rows cut to a width, blank ones as empty rows; SheetRefused when there are too many others."""
    filled = blanks = 0
    for row in rows:
        if is_blank(row):
            blanks += 1
            continue
        filled += 1
        if filled > MAX_ROWS:
            raise SheetRefused(f"В файле больше {MAX_ROWS} строк: за один раз столько не принимается, разделите его")
        for _ in range(blanks):
            yield ()
        blanks = 0
        yield row[:width]


def _trimmed(row: Sequence[str]) -> Sequence[str]:
    """Return a row without blank cells at its end."""
    end = len(row)
    while end and not row[end - 1].strip():
        end -= 1
    return row[:end]
