"""What administrators see of the deployed stack: a webhook that fails, the circuit of its host, and dead letters."""

import json
from typing import Any
from uuid import uuid4

from chalicelib.core.dead_letters import QUEUES
from tests.e2e.people import person, signed_in
from tests.e2e.production import new_batch, ok
from tests.e2e.stack import Stack, free_ports
from tests.waiting import wait_for

DEAD_LETTERS = "/api/v1/system/dead-letters/deliveries"
KEY = "webhook_secret_key"


def test_why_a_webhook_fails_is_told_by_its_health_its_circuit_and_the_list_of_failures(stack: Stack) -> None:
    (port,) = free_ports(1)  # where nobody answers
    body = {"url": f"http://127.0.0.1:{port}/", "events": ["batch.created"], "secret_key": KEY, "retry_count": 10}
    path = f"/api/webhooks/{ok(stack, 'POST', '/api/webhooks', body)['uuid']}"
    try:
        for _ in range(6):
            new_batch(stack)

        def is_open() -> dict[str, Any] | None:
            health: dict[str, Any] = ok(stack, "GET", path)["health"]
            return health if (health["circuit"], health["pending"]) == ("open", 6) else None

        health = wait_for(is_open, timeout=40)
        assert health["success_rate"] is None
        assert "ConnectionRefusedError" in health["last_error"] and health["circuit_retry_at"]

        def waiting() -> list[dict[str, Any]]:
            items = ok(stack, "GET", "/api/webhooks/failing?limit=100")["items"]
            return [item for item in items if item["subscription_url"] == body["url"] and item["reason"]]

        item = wait_for(waiting, timeout=40)[0]
        assert (item["status"], item["event_type"]) == ("pending", "batch.created")
        assert item["next_attempt_at"]
        circuits = {one["name"]: one for one in ok(stack, "GET", "/api/v1/system")["circuits"]}
        assert circuits[f"webhook:127.0.0.1:{port}"]["failures"] >= 2
    finally:
        ok(stack, "DELETE", path)


def test_dead_emails_are_seen_and_moved_back(stack: Stack) -> None:
    sqs = stack.client("sqs")
    url = stack.outputs()["DeliveriesDlqUrl"]
    body = json.dumps({"delivery_id": str(uuid4())})  # of none: the deliverer passes over it
    sent = sqs.send_message(QueueUrl=url, MessageBody=body)["MessageId"]
    for times in (1, 2):
        found = {one["id"]: one for one in ok(stack, "GET", DEAD_LETTERS)["items"]}
        assert (found[sent]["body"], found[sent]["receive_count"]) == (body, times)
    queues = {one["name"]: one for one in ok(stack, "GET", "/api/v1/system")["queues"]}
    assert list(queues) == list(QUEUES)
    assert queues["deliveries"]["dead_letters"]["messages"] == 1
    assert ok(stack, "POST", f"{DEAD_LETTERS}/replay") == {"moved": 1, "more": False}
    assert ok(stack, "GET", DEAD_LETTERS) == {"queue": "deliveries", "messages": 0, "items": []}


def test_only_administrators_see_the_system(locked_stack: Stack) -> None:
    manager = locked_stack.as_seen_by(signed_in(locked_stack, person(locked_stack, "manager")))
    assert manager.call("GET", "/api/v1/system").status_code == 403
    assert manager.call("GET", DEAD_LETTERS).status_code == 403
    assert manager.call("POST", f"{DEAD_LETTERS}/replay").status_code == 403
    assert locked_stack.call("GET", "/api/v1/system").status_code == 401
