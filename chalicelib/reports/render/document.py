"""What a report is, whatever file it becomes: a title, then sections of facts, tables and charts.

Values are ordinary Python ones (str, int, float, Decimal, bool, date, datetime, UUID, None); the format decides how
they look. A moment without a time zone is taken for UTC; all moments are shown in the zone of the document.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Literal

Kind = Literal["text", "int", "number", "percent", "date", "datetime", "bool"]
ChartKind = Literal["bar", "pie"]


class Percent(float):
    """A share among facts: Percent(0.855) is shown as 85,5 %. Columns of the kind `percent` hold shares as well."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. The width is relative to the other columns of the page."""

    title: str
    kind: Kind = "text"
    width: float = 1.0


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings. The rows may be a generator: they are read once, in order."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[object]]


@dataclass(frozen=True, slots=True)
class Facts:
    """A block of names and values. Up to six numbers and nothing else are shown as tiles where the format has any."""

    title: str
    pairs: Sequence[tuple[str, object]]


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture of few numbers. A pie shows the first series only."""

    title: str
    kind: ChartKind
    labels: Sequence[str]
    series: Sequence[tuple[str, Sequence[float]]]


Section = Facts | Table | Chart


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report. `meta` are the short facts of the title block: who made it, its number."""

    title: str
    created_at: datetime
    sections: Sequence[Section]
    subtitle: str = ""
    meta: Mapping[str, str] = field(default_factory=dict)
    timezone: tzinfo = UTC
