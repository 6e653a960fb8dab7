"""The rows of a sheet in a local file: lines of JSON, first the header, then lists of `BLOCK` rows.

Written by the worker for csv and by the process that reads a workbook for xlsx, so this imports nothing of ours. What a
file can ask for is bounded here: columns and rows. A row is cut to the width of the header and blank ones at the end do
not count, so what is written never grows beyond what the file holds.
"""

import json
from collections.abc import Iterable, Iterator, Sequence

BLOCK = 500  # rows of a line
MAX_COLUMNS = 200
MAX_ROWS = 200_000  # that are not blank


class Refused(Exception):
    """What the sheet holds is not taken; the message (Russian) says why."""


def lay_out(rows: Iterable[Sequence[str]], target: str) -> int:
    """Write the rows of a sheet; returns how many follow the header, to the last that is not blank."""
    left = iter(rows)
    header = next((_trimmed(row) for row in left if not blank(row)), None)
    if header is None:
        raise Refused("В файле нет ни одной строки")
    if len(header) > MAX_COLUMNS:
        raise Refused(f"В первой строке файла {len(header)} столбцов, принимается не больше {MAX_COLUMNS}")
    count, block = 0, list[Sequence[str]]()
    with open(target, "w", encoding="utf-8") as lines:  # noqa: PTH123
        lines.write(json.dumps(header, ensure_ascii=False) + "\n")
        for row in _without_blank_end(left, len(header)):
            block.append(row)
            count += 1
            if len(block) == BLOCK:
                lines.write(json.dumps(block, ensure_ascii=False) + "\n")
                block.clear()
        lines.write(json.dumps(block, ensure_ascii=False) + "\n")
    return count


def header_of(source: str) -> list[str]:
    """The header that was written."""
    with open(source, encoding="utf-8") as lines:  # noqa: PTH123
        header: list[str] = json.loads(lines.readline())
    return header


def rows_of(source: str) -> Iterator[list[str]]:
    """The rows after it, blank ones too."""
    with open(source, encoding="utf-8") as lines:  # noqa: PTH123
        lines.readline()
        for line in lines:
            yield from json.loads(line)


def blank(row: Sequence[str]) -> bool:
    """Nothing can be seen in the row."""
    return not any(map(str.strip, row))


def _without_blank_end(rows: Iterable[Sequence[str]], width: int) -> Iterator[Sequence[str]]:
    """The rows cut to a width, blank ones as empty rows; Refused when there are too many others."""
    filled = blanks = 0
    for row in rows:
        if blank(row):
            blanks += 1
            continue
        filled += 1
        if filled > MAX_ROWS:
            raise Refused(f"В файле больше {MAX_ROWS} строк: за один раз столько не принимается, разделите его")
        for _ in range(blanks):
            yield ()
        blanks = 0
        yield row[:width]


def _trimmed(row: Sequence[str]) -> Sequence[str]:
    """A row without blank cells at its end."""
    end = len(row)
    while end and not row[end - 1].strip():
        end -= 1
    return row[:end]
