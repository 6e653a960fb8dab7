"""Capacity and sizes are computed only when they are asked for.

MiniStack sums the units of the table and of each index for every write of a batch, whether or not the request has
ReturnConsumedCapacity, and measures the request of every UpdateItem although few come near the limit. Units that nobody
sees are left out here, and a request that is small by a rough upper bound is not measured.
"""

from functools import lru_cache
from typing import Any

from localstack.engine.sizes import item_size, value_size

ACTION_BYTES = 60
"""More than any function, operator or action of an update expression is charged for itself."""

Item = dict[str, Any]


def install() -> None:
    """Leave out what nobody asks for."""
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
    plain, limit = dynamodb._update_request_charge, dynamodb._DDB_ITEM_MAX_BYTES

    @lru_cache(1024)
    def parts(text: str) -> tuple[int, list[str], list[str]]:
        """What an expression costs at most without its names and values, and those."""
        tokens = dynamodb._tokenize(text)
        fixed = 3 + sum(ACTION_BYTES + 4 * len(token[1]) for token in tokens)
        if any(token[0] == "NUMBER" for token in tokens):
            fixed = limit + 1  # places in lists are left to MiniStack, with their faults
        names = [token[1] for token in tokens if token[0] == "NAME_REF"]
        return fixed, names, [token[1] for token in tokens if token[0] == "VALUE_REF"]

    def _update_request_charge(expr: Any, attr_values: Any, attr_names: Any, item_before: Item) -> int:
        if type(expr) is str and type(attr_values or {}) is dict and type(attr_names or {}) is dict:
            bound, names, values = parts(expr)
            given = [(attr_values or {}).get(name) for name in values]
            real = [(attr_names or {}).get(name, "") for name in names]
            if all(type(value) is dict and len(value) == 1 for value in given) and all(type(n) is str for n in real):
                bound += sum(map(value_size, given)) + 4 * sum(map(len, real))
                if bound <= limit:
                    return bound
        charge: int = plain(expr, attr_values, attr_names, item_before)
        return charge

    dynamodb._update_request_charge = _update_request_charge
