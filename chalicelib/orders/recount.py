"""Recount of orders: the totals of each user by status."""

from chalicelib.core.recount import Amounts, TotalsKey, TotalsTable, number, scan
from chalicelib.orders import totals
from chalicelib.orders.store import OrderItem
from chalicelib.orders.totals import OrderTotalsItem


def _by_status() -> dict[TotalsKey, Amounts]:
    counted: dict[TotalsKey, Amounts] = {}
    for item in scan(OrderItem, ("uuid", "user_id", "status", "total_kopecks")):
        key = totals.key_of(*(item[name]["S"] for name in ("uuid", "user_id", "status")))
        orders, kopecks = counted.get(key, (0, 0))
        counted[key] = orders + 1, kopecks + number(item, "total_kopecks")
    return counted


RECOUNTS = (TotalsTable("order_totals", OrderTotalsItem, totals.AMOUNTS, _by_status),)
