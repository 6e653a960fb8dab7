"""Computes capacity and sizes only for requests that need them.

MiniStack sums the units of the table and of each index for every write of a batch, whether or not the request has
ReturnConsumedCapacity, and measures the request of every UpdateItem although few come near the limit. Here
units are not computed for responses without them, and a request that is small by an upper bound is not measured.
"""

from functools import lru_cache
from typing import Any

from localstack.engine.sizes import item_size, value_size

ACTION_BYTES = 60
"""More than any function, operator or action of an update expression is charged for itself."""

Item = dict[str, Any]


def install() -> None:
    """Replace the computations of MiniStack."""
    from ministack.services import dynamodb

    install_in(dynamodb)


def install_in(dynamodb: Any) -> None:
    """The same in one module of DynamoDB."""
    dynamodb._item_size_bytes = item_size
    _batch_writes(dynamodb)
    _update_requests(dynamodb)


def _batch_writes(dynamodb: Any) -> None:
    plain, accumulate = dynamodb._batch_write_item, dynamodb._accumulate_write_capacity
    wanted = [True]

    def _batch_write_item(data: Item) -> Any:
        wanted[0] = data.get("ReturnConsumedCapacity", "NONE") != "NONE"
        return plain(data)

    def _accumulate_write_capacity(cap: Item, table: Item, old_item: Item | None, new_item: Item | None) -> None:
        if wanted[0]:
            accumulate(cap, table, old_item, new_item)

    dynamodb._batch_write_item = _batch_write_item
    dynamodb._accumulate_write_capacity = _accumulate_write_capacity


def _update_requests(dynamodb: Any) -> None:
    measure, limit = dynamodb._update_request_charge, dynamodb._DDB_ITEM_MAX_BYTES
    upper_bound = _UpperBound(dynamodb._tokenize, limit)

    def _update_request_charge(expr: Any, attr_values: Any, attr_names: Any, item_before: Item) -> int:
        try:
            bound = upper_bound.of(expr, attr_values or {}, attr_names or {})
        except (AttributeError, KeyError, TypeError, ValueError):
            bound = limit + 1  # values or names with a fault
        if bound <= limit and all(type(value) is dict and len(value) == 1 for value in (attr_values or {}).values()):
            return bound
        charge: int = measure(expr, attr_values, attr_names, item_before)
        return charge

    dynamodb._update_request_charge = _update_request_charge


class _UpperBound:
    """More bytes than any update request is charged for, by its expression; expressions are parsed once."""

    def __init__(self, tokenize: Any, limit: int) -> None:
        self._tokenize, self._limit = tokenize, limit
        self._parsed = lru_cache(1024)(self._parse)

    def of(self, expression: str, values: Item, names: Item) -> int:
        """Return the bound; KeyError for a name or value that is not given."""
        fixed, used_names, used_values = self._parsed(expression)
        value_bytes = sum(value_size(values[name]) for name in used_values)
        return fixed + value_bytes + sum(4 * len(names[name]) for name in used_names)

    def _parse(self, expression: str) -> tuple[int, list[str], list[str]]:
        """Return the bound without names and values, and the names and values that are used."""
        tokens = self._tokenize(expression)
        fixed = 3 + sum(ACTION_BYTES + 4 * len(token[1]) for token in tokens)
        if any(token[0] == "NUMBER" for token in tokens):
            fixed = self._limit + 1  # indexes in lists are left to MiniStack, with their faults
        names = [token[1] for token in tokens if token[0] == "NAME_REF"]
        return fixed, names, [token[1] for token in tokens if token[0] == "VALUE_REF"]
