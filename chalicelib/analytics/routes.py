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
    """Показатели площадки за все время.

    Сколько партий и продуктов всего; пересчитываются каждые пять минут, время пересчета в `cached_at`. Текущее
    состояние смен показывает `GET /api/analytics/today`.
    """
    return service.dashboard(actor)


@api.get("/api/analytics/work_centers")
def figures_by_work_center(actor: Actor, query: BreakdownQuery) -> Breakdown[WorkCenterFigures]:
    """Показатели по рабочим центрам.

    Партии, продукты и доля агрегированных за период, до 366 дней. Рабочие центры без партий пропущены.
    """
    return service.by_work_center(actor, query=query)


@api.get("/api/analytics/shifts")
def figures_by_shift(actor: Actor, query: BreakdownQuery) -> Breakdown[ShiftFigures]:
    """Показатели по сменам.

    Те же показатели за период по обозначению смены; смены без партий пропущены.
    """
    return service.by_shift(actor, query=query)


@api.get("/api/analytics/timeseries")
def figures_by_day(actor: Actor, query: SeriesQuery) -> Series:
    """Показатели по дням, неделям и месяцам.

    Ряд для графика: точка на каждый день, неделю или месяц периода; пустые дни с нулями.
    """
    return service.series(actor, query=query)
