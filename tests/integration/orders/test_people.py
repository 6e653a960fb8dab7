"""Users as those who order: details, and deleting one, with orders or without, killed or raced."""

import signal
from threading import Event
from typing import Any

import pytest

from chalicelib.core import circuits
from chalicelib.core.aws import client
from chalicelib.core.errors import Unavailable
from chalicelib.core.settings import settings
from chalicelib.core.transactions import transaction
from chalicelib.orders import deletion, details
from chalicelib.orders.service import ORDERS
from chalicelib.users import service as users
from chalicelib.wiring.listeners import LISTENERS
from tests.crash_injection import Died, after_write, die
from tests.integration.orders.shop import CHOCOPIE, UNKNOWN, asked, good, moved, order_of, refused, stats
from tests.people import person
from tests.production import ask, events_of, ok


def test_a_user_is_shown_with_his_newest_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(details, "MAX_ORDERS", 2)
    user = person(name="Белов Ярослав")
    orders = [order_of(user) for _ in range(3)]
    order_of(person())
    shown = good("GET", f"/users/{user.id}/details")
    assert (shown["user"]["id"], shown["user"]["name"]) == (user.id, "Белов Ярослав")
    assert shown["orders"] == orders[:0:-1]
    assert (shown["orders_total"], shown["warnings"]) == (3, [])
    assert good("GET", f"/users/{user.id}/details", None, user) == shown
    assert refused(404, "GET", f"/users/{UNKNOWN}/details")[0] == "NOT_FOUND"
    assert refused(400, "GET", "/users/1/details")[0] == "INVALID_UUID"


def without_orders(answer: Any) -> bool:
    data = answer.json["data"]
    assert (data["orders"], data["orders_total"]) == (None, None)
    assert data["warnings"] == ["Заказы временно недоступны, показан только пользователь"]
    return bool(data["user"]["id"])


def test_while_orders_are_refused_the_user_is_shown_without_them() -> None:
    user = person()
    order_of(user)
    for _ in range(5):
        circuits.breaker.Permit("orders").report(failed=True)
    circuits.forget()
    answer = asked("GET", "/orders")
    assert (answer.status, answer.json["error"]["code"]) == (503, "SERVICE_UNAVAILABLE")
    assert answer.headers["Retry-After"] == "10"
    answer = asked("GET", f"/users/{user.id}/details")
    assert answer.status == 200 and without_orders(answer)
    assert asked("GET", f"/users/{user.id}").status == 200
    assert asked("DELETE", f"/users/{user.id}?cascade=true").status == 503


def test_orders_that_do_not_answer_are_not_waited_for_and_open_the_circuit(monkeypatch: pytest.MonkeyPatch) -> None:
    user, never = person(), Event()
    order_of(user)

    page = ORDERS.page

    def page_until_the_time_is_up(*arguments: Any) -> Any:
        """The time is up as soon as orders are read, and not before, however long this machine takes to get here."""
        assert 0 < signal.getitimer(signal.ITIMER_REAL)[0] <= details.ORDERS_TIMEOUT_SECONDS
        signal.setitimer(signal.ITIMER_REAL, 0.001, 0.5)
        return page(*arguments)

    monkeypatch.setattr(ORDERS, "page", page_until_the_time_is_up)
    monkeypatch.setattr(client("dynamodb"), "query", lambda **_: never.wait(60))
    for _ in range(5):
        answer = asked("GET", f"/users/{user.id}/details")
        assert answer.status == 200 and without_orders(answer)
    assert ok("GET", "/health")["circuits"]["orders"]["status"] == "open"
    never.set()


def test_a_user_without_orders_is_deleted() -> None:
    user = person(name="Иван")
    answer = good("DELETE", f"/users/{user.id}")
    assert (answer["message"], answer["deletedUser"]["name"]) == ("Пользователь удален", "Иван")
    assert asked("GET", f"/users/{user.id}").status == asked("DELETE", f"/users/{user.id}").status == 404
    assert refused(404, "POST", "/orders", {"user_id": user.id, "items": [CHOCOPIE]})[0] == "NOT_FOUND"
    assert refused(404, "DELETE", f"/users/{UNKNOWN}?cascade=true")[0] == "NOT_FOUND"
    built_in = "00000000-0000-4000-8000-000000000001"
    assert refused(409, "DELETE", f"/users/{built_in}?cascade=true")[0] == "CONFLICT"


