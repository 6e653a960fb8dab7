"""`/v1/quotas`: use and limits of users."""

from chalicelib.core.http import USERS, Actor, Routes
from chalicelib.quotas import service
from chalicelib.quotas.schemas import MyUse, QuotaQuery, UsePage

api = Routes(USERS)


@api.get("/v1/quotas")
def list_quotas(actor: Actor, query: QuotaQuery) -> UsePage:
    """Расход квот по пользователям.

    Кто сколько израсходовал в этот день; хранится 40 дней.
    """
    return service.list_page(actor, query=query)


@api.get("/v1/quotas/me")
def my_quotas(actor: Actor) -> MyUse:
    """Свои дневные квоты.

    Сколько дорогих действий вы сделали сегодня и сколько можно; у администратора пределов нет.
    """
    return MyUse(data=service.mine(actor))
