"""`/api/analytics`."""

from chalicelib.analytics import service
from chalicelib.analytics.schemas import (
    Breakdown,
    BreakdownQuery,
    Dashboard,
    Series,
    SeriesQuery,
    ShiftFigures,
    WorkCenterFigures,
)
from chalicelib.core.http import PRODUCTION, Actor, Routes

api = Routes(PRODUCTION)


@api.get("/api/analytics/dashboard")
def get_dashboard(actor: Actor) -> Dashboard:
    """Статистика дашборда: обновляется каждые 5 минут."""
    return service.dashboard(actor)


@api.get("/api/analytics/work_centers")
def figures_by_work_center(actor: Actor, query: BreakdownQuery) -> Breakdown[WorkCenterFigures]:
    """Показатели по рабочим центрам за период."""
    return service.by_work_center(actor, query=query)


@api.get("/api/analytics/shifts")
def figures_by_shift(actor: Actor, query: BreakdownQuery) -> Breakdown[ShiftFigures]:
    """Показатели по сменам за период."""
    return service.by_shift(actor, query=query)


@api.get("/api/analytics/timeseries")
def figures_by_day(actor: Actor, query: SeriesQuery) -> Series:
    """Показатели по дням, неделям или месяцам."""
    return service.series(actor, query=query)
