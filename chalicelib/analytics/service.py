"""Use cases of analytics. Nothing is computed from batches: the dashboard is read, the rest sums up kept totals."""

from collections import Counter
from collections.abc import Callable, Hashable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from chalicelib.analytics import model, store
from chalicelib.analytics.model import Hour, Period
from chalicelib.analytics.schemas import (
    Breakdown,
    BreakdownQuery,
    Dashboard,
    Figures,
    FiguresQuery,
    Point,
    Series,
    SeriesQuery,
    ShiftFigures,
    WorkCenterFigures,
)
from chalicelib.analytics.store import DashboardItem
from chalicelib.batches import service as batches
from chalicelib.batches.totals import Cell
from chalicelib.core import clock
from chalicelib.core.auth import Actor
from chalicelib.core.paging import SEPARATOR, PageRequest, page_in_memory
from chalicelib.products import service as products
from chalicelib.work_centers import service as work_centers

K = TypeVar("K", bound=Hashable)
F = TypeVar("F", bound=Figures)
Sums = Counter[str]

RESERVE_MS = 10_000  # no further hour is counted without this much time


def refresh() -> None:
    """Count anew what the dashboard shows: four counters, whatever there is."""
    at = clock.now()
    store.save(
        DashboardItem(
            store.DASHBOARD,
            aggregated_products=products.count(is_aggregated=True),
            total_products=products.count(),
            active_batches=batches.count(is_closed=False),
            total_batches=batches.count(),
            cached_at=clock.to_text(at),
        )
    )


def refresh_hours(remaining_ms: Callable[[], int]) -> None:
    """Count anew the products of the hours that are not settled, the newest first, for as long as there is time."""
    at, before = clock.now(), store.find_hours()
    known = {hour.start: hour for hour in before[0]} if before else {}
    hours = list[Hour]()
    for start in model.last_hours(at):
        hour = known.get(start)
        if (hour is None or not hour.is_settled) and remaining_ms() > RESERVE_MS:
            hour = _count_hour(start)
        if hour is not None:
            hours.append(hour)
    store.save_hours(hours, at)


def _count_hour(start: datetime) -> Hour:
    at, end = clock.now(), start + model.HOUR
    return Hour(start, products.added_between(start, end), products.aggregated_between(start, end), at)


def hours() -> tuple[list[Hour], datetime] | None:
    """The products of the last hours that are counted, the newest first, and when they were; None before the first."""
    return store.find_hours()


def dashboard(actor: Actor) -> Dashboard:
    """The dashboard of the last refresh."""
    item = store.find()
    if item is None:
        raise model.not_yet()
    rate = model.percent(int(item.aggregated_products), int(item.total_products))
    fields = {name: getattr(item, name) for name in Dashboard.model_fields if hasattr(item, name)}
    return Dashboard.model_validate(fields | {"aggregation_rate": rate})


def by_work_center(actor: Actor, *, query: BreakdownQuery) -> Breakdown[WorkCenterFigures]:
    """The work centres that have batches in the period, by identifier."""
    period, groups, total = _grouped(query, lambda cell: cell.work_center_id)
    known = {center.uuid: center for center in work_centers.several(list(groups))}
    items = []
    for center_id, sums in groups.items():
        center = known.get(center_id)
        names = {"identifier": center and center.identifier, "name": center and center.name}
        items.append(WorkCenterFigures.model_validate(_figures(sums) | names | {"work_center_id": center_id}))
    return _breakdown("work_centers", query, period, total, items, _by_identifier)


def by_shift(actor: Actor, *, query: BreakdownQuery) -> Breakdown[ShiftFigures]:
    """The shifts that have batches in the period; numbers in their order, then the others."""
    period, groups, total = _grouped(query, lambda cell: cell.shift)
    items = [ShiftFigures.model_validate(_figures(sums) | {"shift": shift}) for shift, sums in groups.items()]
    return _breakdown("shifts", query, period, total, items, lambda one: model.order_of_shift(one.shift))


def series(actor: Actor, *, query: SeriesQuery) -> Series:
    """The period day by day, or in weeks or months, with zeros where nothing was made."""
    period, groups, total = _grouped(query, lambda cell: model.first_day(cell.day, query.interval))
    points = []
    for part in model.intervals(period, query.interval):
        sums = groups.get(model.first_day(part.first, query.interval), Counter())
        points.append(Point.model_validate(_figures(sums) | {"date_from": part.first, "date_to": part.last}))
    return Series(date_from=period.first, date_to=period.last, items=points, total=total, interval=query.interval)


def _by_identifier(center: WorkCenterFigures) -> str:
    return f"{center.identifier or ''}{SEPARATOR}{center.work_center_id}"


def _breakdown(
    name: str, query: BreakdownQuery, period: Period, total: Figures, items: list[F], key: Callable[[F], str]
) -> Breakdown[F]:
    """The figures in the order of `key`, those after the cursor; a cursor is of this period and these filters."""
    filters = query.model_dump(exclude={"cursor"}) | {"date_from": period.first, "date_to": period.last}
    request = PageRequest(max(1, len(items)), descending=False, filters=filters, cursor=query.cursor)
    page = page_in_memory(f"analytics#{name}", request, sorted(items, key=key), key)
    place = {"date_from": period.first, "date_to": period.last, "next_cursor": page.next_cursor}
    return Breakdown(items=page.items, total=total, **place).cut_by(page)


def _grouped(query: FiguresQuery, key: Callable[[Cell], K]) -> tuple[Period, Mapping[K, Sums], Figures]:
    """The period, the sums of each group that has batches in it, and all of them together."""
    period = model.period(query.date_from, query.date_to, clock.now().date())
    center = str(query.work_center_id) if query.work_center_id else None
    groups: dict[K, Sums] = {}
    for cell in batches.totals_between(period.first, period.last):
        if cell.batches and center in (None, cell.work_center_id) and query.shift in (None, cell.shift):
            amounts = {"batches": cell.batches, "closed": cell.closed}
            amounts |= {"products": cell.products, "aggregated": cell.aggregated}
            groups.setdefault(key(cell), Counter()).update(amounts)
    total: Sums = Counter()
    for sums in groups.values():
        total.update(sums)
    return period, groups, Figures.model_validate(_figures(total))


def _figures(sums: Sums) -> dict[str, Any]:
    return {
        "total_batches": sums["batches"],
        "active_batches": sums["batches"] - sums["closed"],
        "closed_batches": sums["closed"],
        "total_products": sums["products"],
        "aggregated_products": sums["aggregated"],
        "aggregation_rate": model.percent(sums["aggregated"], sums["products"]),
    }
