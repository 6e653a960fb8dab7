"""Tables and facts of a PDF: rows with thin rules, headings repeated on each page, long text wrapped and then cut."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from chalicelib.reports.render.document import Column, Facts, Table, ValueKind
from chalicelib.reports.render.pdf_paper import ACCENT, BODY, INK, LEFT, MUTED, RIGHT, RULE, TINT, Paper
from chalicelib.reports.render.values import NUMERIC, clean, kind_of, value_text

SIZE = 7.5
LINE = 3.5  # from line to line; lengths are in millimetres
PADDING = 1.35  # above and below the text of a row
GAP = 1.6  # left and right of the text in a cell
MAX_LINES = 8  # of a cell; the XLSX has the complete text
FACT_LINES = 20
NAME_WIDTH = 52.0
MAX_TILES = 6
# The minimum width of a column, beside that of the words in its heading.
SAMPLES: dict[ValueKind, str] = {"date": "00.00.0000", "datetime": "00.00.0000 00:00", "percent": "100,0 %"}


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


def draw_table(paper: Paper, table: Table, zone: tzinfo) -> None:
    """Draw all rows of a table, on as many pages as they need."""
    paper.section_title(table.title, 20)
    grid = _Grid.of(paper, table.columns)
    grid.head(paper)
    empty = True
    for row in table.rows:
        empty = False
        grid.row(paper, row, zone)
    if empty:
        paper.set_face(SIZE, MUTED)
        paper.write(LEFT + GAP, paper.y + 4.2, "Нет данных")
        paper.y += 6
    paper.y += 2


@dataclass(slots=True)
class _Grid:
    titles: list[str]
    kinds: list[ValueKind]
    lefts: list[float]
    widths: list[float]

    @classmethod
    def of(cls, paper: Paper, columns: Sequence[Column]) -> "_Grid":
        titles = [clean(column.title) for column in columns]
        paper.set_face(SIZE, ACCENT, "B")
        needs = []
        for title, column in zip(titles, columns, strict=True):
            words = [*paper.printable(title).split(), SAMPLES.get(column.kind, "")]
            needs.append(max(map(paper.width, words)) + 2 * GAP + 0.2)
        widths = _shared([max(column.width, 0.1) for column in columns], needs)
        lefts = [LEFT + sum(widths[:index]) for index in range(len(widths))]
        return cls(titles, [column.kind for column in columns], lefts, widths)

    def head(self, paper: Paper) -> None:
        paper.set_face(SIZE, ACCENT, "B")
        cells = [
            paper.wrap(paper.printable(title), max(width - 2 * GAP, 2), 3)
            for title, width in zip(self.titles, self.widths, strict=True)
        ]
        height = _height(max(map(len, cells), default=1)) + 0.6
        paper.box(LEFT, paper.y, BODY, height, TINT)
        paper.line(LEFT, paper.y + height, RIGHT, paper.y + height, ACCENT, 0.35)
        paper.y += 0.3
        paper.set_face(SIZE, ACCENT, "B")
        self._write(paper, cells)
        paper.y += height - 0.3
        paper.set_face(SIZE, INK)
        paper.pdf.set_draw_color(RULE)
        paper.pdf.set_line_width(0.15)

    def row(self, paper: Paper, row: Sequence[object], zone: tzinfo) -> None:
        cells = [
            paper.wrap(paper.printable(value_text(value, kind, zone)), max(width - 2 * GAP, 2), MAX_LINES)
            for value, kind, width in zip(row, self.kinds, self.widths, strict=True)
        ]
        height = _height(max(map(len, cells), default=1))
        if not paper.has_room(height):
            paper.page()
            self.head(paper)
        self._write(paper, cells)
        paper.y += height
        paper.pdf.line(LEFT, paper.y, RIGHT, paper.y)

    def _write(self, paper: Paper, cells: list[list[str]]) -> None:
        base = paper.y + PADDING + LINE * 0.78
        for lines, kind, left, width in zip(cells, self.kinds, self.lefts, self.widths, strict=True):
            for number, text in enumerate(lines):
                if kind in NUMERIC:
                    paper.write_right(left + width - GAP, base + number * LINE, text)
                elif text:
                    paper.write(left + GAP, base + number * LINE, text)


def _shared(weights: list[float], needs: list[float]) -> list[float]:
    """Share the page width by weight, with at least the width of its longest word for each column if there is room."""
    if sum(needs) > BODY:
        return [need * BODY / sum(needs) for need in needs]
    widths: dict[int, float] = {}
    open_columns = list(range(len(weights)))
    while open_columns:
        left = BODY - sum(widths.values())
        unit = left / sum(weights[index] for index in open_columns)
        narrow = [index for index in open_columns if weights[index] * unit < needs[index]]
        for index in narrow or open_columns:
            widths[index] = needs[index] if narrow else weights[index] * unit
        open_columns = [index for index in open_columns if index not in widths]
    return [widths[index] for index in range(len(weights))]


def _fact(paper: Paper, name: str, text: str) -> None:
    paper.set_face(8.5)
    value = paper.wrap(paper.printable(text), BODY - NAME_WIDTH - 2, FACT_LINES)
    label = paper.wrap(paper.printable(clean(name)), NAME_WIDTH - 3, 4)
    height = max(len(value), len(label)) * 4.1 + 2.2
    paper.ensure_room(height)
    for number, line in enumerate(value):
        paper.write(LEFT + NAME_WIDTH, paper.y + 4.3 + number * 4.1, line)
    paper.set_face(8.5, MUTED)
    for number, line in enumerate(label):
        paper.write(LEFT + 1, paper.y + 4.3 + number * 4.1, line)
    paper.y += height
    paper.line(LEFT, paper.y, RIGHT, paper.y, RULE, 0.15)


def _tiles(paper: Paper, names: list[str], values: list[str]) -> None:
    gap = 3.0
    width = (BODY - gap * (len(names) - 1)) / len(names)
    for index, (name, value) in enumerate(zip(names, values, strict=True)):
        left = LEFT + index * (width + gap)
        paper.box(left, paper.y, width, 18, TINT)
        paper.set_face(14 if len(names) < MAX_TILES else 11, ACCENT, "B")
        paper.write(left + 2.5, paper.y + 7.5, paper.clip(value, width - 4))
        paper.set_face(7, MUTED)
        for number, line in enumerate(paper.wrap(paper.printable(clean(name)), width - 4, 2)):
            paper.write(left + 2.5, paper.y + 12 + number * 3.3, line)
    paper.y += 20


def _height(lines: int) -> float:
    return lines * LINE + 2 * PADDING
