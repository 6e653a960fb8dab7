"""Request and response models of analytics."""

from datetime import date, datetime
from typing import Generic, TypeVar
from uuid import UUID

from chalicelib.analytics.model import Interval
from chalicelib.core.fields import Cursor, Day, Input, ListAnswer, Name, Output

T = TypeVar("T")


class Dashboard(Output):
    """The totals of the site, as they were at `cached_at`."""

    total_batches: int
    active_batches: int
    total_products: int
    aggregated_products: int
    aggregation_rate: float
    cached_at: datetime


class FiguresQuery(Input):
    """Filters: dates, both included (default: the last 30 days), work centre, shift."""

    date_from: Day | None = None
    date_to: Day | None = None
    work_center_id: UUID | None = None
    shift: Name | None = None


class BreakdownQuery(FiguresQuery):
    """The same, and the cursor of a response that had no room for all."""

    cursor: Cursor = None


class SeriesQuery(FiguresQuery):
    """The same, and the interval of the series."""

    interval: Interval = "day"


class Figures(Output):
    """Batches and their products; the rate is in percent, 0.0 where there are no products."""

    total_batches: int
    active_batches: int
    closed_batches: int
    total_products: int
    aggregated_products: int
    aggregation_rate: float


class WorkCenterFigures(Figures):
    """The figures of a work centre."""

    work_center_id: UUID
    identifier: str | None
    name: str | None


class ShiftFigures(Figures):
    """The figures of a shift."""

    shift: str


class Point(Figures):
    """The figures of a day, or of the part of a week or month that is in the period."""

    date_from: date
    date_to: date


class Breakdown(ListAnswer, Generic[T]):
    """The figures of a period, by group and in total. `next_cursor`: the response had no room for all groups."""

    date_from: date
    date_to: date
    items: list[T]
    total: Figures
    next_cursor: str | None = None


class Series(Breakdown[Point]):
    """The figures of a period in order of time; days without batches have zeros."""

    interval: Interval
