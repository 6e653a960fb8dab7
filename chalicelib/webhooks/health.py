"""Health of subscriptions: read from counters of the deliveries, the results of the last attempts and the breakers.

For each subscription 48 counter items (3 statuses in COUNTER_SHARDS), one of last results and one of the breaker of its
host; those of a page are read together, 100 items a request, in parallel.
"""

from collections.abc import Sequence
from typing import Any

from chalicelib.core import breaker
from chalicelib.core.breaker import BreakerView
from chalicelib.core.conversion import item_from
from chalicelib.core.counters import counter_keys, sums_of
from chalicelib.core.reads import ItemKey, read_together
from chalicelib.core.texts import text
from chalicelib.webhooks import model
from chalicelib.webhooks.deliveries_store import DELIVERIES, of_status
from chalicelib.webhooks.model import Status
from chalicelib.webhooks.schemas import Subscription, WebhookHealth
from chalicelib.webhooks.store import HealthItem, SubscriptionItem


def with_health(item: SubscriptionItem) -> Subscription:
    """Return a subscription as clients see it."""
    return all_with_health([item])[0]


def all_with_health(items: Sequence[SubscriptionItem]) -> list[Subscription]:
    """Return subscriptions as clients see them."""
    counters = {name for item in items for name in _counters(item).values()}
    marks: dict[str, ItemKey] = {item.uuid: (HealthItem, item.uuid, None) for item in items}
    found = read_together([*counter_keys(counters), *marks.values()])
    totals, circuits = sums_of(found, counters), breaker.read_circuits(sorted({item.breaker for item in items}))
    shown = []
    for item in items:
        counts = {status: totals[name] for status, name in _counters(item).items()}
        mark = item_from(HealthItem, found.get(marks[item.uuid], {}))
        shown.append(_view(item, _health(counts, mark, circuits[item.breaker])))
    return shown


def _counters(item: SubscriptionItem) -> dict[Status, str]:
    statuses: tuple[Status, ...] = ("success", "failed", "pending")
    return {status: DELIVERIES.counter("of_status", of_status(item.uuid, status)) for status in statuses}


def _health(counts: dict[Status, int], mark: HealthItem, circuit: BreakerView) -> WebhookHealth:
    return WebhookHealth(
        success_rate=model.success_rate(counts["success"], counts["failed"]),
        delivered=counts["success"],
        failed=counts["failed"],
        pending=counts["pending"],
        last_error=mark.last_error and text(mark.last_error),
        last_error_at=mark.last_error_at,
        last_delivered_at=mark.last_delivered_at,
        circuit=circuit.state,
        circuit_retry_at=circuit.retry_at,
    )


def _view(item: SubscriptionItem, health: WebhookHealth) -> Subscription:
    shown: dict[str, Any] = {name: getattr(item, name) for name in Subscription.model_fields if name != "health"}
    shown["disabled_reason"] = item.disabled_reason and text(item.disabled_reason)
    return Subscription.model_validate({**shown, "health": health})
