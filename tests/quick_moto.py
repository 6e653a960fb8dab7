"""moto without what takes most of its time, and none of its meaning.

It copies every table of a transaction whole, once for each of its items, to undo what failed; here the copy shares the
items that the transaction does not update in place. It looks for every member that an answer of DynamoDB might have,
under every name another service might give it; here for those that are there. And it asks anew, for each node of an
update and for each call, what is the same for all.
"""

import copy
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from moto import mock_aws
from moto.core import responses
from moto.core.serialize import ResponseSerializer
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table
from moto.dynamodb.parsing.ast_nodes import DepthFirstTraverser, Node

__all__ = ["mock_aws"]

_transact = DynamoDBBackend.transact_write_items
_structure = ResponseSerializer._serialize_type_structure
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


def _structure_quickly(self: ResponseSerializer, serialized: Any, value: Any, shape: Any, key: str) -> None:
    if type(value) is not dict or self.operation_model.service_model.service_name != "dynamodb":
        _structure(self, serialized, value, shape, key)
        return
    wrapper: Any = self.MAP_TYPE() if key else serialized
    for name, member in value.items():
        if member is not None and name in shape.members:
            shape.members[name].parent = shape
            self._serialize(wrapper, member, shape.members[name], name)
    if key:
        self._default_serialize(serialized, wrapper, shape, key)


def _traverse_quickly(self: DepthFirstTraverser, root: Any) -> Any:
    kinds = self.nodes_to_be_processed()

    def visit(node: Any, position: int) -> Any:
        if isinstance(node, Node):
            parent = node.parent
            for number, child in enumerate(node.children or ()):
                self.pre_processing_of_child(node, number)
                if isinstance(child, Node):
                    visit(child, number)
            if isinstance(node, kinds):
                node = self.process(node)
                node.parent = parent
                if parent:
                    parent.children[position] = node
        return node

    return visit(root, -1)


DynamoDBBackend.transact_write_items = _transact_quickly  # type: ignore[method-assign]
Table.__deepcopy__ = _copy_of_table  # type: ignore[attr-defined]
ResponseSerializer._serialize_type_structure = _structure_quickly  # type: ignore[method-assign]
DepthFirstTraverser.traverse = _traverse_quickly  # type: ignore[method-assign]
responses.method_names_from_class = cache(responses.method_names_from_class)  # type: ignore[attr-defined]
