"""Native charts over their numbers, which have the last sheet: the summary shows them as a picture only."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from chalicelib.core.texts import text
from chalicelib.reports.render.document import PALETTE, Chart
from chalicelib.reports.render.labels import distinct
from chalicelib.reports.render.values import clean
from chalicelib.reports.render.xlsx_book import LINE, MUTED, RULE, Book
from chalicelib.reports.render.xlsx_summary import Block, Line

LABEL = 34  # characters of a label beside or below its bar
MAX_BARS_WITH_NUMBERS = 24
PIXELS = 4 / 3  # of a point
PIXELS_OF_CHARACTER = 7.0
MIN_WIDTH, BAR, SLOT = 380.0, 16.0, 46.0  # of a chart, of a lying bar, of an upright one with its distance, in pixels
BETWEEN = 10.0  # groups of lying bars
TALL, FRAME, LEGEND = 250.0, 84.0, 30.0
MAX_HEIGHT = 600.0  # of a chart; more lying bars become several charts
WIDE_GAP, GAP = 300, 60  # between bars, in percent of their width: few bars must not fill the whole chart
DATA_SHEET_WIDTHS = (44.0, 40.0, 18.0)


@dataclass(frozen=True)
class _Numbers:
    """A chart that has something to show: its rows, and where they stand on the sheet of numbers."""

    chart: Chart
    labels: list[str]
    short: list[str]
    series: list[tuple[str, list[float | None]]]
    row: int
    top: float | None  # of the axis, where several charts are to be compared

    @property
    def last(self) -> int:
        return self.row + len(self.labels)


@dataclass
class ChartNumbers:
    """The sheet of numbers. Charts refer to it by name, so that they can be made before it is written."""

    book: Book
    name: str
    written: list[_Numbers] = field(default_factory=list)
    next_row: int = 5  # below the title of the sheet

    def blocks_of(self, chart: Chart) -> list[Block]:
        """Return a chart as blocks of the summary, several if it has many lying bars; its numbers get their place."""
        parts = _parts(chart)
        most = max((value for _, values in chart.series for value in values if math.isfinite(value)), default=0.0)
        top = _rounded_up(most) if len(parts) > 1 and most > 0 else None
        return [self._block(part, top) for part in parts]

    def _block(self, chart: Chart, top: float | None) -> Block:
        numbers = self._numbers(chart, top)
        if numbers is None:
            return Block(chart.title, [], lambda _: [self._nothing()])
        self.written.append(numbers)
        self.next_row = numbers.last + 3
        return Block(chart.title, [], lambda widths: self._lines(numbers, widths))

    def write(self) -> None:
        """Write the sheet, if there is a chart."""
        if not self.written:
            return
        sheet = self.book.workbook.add_worksheet(self.name)
        most = max(len(numbers.series) for numbers in self.written)
        widths = [*DATA_SHEET_WIDTHS[:2], *[DATA_SHEET_WIDTHS[2]] * most]
        self.book.head(sheet, widths, self.name, "")
        for numbers in self.written:
            self._write(sheet, numbers, widths)
        self.book.set_up_page(sheet, widths)
        sheet.fit_to_pages(1, 0)
        sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})

    def _numbers(self, chart: Chart, top: float | None) -> _Numbers | None:
        labels = [clean(label) for label in chart.labels]
        wanted = chart.series[:1] if chart.kind == "pie" else chart.series
        series = [(clean(name), _padded(values, len(labels))) for name, values in wanted]
        if chart.kind == "pie" and series:  # the numbers of empty slices would lie on top of each other
            shown = [index for index, value in enumerate(series[0][1]) if value and value > 0]
            labels = [labels[index] for index in shown]
            series = [(name, [values[index] for index in shown]) for name, values in series]
        if not labels or not series:
            return None
        return _Numbers(chart, labels, distinct(labels, LABEL), series, self.next_row + 1, top)

    def _write(self, sheet: Any, numbers: _Numbers, widths: Sequence[float]) -> None:
        """Write title, headings and numbers, the headings in the row that the chart refers to."""
        chart = numbers.chart
        title = f"{clean(chart.title)}, {clean(chart.unit)}" if chart.unit else clean(chart.title)
        self.book.line(sheet, numbers.row - 1, widths, title, "heading", 1.2)
        titles = [text("Показатель"), text("Подпись"), *(name for name, _ in numbers.series)]
        self.book.columns(sheet, numbers.row, titles, ["text", "text", *["number"] * len(numbers.series)])  # type: ignore[list-item]
        values = [value for _, column in numbers.series for value in column if value is not None]
        kind = "int" if all(value == int(value) for value in values) else "number"
        for offset, label in enumerate(numbers.labels):
            row = numbers.row + 1 + offset
            self.book.put(sheet, row, 0, label, "text", "cell")
            self.book.put(sheet, row, 1, numbers.short[offset], "text", "cell")
            for column, (_, amounts) in enumerate(numbers.series, start=2):
                self.book.put(sheet, row, column, amounts[offset], kind, "cell")

    # -- the picture --------------------------------------------------------------------------------------------------

    def _nothing(self) -> Line:
        return Line(
            LINE, lambda sheet, row: sheet.write_string(row, 0, text("Нет данных"), self.book.format_of("muted"))
        )

    def _lines(self, numbers: _Numbers, widths: Sequence[float]) -> list[Line]:
        """Return the rows that a chart covers; the first one holds it."""
        width, height = _size(numbers, sum(widths) * PIXELS_OF_CHARACTER)
        native = self._native(numbers)
        native.set_size({"width": int(width), "height": int(height)})

        def insert(sheet: Any, row: int) -> None:
            sheet.insert_chart(row, 0, native, {"x_offset": 4, "y_offset": 2, "object_position": 2})

        rows = math.ceil((height / PIXELS + 6) / LINE)
        return [Line(LINE, insert), *[Line(LINE)] * (rows - 1)]

    def _native(self, numbers: _Numbers) -> Any:
        chart = numbers.chart
        native = self.book.workbook.add_chart({"type": _type(chart)})
        for index in range(len(numbers.series)):
            native.add_series(self._series(numbers, index))
        native.set_title({"none": True})
        native.set_chartarea({"border": {"color": RULE}})
        alone = chart.kind == "bar" and len(numbers.series) == 1
        native.set_legend({"none": True} if alone else {"position": "right" if chart.kind == "pie" else "bottom"})
        if chart.kind == "bar":
            _axes(native, numbers)
        return native

    def _series(self, numbers: _Numbers, index: int) -> dict[str, Any]:
        first, last, column = numbers.row + 1, numbers.last, index + 2
        series: dict[str, Any] = {
            "name": [self.name, numbers.row, column],
            "categories": [self.name, first, 1, last, 1],
            "values": [self.name, first, column, last, column],
        }
        if numbers.chart.kind == "pie":
            fills = [{"fill": {"color": PALETTE[point % len(PALETTE)]}} for point in range(len(numbers.labels))]
            return series | {"points": fills, "data_labels": {"percentage": True, "position": "outside_end"}}
        bars = len(numbers.labels) * len(numbers.series)
        if bars <= MAX_BARS_WITH_NUMBERS:
            series["data_labels"] = {"value": True, "num_format": "#,##0.##" if _has_parts(numbers) else "#,##0"}
        gap = WIDE_GAP if bars <= 3 else GAP
        return series | {"fill": {"color": PALETTE[index % len(PALETTE)]}, "gap": gap}


def _type(chart: Chart) -> str:
    if chart.kind == "pie":
        return "pie"
    return "bar" if chart.is_lying else "column"


def _size(numbers: _Numbers, room: float) -> tuple[float, float]:
    """Return width and height by the number of bars."""
    bars, groups = len(numbers.labels) * len(numbers.series), len(numbers.labels)
    legend = LEGEND if len(numbers.series) > 1 else 0.0
    if numbers.chart.kind == "pie":
        return min(room, 460.0), 200.0
    if numbers.chart.is_lying:
        return room, FRAME + legend + max(groups * BETWEEN + bars * BAR, 60.0)
    return min(room, max(MIN_WIDTH, FRAME + bars * SLOT)), TALL + legend


def _axes(native: Any, numbers: _Numbers) -> None:
    """Set the axes: the first label on top of lying bars, the unit at the values, some labels of many moments."""
    chart, lies = numbers.chart, numbers.chart.is_lying
    font = {"size": 9, "color": "#333333"}
    categories: dict[str, Any] = {"num_font": font, "line": {"color": MUTED}, "major_tick_mark": "none"}
    if lies:
        categories |= {"reverse": True, "crossing": "max"}
    elif len(numbers.labels) > 16:
        categories |= {"interval_unit": math.ceil(len(numbers.labels) / 16), "num_font": font | {"rotation": -45}}
    unit = chart.unit or (numbers.series[0][0] if len(numbers.series) == 1 else "")
    values: dict[str, Any] = {
        "num_font": font,
        "num_format": "#,##0.##" if _has_parts(numbers) and _most(numbers) < 10 else "#,##0",
        "major_gridlines": {"visible": True, "line": {"color": RULE, "width": 0.5}},
        "line": {"none": True},
        "min": min(0.0, _least(numbers)),
    }
    if numbers.top:
        values |= {"max": numbers.top}
    if unit:
        values |= {"name": clean(unit), "name_font": font | {"bold": False}}
    native.set_x_axis(values if lies else categories)
    native.set_y_axis(categories if lies else values)


def _parts(chart: Chart) -> list[Chart]:
    """Return a chart, or the same bars in several of equal size, none higher than a page."""
    count = len(chart.labels)
    if not chart.is_lying:
        return [chart]
    most = int((MAX_HEIGHT - FRAME - LEGEND) / (BETWEEN + BAR * max(1, len(chart.series)))) or 1
    parts = math.ceil(count / most)
    if parts < 2:
        return [chart]
    ends = [count * part // parts for part in range(parts + 1)]
    return [
        replace(
            chart,
            title=f"{chart.title} ({number}/{parts})",
            labels=chart.labels[first:end],
            series=[(name, values[first:end]) for name, values in chart.series],
        )
        for number, (first, end) in enumerate(pairwise(ends), start=1)
    ]


def _rounded_up(value: float) -> float:
    """Return the next number with two digits."""
    step = 10.0 ** (math.floor(math.log10(value)) - 1)
    return math.ceil(value / step) * step


def _padded(values: Sequence[float], count: int) -> list[float | None]:
    """Return `count` numbers, None where there is none."""
    finite = [float(value) if math.isfinite(value) else None for value in values[:count]]
    return finite + [None] * (count - len(finite))


def _all(numbers: _Numbers) -> list[float]:
    return [value for _, values in numbers.series for value in values if value is not None]


def _has_parts(numbers: _Numbers) -> bool:
    return any(value != int(value) for value in _all(numbers))


def _most(numbers: _Numbers) -> float:
    return max(_all(numbers), default=0.0)


def _least(numbers: _Numbers) -> float:
    return min(_all(numbers), default=0.0)
