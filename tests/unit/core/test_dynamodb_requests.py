"""Requests that DynamoDB refuses are seen as such; those of the service are not (tests/aws_calls.py)."""

from typing import Any

import pytest

import chalicelib.events.store  # noqa: F401 - declares its table
from chalicelib.core.dynamo import table_name
from tests.dynamodb_requests import faults

Json = dict[str, Any]
CLAIMS, EVENTS = table_name("claims"), table_name("events")
KEY = {"key": {"S": "a"}}


def update(expression: str, names: Json | None = None, values: Json | None = None, **more: Any) -> Json:
    """An update of a claim."""
    named = {"ExpressionAttributeNames": names} if names else {}
    valued = {"ExpressionAttributeValues": values} if values else {}
    return {"TableName": CLAIMS, "Key": KEY, "UpdateExpression": expression, **named, **valued, **more}


def between(low: Json, high: Json) -> Json:
    """A query of a range of sort keys."""
    values = {":h": {"S": "a"}, ":low": low, ":high": high}
    condition = "#h = :h AND seq BETWEEN :low AND :high"
    named = {"ExpressionAttributeNames": {"#h": "aggregate"}, "ExpressionAttributeValues": values}
    return {"TableName": EVENTS, "KeyConditionExpression": condition, **named}


def put(**item: Json) -> Json:
    """A write of a claim."""
    return {"TableName": CLAIMS, "Item": item}


def in_transaction(*writes: Json) -> Json:
    """A transaction of these writes."""
    return {"TransactItems": [{"Put" if "Item" in write else "Update": write} for write in writes]}


ONE = {":one": {"N": "1"}}
LONG = f"x IN (:one{', :one' * 100})"
GOOD = (
    ("UpdateItem", update("SET #owner = :one, n = if_not_exists(n, :one) REMOVE x", {"#owner": "owner"}, ONE)),
    ("UpdateItem", update("ADD n :one", None, ONE, ConditionExpression="attribute_not_exists (x) OR n = :one")),
    ("Query", between({"S": "1"}, {"S": "1"})),
    ("PutItem", put(key={"S": "a"}, owner={"S": ""})),
    ("TransactWriteItems", in_transaction(put(key={"S": "a"}), put(key={"S": "b"}))),
    ("BatchGetItem", {"RequestItems": {CLAIMS: {"Keys": [KEY, {"key": {"S": "b"}}]}}}),
)
REFUSED = (
    ("owner is reserved", "UpdateItem", update("SET owner = :one", None, ONE)),
    ("a placeholder with a dash", "UpdateItem", update("SET #a-b = :one", {"#a-b": "a-b"}, ONE)),
    ("a name that is not used", "UpdateItem", update("REMOVE x", {"#owner": "owner"})),
    ("a value that is not used", "UpdateItem", update("REMOVE x", None, ONE)),
    ("a name that is not defined", "UpdateItem", update("REMOVE #x")),
    ("an expression of 5 KB", "UpdateItem", update("REMOVE " + "x" * 5_000)),
    ("IN with 101 values", "UpdateItem", update("REMOVE x", None, ONE, ConditionExpression=LONG)),
    ("a range that ends before it begins", "Query", between({"S": "2"}, {"S": "1"})),
    ("a key attribute that is missing", "PutItem", put(owner={"S": "x"})),
    ("another key than the table's", "GetItem", {"TableName": CLAIMS, "Key": {"id": {"S": "a"}}}),
    ("a change of the key", "UpdateItem", update("SET #key = :one", {"#key": "key"}, {":one": {"S": "b"}})),
    ("an empty key", "PutItem", put(key={"S": ""})),
    ("a long key", "PutItem", put(key={"S": "x" * 2_049})),
    ("an empty key of an index", "PutItem", {"TableName": EVENTS, "Item": {
        "aggregate": {"S": "a"}, "seq": {"S": "1"}, "lshard": {"S": ""}}}),
    ("an item of 400 KB", "PutItem", put(key={"S": "a"}, text={"S": "я" * 204_800})),
    ("an item twice in a transaction", "TransactWriteItems", in_transaction(put(key={"S": "a"}), put(key={"S": "a"}))),
    ("101 writes", "TransactWriteItems", in_transaction(*(put(key={"S": str(number)}) for number in range(101)))),
    ("a large transaction", "TransactWriteItems",
     in_transaction(*(put(key={"S": str(number)}, text={"S": "x" * 300_000}) for number in range(14)))),
    ("a key twice", "BatchGetItem", {"RequestItems": {CLAIMS: {"Keys": [KEY, KEY]}}}),
    ("26 writes", "BatchWriteItem", {"RequestItems": {CLAIMS: [
        {"DeleteRequest": {"Key": {"key": {"S": str(number)}}}} for number in range(26)]}}),
    ("a consistent read of an index", "Query", {"TableName": EVENTS, "IndexName": "x", "ConsistentRead": True}),
    ("no items", "Scan", {"TableName": CLAIMS, "Limit": 0}),
)  # fmt: skip


@pytest.mark.parametrize(("operation", "arguments"), GOOD)
def test_a_good_request_is_taken(operation: str, arguments: Json) -> None:
    assert [*faults(operation, arguments)] == []


@pytest.mark.parametrize(("operation", "arguments"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_a_bad_request_is_refused(operation: str, arguments: Json) -> None:
    assert [*faults(operation, arguments)] != []
