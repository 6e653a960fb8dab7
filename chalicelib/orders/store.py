"""Table `orders` and its list."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.operand import Path
from pynamodb.models import Model

from chalicelib.core import clock
from chalicelib.core.dynamo import fetch, table
from chalicelib.core.listing import Listing, Range
from chalicelib.core.transactions import Changed, Transaction
from chalicelib.orders import model, totals
from chalicelib.orders.model import Item, Status
from chalicelib.users.model import unknown as unknown_user


@table("orders")
class OrderItem(Model):
    """An order. `items` is a JSON list of lines, prices as text; `version` counts changes."""

    uuid = UnicodeAttribute(hash_key=True)
    user_id = UnicodeAttribute()
    items = UnicodeAttribute()
    total_kopecks = NumberAttribute()
    status = UnicodeAttribute()
    created_at = UnicodeAttribute()
    updated_at = UnicodeAttribute(null=True)
    version = NumberAttribute(default=1)


ORDERS = Listing(
    "orders",
    OrderItem,
    id_field="uuid",
    sorts=("created_at",),
    equals=("user_id", "status"),
    ranges={"created_from": Range("created_at", lower=True), "created_to": Range("created_at", lower=False)},
    counted=("user_id", "status"),
)


def pack(items: Sequence[Item]) -> str:
    """Return lines as JSON, with all digits of the prices."""
    lines = [{"product": item.product, "quantity": item.quantity, "price": str(item.price)} for item in items]
    return json.dumps(lines, ensure_ascii=False)


def lines_of(order: OrderItem) -> list[Item]:
    """Return the lines of an order."""
    return [Item(line["product"], line["quantity"], Decimal(line["price"])) for line in json.loads(order.items)]


def status_of(order: OrderItem) -> Status:
    """Return the status of an order."""
    return cast(Status, order.status)


def find(order_id: str) -> OrderItem | None:
    """Return the order; None when there is none."""
    return fetch(OrderItem, order_id)


def add(tx: Transaction, order: OrderItem) -> None:
    """Write a new order; NotFound when its user is being deleted."""
    tx.put_new(order, index=ORDERS.index(order))
    ORDERS.count(tx, order, +1, user_id=unknown_user())
    _count(tx, order, +1)


def change(tx: Transaction, order: OrderItem, at: datetime, changes: Mapping[str, Any]) -> None:
    """Set fields of an order; Changed when it is not as it was read."""
    seen, before = order.version, order.status
    _count(tx, order, -1)
    for name, value in changes.items():
        setattr(order, name, value)
    order.updated_at, order.version = clock.to_text(at), seen + 1
    tx.put(order, index=ORDERS.index(order), condition=Path("version") == seen, error=Changed())
    ORDERS.count_change(tx, "status", before, order.status)
    _count(tx, order, +1)


def remove(tx: Transaction, order: OrderItem) -> None:
    """Delete an order; Changed when it is not as it was read."""
    tx.delete(order, condition=Path("version") == order.version, error=Changed())
    ORDERS.count(tx, order, -1)
    _count(tx, order, -1)


def _count(tx: Transaction, order: OrderItem, sign: int) -> None:
    key = totals.key_of(order.uuid, order.user_id, order.status)
    totals.add(tx, key, sign, sign * int(order.total_kopecks))


def new(order_id: str, user_id: str, items: Sequence[Item], at: datetime) -> OrderItem:
    """Return a new order, not yet written; Invalid when its price is above the maximum."""
    return OrderItem(
        order_id,
        user_id=user_id,
        items=pack(items),
        total_kopecks=model.kopecks(model.total(items)),
        status="created",
        created_at=clock.to_text(at),
    )
