"""Checks of items, keys and values that are right as they are. Used by `transactions`, `writes` and `reads`.

A value that these functions accept is one that MiniStack accepts and stores unchanged; whatever else raises Unusual and
is left to MiniStack. Each returns how many characters its JSON has at most, for the limits of size.
"""

from collections.abc import Callable
from typing import Any

from localstack.engine.conditions import Unusual

CHARACTER = 12
"""The most characters that JSON needs for one: two escaped surrogates."""
MARKS = 24
"""Quotes, braces, commas, colons and the type around a name and its value."""
MAX_DEPTH = 16
MAX_KEY = 256
"""Characters of a key that are within DynamoDB's limit of bytes, however long each is."""

Item = dict[str, Any]
Canonical = Callable[[Any], Any]


def check_values(values: Any, canonical: Canonical, depth: int = 0) -> int:
    """Check attributes or the values of a request: names and values."""
    if type(values) is not dict or depth > MAX_DEPTH:
        raise Unusual
    size = 0
    for name, value in values.items():
        if not name or type(value) is not dict or len(value) != 1:
            raise Unusual
        ((kind, content),) = value.items()
        size += MARKS + CHARACTER * len(name)
        if kind == "S" and type(content) is str:
            size += CHARACTER * len(content)
        else:
            size += _check_other(kind, content, canonical, depth)
    return size


def _check_other(kind: str, content: Any, canonical: Canonical, depth: int) -> int:
    match kind:
        case "N":
            if type(content) is str and canonical(content) == content:
                return len(content)
        case "BOOL":
            if type(content) is bool:
                return 5
        case "NULL":
            if content is True:
                return 4
        case "M":
            return check_values(content, canonical, depth + 1)
        case "L":
            if type(content) is list:
                return sum(check_values({"L": value}, canonical, depth + 1) for value in content)
        case "SS":
            return _check_texts(content)
    raise Unusual


def _check_texts(content: Any) -> int:
    if type(content) is not list or not content or not all(type(text) is str for text in content):
        raise Unusual
    if len(set(content)) < len(content):
        raise Unusual
    return sum(MARKS + CHARACTER * len(text) for text in content)


def check_key(key: Any, names: tuple[str, ...]) -> None:
    """Check that a key has exactly the attributes of the table, all texts."""
    if type(key) is not dict or len(key) != len(names):
        raise Unusual
    check_texts(key, names)


def check_texts(item: Item, names: tuple[str, ...]) -> None:
    """Check that these attributes are there and texts that a key may have."""
    for name in names:
        value = item.get(name)
        if type(value) is not dict or len(value) != 1:
            raise Unusual
        text = value.get("S")
        if type(text) is not str or not 0 < len(text) <= MAX_KEY:
            raise Unusual


class TextTable:
    """A table whose keys, and those of its indexes, are all texts."""

    __slots__ = ("name", "table", "keys", "_index_keys")

    def __init__(self, dynamodb: Any, name: Any) -> None:
        table = dynamodb._tables.get(name) if type(name) is str else None
        if not table or table.get("VectorIndexes"):
            raise Unusual
        for kind in table["AttributeDefinitions"]:
            if kind["AttributeType"] != "S":
                raise Unusual
        self.name: str = name
        self.table: Item = table
        self.keys: tuple[str, ...] = (table["pk_name"], table["sk_name"]) if table["sk_name"] else (table["pk_name"],)
        self._index_keys: tuple[str, ...] | None = None

    def place(self, attributes: Item) -> tuple[str, str]:
        """Where the items of a table are kept."""
        sk = attributes[self.keys[1]]["S"] if len(self.keys) == 2 else "__no_sort__"
        return attributes[self.keys[0]]["S"], sk

    def check_index_keys(self, item: Item) -> None:
        """Check that an item may be in all indexes whose keys it has."""
        if self._index_keys is None:
            self._index_keys = self._keys_of_indexes()
        for name in self._index_keys:
            if name in item:
                value = item[name]
                if type(value) is not dict or len(value) != 1 or type(value.get("S")) is not str or not value["S"]:
                    raise Unusual

    def _keys_of_indexes(self) -> tuple[str, ...]:
        indexes = (self.table.get("GlobalSecondaryIndexes") or []) + (self.table.get("LocalSecondaryIndexes") or [])
        return tuple({key["AttributeName"] for index in indexes for key in index["KeySchema"]} - set(self.keys))

    def apply(self, dynamodb: Any, place: tuple[str, str], old: Item | None, new: Item | None) -> None:
        """Write or remove an item and report the change, as MiniStack does after its checks."""
        if new is not None:
            dynamodb._set_item(self.table, *place, new)
        elif old is not None:
            dynamodb._remove_item(self.table, *place)
        else:
            return
        stream = self.table.get("StreamSpecification")
        if (stream and stream.get("StreamEnabled")) or self._has_copies(dynamodb):
            event = "REMOVE" if new is None else "MODIFY" if old else "INSERT"
            dynamodb._emit_stream_event(self.name, event, old, new)

    def _has_copies(self, dynamodb: Any) -> bool:
        """Whether changes go to other regions or to Kinesis."""
        return bool(self.table.get("_global_regions")) or dynamodb._kinesis_destinations.has_any()
