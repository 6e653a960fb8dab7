"""Lists of product codes as clients send them: JSON, or csv with one column."""

import csv
import io
from typing import Any

from chalicelib.batches.schemas import ProductsAdd
from chalicelib.core.errors import BadRequest, FieldProblem, Invalid, UnsupportedMedia
from chalicelib.core.request import Request, parse_json
from chalicelib.core.validation import MAX_PROBLEMS, read_body

BODY_LIMIT = 4_500_000  # bytes: what Lambda carries, 6 MB in base64
COLUMN = "unique_code"


def read(request: Request) -> ProductsAdd:
    """The codes of a request. What is wrong with one is told with its place in the list, from 0."""
    data, problems = request.body(BODY_LIMIT), list[FieldProblem]()
    media = (request.header("content-type") or "application/json").partition(";")[0].strip().lower()
    value: Any = None
    if media == "text/csv":
        value = {"unique_codes": _column(data, problems)}
    elif media == "application/json" or media.endswith("+json"):
        value = parse_json(data) if data else {}
    else:
        raise UnsupportedMedia("Поддерживаются Content-Type: application/json и text/csv")
    body: ProductsAdd = read_body(ProductsAdd, value, problems)
    if problems:
        raise Invalid(fields=problems[:MAX_PROBLEMS])
    return body


def _column(data: bytes, problems: list[FieldProblem]) -> list[str]:
    """The only column of a csv file; its header may be left out, blank lines count for nothing."""
    try:
        lines = io.StringIO(data.decode("utf-8-sig"), newline="")
        rows = [row for row in csv.reader(lines) if any(map(str.strip, row))]
    except UnicodeDecodeError:
        raise BadRequest("Тело запроса не в кодировке UTF-8") from None
    except csv.Error:
        raise BadRequest("Тело запроса не является корректным CSV") from None
    if rows and rows[0][0].strip().lower() == COLUMN:
        del rows[0]
    for number, row in enumerate(rows):
        if any(map(str.strip, row[1:])):
            reason = f"ожидается один столбец {COLUMN}"
            problems.append({"loc": ["body", "unique_codes", number], "msg": reason, "type": "csv_columns"})
    return [row[0] for row in rows]
