"""Charts on paper, drawn with vectors: columns over an axis with round steps, and a ring for shares of a whole."""

import math
from collections.abc import Iterator, Sequence

from chalicelib.reports.render.document import Chart
from chalicelib.reports.render.pdf_paper import BODY, INK, LEFT, MUTED, PALETTE, RIGHT, RULE, Paper
from chalicelib.reports.render.pdf_table import heading
from chalicelib.reports.render.values import clean, shown

MAX_BARS = 60
MAX_SLICES = 8
HEIGHT = 52.0
RADIUS = 21.0
AXIS = 14.0  # millimetres left of the columns, for the numbers
SMALLEST_SPAN = 1e-300  # below it powers of ten lose their digits
OTHERS = "Прочее"

Series = list[tuple[str, list[float]]]


def draw_chart(paper: Paper, chart: Chart) -> None:
    """The chart under its title, on one sheet."""
    heading(paper, chart.title, HEIGHT + 18)
    labels = [clean(label).replace("\n", " ") for label in chart.labels]
    series = [(clean(name), _numbers(values, len(labels))) for name, values in chart.series]
    if not labels or not series:
        _nothing(paper)
    elif chart.kind == "pie":
        _pie(paper, *_merged(labels, [("", [max(0.0, value) for value in series[0][1]])], MAX_SLICES))
    else:
        _bars(paper, *_merged(labels, series, MAX_BARS))


def _numbers(values: Sequence[float], count: int) -> list[float]:
    """As many finite numbers as there are labels."""
    finite = [max(-1e15, min(1e15, float(value))) if math.isfinite(value) else 0.0 for value in values[:count]]
    return finite + [0.0] * (count - len(finite))


def _merged(labels: list[str], series: Series, limit: int) -> tuple[list[str], Series]:
    """The same with at most so many labels: the rest is summed up."""
    if len(labels) <= limit:
        return labels, series
    kept = limit - 1
    return [*labels[:kept], OTHERS], [(name, [*values[:kept], sum(values[kept:])]) for name, values in series]


def _nothing(paper: Paper) -> None:
    paper.face(8, MUTED)
    paper.write(LEFT, paper.y + 4, "Нет данных")
    paper.y += 8


def _bars(paper: Paper, labels: list[str], series: Series) -> None:
    values = [value for _, numbers in series for value in numbers]
    step = _step(max(0.0, *values) - min(0.0, *values))
    lowest, highest = (math.floor(min(0.0, *values) / step), math.ceil(max(0.0, *values) / step) or 1)
    top, floor = paper.y + 3, paper.y + HEIGHT
    scale = (floor - top) / ((highest - lowest) * step)
    zero = floor + lowest * step * scale
    paper.face(6.5, MUTED)
    for tick in range(lowest, highest + 1):
        y = zero - tick * step * scale
        paper.line(LEFT + AXIS, y, RIGHT, y, MUTED if tick == 0 else RULE, 0.25 if tick == 0 else 0.15)
        paper.face(6.5, MUTED)
        paper.write_right(LEFT + AXIS - 2, y + 0.8, shown(tick * step, "int"))
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
    """The number over a column, where it does not run into its neighbours."""
    paper.face(5.8, INK)
    text = shown(value, "int")
    if paper.width(text) < width:
        paper.write_centred(left + width / 2, y, text)


def _labels(paper: Paper, labels: list[str], pitch: float, floor: float) -> None:
    every = math.ceil(8 / pitch)  # a label needs 8 mm
    paper.face(6.5, MUTED)
    for index in range(0, len(labels), every):
        lines = paper.wrap(paper.printable(labels[index]), pitch * every - 1, 2)
        for number, line in enumerate(lines):
            paper.write_centred(LEFT + AXIS + pitch * (index + 0.5), floor + 3.4 + number * 3, line)


def _legend(paper: Paper, names: list[str]) -> None:
    x = LEFT + AXIS
    paper.need(7)
    for index, name in enumerate(names):
        paper.face(7, INK)
        text = paper.clip(paper.printable(name), 50)
        width = paper.width(text) + 10
        if x + width > RIGHT and x > LEFT + AXIS:
            x, paper.y = LEFT + AXIS, paper.y + 4.5
            paper.need(7)
        paper.box(x, paper.y, 2.6, 2.6, PALETTE[index % len(PALETTE)])
        paper.face(7, INK)
        paper.write(x + 4, paper.y + 2.4, text)
        x += width
    paper.y += 6


def _pie(paper: Paper, labels: list[str], series: Series) -> None:
    values = series[0][1]
    total = sum(values)
    if not total:
        _nothing(paper)
        return
    x, y = LEFT + RADIUS + 8, paper.y + RADIUS + 2
    angle = 0.0
    for index, value in enumerate(values):
        turn = value / total
        if turn:
            paper.shape(list(_sector(x, y, angle, angle + turn)), PALETTE[index % len(PALETTE)])
        angle += turn
    paper.face(11, INK, "B")
    paper.write_centred(x, y + 1, paper.clip(shown(total, "int"), RADIUS))
    paper.face(6.5, MUTED)
    paper.write_centred(x, y + 4.6, "всего")
    _key(paper, x + RADIUS + 14, y, labels, values, total)
    paper.y += 2 * RADIUS + 7


def _sector(x: float, y: float, start: float, end: float) -> Iterator[tuple[float, float]]:
    """The outline of a piece of the ring, clockwise from the top; angles are shares of a turn."""
    count = max(2, math.ceil((end - start) * 180))
    turns = [2 * math.pi * (start + (end - start) * number / count) for number in range(count + 1)]
    yield from ((x + RADIUS * math.sin(turn), y - RADIUS * math.cos(turn)) for turn in turns)
    inner = RADIUS * 0.58
    yield from ((x + inner * math.sin(turn), y - inner * math.cos(turn)) for turn in reversed(turns))


def _key(paper: Paper, x: float, middle: float, labels: list[str], values: list[float], total: float) -> None:
    y = middle - len(labels) * 2.75 + 1
    for index, (label, value) in enumerate(zip(labels, values, strict=True)):
        paper.box(x, y, 3, 3, PALETTE[index % len(PALETTE)])
        paper.face(8, INK)
        paper.write(x + 5, y + 2.7, paper.clip(paper.printable(label), 52))
        paper.write_right(x + 82, y + 2.7, shown(value, "int"))
        paper.face(8, MUTED)
        paper.write_right(x + 100, y + 2.7, shown(value / total, "percent"))
        y += 5.5


def _step(span: float) -> float:
    """A round distance between ticks: 1, 2 or 5 times a power of ten, for about five of them."""
    if span < SMALLEST_SPAN:
        return 1.0
    power = 10.0 ** math.floor(math.log10(span / 5))
    return next(power * factor for factor in (1, 2, 5, 10) if span / (power * factor) <= 5)
