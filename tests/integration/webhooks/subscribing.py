"""Subscriptions and events to work with."""

from datetime import datetime
from typing import Any

from chalicelib.core import clock
from chalicelib.core.transactions import transaction
from chalicelib.events import service as events
from chalicelib.events.types import get
from tests.production import ok

KEY = "webhook_secret_key"
HERE = "https://one.example/hook"


def subscribe(url: str = HERE, **fields: Any) -> dict[str, Any]:
    """A new subscription."""
    body = {"url": url, "events": ["batch.created", "batch.closed"], "secret_key": KEY} | fields
    made: dict[str, Any] = ok("POST", "/api/webhooks", body)
    return made


def happen(name: str = "batch.created", at: datetime | None = None, **fields: Any) -> str:
    """An event of a use case; its id."""
    data = {key: value for key, value in get(name).example_data().items() if key not in ("aggregate_id", "occurred_at")}
    with transaction() as tx:
        return events.record(tx, name, f"batch#{data.get('batch_id')}", at or clock.now(), **data | fields)


def happen_many(count: int, name: str = "product.aggregated") -> None:
    """Many events in one item of the outbox."""
    data = {key: value for key, value in get(name).example_data().items() if key not in ("aggregate_id", "occurred_at")}
    with transaction() as tx:
        events.record_many(tx, name, "batch#1", clock.now(), [(str(number), data) for number in range(count)])


def delivery_list(subscription: dict[str, Any], query: str = "") -> dict[str, Any]:
    """The deliveries of a subscription as the API lists them."""
    shown: dict[str, Any] = ok("GET", f"/api/webhooks/{subscription['uuid']}/deliveries{query}")
    return shown


def delivery(subscription: dict[str, Any], delivery_id: str = "") -> dict[str, Any]:
    """One delivery with its attempts; without an id: the only one there is."""
    if not delivery_id:
        (only,) = delivery_list(subscription)["items"]
        delivery_id = only["uuid"]
    shown: dict[str, Any] = ok("GET", f"/api/webhooks/{subscription['uuid']}/deliveries/{delivery_id}")
    return shown
