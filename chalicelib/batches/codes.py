"""Reading lists of product codes from requests: JSON or csv.

A csv body is one column of codes, or a table with a header that names the column of codes (`unique_code`). A first row
that may be another header, or a table without a header, is refused: it would become products.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from chalicelib.batches.exchange import headings
from chalicelib.batches.schemas import AddMode, ProductsAdd
from chalicelib.core import csv_text, encodings
from chalicelib.core.csv_text import Dialect
from chalicelib.core.errors import BadRequest, FieldProblem, Invalid, UnsupportedMedia
from chalicelib.core.fields import MAX_ITEMS
from chalicelib.core.request import Request, parse_json
from chalicelib.core.texts import text
from chalicelib.core.validation import MAX_PROBLEMS, read_body

MAX_BODY_BYTES = 4_500_000  # 6 MB in base64, the limit of Lambda
COLUMN = "unique_code"
_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
_DIGIT = re.compile("[0-9]")
_INNER_BLANK = re.compile(r"\S[ \xa0]+\S")
# What headers have and codes do not: no digit, a space between words, Cyrillic letters.
_TRAITS: tuple[Callable[[str], bool], ...] = (
    lambda cell: not _DIGIT.search(cell),
    lambda cell: bool(_INNER_BLANK.search(cell)),
    lambda cell: bool(_CYRILLIC.search(cell)),
)
_OF_A_CODE = frozenset(("blank", "control_characters", "string_too_short", "string_too_long"))
MAX_SHOWN = 200  # characters of a refused text
_ADVICE = "назовите столбец с кодами {column} в первой строке"


@dataclass(frozen=True)
class CodesToAdd:
    """The codes to add, the mode, and the texts that are no codes, each with the reason."""

    codes: list[str]
    mode: AddMode
    refused: list[dict[str, str]]


def read(request: Request, mode: AddMode) -> CodesToAdd:
    """Read the codes of a request; `mode` is used if the body has none.

    Invalid names a wrong code by its position in the list, from 0. With `proceed` the other codes are added, unless all
    or `MAX_PROBLEMS` are wrong. With so many wrong ones the body is taken for something else, and refused.
    """
    data, problems = request.body(MAX_BODY_BYTES), list[FieldProblem]()
    media = (request.header("content-type") or "application/json").partition(";")[0].strip().lower()
    value: Any = None
    if media == "text/csv":
        value = {"unique_codes": _column(data, problems)}
    elif media == "application/json" or media.endswith("+json"):
        value = parse_json(data) if data else {}
    else:
        raise UnsupportedMedia("Поддерживаются Content-Type: application/json и text/csv")
    body = read_body(ProductsAdd, value, problems)
    refused = dict[int, str]()
    if problems and _may_proceed(value, mode, problems):
        refused = {int(problem["loc"][-1]): problem["msg"] for problem in problems}
        problems = []
        good = [code for position, code in enumerate(value["unique_codes"]) if position not in refused]
        body = read_body(ProductsAdd, {**value, "unique_codes": good}, problems)
    if problems:
        raise Invalid(fields=problems[:MAX_PROBLEMS])
    named = [
        {"code": value["unique_codes"][position][:MAX_SHOWN], "reason": reason} for position, reason in refused.items()
    ]
    return CodesToAdd(body.unique_codes, body.mode or mode, named)


def _may_proceed(value: Any, mode: AddMode, problems: Sequence[FieldProblem]) -> bool:
    """Return whether only some codes are wrong and the mode adds the others."""
    if not all(len(problem["loc"]) == 3 and problem["type"] in _OF_A_CODE for problem in problems):
        return False
    most = min(MAX_PROBLEMS, len(value["unique_codes"]))
    return (value.get("mode") or mode) == "proceed" and len(problems) < most


def _column(data: bytes, problems: list[FieldProblem]) -> list[str]:
    """Read the codes of a csv text, at most one more than allowed; blank lines are skipped."""
    try:
        table = encodings.decode_utf8(data)
    except encodings.UnknownEncoding as unknown:
        raise BadRequest(str(unknown)) from None
    dialect, position = _layout(table[: csv_text.SAMPLE])
    lines = io.StringIO(table, newline="")
    try:
        records = (record for record in csv_text.read(lines, dialect) if any(map(str.strip, record)))
        width = len(next(records)) if position is not None else 1
        codes = list(islice(_codes(records, position or 0, width, problems), MAX_ITEMS + 1))
    except csv.Error:
        raise BadRequest("Тело запроса не является корректным CSV: проверьте кавычки") from None
    if position is None:
        _check_without_header(codes)
    return codes


def _layout(start: str) -> tuple[Dialect, int | None]:
    """Return the dialect of a text, and the position of the codes in its records; None without a header."""
    known = csv_text.dialect_of(start)
    dialects = [known] if known.skip else [Dialect(delimiter) for delimiter in csv_text.DELIMITERS]
    for dialect in dialects:
        header = csv_text.first_record(start[dialect.skip :], dialect.delimiter)
        exact = [position for position, cell in enumerate(header) if cell.strip().lower() == COLUMN]
        found = exact or [position for position, cell in enumerate(header) if headings.names_code(cell)]
        if len(found) > 1:
            raise BadRequest(text("Столбец {column} указан несколько раз", column=header[found[0]].strip()[:50]))
        if found:
            return dialect, found[0]
    return dialects[0], None


def _codes(records: Iterator[list[str]], position: int, width: int, problems: list[FieldProblem]) -> Iterator[str]:
    """Yield the cells at a position, until the problems reach the maximum of a response."""
    for number, record in enumerate(records):
        if any(map(str.strip, record[width:])):
            reason = "больше значений, чем столбцов в первой строке: код с разделителем берется в кавычки"
            reason = "ожидается один столбец {column}" if width == 1 else reason
            reason = text(reason, column=COLUMN)
            problems.append({"loc": ["body", "unique_codes", number], "msg": reason, "type": "csv_columns"})
            if len(problems) >= MAX_PROBLEMS:
                return
        yield record[position] if position < len(record) else ""


def _check_without_header(codes: Sequence[str]) -> None:
    """Refuse rows that do not look like one column of codes."""
    if not codes:
        return
    first, others = codes[0], codes[1:]
    traits = [has for has in _TRAITS if has(first)]
    advice = text(_ADVICE, column=COLUMN)
    if any(not any(map(has, others)) for has in traits) if others else len(traits) > 1:
        raise BadRequest(
            text(
                "Первая строка «{first}» похожа на заголовок: {advice}",
                first=first.strip()[:50],
                advice=advice,
            )
        )
    separators = {code.count(";") for code in codes}
    if len(separators) == 1 and 0 not in separators:
        raise BadRequest(text("Строки похожи на таблицу с разделителем «;»: {advice}", advice=advice))
