"""Use cases of analytics. No batch is read: the dashboard is stored, other figures are sums of totals buckets."""

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
from chalicelib.batches.totals import TotalsBucket
from chalicelib.core import clock
from chalicelib.core.auth import Actor
from chalicelib.core.paging import SEPARATOR, PageRequest, page_in_memory
from chalicelib.products import service as products
from chalicelib.work_centers import service as work_centers

K = TypeVar("K", bound=Hashable)
F = TypeVar("F", bound=Figures)
Sums = Counter[str]

MIN_REMAINING_MS = 10_000  # for the count of another hour to start


def refresh() -> None:
    """Refresh the dashboard: read four counters and store them."""
    at = clock.now()
    store.save_dashboard(
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
    """Count the products of the hours whose count is not final, the newest first, while there is time."""
    at, stored = clock.now(), store.find_hours()
    known = {hour.start: hour for hour in stored[0]} if stored else {}
    hours = list[Hour]()
    for start in model.last_hours(at):
        hour = known.get(start)
        if (hour is None or not hour.is_settled) and remaining_ms() > MIN_REMAINING_MS:
            hour = _count_hour(start)
        if hour is not None:
            hours.append(hour)
    store.save_hours(hours, at)


def _count_hour(start: datetime) -> Hour:
    at, end = clock.now(), start + model.HOUR
    return Hour(start, products.added_between(start, end), products.aggregated_between(start, end), at)


def hours() -> tuple[list[Hour], datetime] | None:
    """Return the counted hours, the newest first, and when they were counted; None before the first refresh."""
    return store.find_hours()


def dashboard(actor: Actor) -> Dashboard:
    """Return the dashboard of the last refresh."""
    item = store.find_dashboard()
    if item is None:
        raise model.not_yet()
    rate = model.percent(int(item.aggregated_products), int(item.total_products))
    fields = {name: getattr(item, name) for name in Dashboard.model_fields if hasattr(item, name)}
    return Dashboard.model_validate(fields | {"aggregation_rate": rate})


def by_work_center(actor: Actor, *, query: BreakdownQuery) -> Breakdown[WorkCenterFigures]:
    """Return the figures of the work centres that have batches in the period, by identifier."""
    period, groups, total = _grouped(query, lambda bucket: bucket.work_center_id)
    known = {center.uuid: center for center in work_centers.several(list(groups))}
    items = []
    for center_id, sums in groups.items():
        center = known.get(center_id)
        names = {"identifier": center and center.identifier, "name": center and center.name}
        items.append(WorkCenterFigures.model_validate(_figures(sums) | names | {"work_center_id": center_id}))
    return _breakdown("work_centers", query, period, total, items, _by_identifier)


def by_shift(actor: Actor, *, query: BreakdownQuery) -> Breakdown[ShiftFigures]:
    """Return the figures of the shifts that have batches in the period."""
    period, groups, total = _grouped(query, lambda bucket: bucket.shift)
    items = [ShiftFigures.model_validate(_figures(sums) | {"shift": shift}) for shift, sums in groups.items()]
    return _breakdown("shifts", query, period, total, items, lambda shift: model.shift_sort_key(shift.shift))


def series(actor: Actor, *, query: SeriesQuery) -> Series:
    """Return the figures by day, week or month, with zeros where there are no batches."""
    period, groups, total = _grouped(query, lambda bucket: model.first_day(bucket.day, query.interval))
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
    """Return the figures after the cursor, sorted by `key`. A cursor is valid for this period and these filters."""
    filters = query.model_dump(exclude={"cursor"}) | {"date_from": period.first, "date_to": period.last}
    request = PageRequest(max(1, len(items)), descending=False, filters=filters, cursor=query.cursor)
    page = page_in_memory(f"analytics#{name}", request, sorted(items, key=key), key)
    common = {"date_from": period.first, "date_to": period.last, "next_cursor": page.next_cursor}
    return Breakdown(items=page.items, total=total, **common).with_cursors_of(page)


def _grouped(query: FiguresQuery, key: Callable[[TotalsBucket], K]) -> tuple[Period, Mapping[K, Sums], Figures]:
    """Return the period, the sums of each group that has batches, and the sum of all groups."""
    period = model.period(query.date_from, query.date_to, clock.site_today())
    center = str(query.work_center_id) if query.work_center_id else None
    groups: dict[K, Sums] = {}
    for bucket in batches.totals_between(period.first, period.last):
        if bucket.batches and center in (None, bucket.work_center_id) and query.shift in (None, bucket.shift):
            amounts = {"batches": bucket.batches, "closed": bucket.closed}
            amounts |= {"products": bucket.products, "aggregated": bucket.aggregated}
            groups.setdefault(key(bucket), Counter()).update(amounts)
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
