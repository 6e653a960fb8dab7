"""Orders over HTTP: placed, read, listed, changed, deleted, counted; and what is refused."""

from typing import Any

import pytest

from tests.integration.orders.shop import CHOCOPIE, UNKNOWN, asked, good, moved, order_of, refused, stats
from tests.people import person
from tests.production import ask, events_of, ok


def test_an_order_is_placed_as_in_the_contract() -> None:
    user = person()
    answer = asked("POST", "/orders", {"user_id": user.id, "items": [CHOCOPIE]})
    assert answer.status == 201
    order = answer.json["data"]
    assert {name: order[name] for name in ("user_id", "items", "items_total", "status", "total_amount")} == {
        "user_id": user.id,
        "items": [{"product": "Чокопай", "quantity": 10, "price": 52.0}],
        "items_total": 1,
        "status": "created",
        "total_amount": 520.0,
    }
    assert order["updated_at"] is None
    assert good("GET", f"/orders/{order['id']}") == order
    ((name, data),) = events_of(f"order#{order['id']}")
    assert name == "order.created"
    assert (data["order_id"], data["user_id"], data["total_amount"]) == (order["id"], user.id, 520.0)


def test_sums_are_exact_to_the_kopeck() -> None:
    items = [{"product": "A", "quantity": 3, "price": 0.1}, {"product": "B", "quantity": 7, "price": 33.33}]
    order = order_of(person(), *items, {"product": "C", "quantity": 1, "price": 1_000_000})
    assert order["total_amount"] == 1000233.61
    assert [item["price"] for item in order["items"]] == [0.1, 33.33, 1000000.0]


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("price", 0, "items.0.price"),
        ("price", 0.001, "items.0.price"),
        ("price", 52.005, "items.0.price"),
        ("price", 1_000_000.01, "items.0.price"),
        ("price", "52.00", "items.0.price"),
        ("price", True, "items.0.price"),
        ("price", None, "items.0.price"),
        ("quantity", 0, "items.0.quantity"),
        ("quantity", 10_001, "items.0.quantity"),
        ("quantity", 1.5, "items.0.quantity"),
        ("product", " ", "items.0.product"),
        ("product", "x" * 201, "items.0.product"),
    ],
)
def test_a_line_that_does_not_fit_is_named(field: str, value: Any, named: str) -> None:
    body = {"user_id": person().id, "items": [CHOCOPIE | {field: value}]}
    code, message = refused(400, "POST", "/orders", body)
    assert (code, message.partition(":")[0]) == ("VALIDATION_ERROR", named)


def test_limits_are_kept_on_both_sides() -> None:
    user = person()
    line = {"product": "x" * 200, "quantity": 10_000, "price": 0.01}
    assert order_of(user, *[line] * 100)["total_amount"] == 10_000.0
    assert order_of(user, {"product": "y", "quantity": 99, "price": 1_000_000})["total_amount"] == 99_000_000.0
    for items in ([], [line] * 101):
        assert refused(400, "POST", "/orders", {"user_id": user.id, "items": items})[1].startswith("items:")
    dear = {"user_id": user.id, "items": [{"product": "y", "quantity": 100, "price": 1_000_000}]}
    assert refused(400, "POST", "/orders", dear) == (
        "VALIDATION_ERROR",
        "items: сумма заказа не больше 99999999.99",
    )


def test_user_without_orders_has_an_empty_list() -> None:
    assert refused(404, "POST", "/orders", {"user_id": UNKNOWN, "items": [CHOCOPIE]})[0] == "NOT_FOUND"
    assert refused(400, "POST", "/orders", {"user_id": "1", "items": [CHOCOPIE]})[0] == "INVALID_UUID"
    assert refused(400, "GET", "/orders?userId=1")[0] == "INVALID_UUID"
    for method, body in (("GET", None), ("PUT", {"status": "cancelled"}), ("DELETE", None)):
        assert refused(404, method, f"/orders/{UNKNOWN}", body) == ("NOT_FOUND", "Заказ не найден")
        assert refused(400, method, "/orders/1", body)[0] == "INVALID_UUID"
    assert refused(404, "PUT", f"/orders/{UNKNOWN}/status", {"status": "cancelled"})[0] == "NOT_FOUND"


def test_the_same_key_makes_one_order() -> None:
    body = {"user_id": person().id, "items": [CHOCOPIE]}
    first, second = (ask("POST", "/orders", body, {"Idempotency-Key": "one"}) for _ in range(2))
    assert (first.status, first.body) == (second.status, second.body)
    assert ok("GET", "/orders")["meta"]["total"] == 1


def test_an_order_goes_its_way_and_no_other() -> None:
    order = order_of(person())
    done = moved(order, "in_progress", "completed")
    assert (done["status"], done["updated_at"] is not None) == ("completed", True)
    for status in ("created", "in_progress", "completed", "cancelled"):
        code, message = refused(409, "PUT", f"/orders/{order['id']}/status", {"status": status})
        assert (code, f"completed -> {status}" in message) == ("CONFLICT", True)
    assert refused(400, "PUT", f"/orders/{order['id']}/status", {"status": "done"})[0] == "VALIDATION_ERROR"
    log = [(name, data.get("old_status"), data.get("new_status")) for name, data in events_of(f"order#{order['id']}")]
    assert log[1:] == [
        ("order.status_changed", "created", "in_progress"),
        ("order.status_changed", "in_progress", "completed"),
    ]


