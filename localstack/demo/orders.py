"""Orders in each status, of two users of the demo."""

from collections.abc import Mapping
from typing import Any

from localstack.client import Api

BOLT, NUT, WASHER, ANCHOR = "Болт М8х40, кг", "Гайка М8, кг", "Шайба 10, кг", "Анкер М12х120, шт."
ORDERS: tuple[tuple[str, str, dict[str, tuple[int, float]]], ...] = (
    ("customer", "completed", {BOLT: (250, 214.5), NUT: (180, 231.0)}),
    ("customer", "completed", {ANCHOR: (1200, 48.9)}),
    ("customer", "in_progress", {BOLT: (400, 214.5), WASHER: (90, 260.0)}),
    ("customer", "created", {ANCHOR: (800, 48.9), BOLT: (60, 214.5)}),
    ("user", "completed", {WASHER: (12, 275.0)}),
    ("user", "cancelled", {BOLT: (15, 229.0), NUT: (10, 244.0)}),
    ("user", "in_progress", {NUT: (25, 244.0)}),
    ("user", "created", {ANCHOR: (40, 55.0)}),
    ("user", "created", {BOLT: (8, 229.0)}),
)
TRANSITIONS = {
    "created": (),
    "in_progress": ("in_progress",),
    "completed": ("in_progress", "completed"),
    "cancelled": ("cancelled",),
}


def make(api: Api, people: Mapping[str, Any]) -> None:
    """Create the orders of users who have none."""
    for login in dict.fromkeys(login for login, _, _ in ORDERS):
        user_id = people[login]["id"]
        if api.ask("GET", f"/orders?userId={user_id}&limit=1", 200)["data"]:
            continue
        for status, lines in [(status, lines) for user, status, lines in ORDERS if user == login]:
            items = [{"product": name, "quantity": count, "price": price} for name, (count, price) in lines.items()]
            order = api.ask("POST", "/orders", 201, {"user_id": user_id, "items": items})["data"]
            for step in TRANSITIONS[status]:
                api.ask("PUT", f"/orders/{order['id']}/status", 200, {"status": step})
