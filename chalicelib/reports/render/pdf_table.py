"""Tables and facts of a PDF: rows with thin rules, headings repeated on each page, long text wrapped and then cut."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from itertools import chain, islice

from chalicelib.core.texts import text as translated
from chalicelib.reports.render.document import Facts, Table, ValueKind
from chalicelib.reports.render.pdf_columns import GAP, Need, widths
from chalicelib.reports.render.pdf_paper import ACCENT, INK, LEFT, MUTED, RULE, TINT, Paper
from chalicelib.reports.render.values import NUMERIC, clean, kind_of, value_text

SIZE = 7.5
LINE = 3.5  # from line to line; lengths are in millimetres
PADDING = 1.35  # above and below the text of a row
MAX_LINES = 8  # of a cell; the XLSX has the complete text
HEAD_LINES = 3
SAMPLE_ROWS = 300  # that the widths of the columns are taken from
KEPT_ROWS = 3  # that end a table together, with its totals
FACT_LINES = 20
NAME_WIDTH = 52.0
MAX_TILES = 6
TILE_SIZES = (14.0, 11.0, 9.0, 7.5, 6.5)  # the largest that all numbers of the tiles have room in

Cells = list[list[str]]


def draw_facts(paper: Paper, facts: Facts, zone: tzinfo) -> None:
    """Draw names and values; a few numbers as tiles."""
    kinds = [kind_of(value) for _, value in facts.pairs]
    texts = [value_text(value, kind, zone) for (_, value), kind in zip(facts.pairs, kinds, strict=True)]
    if 2 <= len(kinds) <= MAX_TILES and NUMERIC.issuperset(kinds):
        paper.section_title(facts.title, 18)
        _tiles(paper, [name for name, _ in facts.pairs], texts)
        return
    paper.section_title(facts.title, 14)
    for (name, _), text in zip(facts.pairs, texts, strict=True):
        _fact(paper, name, text)
    paper.y += 2


def draw_table(paper: Paper, table: Table, zone: tzinfo, tail: float = 0.0) -> None:
    """Draw all rows of a table, on as many pages as they need; `tail` millimetres stay free below the last ones."""
    paper.section_title(table.title, 26)
    if table.note:
        paper.set_face(8, MUTED)
        paper.write(LEFT + 3.2, paper.y + 1.4, paper.clip(paper.printable(clean(table.note)), paper.body - 4))
        paper.y += 4
    rows = iter(table.rows)
    sample = list(islice(rows, SAMPLE_ROWS))
    grid = _Grid.of(paper, table, sample, zone)
    grid.head(paper)
    if not sample:
        paper.set_face(SIZE, MUTED)
        paper.write(LEFT + GAP, paper.y + 4.2, translated("Нет данных"))
        paper.y += 8
        return
    kept: deque[Sequence[object]] = deque()
    for row in chain(sample, rows):
        if len(kept) == KEPT_ROWS:
            grid.row(paper, grid.cells(paper, kept.popleft(), zone))
        kept.append(row)
    grid.end(paper, [grid.cells(paper, row, zone) for row in kept], table.totals, zone, tail)
    paper.y += 2


@dataclass(slots=True)
class _Grid:
    titles: list[str]
    kinds: list[ValueKind]
    lefts: list[float]
    widths: list[float]

    @classmethod
    def of(cls, paper: Paper, table: Table, sample: Sequence[Sequence[object]], zone: tzinfo) -> "_Grid":
        titles, kinds = [clean(column.title) for column in table.columns], [column.kind for column in table.columns]
        needs = [Need() for _ in kinds]
        paper.set_face(SIZE, ACCENT, "B")
        for title, need in zip(titles, needs, strict=True):
            need.add_words(paper, paper.printable(title).split())
        for value, kind, need in zip(table.totals, kinds, needs, strict=bool(table.totals)):
            if value is not None:
                need.add_words(paper, [paper.printable(value_text(value, kind, zone))])
        paper.set_face(SIZE)
        for row in sample:
            for value, kind, need in zip(row, kinds, needs, strict=True):
                need.add(paper, paper.printable(value_text(value, kind, zone)), is_whole=kind != "text")
        shares = widths(needs, paper.body)
        return cls(titles, kinds, [LEFT + sum(shares[:index]) for index in range(len(shares))], shares)

    def head(self, paper: Paper) -> None:
        paper.set_face(SIZE, ACCENT, "B")
        cells = [
            paper.wrap(paper.printable(title), max(width - 2 * GAP, 2), HEAD_LINES)
            for title, width in zip(self.titles, self.widths, strict=True)
        ]
        height = _height(cells) + 0.6
        paper.box(LEFT, paper.y, paper.body, height, TINT)
        paper.line(LEFT, paper.y + height, paper.right, paper.y + height, ACCENT, 0.35)
        paper.y += 0.3
        paper.set_face(SIZE, ACCENT, "B")
        self._write(paper, cells)
        paper.y += height - 0.3
        self._body_face(paper)

    def cells(self, paper: Paper, row: Sequence[object], zone: tzinfo) -> Cells:
        """Return the lines of each cell of a row."""
        return [
            paper.wrap(paper.printable(value_text(value, kind, zone)), max(width - 2 * GAP, 2), MAX_LINES)
            for value, kind, width in zip(row, self.kinds, self.widths, strict=True)
        ]

    def row(self, paper: Paper, cells: Cells) -> None:
        height = _height(cells)
        if not paper.has_room(height):
            paper.page()
            self.head(paper)
        self._write(paper, cells)
        paper.y += height
        paper.pdf.line(LEFT, paper.y, paper.right, paper.y)

    def end(self, paper: Paper, last: list[Cells], totals: Sequence[object], zone: tzinfo, tail: float) -> None:
        """Draw the last rows and the totals on one page, with the room that what follows needs."""
        paper.set_face(SIZE, INK, "B")
        sums = list(self._totals(paper, totals, zone)) if totals else []
        self._body_face(paper)
        if not paper.has_room(sum(map(_height, [*last, sums] if sums else last)) + tail):
            paper.page()
            self.head(paper)
        for cells in last:
            self.row(paper, cells)
        if sums:
            paper.line(LEFT, paper.y, paper.right, paper.y, ACCENT, 0.35)
            paper.set_face(SIZE, INK, "B")
            self._write(paper, sums)
            paper.y += _height(sums)

    def _totals(self, paper: Paper, totals: Sequence[object], zone: tzinfo) -> Iterator[list[str]]:
        for value, kind, width in zip(totals, self.kinds, self.widths, strict=True):
            text = "" if value is None else value_text(value, kind, zone)
            yield paper.wrap(paper.printable(text), max(width - 2 * GAP, 2), MAX_LINES)

    def _body_face(self, paper: Paper) -> None:
        paper.set_face(SIZE, INK)
        paper.pdf.set_draw_color(RULE)
        paper.pdf.set_line_width(0.15)

    def _write(self, paper: Paper, cells: Cells) -> None:
        base = paper.y + PADDING + LINE * 0.78
        for lines, kind, left, width in zip(cells, self.kinds, self.lefts, self.widths, strict=True):
            for number, text in enumerate(lines):
                if kind in NUMERIC:
                    paper.write_right(left + width - GAP, base + number * LINE, text)
                elif text:
                    paper.write(left + GAP, base + number * LINE, text)


def _height(cells: Cells) -> float:
    return max(map(len, cells), default=1) * LINE + 2 * PADDING


def _fact(paper: Paper, name: str, text: str) -> None:
    paper.set_face(8.5)
    value = paper.wrap(paper.printable(text), paper.body - NAME_WIDTH - 2, FACT_LINES)
    label = paper.wrap(paper.printable(clean(name)), NAME_WIDTH - 3, 4)
    height = max(len(value), len(label)) * 4.1 + 2.2
    paper.ensure_room(height)
    for number, line in enumerate(value):
        paper.write(LEFT + NAME_WIDTH, paper.y + 4.3 + number * 4.1, line)
    paper.set_face(8.5, MUTED)
    for number, line in enumerate(label):
        paper.write(LEFT + 1, paper.y + 4.3 + number * 4.1, line)
    paper.y += height
    paper.line(LEFT, paper.y, paper.right, paper.y, RULE, 0.15)


def _tiles(paper: Paper, names: list[str], values: list[str]) -> None:
    gap = 3.0
    width = (paper.body - gap * (len(names) - 1)) / len(names)
    size = TILE_SIZES[-1]
    for size in TILE_SIZES:
        paper.set_face(size, ACCENT, "B")
        if max(map(paper.width, values)) <= width - 4:
            break
    for index, (name, value) in enumerate(zip(names, values, strict=True)):
        left = LEFT + index * (width + gap)
        paper.box(left, paper.y, width, 18, TINT)
        paper.set_face(size, ACCENT, "B")
        paper.write(left + 2.5, paper.y + 7.5, paper.clip(value, width - 4))
        paper.set_face(7, MUTED)
        for number, line in enumerate(paper.wrap(paper.printable(clean(name)), width - 4, 2)):
            paper.write(left + 2.5, paper.y + 12 + number * 3.3, line)
    paper.y += 20
