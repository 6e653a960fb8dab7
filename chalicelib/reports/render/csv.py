"""Writes one table of a document as CSV for programs: its headings, then its rows, and nothing else.

It is the table that the document names, or the first that is a list. `facts` are names and values of all facts. Times
are ISO 8601 with an offset, amounts have a decimal point and no thousands, percentages are fractions with four places,
flags true and false. Separator and line end are those of RFC 4180 (comma, CRLF), as in the export and import of
batches; a semicolon is only the default of a Russian Excel. The byte order mark tells Excel that the text is UTF-8.
Texts are quoted, and a text that a spreadsheet would run as a formula gets an apostrophe (core/csv_text.py). Rows are
written as they are read.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path

from chalicelib.core import csv_text
from chalicelib.core.texts import text
from chalicelib.reports.render.document import FACTS, Document, Facts, Table, ValueKind
from chalicelib.reports.render.values import Number, clean, kind_of, to_cell

DIGITS = 4  # of a fraction, after the point
Field = str | Number  # of a record; texts are quoted, numbers are not


def write(document: Document, target: Path) -> None:
    """Write a table of a document as a CSV file."""
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv_text.writer(file)
        tables = [section for section in document.sections if isinstance(section, Table)]
        for record in _table(document, tables) if tables and document.table != FACTS else _facts(document):
            writer.writerow(record)


def _table(document: Document, tables: Sequence[Table]) -> Iterator[Sequence[Field]]:
    """Yield the records of the table. Tables before it are read too: all of them may come from one stream of rows."""
    chosen = _chosen(tables, document.table)
    for table in tables:
        if table is chosen:
            kinds = [column.kind for column in table.columns]
            yield [_text(column.title) for column in table.columns]
            for row in table.rows:
                yield [_field(value, kind, document) for value, kind in zip(row, kinds, strict=True)]
            return
        deque(table.rows, maxlen=0)


def _chosen(tables: Sequence[Table], name: str) -> Table:
    """Return the table of this name; without one the first list, or any table if there is no list."""
    by_wish = [table for table in tables if table.name == name] if name else []
    lists = [table for table in tables if not table.brief]
    return [*by_wish, *lists, *tables][0]


def _facts(document: Document) -> Iterator[Sequence[Field]]:
    yield [_text(title) for title in (text("Раздел"), text("Показатель"), text("Значение"))]
    for section in document.sections:
        if isinstance(section, Facts):
            for name, value in section.pairs:
                yield [_text(section.title), _text(name), _field(value, kind_of(value), document)]


def _field(value: object, kind: ValueKind, document: Document) -> Field:
    if kind == "bool" and isinstance(value, bool):
        return "true" if value else "false"
    cell = to_cell(value, kind, document.timezone)
    if isinstance(cell, str):
        return csv_text.escape_formula(cell)
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        aware = cell.replace(microsecond=0, tzinfo=document.timezone)
        return aware.isoformat().replace("+00:00", "Z")
    return cell.isoformat() if isinstance(cell, date) else _number(cell, kind)


def _number(value: Number, kind: ValueKind) -> Number:
    number = round(float(value), DIGITS) if kind == "percent" else value
    return int(number) if isinstance(number, float) and number.is_integer() else number


def _text(value: object) -> str:
    return csv_text.escape_formula(clean(value))
