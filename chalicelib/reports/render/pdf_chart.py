"""Charts of a PDF, drawn with vectors: columns over an axis with round steps, rows for long labels, and a ring."""

import math
from collections.abc import Iterator, Sequence

from chalicelib.core.texts import text as translated
from chalicelib.reports.render.document import PALETTE, Chart
from chalicelib.reports.render.labels import distinct
from chalicelib.reports.render.pdf_bars import Series, columns, needs_rows, rows
from chalicelib.reports.render.pdf_paper import INK, LEFT, MUTED, Paper
from chalicelib.reports.render.values import clean, display_text

MAX_COLUMNS = 62  # two months of days (layouts/axis.py)
MAX_ROWS = 40
MAX_SLICES = 8
HEIGHT = 52.0
RADIUS = 21.0  # this and the one above are in millimetres
MAX_LABEL = 120  # characters


def draw_chart(paper: Paper, chart: Chart) -> None:
    """Draw a chart under its title, on one page unless it has many rows."""
    paper.section_title(chart.title, HEIGHT + 18, chart.unit)
    labels = distinct(chart.labels, MAX_LABEL)
    series = [(clean(name), _numbers(values, len(labels))) for name, values in chart.series]
    if not labels or not series:
        _no_data(paper)
    elif chart.kind == "pie":
        _pie(paper, *_merged(labels, [("", [max(0.0, value) for value in series[0][1]])], MAX_SLICES))
    elif not chart.time and (chart.is_lying or needs_rows(paper, labels)):
        rows(paper, *_merged(labels, series, MAX_ROWS))
    else:
        columns(paper, *_merged(labels, series, MAX_COLUMNS), HEIGHT, is_time=chart.time)


def _numbers(values: Sequence[float], count: int) -> list[float]:
    """Return `count` finite numbers, filled up with zeros."""
    finite = [max(-1e15, min(1e15, float(value))) if math.isfinite(value) else 0.0 for value in values[:count]]
    return finite + [0.0] * (count - len(finite))


def _merged(labels: list[str], series: Series, limit: int) -> tuple[list[str], Series]:
    """Return at most `limit` labels with their values; the last one is the sum of the others."""
    if len(labels) <= limit:
        return labels, series
    end = limit - 1
    others = translated("Прочее: {count}", count=len(labels) - end)
    return [*labels[:end], others], [(name, [*values[:end], sum(values[end:])]) for name, values in series]


def _no_data(paper: Paper) -> None:
    paper.set_face(8, MUTED)
    paper.write(LEFT, paper.y + 4, translated("Нет данных"))
    paper.y += 8


def _pie(paper: Paper, labels: list[str], series: Series) -> None:
    values = series[0][1]
    total = sum(values)
    if not total:
        _no_data(paper)
        return
    x, y = LEFT + RADIUS + 8, paper.y + RADIUS + 2
    angle = 0.0
    for index, value in enumerate(values):
        turn = value / total
        if turn:
            paper.shape(list(_sector(x, y, angle, angle + turn)), PALETTE[index % len(PALETTE)])
        angle += turn
    paper.set_face(11, INK, "B")
    paper.write_centred(x, y + 1, paper.clip(display_text(total, "int"), RADIUS))
    paper.set_face(6.5, MUTED)
    paper.write_centred(x, y + 4.6, translated("всего"))
    _key(paper, x + RADIUS + 14, y, labels, values, total)
    paper.y += 2 * RADIUS + 7


def _sector(x: float, y: float, start: float, end: float) -> Iterator[tuple[float, float]]:
    """Yield the outline of a part of the ring, clockwise from the top; angles are fractions of a turn."""
    count = max(2, math.ceil((end - start) * 180))
    turns = [2 * math.pi * (start + (end - start) * number / count) for number in range(count + 1)]
    yield from ((x + RADIUS * math.sin(turn), y - RADIUS * math.cos(turn)) for turn in turns)
    inner = RADIUS * 0.58
    yield from ((x + inner * math.sin(turn), y - inner * math.cos(turn)) for turn in reversed(turns))


def _key(paper: Paper, x: float, middle: float, labels: list[str], values: list[float], total: float) -> None:
    y = middle - len(labels) * 2.75 + 1
    for index, (label, value) in enumerate(zip(distinct(labels, 30), values, strict=True)):
        paper.box(x, y, 3, 3, PALETTE[index % len(PALETTE)])
        paper.set_face(8, INK)
        paper.write(x + 5, y + 2.7, paper.clip(paper.printable(label), 52))
        paper.write_right(x + 82, y + 2.7, display_text(value, "int"))
        paper.set_face(8, MUTED)
        paper.write_right(x + 100, y + 2.7, display_text(value / total, "percent"))
        y += 5.5
