"""Use cases of quotas: count what a user makes, refuse what is too much, show what was made.

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
    """Count what the transaction makes in an actor's name; Exhausted, and nothing is made, when it is too much."""
    wanted = {name: amount for name, amount in amounts.items() if amount}
    if not wanted or not model.is_bounded(actor):
        return
    at, limits = clock.now(), _limits(settings().daily_quotas)
    refusal = model.exhausted(wanted, limits, at)
    if any(amount > limits[name] for name, amount in wanted.items()):
        raise refusal
    store.add(tx, actor.user_id, model.day_of(at), wanted, limits, refusal)


def check(actor: Actor, **amounts: int) -> None:
    """Exhausted when the actor may not make so much more today: before work that only its end counts."""
    if not model.is_bounded(actor):
        return
    at, limits = clock.now(), _limits(settings().daily_quotas)
    used = store.find(actor.user_id, model.day_of(at)).used
    if names := [name for name, amount in amounts.items() if amount and used[name] + amount > limits[name]]:
        raise model.exhausted(names, limits, at)


def mine(actor: Actor) -> DailyUse:
    """What the actor has made today, and may make."""
    limits = _limits(settings().daily_quotas) if model.is_bounded(actor) else {}
    return _view(store.find(actor.user_id, model.day_of(clock.now())), limits)


def list_page(actor: Actor, *, query: QuotaQuery) -> UsePage:
    """A page of what users have made in a day, of those who made anything."""
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


_limits = lru_cache(maxsize=4)(model.read)
