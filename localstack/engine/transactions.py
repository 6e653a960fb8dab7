"""A transaction that succeeds is checked and applied in one pass.

MiniStack goes through the members of a TransactWriteItems eight times, copies each updated item ten times, applies each
update three times, encodes the whole request once more to know its size, and computes the capacity of every index for a
repetition of the request that hardly ever comes.

Here each member is checked once, and its update applied once, before anything is written. The first thing that is not
as usual (any fault, a condition that does not hold, a token that was used, a wish for capacity) leaves the request,
still unchanged, to MiniStack, so every refusal is its own. Sizes for a repeated request are computed when it comes.
"""

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from localstack.engine.conditions import Evaluate, Unusual, condition_of
from localstack.engine.copies import copied
from localstack.engine.sizes import item_size
from localstack.engine.updates import Update, update_of
from localstack.engine.values import CHARACTER, MARKS, TextTable, check_key, check_texts, check_values

MAX_WRITES = 100
MAX_TOKEN = 36
MAX_ITEM_CHARACTERS = 1_000_000
"""Of JSON, by the rough count of `values`: such an item is smaller than DynamoDB's 400 KB."""
MAX_JSON_CHARACTERS = 4 * 1024 * 1024
MEMBER_CHARACTERS = 1_000
"""The most that JSON needs for what is the same in all members, and for the name of the table."""
MAX_EXPRESSION = 1024
"""Characters: at most the 4096 bytes of DynamoDB."""
REQUEST = {"TransactItems", "ClientRequestToken", "ReturnConsumedCapacity"}
_EXPRESSIONS = {"ConditionExpression", "ExpressionAttributeNames", "ExpressionAttributeValues"}
_MEMBER = _EXPRESSIONS | {"TableName", "ReturnValuesOnConditionCheckFailure"}
MEMBERS = {
    "Put": _MEMBER | {"Item"},
    "Update": _MEMBER | {"Key", "UpdateExpression"},
    "Delete": _MEMBER | {"Key"},
    "ConditionCheck": _MEMBER | {"Key"},
}
CACHED_TEXTS = 4096

Item = dict[str, Any]
Effect = tuple[Item | None, Item | None]


def install() -> None:
    """Apply usual transactions in one pass."""
    from ministack.services import dynamodb

    install_in(dynamodb)


def install_in(dynamodb: Any) -> None:
    """The same in one module of DynamoDB."""
    plain = dynamodb._transact_write_items
    read_condition = lru_cache(CACHED_TEXTS)(lambda text: condition_of(dynamodb, text))
    read_update = lru_cache(CACHED_TEXTS)(lambda text: update_of(dynamodb, text))

    def _transact_write_items(data: Item) -> Any:
        try:
            transaction = _Transaction(dynamodb, data, read_condition, read_update)
        except (Unusual, KeyError, AttributeError, TypeError):
            return plain(data)
        return transaction.apply()

    dynamodb._transact_write_items = _transact_write_items


class Sizes:
    """The sizes of what a transaction wrote, by table, computed when a repetition of the request asks for them."""

    def __init__(self, effects: dict[str, list[Effect]]) -> None:
        self._effects = effects

    def items(self) -> Iterator[tuple[str, list[int]]]:
        """Each table with the larger size, before or after, of its items."""
        for name, effects in self._effects.items():
            yield name, [max(item_size(old or {}), item_size(new or {})) for old, new in effects]


