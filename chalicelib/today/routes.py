"""`/api/analytics/today`, beside the figures of analytics."""

from chalicelib.core.http import PRODUCTION, Actor, Routes
from chalicelib.today import service
from chalicelib.today.schemas import Today

api = Routes(PRODUCTION)


@api.get("/api/analytics/today")
def get_today(actor: Actor) -> Today:
    """Что идет сейчас: смены с планом и фактом, продукты по часам, что требует внимания."""
    return service.today(actor)
