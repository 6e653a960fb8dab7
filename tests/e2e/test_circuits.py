"""An outage for real, as whole as on AWS: orders time out, their circuit opens, and closes again when they answer."""

from typing import Any

import requests

from tests.e2e.people import person
from tests.e2e.production import at_once, ok
from tests.e2e.stack import Stack
from tests.waiting import wait_for


def orders_circuit(stack: Stack) -> dict[str, Any]:
    circuit: dict[str, Any] = ok(stack, "GET", "/health")["circuits"]["orders"]
    return circuit


def test_orders_time_out_are_refused_at_once_and_come_back(stack: Stack) -> None:
    user = person(stack)
    made = stack.call("POST", "/orders", json={"user_id": user["id"], "items": [_line()]})
    wait_for(lambda: orders_circuit(stack)["status"] == "closed")
    ok(stack, "PUT", "/faults/orders", {"mode": "timeout", "seconds": 600})
    try:
        wait_for(lambda: stack.call("GET", "/orders?limit=1").status_code == 503, every=0.5)  # few successes before
        wait_for(lambda: _opened(stack))
        (refused,) = wait_for(lambda: _refusal(stack), every=0.2)  # every process hears of it within a second
        assert refused.json()["error"]["code"] == "SERVICE_UNAVAILABLE"
        assert 1 <= int(refused.headers["Retry-After"]) <= 10
        details = ok(stack, "GET", f"/users/{user['id']}/details")["data"]
        assert (details["user"]["id"], details["orders"], len(details["warnings"])) == (user["id"], None, 1)
        assert stack.call("GET", "/users").status_code == 200
    finally:
        ok(stack, "PUT", "/faults/orders", {"mode": "none"})
    wait_for(lambda: orders_circuit(stack)["status"] == "half-open", every=0.2)
    wait_for(lambda: stack.call("GET", "/orders").status_code == 200, every=0.2)
    assert orders_circuit(stack)["status"] == "closed"
    details = ok(stack, "GET", f"/users/{user['id']}/details")["data"]
    assert ([order["id"] for order in details["orders"]], details["warnings"]) == ([made.json()["data"]["id"]], [])


def _line() -> dict[str, Any]:
    return {"product": "Чокопай", "quantity": 1, "price": 52}


def _opened(stack: Stack) -> bool:
    """Whether the circuit is open after some more calls at the same time, each of which waits for its timeout."""
    at_once(lambda _: stack.call("GET", "/orders?limit=1"), range(4))
    return bool(orders_circuit(stack)["status"] == "open")


def _refusal(stack: Stack) -> list[requests.Response]:
    """A call that was refused: the circuit is open and has not counted it; none when orders were called."""
    before = orders_circuit(stack)
    answer = stack.call("GET", "/orders?limit=1")
    assert answer.status_code == 503
    return [answer] if before["status"] == "open" and orders_circuit(stack) == before else []
