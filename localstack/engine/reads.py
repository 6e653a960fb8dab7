"""Checks and reads GetItem and BatchGetItem in one pass.

MiniStack goes through the keys of a batch four times and looks up the types of their attributes for each, and encodes
each item for each answer. Here a key that has exactly the attributes of its table, all texts, is read at once, and the
text of an item is kept. Anything else (projections, other keys, a key given twice, any fault) leaves the whole request
to MiniStack.
"""

import json
from typing import Any

from localstack.engine.conditions import Unusual
from localstack.engine.texts import answer_of, texts_of
from localstack.engine.values import TextTable, check_key

MAX_KEYS = 100
SINGLE = {"TableName", "Key", "ConsistentRead"}
BATCH = {"Keys", "ConsistentRead"}

Item = dict[str, Any]


def install() -> None:
    """Read usual keys in one pass."""
    from ministack.services import dynamodb

    install_in(dynamodb)


def install_in(dynamodb: Any) -> None:
    """The same in one module of DynamoDB."""
    plain_item, plain_batch, texts = dynamodb._get_item, dynamodb._batch_get_item, texts_of(dynamodb)

    def _get_item(data: Item) -> Any:
        try:
            if not SINGLE.issuperset(data):
                raise Unusual
            found = _read(dynamodb, data["TableName"], [data["Key"]])
        except (Unusual, KeyError, AttributeError, TypeError):
            return plain_item(data)
        return answer_of(dynamodb, f'{{"Item": {texts.of(found[0])}}}' if found else "{}")

    def _batch_get_item(data: Item) -> Any:
        try:
            tables = _batch(dynamodb, data)
        except (Unusual, KeyError, AttributeError, TypeError):
            return plain_batch(data)
        parts = [f"{json.dumps(name)}: [{', '.join(map(texts.of, items))}]" for name, items in tables]
        return answer_of(dynamodb, f'{{"Responses": {{{", ".join(parts)}}}, "UnprocessedKeys": {{}}}}')

    dynamodb._get_item, dynamodb._batch_get_item = _get_item, _batch_get_item


def _batch(dynamodb: Any, data: Item) -> list[tuple[str, list[Item]]]:
    """The items of each table."""
    if len(data) != 1 or not data["RequestItems"]:
        raise Unusual
    tables = []
    for name, wanted in data["RequestItems"].items():
        if not BATCH.issuperset(wanted):
            raise Unusual
        tables.append((name, _read(dynamodb, name, wanted["Keys"])))
    return tables


def _read(dynamodb: Any, name: str, keys: Any) -> list[Item]:
    """The items of one table that are there."""
    if type(keys) is not list or not 0 < len(keys) <= MAX_KEYS:
        raise Unusual
    table = TextTable(dynamodb, name)
    if dynamodb._malformed_table_reference(name) or dynamodb._validate_data_plane_table_name(name):
        raise Unusual
    places = []
    for key in keys:
        check_key(key, table.keys)
        places.append(table.place(key))
    if len(set(places)) < len(places):
        raise Unusual
    partitions = table.table["items"]
    found = [partitions[pk].get(sk) for pk, sk in places if pk in partitions]
    return [item for item in found if item]
