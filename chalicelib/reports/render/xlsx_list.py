"""A table of any length on a sheet of its own, and on further sheets after Excel's limit."""

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any

from chalicelib.core.texts import text
from chalicelib.reports.render.document import Column, Table
from chalicelib.reports.render.values import clean, display_text
from chalicelib.reports.render.xlsx_book import FILLING, LINE, MAX_HEIGHT, PADDING, Book, lines_of, width_of

MAX_ROWS = 1_048_500  # of a sheet; Excel has 76 more, for title, headings and totals
SAMPLE_ROWS = 500  # rows that determine the width of a column
MAX_WIDTH = 46.0  # of a column; longer texts are wrapped
MIN_TOTAL, MAX_TOTAL = 64.0, 170.0  # of all columns: for the title above them, for a print that can be read
NARROW = 18.0  # of a column of long texts where there are many columns
FILTER = 2.5  # the width of the button in a heading

Row = Sequence[object]


def write_list(book: Book, table: Table) -> None:
    """Write the rows of a table under its title, and the totals below the last one."""
    rows = iter(table.rows)
    sample = list(islice(rows, min(SAMPLE_ROWS, MAX_ROWS)))
    widths = _widths(book, table.columns, [*sample, *([table.totals] if table.totals else [])])
    left = chain(sample, rows)
    first, count = next(left, None), 0
    while True:
        sheet = book.sheet(table.title)
        head = book.head(sheet, widths, table.title, table.note)
        part = islice(chain([] if first is None else [first], left), MAX_ROWS)
        last = _rows(book, sheet, head, table.columns, widths, part)
        first = next(left, None)
        count += last - head
        if first is None and count:
            kinds = [column.kind for column in table.columns]
            book.totals(sheet, last + 1, table.totals or _count(count, len(kinds)), kinds)
        _set_up(book, sheet, widths, head, last)
        if first is None:
            return


def _count(rows: int, columns: int) -> Row:
    return [text("Всего: {count}", count=rows), *[None] * (columns - 1)][:columns]


def _widths(book: Book, columns: Sequence[Column], sample: Sequence[Row]) -> list[float]:
    """Return the widths of the columns by their headings and values; the words of a heading may stand in two lines."""
    widths = [max(map(len, clean(column.title).split() or [""])) * 1.2 + FILTER + 1 for column in columns]
    for row in sample:
        for index, (value, column) in enumerate(zip(row, columns, strict=True)):
            cell = book.cell(value, column.kind)
            if cell is not None:
                widths[index] = max(widths[index], min(MAX_WIDTH, width_of(display_text(cell, column.kind))))
    if widths:
        widest = widths.index(max(widths))
        widths[widest] += max(0.0, MIN_TOTAL - sum(widths))
    return _narrowed(widths)


def _narrowed(widths: list[float]) -> list[float]:
    """Return the widths, the widest ones cut to equal size if the columns are too many for a page."""
    spare = sum(widths) - MAX_TOTAL
    wide = [width for width in widths if width > NARROW]
    if spare <= 0 or not wide:
        return widths
    limit = max(NARROW, min(wide))
    for step in range(int(max(wide)), int(NARROW), -1):
        limit = float(step)
        if sum(max(0.0, width - limit) for width in wide) >= spare:
            break
    return [min(width, limit) for width in widths]


def _rows(
    book: Book, sheet: Any, head: int, columns: Sequence[Column], widths: Sequence[float], rows: Iterator[Row]
) -> int:
    """Write headings and rows, as high as their texts need, because not every program adapts them; returns the last
    row.
    """
    kinds = [column.kind for column in columns]
    fitting = [int((width - PADDING) / FILLING) for width in widths]  # characters in a line
    titles = [clean(column.title) for column in columns]
    lines = [lines_of(title, width - FILTER) for title, width in zip(titles, widths, strict=True)]
    sheet.set_row(head, LINE * max(lines, default=1) + 3)
    book.columns(sheet, head, titles, kinds)
    last = head
    for last, row in enumerate(rows, start=head + 1):
        most = 1
        for index, (value, kind) in enumerate(zip(row, kinds, strict=True)):
            cell = book.cell(value, kind)
            if isinstance(cell, str) and (len(cell) > fitting[index] or "\n" in cell):
                most = max(most, lines_of(cell, widths[index]))
            book.put(sheet, last, index, cell, kind, "cell")
        if most > 1:
            sheet.set_row(last, min(MAX_HEIGHT, LINE * most))
    if last == head:
        sheet.write_string(head + 1, 0, text("Нет данных"), book.format_of("muted"))
    return last


def _set_up(book: Book, sheet: Any, widths: Sequence[float], head: int, last: int) -> None:
    """Freeze and repeat the headings, set the filter and the page."""
    sheet.freeze_panes(head + 1, 0)
    if widths:
        sheet.autofilter(head, 0, max(last, head), len(widths) - 1)
        sheet.ignore_errors({"number_stored_as_text": f"A{head + 1}:XFD1048576"})
    sheet.repeat_rows(head)
    book.set_up_page(sheet, widths)
    sheet.fit_to_pages(1, 0)
