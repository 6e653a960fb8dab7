"""Table `order_totals`: how many orders a user has in each status, and their sum; his statistics read no orders.

Every transaction that writes an order changes its cell too. Key: the user, then status and shard. The shard is the
order's, so many who order for one user at the same time seldom meet.
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
    """One shard of a cell; `v` grows with every write."""

    class Meta:
        pass

    user_id = UnicodeAttribute(hash_key=True)
    cell = UnicodeAttribute(range_key=True)
    orders = NumberAttribute(default=0)
    kopecks = NumberAttribute(default=0)
    v = NumberAttribute(default=0)


@dataclass(frozen=True)
class Total:
    """How many, and their sum in kopecks."""

    orders: int = 0
    kopecks: int = 0


def key_of(order_id: str, user_id: str, status: str) -> tuple[str, str]:
    """Where an order is counted."""
    return user_id, f"{status}#{zlib.crc32(order_id.encode()) % SHARDS}"


def move(tx: Transaction, key: tuple[str, str], orders: int, kopecks: int) -> None:
    """Add to a cell."""
    tx.add_amounts(OrderTotalsItem(*key), orders=orders, kopecks=kopecks)


def of_user(user_id: str) -> Mapping[Status, Total]:
    """The totals of a user by status, read consistently."""
    found = {status: Total() for status in STATUSES}
    for item in query(OrderTotalsItem, user_id):
        status = cast(Status, item.cell.partition("#")[0])
        so_far = found[status]
        found[status] = Total(so_far.orders + int(item.orders), so_far.kopecks + int(item.kopecks))
    return found
