"""Use cases of quotas: count use, refuse what is above a limit, list the use.

with transaction() as tx:
    store.add(tx, task)
    quotas.take(tx, actor, sms=1)
"""

from functools import lru_cache
from operator import attrgetter

from chalicelib.core import clock
from chalicelib.core.auth import Actor
from chalicelib.core.paging import PageRequest, page_in_memory
from chalicelib.core.settings import settings
from chalicelib.core.transactions import Transaction
from chalicelib.quotas import model, store
from chalicelib.quotas.model import Exhausted
from chalicelib.quotas.schemas import DailyUse, QuotaQuery, Use, UsePage
from chalicelib.quotas.store import UseItem

__all__ = ["Exhausted"]


def take(tx: Transaction, actor: Actor, **amounts: int) -> None:
    """Count in a transaction what it creates for the actor; Exhausted, without any write, above a limit."""
    amounts = {name: amount for name, amount in amounts.items() if amount}
    if not amounts or not model.is_limited(actor):
        return
    at, limits = clock.now(), _limits(settings().daily_quotas)
    refusal = model.exhausted(amounts, limits, at)
    if any(amount > limits[name] for name, amount in amounts.items()):
        raise refusal
    store.add(tx, actor.user_id, model.day_of(at), amounts, limits, refusal)


def check(actor: Actor, **amounts: int) -> None:
    """Raise Exhausted when the amounts are above a limit; for work that is counted only at its end."""
    if not model.is_limited(actor):
        return
    at, limits = clock.now(), _limits(settings().daily_quotas)
    used = store.find(actor.user_id, model.day_of(at)).used
    if names := [name for name, amount in amounts.items() if amount and used[name] + amount > limits[name]]:
        raise model.exhausted(names, limits, at)


def mine(actor: Actor) -> DailyUse:
    """Return use and limits of the actor today."""
    limits = _limits(settings().daily_quotas) if model.is_limited(actor) else {}
    return _view(store.find(actor.user_id, model.day_of(clock.now())), limits)


def list_page(actor: Actor, *, query: QuotaQuery) -> UsePage:
    """Return a page of the use of all users who used a quota in a day."""
    day, limits = query.day or model.day_of(clock.now()), _limits(settings().daily_quotas)
    found = sorted(store.of_day(day), key=attrgetter("sk"))
    filters = {"day": day}
    request = PageRequest(query.limit, query.offset, descending=False, filters=filters, cursor=query.cursor)
    page = page_in_memory("quotas", request, found, attrgetter("sk"))
    return UsePage.of(page, [_view(item, limits) for item in page.items])


def _view(item: UseItem, limits: dict[str, int]) -> DailyUse:
    day = store.day_of(item)
    quotas = {name: Use(used=used, limit=limits.get(name)) for name, used in item.used.items()}
    return DailyUse(user_id=item.user_id, day=day, resets_at=model.end_of(day), quotas=quotas)


_limits = lru_cache(maxsize=4)(model.parse_limits)
