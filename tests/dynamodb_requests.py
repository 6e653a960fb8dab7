"""What DynamoDB refuses in a request, and an emulator may let through: checked in every request of the tests.

The pages are of the Amazon DynamoDB Developer Guide and its API reference, https://docs.aws.amazon.com/amazondynamodb/latest:
Constraints and ReservedWords, Expressions.*, API_TransactWriteItems, API_BatchGetItem, API_BatchWriteItem, API_Query.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from moto.dynamodb.parsing.reserved_keywords import ReservedKeywords

from chalicelib.core.dynamo import TABLES, TableSpec
from chalicelib.core.settings import settings

Json = dict[str, Any]
WORDS = {"and", "or", "not", "between", "in", "set", "remove", "add", "delete"}
FUNCTIONS = {
    *("attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains", "size"),
    *("if_not_exists", "list_append"),
}
RESERVED = {word.upper() for word in ReservedKeywords.get_reserved_keywords()}
TOKEN = re.compile(r"[#:]?[\w-]+")
PLACEHOLDER = re.compile(r"[#:]\w+")
BARE_NAME = re.compile(r"[A-Za-z_]\w*")
ASSIGNED = re.compile(r"([#\w]+) = (:\w+)")
BETWEEN = re.compile(r"between\s+(:\w+)\s+and\s+(:\w+)", re.IGNORECASE)
EXPRESSIONS = (
    *("ConditionExpression", "FilterExpression", "KeyConditionExpression", "ProjectionExpression"),
    "UpdateExpression",
)
MAX_EXPRESSION, MAX_OPERANDS, MAX_IN = 4_096, 300, 100
MAX_ITEM, MAX_TRANSACTION, MAX_BATCH = 400 * 1_024, 4 * 2**20, 16 * 2**20
MAX_HASH_KEY, MAX_RANGE_KEY = 2_048, 1_024


def faults(operation: str, arguments: Json) -> Iterator[str]:
    """Yield what DynamoDB would refuse in a request."""
    for part in _parts(operation, arguments):
        yield from _of_expressions(part)
        yield from _of_items(part)
    yield from _SPECIAL.get(operation, _nothing)(arguments)


def _parts(operation: str, arguments: Json) -> Iterator[Json]:
    """Yield each part of a request that has a table, a key, an item or an expression."""
    if operation == "TransactWriteItems":
        yield from (part for one in arguments["TransactItems"] for part in one.values())
    elif operation == "BatchWriteItem":
        for table, writes in arguments["RequestItems"].items():
            yield from ({"TableName": table, **part} for one in writes for part in one.values())
    elif operation == "BatchGetItem":
        for table, wanted in arguments["RequestItems"].items():
            yield {name: value for name, value in wanted.items() if name != "Keys"}
            yield from ({"TableName": table, "Key": key} for key in wanted["Keys"])
    else:
        yield arguments


# -- expressions ----------------------------------------------------------------------------------------------------


def _of_expressions(part: Json) -> Iterator[str]:
    texts = tuple(part[name] for name in EXPRESSIONS if name in part)
    names = frozenset(part.get("ExpressionAttributeNames", ()))
    values = part.get("ExpressionAttributeValues", {})
    yield from _of_texts(texts, names, frozenset(values))
    for text in texts:
        for low, high in BETWEEN.findall(text):
            if low in values and high in values and _compared(values[low]) > _compared(values[high]):
                yield f"BETWEEN needs the lower bound first: {values[low]}, {values[high]}"


@cache
def _of_texts(texts: tuple[str, ...], names: frozenset[str], values: frozenset[str]) -> list[str]:
    tokens = {token for text in texts for token in TOKEN.findall(text)}
    placeholders = {token for token in tokens if token[0] in "#:"}
    bare = {token for token in tokens - placeholders if token.lower() not in WORDS and token not in FUNCTIONS}
    return [
        *(f"{one} is a reserved word" for one in bare if one.upper() in RESERVED),
        *(f"{one} is no name of an attribute" for one in bare if not BARE_NAME.fullmatch(one)),
        *(f"{one} is no placeholder" for one in names | values if not PLACEHOLDER.fullmatch(one)),
        *(f"{one} is not defined" for one in placeholders - names - values),
        *(f"{one} is not used" for one in (names | values) - placeholders),
        *(f"an expression is too long: {text}" for text in texts if len(text.encode()) > MAX_EXPRESSION),
        *(f"too many operands: {text}" for text in texts if len(TOKEN.findall(text)) > MAX_OPERANDS),
        *(f"IN has too many values: {found}" for text in texts for found in _long_lists(text)),
    ]


def _long_lists(text: str) -> list[str]:
    return [found for found in re.findall(r"\bin\s*\(([^)]*)\)", text, re.IGNORECASE) if found.count(",") >= MAX_IN]


def _compared(value: Mapping[str, str]) -> Any:
    """Return what DynamoDB sorts a key by: the number, or the bytes of UTF-8."""
    ((kind, text),) = value.items()
    return float(text) if kind == "N" else text.encode()


# -- items ----------------------------------------------------------------------------------------------------------


def _of_items(part: Json) -> Iterator[str]:
    spec = TABLES.get(part.get("TableName", "").removeprefix(f"{settings().stack_name}-"))
    if "Item" in part and (size := size_of(part["Item"])) > MAX_ITEM:
        yield f"an item of {size} bytes in {part['TableName']}"
    if spec:
        yield from _of_keys(spec, {**part.get("Item", {}), **_assigned(part)}, part.get("Key"))
        if "Item" in part and not _own_keys(spec) <= {*part["Item"]}:
            yield f"an item of {spec.name} lacks its key: {sorted(part['Item'])}"


def _assigned(part: Json) -> Json:
    """Return the attributes that an update sets to a value."""
    names, values = part.get("ExpressionAttributeNames", {}), part.get("ExpressionAttributeValues", {})
    found = ASSIGNED.findall(part.get("UpdateExpression", ""))
    return {names.get(name, name): values[value] for name, value in found if value in values}


def _own_keys(spec: TableSpec) -> set[str]:
    return {name for name in (spec.hash_key, spec.range_key) if name}


def _of_keys(spec: TableSpec, written: Json, key: Json | None) -> Iterator[str]:
    if key is not None and {*key} != _own_keys(spec):
        yield f"the key of {spec.name} is {sorted(_own_keys(spec))}, not {sorted(key)}"
    if key is not None and _own_keys(spec) & {*written}:
        yield f"an update changes the key of an item of {spec.name}"
    hashes = {spec.hash_key, *(index.hash_key for index in spec.indexes)}
    ranges = {spec.range_key, *(index.range_key for index in spec.indexes)}
    for name, value in {**written, **(key or {})}.items():
        if name in hashes | ranges:
            text, most = value.get("S"), MAX_HASH_KEY if name in hashes else MAX_RANGE_KEY
            if not text or len(text.encode()) > most:
                yield f"{name} of {spec.name} is a key: {str(value)[:200]}"


def size_of(value: Any) -> int:
    """Return about how many bytes DynamoDB counts for an item: the names and the values, in UTF-8."""
    if isinstance(value, dict):
        return sum(len(name.encode()) + size_of(one) for name, one in value.items())
    if isinstance(value, list):
        return sum(1 + size_of(one) for one in value)
    return len(value.encode()) if isinstance(value, str) else 1


# -- operations -----------------------------------------------------------------------------------------------------


def _nothing(arguments: Json) -> Iterator[str]:
    yield from ()


def _of_transaction(arguments: Json) -> Iterator[str]:
    writes = [part for one in arguments["TransactItems"] for part in one.values()]
    if not 1 <= len(writes) <= 100:
        yield f"{len(writes)} writes in a transaction"
    yield from _twice([(one["TableName"], _key_of(one)) for one in writes])
    size = sum(size_of(one.get("Item") or one.get("ExpressionAttributeValues")) for one in writes)
    if size > MAX_TRANSACTION:
        yield f"a transaction of {size} bytes"
    if not 1 <= len(arguments.get("ClientRequestToken", "x")) <= 36:
        yield "the token of a transaction has 36 characters"


def _key_of(write: Json) -> str:
    spec = TABLES.get(write["TableName"].removeprefix(f"{settings().stack_name}-"))
    names = (spec.hash_key, spec.range_key) if spec else tuple(write.get("Item", ()))  # of a table of a test: all of it
    found = write.get("Key") or {name: value for name, value in write["Item"].items() if name in names}
    return json.dumps(found, sort_keys=True)


def _of_batch_get(arguments: Json) -> Iterator[str]:
    wanted = arguments["RequestItems"].items()
    keys = [(table, json.dumps(key, sort_keys=True)) for table, one in wanted for key in one["Keys"]]
    if not 1 <= len(keys) <= 100:
        yield f"{len(keys)} keys in a BatchGetItem"
    yield from _twice(keys)


def _of_batch_write(arguments: Json) -> Iterator[str]:
    writes = list(_parts("BatchWriteItem", arguments))
    if not 1 <= len(writes) <= 25:
        yield f"{len(writes)} writes in a BatchWriteItem"
    yield from _twice([(one["TableName"], _key_of(one)) for one in writes])
    if (size := sum(size_of(one.get("Item", {})) for one in writes)) > MAX_BATCH:
        yield f"a BatchWriteItem of {size} bytes"


def _of_query(arguments: Json) -> Iterator[str]:
    if arguments.get("Limit", 1) < 1:
        yield "a Limit below 1"
    if "IndexName" in arguments and arguments.get("ConsistentRead"):
        yield "a consistent read of a global index"


def _twice(keys: list[tuple[str, str]]) -> Iterator[str]:
    yield from (f"{key} is there twice" for key in {*keys} if keys.count(key) > 1)


_SPECIAL = {
    "TransactWriteItems": _of_transaction,
    "BatchGetItem": _of_batch_get,
    "BatchWriteItem": _of_batch_write,
    "Query": _of_query,
    "Scan": _of_query,
}
