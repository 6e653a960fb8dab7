"""`/v1/quotas`: what users have made today, and may make."""

from chalicelib.core.http import USERS, Actor, Routes
from chalicelib.quotas import service
from chalicelib.quotas.schemas import OneUse, QuotaQuery, UsePage

api = Routes(USERS)


@api.get("/v1/quotas")
def list_quotas(actor: Actor, query: QuotaQuery) -> UsePage:
    """Расход дневных квот по пользователям."""
    return service.list_page(actor, query=query)


@api.get("/v1/quotas/me")
def my_quotas(actor: Actor) -> OneUse:
    """Свои дневные квоты и их расход."""
    return OneUse(data=service.mine(actor))
