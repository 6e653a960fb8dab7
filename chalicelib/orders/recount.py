"""What is kept of users' orders by status held against the orders themselves. See core/recount.py."""

from pynamodb.expressions.operand import Path

from chalicelib.core.dynamo import update_if
from chalicelib.core.recount import Amounts, Finding, Kept, Names, at_version, number, scan
from chalicelib.orders import totals
from chalicelib.orders.store import OrderItem
from chalicelib.orders.totals import OrderTotalsItem


class OrderTotalsLedger:
    """The table `order_totals`."""

    title = "order_totals"
    amounts: Names = totals.AMOUNTS

    def kept(self) -> dict[str, Kept]:
        """As the cells say."""
        names = ("user_id", "cell", "v", *self.amounts)
        return {
            _name(item["user_id"]["S"], item["cell"]["S"]): Kept(
                tuple(number(item, amount) for amount in self.amounts), (number(item, "v"),)
            )
            for item in scan(OrderTotalsItem, names)
        }

    def actual(self) -> dict[str, Amounts]:
        """As the orders say."""
        cells: dict[str, Amounts] = {}
        for item in scan(OrderItem, ("uuid", "user_id", "status", "total_kopecks")):
            place = _name(*totals.key_of(*(item[name]["S"] for name in ("uuid", "user_id", "status"))))
            orders, kopecks = cells.get(place, (0, 0))
            cells[place] = orders + 1, kopecks + number(item, "total_kopecks")
        return cells

    def add(self, name: str, finding: Finding) -> bool:
        """Into the cell, while it is as it was."""
        version = finding.kept.version[0] if finding.kept.version else 0
        actions = [*finding.actions(self.amounts), Path("v").add(1)]
        user_id, _, cell = name.partition("|")
        return update_if(OrderTotalsItem(user_id, cell), actions, at_version(version))


def _name(user_id: str, cell: str) -> str:
    return f"{user_id}|{cell}"
