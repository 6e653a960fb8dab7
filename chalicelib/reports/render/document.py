"""The document model of all formats: a title, then sections of facts, tables and charts.

Values are str, int, float, Decimal, bool, date, datetime, UUID or None; each format decides how they look. A datetime
without a time zone is UTC; datetimes are shown in the time zone of the document.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Literal

ValueKind = Literal["text", "int", "number", "percent", "date", "datetime", "bool"]
ChartKind = Literal["bar", "pie"]

PALETTE = ("#1F4E79", "#E08E2B", "#4C9A6A", "#B5484B", "#7A6BA8", "#3AA0B8", "#9A8F3C", "#8A8F98")  # of charts


class Percent(float):
    """A fraction among facts: Percent(0.855) is shown as 85,5 %. Columns of the kind `percent` have fractions too."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; `width` is relative to the other columns."""

    title: str
    kind: ValueKind = "text"
    width: float = 1.0


@dataclass(frozen=True, slots=True)
class Table:
    """Rows with column titles. `rows` may be a generator: it is read once, in order."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[object]]


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and values. The PDF shows two to six numbers, with nothing else, as tiles."""

    title: str
    pairs: Sequence[tuple[str, object]]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of few numbers. A pie shows the first series only."""

    title: str
    kind: ChartKind
    labels: Sequence[str]
    series: Sequence[tuple[str, Sequence[float]]]


Section = Facts | Table | Chart


@dataclass(frozen=True, slots=True)
class Document:
    """A report. `meta` has short facts for the title block, such as its author and number."""

    title: str
    created_at: datetime
    sections: Sequence[Section]
    subtitle: str = ""
    meta: Mapping[str, str] = field(default_factory=dict)
    timezone: tzinfo = UTC
