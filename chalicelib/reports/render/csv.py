"""Writes a document as CSV for programs and for import: ISO dates, a decimal point, percentages as fractions.

Separator and line end are those of RFC 4180 (comma, CRLF), as in the export and import of batches; a semicolon is only
the default of a Russian Excel. The byte order mark tells Excel that the text is UTF-8. Texts are quoted, and a text
that a spreadsheet would run as a formula gets an apostrophe (core/csv_text.py); numbers are written as they are. Each
section is written under its title, with an empty record before it, and every record has as many fields as the widest
one. Rows are written as they are read.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path

from chalicelib.core import csv_text
from chalicelib.reports.render.document import Chart, Document, Facts, Table, ValueKind
from chalicelib.reports.render.values import Number, clean, kind_of, to_cell

Field = str | Number  # of a record; texts are quoted, numbers are not


def write(document: Document, target: Path) -> None:
    """Write a document as a CSV file."""
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv_text.writer(file)
        width = max((_width(section) for section in document.sections), default=2)
        for record in _records(document):
            writer.writerow([*record, *[""] * (width - len(record))])


def _records(document: Document) -> Iterator[Sequence[Field]]:
    yield [_text(document.title), _text(document.subtitle)]
    yield ["Сформирован", _field(document.created_at, "datetime", document)]
    yield from ([_text(name), _text(value)] for name, value in document.meta.items())
    for section in document.sections:
        yield []
        yield [_text(section.title)]
        if isinstance(section, Table):
            yield from _table(document, section)
        elif isinstance(section, Facts):
            for name, value in section.pairs:
                yield [_text(name), _field(value, kind_of(value), document)]
        else:
            yield from _chart(document, section)


def _table(document: Document, table: Table) -> Iterator[Sequence[Field]]:
    kinds = [column.kind for column in table.columns]
    yield [_text(column.title) for column in table.columns]
    for row in table.rows:
        yield [_field(value, kind, document) for value, kind in zip(row, kinds, strict=True)]


def _chart(document: Document, chart: Chart) -> Iterator[Sequence[Field]]:
    yield ["", *[_text(name) for name, _ in chart.series]]
    for index, label in enumerate(chart.labels):
        numbers = (values[index] if index < len(values) else None for _, values in chart.series)
        yield [_text(label), *[_field(number, "number", document) for number in numbers]]


def _width(section: Facts | Table | Chart) -> int:
    if isinstance(section, Table):
        return max(2, len(section.columns))
    return 2 if isinstance(section, Facts) else max(2, 1 + len(section.series))


def _field(value: object, kind: ValueKind, document: Document) -> Field:
    cell = to_cell(value, kind, document.timezone)
    if isinstance(cell, str):
        return csv_text.escape_formula(cell)
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        aware = cell.replace(microsecond=0, tzinfo=document.timezone)
        return aware.isoformat().replace("+00:00", "Z")
    return cell.isoformat() if isinstance(cell, date) else cell


def _text(value: object) -> str:
    return csv_text.escape_formula(clean(value))
