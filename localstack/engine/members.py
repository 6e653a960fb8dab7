"""Writes of one item, checked before anything is changed. Used by the fast paths `transactions` and `writes`.

A write that is checked here is one that MiniStack makes without any refusal; whatever else raises Unusual. The item
after the write is made anew and shares with the one before what the write leaves as it is: a stored item is never
changed in place.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from localstack.engine.conditions import Evaluate, Unusual, condition_of
from localstack.engine.updates import Update, update_of
from localstack.engine.values import CHARACTER, MARKS, TextTable, check_key, check_texts, check_values

MAX_ITEM_CHARACTERS = 1_000_000
"""Of JSON, by the rough count of `values`: such an item is smaller than DynamoDB's 400 KB."""
MEMBER_CHARACTERS = 1_000
"""The most that JSON needs for what is the same in all members, and for the name of the table."""
MAX_EXPRESSION = 1024
"""Characters: at most the 4096 bytes of DynamoDB."""
CACHED_TEXTS = 4096
EXPRESSIONS = ("ConditionExpression", "ExpressionAttributeNames", "ExpressionAttributeValues")
_MEMBER = {*EXPRESSIONS, "TableName", "ReturnValuesOnConditionCheckFailure"}
MEMBERS = {
    "Put": _MEMBER | {"Item"},
    "Update": _MEMBER | {"Key", "UpdateExpression"},
    "Delete": _MEMBER | {"Key"},
    "ConditionCheck": _MEMBER | {"Key"},
}

Item = dict[str, Any]


@dataclass(slots=True)
class Write:
    """What a member does: its table, its place, the item before and after, and its size as JSON at most."""

    kind: str
    table: TextTable
    place: tuple[str, str]
    old: Item | None
    new: Item | None
    characters: int


class Checker:
    """Checks the writes of one module of DynamoDB."""

    def __init__(self, dynamodb: Any) -> None:
        self._dynamodb = dynamodb
        self._read_condition = lru_cache(CACHED_TEXTS)(lambda text: condition_of(dynamodb, text))
        self._read_update = lru_cache(CACHED_TEXTS)(lambda text: update_of(dynamodb, text))
        self._last_put = ("", 0)

    def write(self, kind: str, action: Any, tables: dict[str, TextTable]) -> Write:
        """A member of a transaction, or a request of one write; `tables` are those that are already known."""
        if type(action) is not dict or not MEMBERS[kind].issuperset(action):
            raise Unusual
        if action.get("ReturnValuesOnConditionCheckFailure", "NONE") not in ("NONE", "ALL_OLD"):
            raise Unusual
        name: str = action["TableName"]
        table = tables.get(name)
        if table is None:
            table = tables[name] = TextTable(self._dynamodb, name)
        attributes: Item = action["Item" if kind == "Put" else "Key"]
        characters = check_values(attributes, self._dynamodb._ddb_canonicalize_number)
        if kind == "Put":
            check_texts(attributes, table.keys)
            table.check_index_keys(attributes)
        else:
            check_key(attributes, table.keys)
        place = table.place(attributes)
        characters += MEMBER_CHARACTERS + self._size_of_expressions(kind, action)
        if characters > MAX_ITEM_CHARACTERS:
            raise Unusual
        old = table.table["items"].get(place[0], {}).get(place[1])
        self._check_condition(action, old)
        return Write(kind, table, place, old, self._new(kind, action, table, old), characters)

    def _size_of_expressions(self, kind: str, action: Item) -> int:
        """Check the texts, names and values of a member; returns their size as JSON at most.

        The puts of a large transaction mostly have one condition: it is checked once. Conditions are compared as text,
        in which true is not 1.
        """
        if kind == "Update":
            return self._check_expressions(kind, action)
        given = [(name, action[name]) for name in EXPRESSIONS if name in action]
        if not given:
            return 0
        if kind != "Put":
            return self._check_expressions(kind, action)
        text = repr(given)
        if text != self._last_put[0] or len(text) > MAX_EXPRESSION:
            self._last_put = text, self._check_expressions(kind, action)
        return self._last_put[1]

    def _check_expressions(self, kind: str, action: Item) -> int:
        size = 0
        for slot in ("ConditionExpression", "UpdateExpression"):
            text = action.get(slot, "")
            if type(text) is not str or len(text) > MAX_EXPRESSION or (slot in action and not text.strip()):
                raise Unusual
            size += CHARACTER * len(text)
        if "ExpressionAttributeValues" in action:
            size += check_values(action["ExpressionAttributeValues"], self._dynamodb._ddb_canonicalize_number)
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
            put: Item = action["Item"]
            return put
        if kind == "Delete":
            return None
        if kind == "ConditionCheck":
            return old or action["Key"]
        update: Update | None = self._read_update(action["UpdateExpression"])
        if update is None:
            raise Unusual
        values, names = action.get("ExpressionAttributeValues", {}), action.get("ExpressionAttributeNames", {})
        new, paths = update(dict(old or action["Key"]), values, names)
        if any(path[0] in table.keys for path in paths):
            raise Unusual
        table.check_index_keys(new)
        if check_values(new, self._dynamodb._ddb_canonicalize_number) > MAX_ITEM_CHARACTERS:
            raise Unusual
        return new
