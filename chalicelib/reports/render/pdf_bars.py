"""Bars of a PDF: standing ones, as columns over an axis, and lying ones, as rows with their labels before them."""

import math

from chalicelib.reports.render.document import PALETTE
from chalicelib.reports.render.pdf_paper import INK, LEFT, MUTED, RULE, Paper
from chalicelib.reports.render.values import display_text

AXIS = 16.0  # left of the columns, for the numbers; lengths are in millimetres
LABEL_SIZE = 6.5
LABEL_LINES = 2  # below a column
ROW_LABEL = 0.36  # of the width of the page, for the labels of rows
ROW_LINES, ROW_LINE = 3, 3.1
BAR = 3.6  # the thickness of a lying bar
FIGURE = 22.0  # right of the longest lying bar, for its number
MIN_SPAN = 1e-300  # a smaller power of ten loses its digits

Series = list[tuple[str, list[float]]]


def needs_rows(paper: Paper, labels: list[str]) -> bool:
    """Return whether the labels have no room side by side, in two lines without broken words."""
    paper.set_face(LABEL_SIZE)
    room = (paper.body - AXIS) / max(1, len(labels)) - 1
    shown = [paper.printable(label) for label in labels]
    return any(paper.width(word) > room for label in shown for word in label.split()) or any(
        len(paper.wrap(label, room, LABEL_LINES + 1)) > LABEL_LINES for label in shown
    )


def columns(paper: Paper, labels: list[str], series: Series, height: float, *, is_time: bool) -> None:
    """Draw columns; of moments, whose order is known, as many have labels as there is room for."""
    values = [value for _, numbers in series for value in numbers]
    step = _step(max(0.0, *values) - min(0.0, *values))
    lowest, highest = (math.floor(min(0.0, *values) / step), math.ceil(max(0.0, *values) / step) or 1)
    top, floor = paper.y + 3, paper.y + height
    scale = (floor - top) / ((highest - lowest) * step)
    zero = floor + lowest * step * scale
    _ticks(paper, zero, [(tick * step, tick * step * scale) for tick in range(lowest, highest + 1)])
    pitch = (paper.body - AXIS) / len(labels)
    bar = min(12.0, pitch * 0.72 / len(series))
    for index in range(len(labels)):
        centre = LEFT + AXIS + pitch * (index + 0.5)
        for number, (_, heights) in enumerate(series):
            left = centre + (number - len(series) / 2) * bar
            _column(paper, left, zero, bar, heights[index] * scale, PALETTE[number % len(PALETTE)])
            room = pitch * (3 if _is_alone(heights, index) else 1) if len(series) == 1 else bar
            _figure(paper, left + bar / 2, zero - max(0.0, heights[index] * scale) - 0.8, room, heights[index])
    lines = _labels(paper, labels, pitch, floor, is_time=is_time)
    paper.y = floor + 4 + 3 * lines
    _legend(paper, [name for name, _ in series])


def _ticks(paper: Paper, zero: float, ticks: list[tuple[float, float]]) -> None:
    for value, height in ticks:
        y = zero - height
        paper.line(LEFT + AXIS, y, paper.right, y, RULE if value else MUTED, 0.15 if value else 0.25)
        paper.set_face(LABEL_SIZE, MUTED)
        paper.write_right(LEFT + AXIS - 2, y + 0.8, display_text(value, "int"))


def _column(paper: Paper, left: float, zero: float, width: float, height: float, color: str) -> None:
    if height:
        paper.box(left + width * 0.04, zero - max(0.0, height), width * 0.92, abs(height), color)


def _is_alone(heights: list[float], index: int) -> bool:
    return not any(heights[max(0, index - 1) : index] + heights[index + 1 : index + 2])


def _figure(paper: Paper, centre: float, y: float, room: float, value: float) -> None:
    """Write the number over a column, if it does not meet its neighbours."""
    paper.set_face(5.8, INK)
    text = display_text(value, "int")
    width = paper.width(text)
    if value and width < room - 0.4:
        paper.write_centred(min(centre, paper.right - width / 2), y, text)


def _labels(paper: Paper, labels: list[str], pitch: float, floor: float, *, is_time: bool) -> int:
    """Write the labels below the columns; returns of how many lines the longest is."""
    paper.set_face(LABEL_SIZE, MUTED)
    shown, every, most = [paper.printable(label) for label in labels], 1, 1
    if is_time:
        every = math.ceil((max(map(paper.width, shown)) + 2) / pitch)
    for index in range(0, len(shown), every):
        lines = [shown[index]] if is_time else paper.wrap(shown[index], max(pitch - 1, 2), LABEL_LINES)
        most = max(most, len(lines))
        for number, line in enumerate(lines):
            paper.write_centred(LEFT + AXIS + pitch * (index + 0.5), floor + 3.4 + number * 3, line)
    return most


def rows(paper: Paper, labels: list[str], series: Series) -> None:
    """Draw a row for each label, with a lying bar and its number for each series."""
    if len(series) > 1:
        _legend(paper, [name for name, _ in series])
    start = LEFT + paper.body * ROW_LABEL + 3
    longest = max(0.0, *(value for _, values in series for value in values))
    scale = (paper.right - start - FIGURE) / longest if longest > MIN_SPAN else 0.0
    for index, label in enumerate(labels):
        paper.set_face(7, INK)
        lines = paper.wrap(paper.printable(label), paper.body * ROW_LABEL, ROW_LINES)
        height = max(len(lines) * ROW_LINE, len(series) * BAR) + 1.8
        if not paper.has_room(height):
            paper.page()
            paper.set_face(7, INK)
        for number, line in enumerate(lines):
            paper.write(LEFT, paper.y + 3 + number * ROW_LINE, line)
        for number, (_, values) in enumerate(series):
            y, length = paper.y + 0.4 + number * BAR, max(0.0, values[index]) * scale
            if length:
                paper.box(start, y, length, BAR * 0.82, PALETTE[number % len(PALETTE)])
            paper.set_face(LABEL_SIZE, INK)
            paper.write(start + length + 1.2, y + BAR * 0.68, display_text(values[index], "int"))
        paper.y += height
        paper.line(start, paper.y - 0.7, start, paper.y - height - 0.1, MUTED, 0.2)
    paper.y += 2


def _legend(paper: Paper, names: list[str]) -> None:
    if len(names) < 2:
        return
    x = LEFT + AXIS
    paper.ensure_room(7)
    for index, name in enumerate(names):
        paper.set_face(7, INK)
        text = paper.clip(paper.printable(name), 50)
        width = paper.width(text) + 10
        if x + width > paper.right and x > LEFT + AXIS:
            x, paper.y = LEFT + AXIS, paper.y + 4.5
            paper.ensure_room(7)
        paper.box(x, paper.y, 2.6, 2.6, PALETTE[index % len(PALETTE)])
        paper.set_face(7, INK)
        paper.write(x + 4, paper.y + 2.4, text)
        x += width
    paper.y += 6


def _step(span: float) -> float:
    """Return the distance between ticks: 1, 2 or 5 times a power of ten, for about five ticks."""
    if span < MIN_SPAN:
        return 1.0
    power = 10.0 ** math.floor(math.log10(span / 5))
    return next(power * factor for factor in (1, 2, 5, 10) if span / (power * factor) <= 5)
