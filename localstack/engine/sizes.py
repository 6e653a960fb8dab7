"""The size of an item by DynamoDB's arithmetic, as MiniStack counts it, without a base-64 decoder or a search for most.

Used by the fast paths `query`, `capacity` and `transactions`.
"""

from functools import lru_cache
from typing import Any

from ministack.services import dynamodb

attribute_size = dynamodb._attribute_value_size
number_size = lru_cache(4096)(dynamodb._number_size_bytes)


def item_size(item: Any) -> int:
    """The bytes of an item's names and values."""
    if not isinstance(item, dict):
        return 0
    total = 0
    for name, value in item.items():
        total += len(name) if name.isascii() else len(name.encode())
        if type(value) is dict and len(value) == 1:
            ((kind, content),) = value.items()
            if kind == "S" and type(content) is str:
                total += len(content) if content.isascii() else len(content.encode())
                continue
        total += value_size(value)
    return total


def value_size(value: Any) -> int:
    """The bytes of one value; texts and numbers, which most are, without a call to MiniStack."""
    if type(value) is dict and len(value) == 1:
        ((kind, content),) = value.items()
        if type(content) is str:
            if kind == "S":
                return len(content) if content.isascii() else len(content.encode())
            if kind == "N":
                return int(number_size(content))
        elif kind in ("BOOL", "NULL"):
            return 1
    return int(attribute_size(value))
