"""Reading sheets: an xlsx or csv file becomes a file of rows, each a list of texts, that is read row by row.

Whatever the format, the rows are laid out in a local file first, so a file that cannot be read to its end is refused
before anything is done with it, the number of rows is known, and the memory of the worker does not grow with the file.
For xlsx another process does it (workbook.py says why, and what it takes). csv is UTF-8 with or without BOM, UTF-16
with BOM, or Windows-1251, separated by commas, semicolons or tabs: what a Russian Excel writes, one way or another.
"""

import codecs
import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from chalicelib.batches.exchange import workbook
from chalicelib.core.errors import BadRequest, TooLarge

Format = Literal["xlsx", "csv"]
MAX_BYTES = 10 * 1024 * 1024  # of a file
MAX_ROWS = 200_000
_BLOCK, _GLANCE = 1 << 20, 4_096
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Unreadable(BadRequest):
    """The file cannot be read; the message says why in words its author can act on."""


@dataclass(frozen=True)
class Sheet:
    """A sheet that can be read: the texts of its first row, the number of rows after it, and where they are."""

    header: list[str]
    count: int
    path: Path

    def rows(self) -> Iterator[list[str]]:
        """The rows after the header, blank ones too."""
        found = _laid_out(self.path)
        next(row for row in found if not blank(row))
        yield from found


def read(source: Path, format: Format, folder: Path) -> Sheet:
    """Lay out the rows of a file in `folder`; Unreadable when that cannot be done."""
    target = folder / "rows.jsonl"
    (_xlsx if format == "xlsx" else _csv)(source, target)
    before, header = next(((place, row) for place, row in enumerate(_laid_out(target)) if not blank(row)), (0, []))
    if not header:
        raise Unreadable("В файле нет ни одной строки")
    count = _count(target) - before - 1
    if count > MAX_ROWS:
        raise Unreadable(f"В файле {count} строк, за один раз принимается не больше {MAX_ROWS}")
    return Sheet(header, count, target)


def _laid_out(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield from json.loads(line)


def _count(path: Path) -> int:
    """How many rows there are; only the last block has to be looked into."""
    blocks, last = 0, "[]"
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            blocks, last = blocks + 1, line
    return max(0, blocks - 1) * workbook.BLOCK + len(json.loads(last))


def check_name(name: str) -> Format:
    """The format that the name of a file stands for; BadRequest when it is neither xlsx nor csv."""
    if name.lower().endswith(".xlsx"):
        return "xlsx"
    if name.lower().endswith(".csv"):
        return "csv"
    raise BadRequest("Неподдерживаемый тип файла: принимаются xlsx и csv")


def check_type(name: str, content: bytes) -> Format:
    """The format of a file by its name; BadRequest when its content cannot be that, whatever it is."""
    format = check_name(name)
    if not (_is_workbook if format == "xlsx" else _is_text)(content):
        raise BadRequest(f"Содержимое файла не является {format}")
    return format


def too_large() -> TooLarge:
    """The file is over the limit."""
    return TooLarge(f"Файл больше {MAX_BYTES // 2**20} МБ")


def _is_workbook(content: bytes) -> bool:
    return content.startswith(b"PK\x03\x04") and b"xl/workbook.xml" in content


def _is_text(content: bytes) -> bool:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return True
    binary = b"\0" in content[:_GLANCE] or content.startswith((b"PK\x03\x04", b"%PDF-", b"{\\rtf"))
    return bool(content) and not binary


def _xlsx(source: Path, target: Path) -> None:
    environment = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-S", workbook.__file__, str(source), str(target)]
    code = subprocess.run(command, env=environment, stderr=subprocess.DEVNULL, check=False).returncode
    if code in (workbook.BROKEN, 1):
        raise Unreadable("Файл поврежден или не является книгой Excel (xlsx)")
    if code:
        raise Unreadable("Книга Excel слишком велика в распакованном виде: удалите лишние листы, строки и столбцы")


def _csv(source: Path, target: Path) -> None:
    csv.field_size_limit(MAX_BYTES)
    encoding = _encoding(source)
    try:
        with source.open(encoding=encoding, newline="") as file:
            reader = csv.reader(file, delimiter=_delimiter(source, encoding), strict=True)
            workbook.lay_out((list(map(plain, row)) for row in reader), str(target))
    except UnicodeDecodeError:
        raise Unreadable("Файл не читается как текст: сохраните его в кодировке UTF-8") from None
    except csv.Error:
        raise Unreadable(f"Файл csv поврежден около строки {reader.line_num}: проверьте кавычки") from None


def _encoding(source: Path) -> str:
    with source.open("rb") as file:
        start = file.read(2)
        if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while block := file.read(_BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1251"
    return "utf-8-sig"


def _delimiter(source: Path, encoding: str) -> str:
    with source.open(encoding=encoding) as file:
        header = file.readline(_BLOCK)
    return max(",;\t", key=header.count)


def blank(row: Sequence[str]) -> bool:
    """Nothing can be seen in the row."""
    return not any(map(str.strip, row))


# -- texts a spreadsheet would run as formulas ------------------------------------------------------------------------


def guarded(text: str) -> str:
    """A text for csv: what a spreadsheet would take for a formula gets an apostrophe in front (OWASP).

    So does what `plain` would otherwise take such an apostrophe from.
    """
    return f"'{text}" if text.lstrip("'").startswith(_FORMULA) else text


def plain(text: str) -> str:
    """What `guarded` was given."""
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(_FORMULA) else text
