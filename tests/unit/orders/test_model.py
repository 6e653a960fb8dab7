"""Rules of orders: sums, moves, who sees what."""

from decimal import Decimal

import pytest

from chalicelib.core.auth import Actor
from chalicelib.core.errors import Conflict, FieldProblem, Invalid, NotFound
from chalicelib.core.validation import read_body
from chalicelib.orders import model
from chalicelib.orders.model import STATUSES, TRANSITIONS, Item
from chalicelib.orders.schemas import OrderCreate


def test_sums_are_exact() -> None:
    items = [Item("A", 3, Decimal("0.1")), Item("B", 10_000, Decimal("0.07")), Item("C", 1, Decimal("1E+1"))]
    assert model.total(items) == Decimal("710.3")
    assert model.kopecks(model.total(items)) == 71_030
    assert model.amount_of(71_030) == 710.3


@pytest.mark.parametrize(("price", "reason"), [(0.001, "не меньше 0.01"), (1_000_001, "не больше 1000000")])
def test_price_limits_are_plain_numbers(price: float, reason: str) -> None:
    problems: list[FieldProblem] = []
    item = {"product": "A", "quantity": 1, "price": price}
    read_body(OrderCreate, {"user_id": "00000000-0000-4000-8000-000000000001", "items": [item]}, problems)
    assert [problem["msg"] for problem in problems] == [f"должно быть {reason}"]


@pytest.mark.parametrize("kopecks", [1, 10, 29, 57, 113, 1_999_999, 9_999_999_999])
def test_every_amount_is_shown_with_two_places_at_most(kopecks: int) -> None:
    shown = str(model.amount_of(kopecks))
    assert len(shown.partition(".")[2]) <= 2
    assert model.kopecks(Decimal(shown)) == kopecks


def test_an_order_costs_at_most_what_the_contract_says() -> None:
    assert model.total([Item("A", 99, Decimal(1_000_000)), Item("B", 1, Decimal("999999.99"))]) == model.MAX_TOTAL
    with pytest.raises(Invalid) as refusal:
        model.total([Item("A", 100, Decimal(1_000_000))])
    assert refusal.value.fields[0]["msg"] == "сумма заказа не больше 99999999.99"


@pytest.mark.parametrize("before", STATUSES)
@pytest.mark.parametrize("after", STATUSES)
def test_moves(before: model.Status, after: model.Status) -> None:
    allowed = {
        ("created", "in_progress"),
        ("created", "cancelled"),
        ("in_progress", "completed"),
        ("in_progress", "cancelled"),
    }
    if (before, after) in allowed:
        model.check_transition(before, after)
    else:
        with pytest.raises(Conflict, match=f"{before} -> {after}"):
            model.check_transition(before, after)
    assert sum(map(len, TRANSITIONS.values())) == len(allowed)


def test_lines_change_only_in_status_created() -> None:
    model.check_items_changeable("created")
    for status in ("in_progress", "completed", "cancelled"):
        with pytest.raises(Conflict, match="items"):
            model.check_items_changeable(status)


def test_customer_sees_and_creates_only_own_orders() -> None:
    customer = Actor(7, "a", "Анна", None, ("customer", "user"))
    model.check_owner(customer, "a")
    model.check_customer(customer, "a")
    for check in (model.check_owner, model.check_customer):
        with pytest.raises(NotFound):
            check(customer, "b")
        check(Actor(8, "c", "Иван", None, ("user", "engineer")), "b")