def test_lines_are_replaced_while_the_order_is_new() -> None:
    order = order_of(person())
    path, lines = f"/orders/{order['id']}", [{"product": "Чай", "quantity": 2, "price": 99.9}]
    changed = good("PUT", path, {"items": lines})
    assert (changed["total_amount"], changed["status"], changed["items"]) == (199.8, "created", lines)
    assert good("PUT", path, changed) == changed  # the whole order sent back changes nothing
    assert good("PUT", path, {"items": lines, "status": "in_progress"})["status"] == "in_progress"
    assert refused(409, "PUT", path, {"items": [CHOCOPIE]})[0] == "CONFLICT"
    assert refused(409, "PUT", path, {"status": "created"})[0] == "CONFLICT"
    assert refused(400, "PUT", path, {})[1] == "items: укажите items или status"
    names = [name for name, _ in events_of(f"order#{order['id']}")]
    assert names == ["order.created", "order.updated", "order.status_changed"]


def test_lines_and_status_change_together() -> None:
    order = order_of(person())
    both = {"items": [CHOCOPIE | {"quantity": 1}], "status": "in_progress"}
    assert good("PUT", f"/orders/{order['id']}", both)["total_amount"] == 52.0
    names = [name for name, _ in events_of(f"order#{order['id']}")]
    assert names == ["order.created", "order.updated", "order.status_changed"]


def test_a_deleted_order_is_answered_as_it_was() -> None:
    user = person()
    order = order_of(user)
    assert good("DELETE", f"/orders/{order['id']}") == {"message": "Заказ удален", "deletedOrder": order}
    assert asked("GET", f"/orders/{order['id']}").status == asked("DELETE", f"/orders/{order['id']}").status == 404
    assert ok("GET", "/orders")["meta"]["total"] == 0
    assert events_of(f"order#{order['id']}")[-1][0] == "order.deleted"
    assert stats(user) == {}


def test_lists_are_newest_first_filtered_and_exact() -> None:
    anna, ivan = person(), person()
    mine = [order_of(anna)["id"] for _ in range(4)]
    theirs = [order_of(ivan)["id"] for _ in range(2)]
    moved({"id": mine[0]}, "in_progress")
    for query, ids, total in [
        ("", [*theirs[::-1], *mine[::-1]], 6),
        (f"?userId={anna.id}", mine[::-1], 4),
        (f"?userId={anna.id}&status=in_progress", mine[:1], 1),
        ("?status=created&limit=2", theirs[::-1], 5),
        (f"?userId={anna.id}&limit=2&offset=1", mine[2:0:-1], 4),
        ("?limit=1&sort_direction=ASC", mine[:1], 6),
        (f"?userId={UNKNOWN}", [], 0),
        ("?created_from=2999-01-01", [], 0),
        ("?created_to=2999-01-01T00:00:00Z&status=cancelled", [], 0),
    ]:
        page = ok("GET", f"/orders/{query}" if not query else f"/orders{query}")
        assert ([order["id"] for order in page["data"]], page["meta"]["total"]) == (ids, total), query
    meta = ok("GET", "/orders?limit=2&offset=1")["meta"]
    assert meta.pop("next_cursor") and meta == {"total": 6, "limit": 2, "offset": 1}
    for query in ("limit=0", "limit=1001", "offset=-1", "status=done", "created_from=x", "sort_direction=up"):
        assert refused(400, "GET", f"/orders?{query}")[0] == "VALIDATION_ERROR"


def test_statistics_count_own_orders() -> None:
    anna, ivan = person(), person("manager")
    first, second = order_of(anna), order_of(anna, CHOCOPIE | {"quantity": 1})
    order_of(ivan, CHOCOPIE | {"price": 0.07})
    assert stats(anna) == {"all": (2, 572.0), "created": (2, 572.0)}
    moved(first, "in_progress", "completed")
    good("PUT", f"/orders/{second['id']}", {"items": [CHOCOPIE | {"quantity": 2}], "status": "cancelled"})
    assert stats(anna) == {"all": (2, 624.0), "completed": (1, 520.0), "cancelled": (1, 104.0)}
    assert stats(ivan) == {"all": (1, 0.7), "created": (1, 0.7)}


@pytest.mark.parametrize("role", ["user", "customer"])
def test_customer_finds_only_own_orders(role: str) -> None:
    me, other = person(role), person()
    theirs, mine = order_of(other), order_of(me, by=me)
    page = asked("GET", "/orders", by=me).json
    assert ([order["id"] for order in page["data"]], page["meta"]["total"]) == ([mine["id"]], 1)
    assert asked("GET", f"/orders?userId={other.id}", by=me).json == {
        "success": True,
        "data": [],
        "meta": {"total": 0, "limit": 100, "offset": 0, "next_cursor": None},
    }
    for method, path, body in [
        ("GET", f"/orders/{theirs['id']}", None),
        ("PUT", f"/orders/{theirs['id']}", {"status": "cancelled"}),
        ("PUT", f"/orders/{theirs['id']}/status", {"status": "cancelled"}),
        ("DELETE", f"/orders/{theirs['id']}", None),
        ("POST", "/orders", {"user_id": other.id, "items": [CHOCOPIE]}),
        ("GET", f"/users/{other.id}/details", None),
    ]:
        assert refused(404, method, path, body, me)[0] == "NOT_FOUND"
    assert good("PUT", f"/orders/{mine['id']}/status", {"status": "cancelled"}, me)["status"] == "cancelled"
    assert good("DELETE", f"/orders/{mine['id']}", None, me)["message"] == "Заказ удален"


def test_an_engineer_sees_and_places_orders_and_changes_none() -> None:
    engineer, other = person("engineer"), person()
    order = order_of(other, by=engineer)
    assert good("GET", f"/orders/{order['id']}", None, engineer) == order
    assert refused(403, "PUT", f"/orders/{order['id']}", {"status": "cancelled"}, engineer)[0] == "FORBIDDEN"
    assert refused(403, "DELETE", f"/orders/{order['id']}", None, engineer)[0] == "FORBIDDEN"
