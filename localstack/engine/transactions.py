"""Checks and applies a valid transaction in one pass.

MiniStack goes through the members of a TransactWriteItems eight times, copies each updated item ten times, applies each
update three times, encodes the whole request once more to know its size, and computes the capacity of every index for a
repetition of the request.

Here each member is checked once, and its update applied once, before anything is written. A request with anything
unusual (a fault, a failed condition, a used token, requested capacity) is left unchanged to MiniStack, so every error
is its own.
"""

import json
from typing import Any

from localstack.engine.conditions import Unusual
from localstack.engine.members import MEMBERS, Checker, Write
from localstack.engine.values import TextTable

MAX_WRITES = 100
MAX_TOKEN = 36
MAX_JSON_CHARACTERS = 4 * 1024 * 1024
REQUEST = {"TransactItems", "ClientRequestToken", "ReturnConsumedCapacity"}

Item = dict[str, Any]


def install() -> None:
    """Apply usual transactions in one pass."""
    from ministack.services import dynamodb

    install_in(dynamodb)


def install_in(dynamodb: Any) -> None:
    """The same in one module of DynamoDB."""
    plain, checker = dynamodb._transact_write_items, Checker(dynamodb)

    def _transact_write_items(data: Item) -> Any:
        try:
            writes = _checked(dynamodb, checker, data)
        except (Unusual, KeyError, AttributeError, TypeError):
            return plain(data)
        for write in writes:
            if write.kind != "ConditionCheck":
                write.table.apply(dynamodb, write.place, write.old, write.new)
        result: Item = {}
        if data.get("ClientRequestToken"):
            signature = {name: value for name, value in data.items() if name != "ClientRequestToken"}
            # sizes are read when the same request, which asks for no capacity, asks for capacity: never
            entry = {"signature": signature, "response": result, "sizes": {}}
            dynamodb._txn_token_store(data["ClientRequestToken"], entry)
        return dynamodb.json_response(result)

    dynamodb._transact_write_items = _transact_write_items


def _checked(dynamodb: Any, checker: Checker, data: Item) -> list[Write]:
    """The writes of a request."""
    members, token = data["TransactItems"], data.get("ClientRequestToken")
    if not REQUEST.issuperset(data) or data.get("ReturnConsumedCapacity", "NONE") != "NONE":
        raise Unusual
    if type(members) is not list or not 0 < len(members) <= MAX_WRITES:
        raise Unusual
    if token is not None and (type(token) is not str or not 0 < len(token) <= MAX_TOKEN):
        raise Unusual
    if token and dynamodb._txn_token_lookup(token) is not None:
        raise Unusual
    tables: dict[str, TextTable] = {}
    writes = [checker.write(*_action(member), tables) for member in members]
    if len({(id(write.table), write.place) for write in writes}) < len(writes):
        raise Unusual
    rough = sum(write.characters for write in writes)
    if rough > MAX_JSON_CHARACTERS and len(json.dumps(data)) > MAX_JSON_CHARACTERS:
        raise Unusual
    return writes


def _action(member: Any) -> tuple[str, Any]:
    """The kind of a member and what it writes."""
    if type(member) is not dict or len(member) != 1:
        raise Unusual
    ((kind, action),) = member.items()
    if kind not in MEMBERS:
        raise Unusual
    return kind, action
