"""A look at a csv file in the request that sends it, which tells at once what will end the import."""

import csv

from chalicelib.batches.exchange import headings, row_file, sheets
from chalicelib.batches.exchange.row_file import SheetRefused
from chalicelib.batches.exchange.rows import check_header
from chalicelib.core import csv_text, encodings
from chalicelib.core.errors import BadRequest
from chalicelib.core.texts import text

MAX_BYTES = 1 << 20  # of a file that is looked at
_START = 1 << 16  # characters that are searched for the header


def problem_of(content: bytes) -> str | None:
    """Return why an import of a csv file will fail, as far as its encoding and its header show it."""
    if len(content) > MAX_BYTES:
        return None
    try:
        start = content.decode(encodings.encoding_of(content))[:_START]
        rows = csv_text.records(start, sheets.dialect_of(start))
        check_header(headings.read(row_file.start_of(rows).header))
    except SheetRefused as refused:
        return text(refused.template, **refused.values)
    except (encodings.UnknownEncoding, BadRequest) as problem:
        return str(problem)
    except csv.Error:  # the start may end inside a quoted cell
        return None
    return None
