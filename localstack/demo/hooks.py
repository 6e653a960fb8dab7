"""Webhooks: one that works, one whose endpoint does not answer, one that is paused."""

from typing import Any

from localstack.client import Api

SECRET = "demo_secret_key"
DEAD = "http://127.0.0.1:9/warehouse"  # the port of `discard`, without a server
ORDERS = ["order.created", "order.status_changed", "order.deleted"]


def make(api: Api) -> None:
    """Create the missing subscriptions."""
    urls = {item["url"] for item in api.every("/api/webhooks?limit=100", "items")}
    for body in _subscriptions(api.url):
        if body["url"] not in urls:
            api.ask("POST", "/api/webhooks", 201, body)


def _subscriptions(url: str) -> list[dict[str, Any]]:
    receiver = f"{url}/api/webhooks/test?secret_key={SECRET}"
    return [
        {"url": receiver, "secret_key": SECRET, "events": [*ORDERS, "report.completed", "batch.import_completed"]},
        {"url": DEAD, "secret_key": SECRET, "events": [*ORDERS, "report.completed"], "retry_count": 0, "timeout": 2},
        {"url": f"{receiver}&for=old", "secret_key": SECRET, "events": ["batch.closed"], "is_active": False},
    ]
