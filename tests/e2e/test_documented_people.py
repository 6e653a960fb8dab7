"""Every example of the contract of users and orders, as it stands there; host, email and id are filled in."""

import time

from tests.e2e.documented import Reader, same

HEALTH = "curl http://localhost:8000/health"
USERS = "curl http://localhost:8000/users"
ORDERS = "curl http://localhost:8000/orders"
CREATE_USER = """curl -X POST http://localhost:8000/users \\
  -H "Content-Type: application/json" \\
  -d '{
    "email": "user@example.com",
    "name": "Белов Ярослав"
  }'"""
CREATE_ORDER = """curl -X POST http://localhost:8000/orders \\
  -H "Content-Type: application/json" \\
  -d '{
    "user_id": "<user_uuid>",
    "items": [
      {
        "product": "Чокопай",
        "quantity": 10,
        "price": 52.00
      }
    ]
  }'"""
DETAILS = "curl http://localhost:8000/users/<user_uuid>/details"


def test_a_user_is_made_orders_and_is_shown_with_the_order(reader: Reader) -> None:
    email = f"user-{time.time_ns()}@example.com"
    made = reader.types(CREATE_USER.replace("user@example.com", email), 201)
    assert list(made) == ["success", "data"]
    user = made["data"]
    wanted = {"email": email, "name": "Белов Ярослав", "roles": ["user"], "updated_at": None}
    assert (made["success"], {name: user[name] for name in wanted}) == (True, wanted)
    assert "password_hash" not in user

    order = reader.types(CREATE_ORDER.replace("<user_uuid>", user["id"]), 201)["data"]
    items = [{"product": "Чокопай", "quantity": 10, "price": 52.0}]
    wanted = {"user_id": user["id"], "items": items, "status": "created", "total_amount": 520.0}
    assert {name: order[name] for name in wanted} == wanted
    assert {"id", "created_at", "updated_at"} < set(order)

    details = reader.types(DETAILS.replace("<user_uuid>", user["id"]), 200)
    assert details["success"] is True
    shown = details["data"]
    assert (shown.get("user", shown)["id"], [one["id"] for one in shown["orders"]]) == (user["id"], [order["id"]])
    assert user["id"] in [one["id"] for one in reader.types(USERS, 200)["data"]]
    assert order["id"] in [one["id"] for one in reader.types(ORDERS, 200)["data"]]


def test_the_gateway_is_well(reader: Reader) -> None:
    health = reader.types(HEALTH, 200)
    told = health.get("data", health)
    assert told["status"] == "OK"
    for circuit in ("users", "orders"):
        assert told["circuits"][circuit]["status"] == "closed"


def test_an_error_has_the_documented_shape(reader: Reader) -> None:
    refused = reader.types(CREATE_USER.replace("user@example.com", "nobody"), 400)
    same(refused, {"success": False, "error": {"code": "VALIDATION_ERROR", "message": ""}}, "message")
