"""An xlsx file as rows of texts, laid out in a file: a program of its own, `python workbook.py in out`.

The reader (calamine, in Rust) holds the sheet in memory, and a small file can ask for any amount of it: one cell at
XFD1048576 makes a table of 17 billion cells, and a failed allocation ends the process. So it runs apart from the
worker, with bounded memory and time and without any rights: whatever a file does, the worker lives and says what was
wrong. Memory grows with the file, up to `MEMORY`: 100,000 rows of 17 columns take about 180 MB.
"""

import json
import resource
import sys
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

MEMORY = 512 << 20  # address space, bytes
SECONDS = 120  # of processor
UNPACKED = 256 << 20  # what a file may declare to hold; one that lies meets MEMORY
BLOCK = 500  # rows of a line
BROKEN, TOO_MUCH = 3, 4  # exit codes


def lay_out(rows: Iterable[list[str]], target: str) -> None:
    """Write rows as lines of JSON, each a list of `BLOCK` rows; the last one of what is left."""
    left = iter(rows)
    with open(target, "w", encoding="utf-8") as lines:  # noqa: PTH123
        while block := list(islice(left, BLOCK)):
            lines.write(json.dumps(block, ensure_ascii=False) + "\n")


def text_of(cell: Any) -> str:
    """A cell as the text a csv file would have: whole numbers without a fraction, days and instants as ISO 8601."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e16 else repr(cell)
    if isinstance(cell, datetime):
        return _rounded(cell).isoformat()
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)


def _rounded(moment: datetime) -> datetime:
    """To the millisecond: a sheet keeps instants as fractions of a day, which are a few microseconds off."""
    return moment - timedelta(microseconds=(moment.microsecond + 500) % 1_000 - 500)


def rows_of(source: str) -> Iterator[list[str]]:
    """The rows of the first sheet."""
    from python_calamine import CalamineWorkbook

    with CalamineWorkbook.from_path(source) as book:
        for row in book.get_sheet_by_index(0).iter_rows():
            yield [cell if cell.__class__ is str else text_of(cell) for cell in row]


def main(source: str, target: str) -> int:
    """The exit code: 0, BROKEN, TOO_MUCH; anything else is a crash."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    import zipfile

    from python_calamine import CalamineError

    try:
        with zipfile.ZipFile(source) as parts:
            if sum(part.file_size for part in parts.infolist()) > UNPACKED:
                return TOO_MUCH
        lay_out(rows_of(source), target)
    except MemoryError:
        return TOO_MUCH
    except (CalamineError, zipfile.BadZipFile, OSError, ValueError):
        return BROKEN
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
