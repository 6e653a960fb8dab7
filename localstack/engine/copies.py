"""Copies items without `copy.deepcopy`.

An UpdateItem copies its item four times, each by the general machinery of `copy.deepcopy` (100 us an item). Items are
made of dictionaries, lists and plain values only, which are copied here directly; anything else, and whatever lies in
it, goes to `copy.deepcopy`. Containers that are shared inside of one item are shared in its copy too, as there.
"""

import copy
from collections import defaultdict
from types import SimpleNamespace
from typing import Any

PLAIN_VALUES = frozenset({str, int, float, bool, type(None)})


def install() -> None:
    """Copy items directly."""
    from ministack.services import dynamodb

    install_in(dynamodb)


def install_in(dynamodb: Any) -> None:
    """The same in one module of DynamoDB."""
    dynamodb.copy = SimpleNamespace(deepcopy=copied, copy=copy.copy)


def copied(value: Any) -> Any:
    """A deep copy."""
    return _copied(value, {})


def _copied(value: Any, seen: dict[int, Any]) -> Any:
    kind = type(value)
    if kind is dict:
        if len(value) == 1:  # most are attribute values such as {"S": "text"}
            ((name, content),) = value.items()
            if type(content) in PLAIN_VALUES:
                return {name: content}
        return _filled(value, {}, seen)
    if kind in PLAIN_VALUES:
        return value
    if kind is list:
        if (known := seen.get(id(value))) is not None:
            return known
        items: list[Any] = []
        seen[id(value)] = items
        items.extend(each if type(each) is str else _copied(each, seen) for each in value)
        return items
    if kind is defaultdict:
        return _filled(value, defaultdict(value.default_factory), seen)
    return copy.deepcopy(value, seen)


def _filled(value: dict[Any, Any], new: dict[Any, Any], seen: dict[int, Any]) -> dict[Any, Any]:
    known: dict[Any, Any] | None = seen.get(id(value))
    if known is not None:
        return known
    seen[id(value)] = new
    for name, content in value.items():
        new[name if type(name) is str else _copied(name, seen)] = _copied(content, seen)
    return new
