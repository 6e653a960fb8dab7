"""The first sheet: title, then facts, brief tables and charts below each other, printed so that no page cuts a chart.

All blocks share the columns of the sheet, so their widths are known before anything is written. A page break of our own
needs a fixed scale: Excel ignores breaks on sheets that it fits to a page.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import Any

from chalicelib.core.texts import text as translated
from chalicelib.reports.render.document import Document, Facts, Section, Table, ValueKind
from chalicelib.reports.render.values import NUMERIC, Cell, clean, display_text, kind_of
from chalicelib.reports.render.xlsx_book import LINE, MAX_HEIGHT, PORTRAIT, SMALLEST, Book, lines_of, literal, width_of

MAX_ROWS = 40  # of a brief table; a longer one gets a sheet of its own
MAX_COLUMNS = 8
MIN_COLUMNS = 6  # of the sheet
NAMES, VALUES, OTHERS = (22.0, 40.0), (18.0, 34.0), (13.0, 20.0)  # the narrowest and widest first, second, other column
TOTAL = 120.0  # up to which the first column takes what it needs
PAGE = {False: 740.0, True: 496.0}  # the points of a page in its full size, upright and lying
HEADING = 27.0


@dataclass(frozen=True)
class Line:
    """A row of the sheet that is ready to be written."""

    height: float
    write: Callable[[Any, int], object] = lambda *_: None


@dataclass(frozen=True)
class Block:
    """A section of the sheet: `needs` are texts of its columns; `lines` makes its rows when the widths are known."""

    title: str
    needs: Sequence[Sequence[str]]
    lines: Callable[[Sequence[float]], list[Line]]


def block_of(book: Book, section: Section) -> Block | Table:
    """Return a section as a block; a table that is no brief one is returned as it is."""
    if isinstance(section, Facts):
        return _facts(book, section)
    assert isinstance(section, Table)
    if not section.brief or len(section.columns) > MAX_COLUMNS:
        return section
    rows = iter(section.rows)
    first = list(islice(rows, MAX_ROWS + 1))
    if len(first) > MAX_ROWS:
        return replace(section, rows=chain(first, rows))
    return _table(book, section, first)


# -- blocks -----------------------------------------------------------------------------------------------------------


def _facts(book: Book, facts: Facts) -> Block:
    kinds = [kind_of(value) for _, value in facts.pairs]
    cells = [book.cell(value, kind) for (_, value), kind in zip(facts.pairs, kinds, strict=True)]
    names = [clean(name) for name, _ in facts.pairs]
    amounts = NUMERIC.issuperset(kinds)

    def lines(widths: Sequence[float]) -> list[Line]:
        return [
            _fact(book, name, cell, kind, amounts, widths) for name, cell, kind in zip(names, cells, kinds, strict=True)
        ]

    shown = ["" if kind == "text" else display_text(cell, kind) for cell, kind in zip(cells, kinds, strict=True)]
    return Block(facts.title, list(zip(names, shown, strict=True)), lines)


def _fact(book: Book, name: str, cell: Cell, kind: ValueKind, amount: bool, widths: Sequence[float]) -> Line:
    """Return a name and its value; a text has the rest of the row."""
    room = sum(widths[1:])
    text = cell if isinstance(cell, str) else ""
    height = min(MAX_HEIGHT, LINE * max(lines_of(name, widths[0]), lines_of(text, room)))

    def write(sheet: Any, row: int) -> None:
        sheet.write_string(row, 0, literal(name), book.format_of("name"))
        if not amount:
            sheet.merge_range(row, 1, row, len(widths) - 1, "", book.format_of("text", "left"))
        book.put(sheet, row, 1, cell, kind, "fact" if amount else "left")

    return Line(height, write)


def _table(book: Book, table: Table, rows: Sequence[Sequence[object]]) -> Block:
    kinds = [column.kind for column in table.columns]
    titles = [clean(column.title) for column in table.columns]
    cells = [[book.cell(value, kind) for value, kind in zip(row, kinds, strict=True)] for row in rows]
    shown = [[display_text(cell, kind) for cell, kind in zip(row, kinds, strict=True)] for row in cells]

    def lines(widths: Sequence[float]) -> list[Line]:
        made = [_note(book, table.note, widths)] if table.note else []
        made.append(
            Line(
                _height(titles, [0.85 * width for width in widths]),
                lambda sheet, row: book.columns(sheet, row, titles, kinds),
            )
        )
        made += [Line(_height(texts, widths), _row(book, row, kinds)) for texts, row in zip(shown, cells, strict=True)]
        if not cells:
            made.append(
                Line(
                    LINE,
                    lambda sheet, row: sheet.write_string(row, 0, translated("Нет данных"), book.format_of("muted")),
                )
            )
        elif table.totals:
            made.append(Line(LINE, lambda sheet, row: book.totals(sheet, row, table.totals, kinds)))
        return made

    return Block(table.title, [titles, *shown], lines)


def _row(book: Book, cells: Sequence[Cell], kinds: Sequence[ValueKind]) -> Callable[[Any, int], None]:
    def write(sheet: Any, row: int) -> None:
        for column, (cell, kind) in enumerate(zip(cells, kinds, strict=True)):
            book.put(sheet, row, column, cell, kind, "cell")

    return write


def _note(book: Book, note: str, widths: Sequence[float]) -> Line:
    height = LINE * lines_of(note, sum(widths))
    return Line(height, lambda sheet, row: book.line(sheet, row, widths, note, "muted"))


def _height(texts: Sequence[str], widths: Sequence[float]) -> float:
    return LINE * max((lines_of(text, width) for text, width in zip(texts, widths, strict=False)), default=1)


# -- the sheet --------------------------------------------------------------------------------------------------------


@dataclass
class Summary:
    """The first sheet while it is written, from top to bottom."""

    book: Book
    sheet: Any
    blocks: Sequence[Block]
    row: int = 0
    used: float = 0.0  # of the height of the page
    breaks: list[int] = field(default_factory=list)

    def write(self) -> None:
        """Write title and blocks, and set up the page."""
        widths = _widths([(), *(cells for block in self.blocks for cells in block.needs)])
        scale = self.book.set_up_page(self.sheet, widths)
        self.sheet.hide_gridlines(2)
        self.sheet.set_print_scale(int(scale * 100))
        page = PAGE[PORTRAIT / sum(widths) < SMALLEST] / scale
        self._title(widths)
        for block in self.blocks:
            self._block(block, widths, page)
        self.sheet.set_h_pagebreaks(self.breaks)
        self.sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})

    def _title(self, widths: Sequence[float]) -> None:
        report: Document = self.book.document
        origin = "   ·   ".join(
            [self.book.made, *(f"{clean(name)}: {clean(value)}" for name, value in report.meta.items())]
        )
        lines = [(report.company, "company", 1.0), (report.title, "title", 1.5)]
        for text, style, size in [*lines, (report.subtitle, "muted", 1.0), (origin, "muted", 1.0)]:
            if text:
                self.used += self.book.line(self.sheet, self.row, widths, text, style, size)
                self.row += 1

    def _block(self, block: Block, widths: Sequence[float], page: float) -> None:
        """Write a block; on a new page if it, or the beginning of a long one, does not fit on this one."""
        lines = block.lines(widths)
        heights = [line.height for line in lines]
        needed = LINE + HEADING + sum(heights if sum(heights) < page - LINE - HEADING else heights[:4])
        if self.used + needed > page and self.used:
            self.breaks.append(self.row + 1)
            self.used = 0.0
        self.row += 1  # a blank one
        self.used += LINE
        if block.title:
            self.used += self.book.line(self.sheet, self.row, widths, block.title, "heading", 1.8)
            self.row += 1
        for line in lines:
            if self.used + line.height > page:
                self.breaks.append(self.row)
                self.used = 0.0
            self.sheet.set_row(self.row, line.height)
            line.write(self.sheet, self.row)
            self.row += 1
            self.used += line.height


def _widths(texts: Iterable[Sequence[str]]) -> list[float]:
    """Return the widths of all columns, at least six, by the texts in them, within limits."""
    widths: list[float] = []
    limits = [NAMES, VALUES]
    for cells in texts:
        widths += [0.0] * (len(cells) - len(widths))
        for index, text in enumerate(cells):
            widths[index] = max(widths[index], width_of(text))
    widths += [0.0] * (MIN_COLUMNS - len(widths))
    bounds = [*limits, *[OTHERS] * (len(widths) - len(limits))]
    made = [min(high, max(low, width)) for width, (low, high) in zip(widths, bounds, strict=True)]
    made[0] += max(0.0, min(widths[0] - made[0], TOTAL - sum(made)))
    return made
