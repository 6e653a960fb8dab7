"""Checks and applies valid PutItem, UpdateItem, DeleteItem and BatchWriteItem in one pass.

MiniStack validates each item of a batch twice and looks up the types of its keys four times; an UpdateItem copies its
item four times and is split into tokens three times. Here a write is checked as a member of a transaction is, before
anything is changed, and requests with anything unusual (a fault, a failed condition, legacy parameters, requested
capacity) are left to MiniStack.
"""

import json
from typing import Any

from localstack.engine.conditions import Unusual
from localstack.engine.members import Checker, Write
from localstack.engine.texts import answer_of
from localstack.engine.values import TextTable

MAX_BATCH = 25
OPERATIONS = {"Put": "_put_item", "Update": "_update_item", "Delete": "_delete_item"}
BATCH_MEMBERS = {"PutRequest": ("Put", "Item"), "DeleteRequest": ("Delete", "Key")}

Item = dict[str, Any]


def install() -> None:
    """Apply usual writes in one pass."""
    from ministack.services import dynamodb

    install_in(dynamodb)


def install_in(dynamodb: Any) -> None:
    """The same in one module of DynamoDB."""
    checker = Checker(dynamodb)
    for kind, name in OPERATIONS.items():
        _single(dynamodb, checker, kind, name)
    plain = dynamodb._batch_write_item

    def _batch_write_item(data: Item) -> Any:
        try:
            writes = _batch(dynamodb, checker, data)
        except (Unusual, KeyError, AttributeError, TypeError):
            return plain(data)
        for write in writes:
            write.table.apply(dynamodb, write.place, write.old, write.new)
        return dynamodb.json_response({"UnprocessedItems": {}})

    dynamodb._batch_write_item = _batch_write_item


def _single(dynamodb: Any, checker: Checker, kind: str, name: str) -> None:
    plain = getattr(dynamodb, name)

    def operation(data: Item) -> Any:
        try:
            write = _write(dynamodb, checker, kind, data)
        except (Unusual, KeyError, AttributeError, TypeError):
            return plain(data)
        write.table.apply(dynamodb, write.place, write.old, write.new)
        returned = {"ALL_NEW": write.new, "ALL_OLD": write.old}.get(data.get("ReturnValues", "NONE"))
        return answer_of(dynamodb, json.dumps({"Attributes": returned} if returned else {}, ensure_ascii=False))

    setattr(dynamodb, name, operation)


def _write(dynamodb: Any, checker: Checker, kind: str, data: Item) -> Write:
    """A request of one write."""
    action = data
    if "ReturnValues" in data:
        if data["ReturnValues"] not in (("NONE", "ALL_OLD", "ALL_NEW") if kind == "Update" else ("NONE", "ALL_OLD")):
            raise Unusual
        action = {name: value for name, value in data.items() if name != "ReturnValues"}
    for name in ("ExpressionAttributeValues", "ExpressionAttributeNames"):
        if name in data and not data[name]:
            raise Unusual
    if dynamodb._validate_data_plane_table_name(data["TableName"]):
        raise Unusual
    write = checker.write(kind, action, {})
    if kind == "Update" and _charge(dynamodb, data, write.old or {}) > dynamodb._DDB_ITEM_MAX_BYTES:
        raise Unusual
    return write


def _charge(dynamodb: Any, data: Item, old: Item) -> int:
    """What UpdateItem charges for the request itself."""
    values, names = data.get("ExpressionAttributeValues"), data.get("ExpressionAttributeNames")
    return int(dynamodb._update_request_charge(data["UpdateExpression"], values, names, old))


def _batch(dynamodb: Any, checker: Checker, data: Item) -> list[Write]:
    """The writes of a batch."""
    if len(data) != 1 or not data["RequestItems"]:
        raise Unusual
    tables: dict[str, TextTable] = {}
    writes: list[Write] = []
    for name, members in data["RequestItems"].items():
        if dynamodb._malformed_table_reference(name) or type(members) is not list or not members:
            raise Unusual
        for member in members:
            if type(member) is not dict or len(member) != 1:
                raise Unusual
            ((request, content),) = member.items()
            kind, attributes = BATCH_MEMBERS[request]
            if len(content) != 1:
                raise Unusual
            writes.append(checker.write(kind, {"TableName": name, attributes: content[attributes]}, tables))
    different = {(id(write.table), write.place) for write in writes}
    if len(writes) > MAX_BATCH or len(different) < len(writes):
        raise Unusual
    return writes
