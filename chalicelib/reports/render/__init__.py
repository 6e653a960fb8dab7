"""Turns a report into a file: PDF to print, XLSX to work with, CSV for programs.

Owns no table. `document.py` says what a report is; one module per format writes it, and is imported (with its heavy
library) only when that format is asked for, so that other functions start quickly. Called by the saga step that
generates.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Literal, get_args

from chalicelib.reports.render.document import Chart, Column, Document, Facts, Percent, Section, Table

Format = Literal["pdf", "xlsx", "csv"]
FORMATS: tuple[str, ...] = get_args(Format)
ROWS_PER_CALL = 250

__all__ = [
    "FORMATS",
    "Chart",
    "Column",
    "Document",
    "Facts",
    "Percent",
    "Section",
    "Table",
    "render",
]


def render(document: Document, format: str, target: Path, on_rows: Callable[[int], None] = lambda _: None) -> None:
    """Write the report to the file `target`.

    `on_rows` hears how many table rows are written, every 250 and at the end; it may raise to stop the work.
    Whatever is raised, no half-written file stays behind. An unknown format is a ValueError.
    """
    if format not in FORMATS:
        raise ValueError(f"Неизвестный формат отчета: {format}")
    progress = _Progress(on_rows)
    counted = replace(document, sections=[progress.watch(section) for section in document.sections])
    with ExitStack() as undo:
        undo.callback(target.unlink, missing_ok=True)
        import_module(f"{__name__}.{format}").write(counted, target)
        if progress.rows % ROWS_PER_CALL or not progress.rows:
            on_rows(progress.rows)
        undo.pop_all()


class _Progress:
    """Counts the rows on their way into the file, so that no format has to."""

    def __init__(self, on_rows: Callable[[int], None]) -> None:
        self.rows = 0
        self._on_rows = on_rows

    def watch(self, section: Section) -> Section:
        return replace(section, rows=self._counted(section.rows)) if isinstance(section, Table) else section

    def _counted(self, rows: Iterable[Sequence[object]]) -> Iterator[Sequence[object]]:
        for row in rows:
            yield row
            self.rows += 1  # the format came back for the next one, so this one is written
            if self.rows % ROWS_PER_CALL == 0:
                self._on_rows(self.rows)
