"""Writes a report as a file: PDF to print, XLSX to work with, CSV for programs.

A layout knows no format. It composes a `Document` (document.py), and the module of a format writes its sections:

| section | pdf.py (fpdf2) | xlsx.py (XlsxWriter) | csv.py (csv) |
|---|---|---|---|
| title, meta | title block | properties, top of each sheet | — |
| `Facts` | names and values, or tiles | rows of the sheet "Сводка" | the file, if asked for |
| `Table` | rows on pages | a sheet of its own; if brief, rows of "Сводка" | the file, if chosen |
| `Chart` | vector drawing | native chart, its numbers on the last sheet | — |
| a value | `values.display_text` | typed cell with a number format | ISO date, decimal point |

All of them read values by the rules of values.py, and rows from a generator, once. The module of a format is imported,
with its library, only when that format is written, so that other functions start quickly. XLSX has one writer where
styles matter, XlsxWriter here, and one for plain rows, rustpy-xlsxwriter in batches/exchange; one reader, calamine.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Literal, get_args

from chalicelib.reports.render.document import BRAND, FACTS, Chart, Column, Document, Facts, Id, Percent, Section, Table

Format = Literal["pdf", "xlsx", "csv"]
FORMATS: tuple[str, ...] = get_args(Format)
ROWS_PER_CALL = 250

__all__ = [
    "BRAND",
    "FACTS",
    "FORMATS",
    "Chart",
    "Column",
    "Document",
    "Facts",
    "Id",
    "Percent",
    "Section",
    "Table",
    "render",
]


def render(document: Document, format: str, target: Path, on_rows: Callable[[int], None] = lambda _: None) -> None:
    """Write a document to the file `target`; ValueError for an unknown format.

    `on_rows` is called with the number of table rows written, every 250 rows and at the end; it may raise to stop the
    work. When anything is raised, the incomplete file is deleted.
    """
    if format not in FORMATS:
        raise ValueError(f"unknown format of a report: {format}")
    progress = _Progress(on_rows)
    counted = replace(document, sections=[progress.count_rows(section) for section in document.sections])
    with ExitStack() as undo:
        undo.callback(target.unlink, missing_ok=True)
        import_module(f"{__name__}.{format}").write(counted, target)
        if progress.rows % ROWS_PER_CALL or not progress.rows:
            on_rows(progress.rows)
        undo.pop_all()


class _Progress:
    """Counts the rows that a format reads."""

    def __init__(self, on_rows: Callable[[int], None]) -> None:
        self.rows = 0
        self._on_rows = on_rows

    def count_rows(self, section: Section) -> Section:
        return replace(section, rows=self._counted(section.rows)) if isinstance(section, Table) else section

    def _counted(self, rows: Iterable[Sequence[object]]) -> Iterator[Sequence[object]]:
        for row in rows:
            yield row
            self.rows += 1  # the format asks for the next row, so this one is written
            if self.rows % ROWS_PER_CALL == 0:
                self._on_rows(self.rows)
