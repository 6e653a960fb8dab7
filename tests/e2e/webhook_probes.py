"""Messages for the functions of webhooks, with all that they need to be worked on."""

import json
import uuid
from typing import Any

from chalicelib.core import clock
from chalicelib.webhooks import deliveries_store, signing
from tests.e2e.production import ok
from tests.e2e.stack import Stack


def fan_out_message(stack: Stack) -> dict[str, Any]:
    """An event that a user has subscribed to before it happened."""
    _subscription(stack)
    event = {"id": str(uuid.uuid4()), "timestamp": clock.to_text(clock.now()), "data": {"a": 1}}
    return _batch_of({"detail": {"event": "webhook.disabled", "events": [event]}})


def deliver_message(stack: Stack) -> dict[str, Any]:
    """Two deliveries that are due."""
    at = clock.from_text("2026-01-15T08:00:00.000000Z")
    payload = signing.dumps({"a": 1})
    subscription, made = _subscription(stack), []
    for _ in range(2):
        item = deliveries_store.new(str(uuid.uuid4()), subscription, "webhook.disabled", "now", payload, at)
        stack.client("dynamodb").put_item(TableName=f"{stack.name}-webhook_deliveries", Item=item.serialize())
        made.append({"delivery_id": item.uuid})
    return _batch_of(*made)


def _subscription(stack: Stack) -> str:
    body = {"url": f"{stack.url}/api/webhooks/test", "events": ["webhook.disabled"], "secret_key": "secret_key"}
    for old in ok(stack, "GET", "/api/webhooks?limit=100")["items"]:
        ok(stack, "DELETE", f"/api/webhooks/{old['uuid']}")
    return str(ok(stack, "POST", "/api/webhooks", body)["uuid"])


def _batch_of(*messages: dict[str, Any]) -> dict[str, Any]:
    records = [
        {"messageId": str(number), "body": json.dumps(message), "eventSource": "aws:sqs"}
        for number, message in enumerate(messages)
    ]
    return {"Records": records}
