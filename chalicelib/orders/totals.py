"""Table `order_totals`: numbers and sums of orders by user and status, for statistics that read no orders.

Each transaction that writes an order also updates its totals bucket. Key: the user, then status and shard. The id of
the order chooses the shard, so that concurrent orders of one user rarely update one item.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from chalicelib.core.dynamo import query, table
from chalicelib.core.transactions import Transaction
from chalicelib.orders.model import STATUSES, Status

SHARDS = 4
AMOUNTS = ("orders", "kopecks")


@table("order_totals")
class OrderTotalsItem(Model):
    """One shard of a totals bucket; `v` counts writes."""

    user_id = UnicodeAttribute(hash_key=True)
    cell = UnicodeAttribute(range_key=True)
    orders = NumberAttribute(default=0)
    kopecks = NumberAttribute(default=0)
    v = NumberAttribute(default=0)


@dataclass(frozen=True)
class Total:
    """A number of orders, and their sum in kopecks."""

    orders: int = 0
    kopecks: int = 0


def key_of(order_id: str, user_id: str, status: str) -> tuple[str, str]:
    """Return the key of the totals bucket of an order."""
    return user_id, f"{status}#{zlib.crc32(order_id.encode()) % SHARDS}"


def add(tx: Transaction, key: tuple[str, str], orders: int, kopecks: int) -> None:
    """Add a number of orders and a sum to a totals bucket."""
    tx.add_amounts(OrderTotalsItem(*key), orders=orders, kopecks=kopecks)


def of_user(user_id: str) -> Mapping[Status, Total]:
    """Return the totals of a user by status, read consistently."""
    found = {status: Total() for status in STATUSES}
    for item in query(OrderTotalsItem, user_id):
        status = cast(Status, item.cell.partition("#")[0])
        total = found[status]
        found[status] = Total(total.orders + int(item.orders), total.kopecks + int(item.kopecks))
    return found
