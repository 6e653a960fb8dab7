"""Orders through the real api function: who orders, and what is asked again and again."""

from typing import Any

from chalicelib.users.service import User
from tests.http_events import Response
from tests.people import signed_in
from tests.production import ask, nothing_written

CHOCOPIE = {"product": "Чокопай", "quantity": 10, "price": 52.00}
UNKNOWN = "00000000-0000-4000-8000-00000000dead"


def asked(method: str, path: str, body: Any = None, by: User | None = None) -> Response:
    """One call, with the token of a user when one is named."""
    return ask(method, path, body, signed_in(by) if by else None)


def good(method: str, path: str, body: Any = None, by: User | None = None) -> Any:
    """The `data` of a call that has to succeed."""
    answer = asked(method, path, body, by)
    assert answer.status in (200, 201), answer.text
    assert answer.json["success"] is True
    return answer.json["data"]


def refused(status: int, method: str, path: str, body: Any = None, by: User | None = None) -> tuple[str, str]:
    """A call that is refused and writes nothing; code and message."""
    headers = signed_in(by) if by else None
    with nothing_written():
        answer = ask(method, path, body, headers)
    assert (answer.status, answer.json["success"]) == (status, False), answer.text
    error = answer.json["error"]
    assert set(answer.json) == {"success", "error"}
    return error["code"], error["message"]


def order_of(user: User, *items: dict[str, Any], by: User | None = None) -> dict[str, Any]:
    """A new order of a user."""
    made: dict[str, Any] = good("POST", "/orders", {"user_id": user.id, "items": list(items) or [CHOCOPIE]}, by)
    return made


def moved(order: dict[str, Any], *statuses: str) -> dict[str, Any]:
    """The order after these moves."""
    for status in statuses:
        order = good("PUT", f"/orders/{order['id']}/status", {"status": status})
    return order


def stats(user: User) -> dict[str, tuple[int, float]]:
    """The statistics of a user's own orders, without empty statuses."""
    found = good("GET", "/orders/my-stats", None, user)
    return {
        name: (cell["count"], cell["total_amount"]) for name, cell in found["by_status"].items() if cell["count"]
    } | ({"all": (found["total_orders"], found["total_amount"])} if found["total_orders"] else {})