def test_a_user_with_orders_is_deleted_with_them_if_that_is_meant() -> None:
    user, other = person(), person()
    order, kept = moved(order_of(user), "in_progress"), order_of(other)
    code, message = refused(409, "DELETE", f"/users/{user.id}")
    assert code == "CONFLICT" and "cascade=true" in message
    assert refused(403, "DELETE", f"/users/{user.id}?cascade=true", None, person("manager"))[0] == "FORBIDDEN"
    good("DELETE", f"/users/{user.id}?cascade=true")
    assert asked("GET", f"/orders/{order['id']}").status == 404
    assert [left["id"] for left in ok("GET", "/orders")["data"]] == [kept["id"]]
    assert events_of(f"order#{order['id']}")[-1][0] == "order.deleted"
    assert events_of(f"user#{user.id}")[-1][0] == "user.deleted"


def test_many_orders_are_left_to_the_listener(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INLINE_PURGE_LIMIT", "2")
    monkeypatch.setattr(deletion, "ORDERS_PER_TRANSACTION", 2)
    settings.cache_clear()
    user = person()
    for _ in range(3):
        order_of(user)
    good("DELETE", f"/users/{user.id}?cascade=true")
    monkeypatch.undo()
    settings.cache_clear()
    assert ok("GET", f"/orders?userId={user.id}")["meta"]["total"] == 3
    assert refused(404, "POST", "/orders", {"user_id": user.id, "items": [CHOCOPIE]})[0] == "NOT_FOUND"
    assert [deletion.purge(user.id) for _ in range(2)] == [3, 0]
    assert ok("GET", f"/orders?userId={user.id}")["meta"]["total"] == 0


def test_an_order_that_the_index_does_not_show_yet_is_deleted_later(monkeypatch: pytest.MonkeyPatch) -> None:
    user, other = person(), person()
    early, late = order_of(user), order_of(user)
    kept = order_of(other)
    every = ORDERS.every

    def lagging(*arguments: Any, **named: Any) -> Any:
        return (item for item in every(*arguments, **named) if item.uuid != late["id"])

    (listen,) = LISTENERS["user.deleted"]
    with monkeypatch.context() as patch:
        patch.setattr(ORDERS, "every", lagging)
        good("DELETE", f"/users/{user.id}?cascade=true")
        assert asked("GET", f"/orders/{early['id']}").status == 404
        with pytest.raises(Unavailable):
            listen({"id": user.id})
    for _ in range(2):
        listen({"id": user.id})
    assert asked("GET", f"/orders/{late['id']}").status == 404
    assert [order["id"] for order in ok("GET", "/orders")["data"]] == [kept["id"]]
    assert ok("GET", f"/orders?userId={user.id}")["meta"]["total"] == 0


@pytest.mark.parametrize("write", [1, 2, 3])
def test_listener_completes_an_interrupted_deletion(write: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deletion, "ORDERS_PER_TRANSACTION", 2)
    user, other = person(), person()
    orders = [order_of(user)["id"] for _ in range(4)]
    moved({"id": orders[0]}, "cancelled")
    order_of(other)
    ask("GET", "/health")
    with after_write(write, die), pytest.raises(Died):
        deletion.delete_user(user.actor(), user_id=user.id, cascade=True)  # type: ignore[arg-type]
    assert asked("GET", f"/users/{user.id}").status == 404
    for _ in range(2):
        deletion.purge(user.id)
    assert ok("GET", "/orders")["meta"]["total"] == ORDERS.total({"status": "created"}) == 1
    for order in orders:
        assert [name for name, _ in events_of(f"order#{order}")].count("order.deleted") == 1
    assert stats(other) == {"all": (1, 520.0), "created": (1, 520.0)}


@pytest.mark.parametrize("write", [1, 2])
def test_a_purge_that_meets_another_counts_each_order_out_once(write: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deletion, "ORDERS_PER_TRANSACTION", 2)
    user, kept = person(), order_of(person())
    orders = [order_of(user)["id"] for _ in range(6)]
    with transaction() as tx:
        users.remove(tx, user.id, with_orders=True)
    others: list[int] = []
    with after_write(write, lambda: others.append(deletion.purge(user.id))):
        mine = deletion.purge(user.id)
    assert (mine, others) == (2 * write, [6 - 2 * write])
    assert [order["id"] for order in ok("GET", "/orders")["data"]] == [kept["id"]]
    assert ok("GET", f"/orders?userId={user.id}")["meta"]["total"] == 0
    for order in orders:
        assert [name for name, _ in events_of(f"order#{order}")].count("order.deleted") == 1
