"""Use case: read the dashboard of today. Its parts are read in parallel."""

from collections.abc import Callable
from contextvars import copy_context
from datetime import datetime
from functools import partial
from typing import Any

from chalicelib import roles
from chalicelib.analytics import model
from chalicelib.analytics import service as analytics
from chalicelib.core import clock
from chalicelib.core.actor import Actor
from chalicelib.core.settings import settings
from chalicelib.core.threads import own_threads
from chalicelib.today import attention, shifts
from chalicelib.today.schemas import Attention, HourOfProducts, ProductsByHour, Today

Parts = dict[str, Callable[[], Any]]


def today(actor: Actor) -> Today:
    """Return the dashboard of today, with the parts that the actor may see."""
    at = clock.now()
    parts: Parts = {"running": partial(shifts.running, at), "products_by_hour": partial(_by_hour, at)}
    parts |= _attention(actor)
    with own_threads(len(parts)) as pool:
        futures = {name: pool.submit(copy_context().run, part) for name, part in parts.items()}
        found = {name: part.result() for name, part in futures.items()}
    return Today(
        as_of=at.replace(second=0, microsecond=0),
        time_zone=settings().time_zone,
        running=found["running"],
        products_by_hour=found["products_by_hour"],
        attention=Attention.model_validate({name: found.get(name) for name in Attention.model_fields}),
    )


def _attention(actor: Actor) -> Parts:
    """Return the parts whose own list the actor may see for all users."""
    lists: dict[str, tuple[str, Callable[[], Any]]] = {
        "failed_imports": ("GET /api/background_tasks", attention.failed_imports),
        "overdue_defects": ("GET /api/v1/defects", attention.overdue_defects),
        "webhooks": ("GET /api/webhooks", attention.troubled_webhooks),
        "failed_tasks": ("GET /api/v1/tasks", partial(attention.failed_tasks, actor)),
    }
    return {name: part for name, (endpoint, part) in lists.items() if roles.sees_all(actor.roles, endpoint)}


def _by_hour(at: datetime) -> ProductsByHour | None:
    counted = analytics.hours()
    if counted is None:
        return None
    by_start = {hour.start: hour for hour in counted[0]}
    hours = [_hour(start, by_start.get(start)) for start in reversed(model.last_hours(at))]
    return ProductsByHour(counted_at=counted[1], hours=hours)


def _hour(start: datetime, counted: model.Hour | None) -> HourOfProducts:
    if counted is None:
        return HourOfProducts(hour=start, added=None, aggregated=None)
    return HourOfProducts(hour=start, added=counted.added, aggregated=counted.aggregated)
