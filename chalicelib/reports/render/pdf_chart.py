"""Charts of a PDF, drawn with vectors: columns over an axis with round steps, and a ring for parts of a total."""

import math
from collections.abc import Iterator, Sequence

from chalicelib.reports.render.document import PALETTE, Chart
from chalicelib.reports.render.pdf_paper import BODY, INK, LEFT, MUTED, RIGHT, RULE, Paper
from chalicelib.reports.render.values import clean, display_text

MAX_BARS = 62  # two months of days, as layouts/sales.py shows them
MAX_SLICES = 8
HEIGHT = 52.0
RADIUS = 21.0
AXIS = 14.0  # left of the columns, for the numbers; this and the two above are in millimetres
MIN_SPAN = 1e-300  # a smaller power of ten loses its digits
OTHERS = "Прочее"

Series = list[tuple[str, list[float]]]


def draw_chart(paper: Paper, chart: Chart) -> None:
    """Draw a chart under its title, on one page."""
    paper.section_title(chart.title, HEIGHT + 18)
    labels = [clean(label).replace("\n", " ") for label in chart.labels]
    series = [(clean(name), _numbers(values, len(labels))) for name, values in chart.series]
    if not labels or not series:
        _no_data(paper)
    elif chart.kind == "pie":
        _pie(paper, *_merged(labels, [("", [max(0.0, value) for value in series[0][1]])], MAX_SLICES))
    else:
        _bars(paper, *_merged(labels, series, MAX_BARS))


def _numbers(values: Sequence[float], count: int) -> list[float]:
    """Return `count` finite numbers, filled up with zeros."""
    finite = [max(-1e15, min(1e15, float(value))) if math.isfinite(value) else 0.0 for value in values[:count]]
    return finite + [0.0] * (count - len(finite))


def _merged(labels: list[str], series: Series, limit: int) -> tuple[list[str], Series]:
    """Return at most `limit` labels with their values; the last one is the sum of the others."""
    if len(labels) <= limit:
        return labels, series
    end = limit - 1
    return [*labels[:end], OTHERS], [(name, [*values[:end], sum(values[end:])]) for name, values in series]


def _no_data(paper: Paper) -> None:
    paper.set_face(8, MUTED)
    paper.write(LEFT, paper.y + 4, "Нет данных")
    paper.y += 8


def _bars(paper: Paper, labels: list[str], series: Series) -> None:
    values = [value for _, numbers in series for value in numbers]
    step = _step(max(0.0, *values) - min(0.0, *values))
    lowest, highest = (math.floor(min(0.0, *values) / step), math.ceil(max(0.0, *values) / step) or 1)
    top, floor = paper.y + 3, paper.y + HEIGHT
    scale = (floor - top) / ((highest - lowest) * step)
    zero = floor + lowest * step * scale
    paper.set_face(6.5, MUTED)
    for tick in range(lowest, highest + 1):
        y = zero - tick * step * scale
        paper.line(LEFT + AXIS, y, RIGHT, y, MUTED if tick == 0 else RULE, 0.25 if tick == 0 else 0.15)
        paper.set_face(6.5, MUTED)
        paper.write_right(LEFT + AXIS - 2, y + 0.8, display_text(tick * step, "int"))
    pitch = (BODY - AXIS) / len(labels)
    bar = min(12.0, pitch * 0.72 / len(series))
    for index in range(len(labels)):
        centre = LEFT + AXIS + pitch * (index + 0.5)
        for number, (_, heights) in enumerate(series):
            left = centre + (number - len(series) / 2) * bar
            _bar(paper, left, zero, bar, heights[index] * scale, PALETTE[number % len(PALETTE)])
            _figure(paper, left, zero - max(0.0, heights[index] * scale) - 0.8, bar, heights[index])
    _labels(paper, labels, pitch, floor)
    paper.y = floor + 10
    if len(series) > 1:
        _legend(paper, [name for name, _ in series])


def _bar(paper: Paper, left: float, zero: float, width: float, height: float, color: str) -> None:
    if height:
        paper.box(left + width * 0.04, zero - max(0.0, height), width * 0.92, abs(height), color)


def _figure(paper: Paper, left: float, y: float, width: float, value: float) -> None:
    """Write the number over a column, if it is not wider than the column."""
    paper.set_face(5.8, INK)
    text = display_text(value, "int")
    if paper.width(text) < width:
        paper.write_centred(left + width / 2, y, text)


def _labels(paper: Paper, labels: list[str], pitch: float, floor: float) -> None:
    every = math.ceil(8 / pitch)  # a label needs 8 mm
    paper.set_face(6.5, MUTED)
    for index in range(0, len(labels), every):
        lines = paper.wrap(paper.printable(labels[index]), pitch * every - 1, 2)
        for number, line in enumerate(lines):
            paper.write_centred(LEFT + AXIS + pitch * (index + 0.5), floor + 3.4 + number * 3, line)


def _legend(paper: Paper, names: list[str]) -> None:
    x = LEFT + AXIS
    paper.ensure_room(7)
    for index, name in enumerate(names):
        paper.set_face(7, INK)
        text = paper.clip(paper.printable(name), 50)
        width = paper.width(text) + 10
        if x + width > RIGHT and x > LEFT + AXIS:
            x, paper.y = LEFT + AXIS, paper.y + 4.5
            paper.ensure_room(7)
        paper.box(x, paper.y, 2.6, 2.6, PALETTE[index % len(PALETTE)])
        paper.set_face(7, INK)
        paper.write(x + 4, paper.y + 2.4, text)
        x += width
    paper.y += 6


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
    paper.write_centred(x, y + 4.6, "всего")
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
    for index, (label, value) in enumerate(zip(labels, values, strict=True)):
        paper.box(x, y, 3, 3, PALETTE[index % len(PALETTE)])
        paper.set_face(8, INK)
        paper.write(x + 5, y + 2.7, paper.clip(paper.printable(label), 52))
        paper.write_right(x + 82, y + 2.7, display_text(value, "int"))
        paper.set_face(8, MUTED)
        paper.write_right(x + 100, y + 2.7, display_text(value / total, "percent"))
        y += 5.5


def _step(span: float) -> float:
    """Return the distance between ticks: 1, 2 or 5 times a power of ten, for about five ticks."""
    if span < MIN_SPAN:
        return 1.0
    power = 10.0 ** math.floor(math.log10(span / 5))
    return next(power * factor for factor in (1, 2, 5, 10) if span / (power * factor) <= 5)
