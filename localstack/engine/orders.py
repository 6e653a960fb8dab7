"""The order of a table's items in each index that was asked for, kept right by every write. Used by `query`.

Only keys that are texts take part: their order is that of Python's strings. An index in which a key of an item is
anything else is left to MiniStack.
"""

import threading
from typing import Any

from localstack.engine.runs import Entry, Run

Item = dict[str, Any]
Table = dict[str, Any]
Place = tuple[str, Entry]
"""A partition and the entry in it."""


class NotText(Exception):
    """A key attribute is not a text: this order is not known here."""


def text_of(item: Item, name: str) -> str:
    """The value of an attribute that has to be a text."""
    value = item[name]
    if type(value) is dict and len(value) == 1:
        text = value.get("S")
        if type(text) is str:
            return text
    raise NotText(name)


class Order:
    """The runs of one index (or of the table itself): one for each of its partitions that has items."""

    __slots__ = ("runs", "_hash", "_range", "_pk", "_sk")

    def __init__(self, table: Table, hash_name: str, range_name: str) -> None:
        self._hash, self._range = hash_name, range_name
        self._pk, self._sk = table["pk_name"], table["sk_name"]
        found: dict[str, list[Entry]] = {}
        for pk, items in table["items"].items():
            for sk, item in items.items():
                place = self.place(pk, sk, item)
                if place is not None:
                    found.setdefault(place[0], []).append(place[1])
        self.runs = {partition: Run(entries) for partition, entries in found.items()}

    def place(self, pk: str, sk: str, item: Item) -> Place | None:
        """The partition and entry of an item; None when it is not in this index. Raises NotText."""
        if self._hash not in item or self._range not in item:
            return None
        if text_of(item, self._pk) != pk or (self._sk and text_of(item, self._sk) != sk):
            raise NotText(self._pk)
        return text_of(item, self._hash), (text_of(item, self._range), pk, sk)

    def change(self, old: Place | None, new: Place | None) -> None:
        """Move an item from its old place to its new one."""
        if old == new:
            return
        if old is not None and (run := self.runs.get(old[0])) is not None:
            run.remove(old[1])
            if not run:
                del self.runs[old[0]]
        if new is not None:
            run = self.runs.get(new[0])
            if run is None:
                self.runs[new[0]] = Run([new[1]])
            else:
                run.add(new[1])


class Orders:
    """What is known of the order of a table's items: the indexes that were asked for, by name (None: the table).

    It is kept in the table under the name of MiniStack's own index members, and so dropped with them: when the items
    are replaced as a whole, when the indexes change, and with the table. `members` are MiniStack's, once needed.
    """

    __slots__ = ("items", "members", "by_index")

    def __init__(self, items: dict[str, dict[str, Item]]) -> None:
        self.items = items
        self.members: dict[str, Any] | None = None
        self.by_index: dict[str | None, Order | None] = {}  # None: not all keys are texts

    def of(self, table: Table, index: str | None, hash_name: str, range_name: str) -> Order | None:
        """The order of an index, found when it is asked for first; None when it is not one of texts."""
        if index not in self.by_index:
            try:
                self.by_index[index] = Order(table, hash_name, range_name)
            except NotText:
                self.by_index[index] = None
        return self.by_index[index]

    def change(self, pk: str, sk: str, old: Item | None, new: Item | None) -> None:
        """An item was written or removed."""
        for index, order in self.by_index.items():
            if order is None:
                continue
            try:
                order.change(order.place(pk, sk, old) if old else None, order.place(pk, sk, new) if new else None)
            except NotText:
                self.by_index[index] = None


class Keeper:
    """Makes every write of an item keep the orders of its table right, in one module of DynamoDB."""

    def __init__(self, dynamodb: Any) -> None:
        self.lock = threading.RLock()  # expired items are removed, and state machines write, in threads of their own
        self._place = dynamodb._INDEX_MEMBERS
        self._plain_members, self._plain_index_item = dynamodb._index_members, dynamodb._index_item
        dynamodb._index_members = self.members
        dynamodb._set_item, dynamodb._remove_item = self.set_item, self.remove_item

    def orders(self, table: Table) -> Orders:
        """What is kept of the orders of a table; begun anew when its items were replaced as a whole."""
        orders: Orders | None = table.get(self._place)
        if orders is None or orders.items is not table["items"]:
            orders = table[self._place] = Orders(table["items"])
        return orders

    def members(self, table: Table) -> Any:
        """MiniStack's own index members, made when something that is left to it needs them."""
        with self.lock:
            orders = self.orders(table)
            if orders.members is None:
                orders.members = self._plain_members(_indexes(table) | {"items": table["items"]})
            return orders.members

    def set_item(self, table: Table, pk_val: str, sk_val: str, item: Item) -> Item | None:
        """Store an item, as MiniStack does."""
        with self.lock:
            items = table["items"].setdefault(pk_val, {})
            old: Item | None = items.get(sk_val)
            if old is None:
                self._count(table, 1)
            items[sk_val] = item
            self._changed(table, pk_val, sk_val, old, item)
            return old

    def remove_item(self, table: Table, pk_val: str, sk_val: str) -> Item | None:
        """Delete an item, as MiniStack does."""
        with self.lock:
            items = table["items"].get(pk_val)
            old: Item | None = items.pop(sk_val, None) if items is not None else None
            if items is not None and not items:
                del table["items"][pk_val]
            if old is not None:
                self._count(table, -1)
                self._changed(table, pk_val, sk_val, old, None)
            return old

    @staticmethod
    def _count(table: Table, change: int) -> None:
        table["ItemCount"] = max(0, table.get("ItemCount", 0) + change)
        table["TableSizeBytes"] = table["ItemCount"] * 200

    def _changed(self, table: Table, pk: str, sk: str, old: Item | None, new: Item | None) -> None:
        orders: Orders | None = table.get(self._place)
        if orders is None:
            return
        if orders.members is not None:
            shown = _indexes(table) | {self._place: orders.members}
            if old is not None:
                self._plain_index_item(shown, pk, sk, old, add=False)
            if new is not None:
                self._plain_index_item(shown, pk, sk, new, add=True)
        orders.change(pk, sk, old, new)


def _indexes(table: Table) -> Table:
    return {name: table.get(name, []) for name in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")}
