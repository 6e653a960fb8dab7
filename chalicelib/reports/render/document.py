"""The document model of all formats: a title, then sections of facts, tables and charts.

Values are str, int, float, Decimal, bool, date, datetime, UUID or None; each format decides how they look. A datetime
without a time zone is UTC; datetimes are shown in the time zone of the document.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Literal

ValueKind = Literal["text", "int", "id", "uuid", "number", "percent", "date", "datetime", "bool"]
ChartKind = Literal["bar", "pie"]

PALETTE = ("#1F4E79", "#E08E2B", "#4C9A6A", "#B5484B", "#7A6BA8", "#3AA0B8", "#9A8F3C", "#8A8F98")  # of charts
BRAND = "Shopfloor"
FACTS = "facts"  # what programs call all facts together
SHORT_LABEL = 12  # characters of a label that fits below a column of a chart


class Percent(float):
    """A fraction among facts: Percent(0.855) is shown as 85,5 %. Columns of the kind `percent` have fractions too."""


class Id(int):
    """A number that names something, among facts: Id(22222) is shown as 22222. Columns have the kind `id` for it."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    `id` is a number that names something: it is neither grouped nor summed up. `uuid` is shown in full in XLSX and CSV;
    on paper, where nobody can copy it, its first eight characters have to do.
    """

    title: str
    kind: ValueKind = "text"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows with column titles. `rows` may be a generator: it is read once, in order.

    `totals` is the last row for people (a text, then sums; None where there is nothing to add); CSV leaves it out.
    `note` says in a line below the title which rows these are. `name` is what programs call the table. `brief`: its few
    rows are figures of the report, unlike a list of all that the report is about.
    """

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[object]]
    totals: Sequence[object] = ()
    note: str = ""
    name: str = ""
    brief: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and values. The PDF shows two to six numbers, with nothing else, as tiles."""

    title: str
    pairs: Sequence[tuple[str, object]]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of few numbers. A pie shows the first series only.

    `unit` is that of the values, and stands at the axis. `time`: the labels are moments with equal distances, none left
    out, so that it is enough to write some of them.
    """

    title: str
    kind: ChartKind
    labels: Sequence[str]
    series: Sequence[tuple[str, Sequence[float]]]
    unit: str = ""
    time: bool = False

    @property
    def is_lying(self) -> bool:
        """Whether its bars are drawn as rows, because the labels are too long to stand side by side."""
        return self.kind == "bar" and not self.time and any(len(label) > SHORT_LABEL for label in self.labels)


Section = Facts | Table | Chart


@dataclass(frozen=True, slots=True)
class Document:
    """A report. `meta` has short facts for the title block: parameters, period, time zone, author and number.

    `signatures` are the roles of those who sign the printed report. `logo` is the content of a PNG or JPEG file.
    `table` is the name of the table that CSV has; the first list if empty.
    """

    title: str
    created_at: datetime
    sections: Sequence[Section]
    subtitle: str = ""
    meta: Mapping[str, str] = field(default_factory=dict)
    timezone: tzinfo = UTC
    signatures: Sequence[str] = ()
    company: str = BRAND
    logo: bytes | None = None
    table: str = ""
