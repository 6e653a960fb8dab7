"""moto without two things that take most of its time, and none of its meaning.

It copies every table of a transaction whole, once for each of its items, to undo what failed; here the copy shares the
items that the transaction does not update in place. And it looks for each member of an answer of DynamoDB under every
name another service might give it; here under its own.
"""

import copy
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from moto import mock_aws
from moto.core.serialize import AttributePicker, AttributePickerContext
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table

__all__ = ["mock_aws"]

_transact = DynamoDBBackend.transact_write_items
_pick = AttributePicker.__call__
_updated: list[Mapping[str, Any]] = []  # the keys of the current transaction that are changed in place


@contextmanager
def _keys(items: Sequence[Mapping[str, Any]]) -> Iterator[None]:
    _updated[:] = [item["Update"] for item in items if "Update" in item]
    try:
        yield
    finally:
        _updated.clear()


def _transact_quickly(self: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
    with _keys(transact_items):
        _transact(self, transact_items)


def _copy_of_table(self: Table, memo: dict[int, Any]) -> Table:
    """As it is now: nothing that happens to the table afterwards is seen in the copy."""
    same = copy.copy(self)
    ranged = self.range_key_attr is not None
    same.items = defaultdict(dict, {key: dict(value) if ranged else value for key, value in self.items.items()})
    for update in _updated:
        if update["TableName"] == self.name:
            _keep(same, update["Key"])
    if self.stream_shard is not None:
        same.stream_shard = copy.copy(self.stream_shard)
        same.stream_shard.table, same.stream_shard.items = same, list(self.stream_shard.items)
    return same


def _keep(table: Table, key: Mapping[str, Any]) -> None:
    """An item that is about to be changed in place, as it is."""
    hash_value, range_value = DynamoDBBackend.get_keys_value(None, table, key)  # type: ignore[arg-type]
    if hash_value not in table.items:
        return
    if range_value is None:
        table.items[hash_value] = copy.deepcopy(table.items[hash_value])
    elif range_value in table.items[hash_value]:
        table.items[hash_value][range_value] = copy.deepcopy(table.items[hash_value][range_value])


def _pick_quickly(self: AttributePicker, context: AttributePickerContext) -> Any:
    service = context.service_model
    if type(context.obj) is dict and service is not None and service.service_name == "dynamodb":
        return context.obj.get(context.key)
    return _pick(self, context)


DynamoDBBackend.transact_write_items = _transact_quickly  # type: ignore[method-assign]
Table.__deepcopy__ = _copy_of_table  # type: ignore[attr-defined]
AttributePicker.__call__ = _pick_quickly  # type: ignore[method-assign]
