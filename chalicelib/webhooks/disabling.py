"""Disabling of subscriptions: after a 410, or after many failed attempts in a row.

The receiver of the second kind is down and will want what it has missed. So events go on to have deliveries, which fail
at once and wait for a redelivery, as long as deliveries are kept.
"""

from typing import Any

from chalicelib.core import clock, texts
from chalicelib.core.texts import text
from chalicelib.core.transactions import Changed, transaction
from chalicelib.events import service as events
from chalicelib.webhooks import model, store
from chalicelib.webhooks.model import Verdict
from chalicelib.webhooks.store import SubscriptionItem


def record_attempt(subscription: SubscriptionItem, verdict: Verdict, *, is_test: bool) -> None:
    """Count an attempt for its subscription and update its `failures`. Attempts of test deliveries do not count, except
    410 Gone.
    """
    if verdict == "gone":
        _disable(subscription, model.GONE)
    elif is_test:
        return
    elif verdict == "success":
        if subscription.failures:
            store.reset_failures(subscription.uuid)
            subscription.failures = 0
    else:
        counted = store.count_failure(subscription.uuid)
        subscription.failures = counted.failures if counted else 0
        if counted and counted.is_active and int(counted.failures) >= model.MAX_FAILURES_IN_ROW:
            _disable(counted, model.TOO_MANY_FAILURES, keeps_events=True)


def _disable(item: SubscriptionItem, reason: str, *, keeps_events: bool = False) -> None:
    at = clock.now()
    until = at + model.RETENTION if keeps_events else None
    about: dict[str, Any] = {"subscription_id": item.uuid, "url": item.url, "failures": int(item.failures)}
    with texts.language(item.language):
        reason = text(reason, limit=model.MAX_FAILURES_IN_ROW)
    try:
        with transaction() as tx:
            store.disable(tx, item, at, reason, keeps_events_until=until)
            events.record(tx, "webhook.disabled", f"webhook#{item.uuid}", at, **about, reason=reason)
    except Changed:
        return  # another deliverer has disabled it