class _Transaction:
    """One request, checked; raises Unusual while nothing has been changed."""

    def __init__(self, dynamodb: Any, data: Item, read_condition: Any, read_update: Any) -> None:
        self._dynamodb, self._data = dynamodb, data
        self._read_condition, self._read_update = read_condition, read_update
        self._canonical = dynamodb._ddb_canonicalize_number
        members = data.get("TransactItems")
        if not REQUEST.issuperset(data) or data.get("ReturnConsumedCapacity", "NONE") != "NONE":
            raise Unusual
        if type(members) is not list or not 0 < len(members) <= MAX_WRITES:
            raise Unusual
        self._token = data.get("ClientRequestToken")
        if self._token is not None and (type(self._token) is not str or not 0 < len(self._token) <= MAX_TOKEN):
            raise Unusual
        if self._token and dynamodb._txn_token_lookup(self._token) is not None:
            raise Unusual
        self._tables: dict[str, TextTable] = {}
        self._targets: set[tuple[str, str, str]] = set()
        self._characters = 0
        self._writes = [self._checked(member) for member in members]
        if self._characters > MAX_JSON_CHARACTERS and len(json.dumps(data)) > MAX_JSON_CHARACTERS:
            raise Unusual

    def _checked(self, member: Any) -> tuple[str, str, tuple[str, str], Item | None, Item | None]:
        """What a member does: kind, table, place, the item before and after."""
        if type(member) is not dict or len(member) != 1:
            raise Unusual
        ((kind, action),) = member.items()
        if action.get("ReturnValuesOnConditionCheckFailure", "NONE") not in ("NONE", "ALL_OLD"):
            raise Unusual
        if kind not in MEMBERS or type(action) is not dict or not MEMBERS[kind].issuperset(action):
            raise Unusual
        name: str = action["TableName"]
        table = self._tables.get(name)
        if table is None:
            table = self._tables[name] = TextTable(self._dynamodb, name)
        attributes: Item = action["Item" if kind == "Put" else "Key"]
        size = check_values(attributes, self._canonical)
        if kind == "Put":
            check_texts(attributes, table.keys)
            table.check_index_keys(attributes)
        else:
            check_key(attributes, table.keys)
        place = table.place(attributes)
        if (name, *place) in self._targets:
            raise Unusual
        self._targets.add((name, *place))
        size += self._check_expressions(kind, action)
        if size > MAX_ITEM_CHARACTERS:
            raise Unusual
        self._characters += size
        old = table.table["items"].get(place[0], {}).get(place[1])
        self._check_condition(action, old)
        return kind, name, place, old, self._new(kind, action, table, old)

    def _check_expressions(self, kind: str, action: Item) -> int:
        """Check the texts, names and values of a member; returns their size as JSON at most."""
        size = MEMBER_CHARACTERS
        for slot in ("ConditionExpression", "UpdateExpression"):
            text = action.get(slot, "")
            if type(text) is not str or len(text) > MAX_EXPRESSION or (slot in action and not text.strip()):
                raise Unusual
            size += CHARACTER * len(text)
        if "ExpressionAttributeValues" in action:
            size += check_values(action["ExpressionAttributeValues"], self._canonical)
        for name, meant in action.get("ExpressionAttributeNames", {}).items():
            if type(meant) is not str:
                raise Unusual
            size += MARKS + CHARACTER * (len(name) + len(meant))
        fields = ("ConditionExpression", "UpdateExpression") if kind == "Update" else ("ConditionExpression",)
        if self._dynamodb._validate_expression_attrs(action, fields) is not None:
            raise Unusual
        return size

    def _check_condition(self, action: Item, old: Item | None) -> None:
        if "ConditionExpression" not in action:
            return
        condition: Evaluate | None = self._read_condition(action["ConditionExpression"])
        values, names = action.get("ExpressionAttributeValues", {}), action.get("ExpressionAttributeNames", {})
        if condition is None or not condition(old or {}, values, names):
            raise Unusual

    def _new(self, kind: str, action: Item, table: TextTable, old: Item | None) -> Item | None:
        """The item after a write."""
        if kind == "Put":
            new: Item = action["Item"]
            return new
        if kind == "Delete":
            return None
        if kind == "ConditionCheck":
            return old or action["Key"]
        if "UpdateExpression" not in action:
            raise Unusual
        update: Update | None = self._read_update(action["UpdateExpression"])
        if update is None:
            raise Unusual
        values, names = action.get("ExpressionAttributeValues", {}), action.get("ExpressionAttributeNames", {})
        new, paths = update(copied(old or action["Key"]), values, names)
        if any(path[0] in table.keys for path in paths):
            raise Unusual
        table.check_index_keys(new)
        if item_size(new) > self._dynamodb._DDB_ITEM_MAX_BYTES:
            raise Unusual
        return new

    def apply(self) -> Any:
        """Write; none of this can be refused any more."""
        dynamodb = self._dynamodb
        effects: dict[str, list[Effect]] = {}
        for kind, name, place, old, new in self._writes:
            table = self._tables[name].table
            if kind == "ConditionCheck":
                effects.setdefault(name, []).append((new, new))
                continue
            effects.setdefault(name, []).append((old, new))
            if new is not None:
                dynamodb._set_item(table, *place, new)
                dynamodb._emit_stream_event(name, "MODIFY" if old else "INSERT", old, new)
            else:
                dynamodb._remove_item(table, *place)
                if old:
                    dynamodb._emit_stream_event(name, "REMOVE", old, None)
        result: Item = {}
        if self._token:
            signature = {name: value for name, value in self._data.items() if name != "ClientRequestToken"}
            entry = {"signature": signature, "response": result, "sizes": Sizes(effects)}
            dynamodb._txn_token_store(self._token, entry)
        return dynamodb.json_response(result)
