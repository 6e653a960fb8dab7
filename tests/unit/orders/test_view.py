"""Orders as clients see them: whole, and never more than a Lambda carries."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from pydantic_core import to_json

from chalicelib.orders import store, view
from chalicelib.orders.model import Item
from chalicelib.orders.store import OrderItem

AT = datetime(2025, 1, 20, tzinfo=UTC)
ID = "00000000-0000-4000-8000-000000000001"
LAMBDA = 6 * 1024 * 1024


def order(*items: Item) -> OrderItem:
    return store.new(ID, ID, items, AT)


def test_a_list_of_usual_orders_is_whole() -> None:
    orders = [order(*[Item("Чокопай", 1, Decimal("52.00"))] * 3) for _ in range(1_000)]
    assert {len(shown.items) for shown in view.in_list(orders)} == {3}


@pytest.mark.parametrize("name", ['"' * 200, "\\" * 200, "😀" * 200, "ё" * 200, "x"])
@pytest.mark.parametrize("count", [60, 200])
def test_no_list_is_more_than_a_lambda_carries(name: str, count: int) -> None:
    most = order(*[Item(name, 10_000, Decimal("99.99"))] * 100)
    shown = view.in_list([most] * count)
    body = to_json(shown).decode()
    assert len(json.dumps({"body": body}, ensure_ascii=False).encode()) < LAMBDA
    assert len(shown[0].items) == shown[0].items_total == shown[-1].items_total == 100
    assert len(view.whole(most).items) == 100
