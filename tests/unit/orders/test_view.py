"""Orders as the API shows them."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from chalicelib.orders import service, store
from chalicelib.orders.model import Item
from chalicelib.orders.store import OrderItem

AT = datetime(2025, 1, 20, tzinfo=UTC)
ID = "00000000-0000-4000-8000-000000000001"


def order(*items: Item) -> OrderItem:
    return store.new(ID, ID, items, AT)


@pytest.mark.parametrize("name", ['"' * 200, "\\" * 200, "😀" * 200, "ё" * 200, "x"])
def test_an_order_is_shown_with_all_its_lines(name: str) -> None:
    shown = service.view(order(*[Item(name, 10_000, Decimal("99.99"))] * 100))
    assert len(shown.items) == shown.items_total == 100
    assert {(line.product, line.quantity, line.price) for line in shown.items} == {(name, 10_000, 99.99)}
