"""`/api/analytics/today`, beside the figures of analytics."""

from chalicelib.core.http import PRODUCTION, Actor, Routes
from chalicelib.today import service
from chalicelib.today.schemas import Today

api = Routes(PRODUCTION)


@api.get("/api/analytics/today")
def get_today(actor: Actor) -> Today:
    """Идущие смены.

    План и факт идущих смен, производство по часам за сутки и все, что требует внимания. Для экрана, который
    спрашивает каждые несколько секунд.
    """
    return service.today(actor)
