"""DynamoDB: which tables there are, and reading and writing single items. Transactions are in transactions.py.

Tables are declared beside their pynamodb model with `@table(...)`; the template is generated from that registry.
pynamodb declares, serializes and writes conditions; all calls go through the one client of core.aws, because a
pynamodb model would make a client, and read the API's description, for itself.
"""

import json
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar

from botocore.exceptions import ClientError
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action
from pynamodb.models import Model

from chalicelib.core import conditional, guards
from chalicelib.core.aws import client
from chalicelib.core.errors import Unavailable
from chalicelib.core.guards import get_raw
from chalicelib.core.items import as_item, key_names, key_of, quicken, raw_key
from chalicelib.core.settings import settings

ATTEMPTS = 12
TOO_BUSY = "Слишком много одновременных изменений, повторите запрос"

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class IndexSpec:
    """A global secondary index; `include` are the attributes it carries beside the keys."""

    name: str
    hash_key: str
    range_key: str
    include: tuple[str, ...] = ()


@dataclass
class TableSpec:
    """What the template needs to make a table. All keys are strings."""

    name: str
    hash_key: str
    range_key: str | None = None
    indexes: list[IndexSpec] = field(default_factory=list)
    stream: bool = False
    ttl: str | None = None


TABLES: dict[str, TableSpec] = {}


def table_name(name: str) -> str:
    """The full name of a table in this stack."""
    return f"{settings().stack_name}-{name}"


def table(
    name: str, *, indexes: Iterable[IndexSpec] = (), stream: bool = False, ttl: str | None = None
) -> Callable[[type[M]], type[M]]:
    """Class decorator: puts the table `name` into the registry and binds the model to it.

    Further models of the same table (other kinds of items) are declared with the same name and nothing else.
    """

    def bind(model: type[M]) -> type[M]:
        hash_key, range_key = key_names(model)
        model.Meta.table_name = table_name(name)
        model.Meta.region = settings().aws_region
        quicken(model)
        if name not in TABLES:
            TABLES[name] = TableSpec(name, hash_key, range_key, list(indexes), stream, ttl)
        return model

    return bind


def fetch(model: type[M], hash_key: str, range_key: str | None = None) -> M | None:
    """One item by its key, read consistently; None when there is none."""
    key, snapshot = (model, hash_key, range_key), conditional.current()
    if snapshot and key in snapshot.items:
        raw = snapshot.items[key]
    else:
        raw = get_raw(key)
        if snapshot:
            snapshot.record(key, raw)
    return item_of(model, raw) if raw else None


def query(
    model: type[M],
    hash_key: str,
    *,
    sort: tuple[str, str] | None = None,
    descending: bool = False,
    page: int | None = None,
) -> Iterator[M]:
    """The items of a partition in the order of their sort key, read consistently, page by page as they are asked for.

    `sort` bounds the sort key: an operator (`<`, `>=`, ...) and a value. `page` is how many items are read at once,
    when no more may be needed.
    """
    found = query_raw(model, hash_key, sort=sort, descending=descending, page=page)
    return (item_of(model, raw) for raw in found)


def query_raw(
    model: type[Model],
    hash_key: str,
    *,
    sort: tuple[str, str] | None = None,
    descending: bool = False,
    page: int | None = None,
) -> Iterator[dict[str, Any]]:
    """The same, as DynamoDB answers it: of tens of thousands of small items, models cost as much as reading them."""
    hash_name, range_name = key_names(model)
    arguments: dict[str, Any] = {
        "TableName": model.Meta.table_name,
        "KeyConditionExpression": "#hash = :hash",
        "ExpressionAttributeNames": {"#hash": hash_name},
        "ExpressionAttributeValues": {":hash": {"S": hash_key}},
        "ConsistentRead": True,
        "ScanIndexForward": not descending,
    }
    if sort and range_name:
        arguments["KeyConditionExpression"] += f" AND #range {sort[0]} :range"
        arguments["ExpressionAttributeNames"]["#range"] = range_name
        arguments["ExpressionAttributeValues"][":range"] = {"S": sort[1]}
    if page:
        arguments["Limit"] = page
    while True:
        answer = client("dynamodb").query(**arguments)
        yield from answer["Items"]
        if "LastEvaluatedKey" not in answer:
            return
        arguments["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def update_if(
    item: Model, actions: Sequence[Action], condition: Condition | None = None, *, keeps_snapshot: bool = False
) -> bool:
    """Change one item, outside of any transaction; False when the condition does not hold. `item` is as it is then.

    An item that a transaction is just writing refuses others with TransactionConflict; that is retried here. An item
    of a conditional request's snapshot is changed only as it was read, which ends the snapshot, unless it
    `keeps_snapshot`: a lease prepares the change that the request is about, and is none itself.
    """
    write, key = guards.added(item.get_update_kwargs_from_instance(actions=list(actions), condition=condition))
    for attempt in range(ATTEMPTS):
        try:
            answer = client("dynamodb").update_item(**write, ReturnValues="ALL_NEW")
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == "ConditionalCheckFailedException":
                if key:
                    guards.check()
                return False
            if code != "TransactionConflictException":
                raise
            back_off(attempt)
        else:
            if key and keeps_snapshot:
                guards.keep(key, answer["Attributes"])
            elif key:
                guards.confirm()
                conditional.release()
            item.deserialize(answer["Attributes"])
            return True
    raise Unavailable(TOO_BUSY)


def put_all(items: Sequence[Model]) -> None:
    """Write whole items of one table, outside of any transaction, 25 a request."""
    _write_all(items, [{"PutRequest": {"Item": as_item(item)}} for item in items])


def erase_all(items: Sequence[Model]) -> None:
    """Delete items of one table by their keys, outside of any transaction, 25 a request; some may be gone already."""
    _write_all(items, [{"DeleteRequest": {"Key": key_of(item)}} for item in items])


def _write_all(items: Sequence[Model], left: list[dict[str, Any]]) -> None:
    name, attempt = items[0].Meta.table_name if items else "", 0
    while left:
        answer = client("dynamodb").batch_write_item(RequestItems={name: left[:25]})
        refused = answer.get("UnprocessedItems", {}).get(name, [])
        left = refused + left[25:]
        if refused:
            back_off(attempt)
            attempt += 1


def erase(item: Model) -> None:
    """Delete one item, outside of any transaction; nothing happens when it is gone."""
    client("dynamodb").delete_item(**item.get_delete_kwargs_from_instance())


def back_off(attempt: int) -> None:
    """Wait before the next attempt: exponential with full jitter, at most 0.3 s."""
    time.sleep(random.uniform(0, min(0.3, 0.01 * 2**attempt)))


def item_of(model: type[M], raw: Mapping[str, Any]) -> M:
    """An item as DynamoDB answers it, as its model: `from_raw_data` in a fifth of the time, which is most of what a
    list costs here. It knows no discriminators; what the model does not name (sort keys of lists) is left out.
    """
    item = model.__new__(model)
    item.attribute_values = values = {}
    for name, stored, read, get_value, default in _plan(model):
        given = raw.get(stored)
        if given and "NULL" not in given:
            values[name] = read(get_value(given))
        elif default is not None:
            values[name] = default() if callable(default) else default
    return item


@cache
def _plan(model: type[Model]) -> list[tuple[str, str, Callable[[Any], Any], Callable[[Any], Any], Any]]:
    """Of each attribute of a model: its name here and in the table, how its value is read and found, its default."""
    return [
        (name, one.attr_name, _number if type(one) is NumberAttribute else one.deserialize, one.get_value, one.default)
        for name, one in model.get_attributes().items()
    ]


def _number(text: str) -> Any:
    """As NumberAttribute reads it; whole numbers, which most are, without a JSON decoder."""
    return int(text) if text.isdecimal() else json.loads(text)


@table("counters")
class CounterItem(Model):
    """`n` of a sequence (`seq#reports`) or of one shard of a counter (`batches#shift=1#7`).

    A sealed shard takes no more increments: whoever seals all shards of a counter and finds their sum at zero knows
    that nothing was, is or will be counted there.
    """

    class Meta:
        pass

    key = UnicodeAttribute(hash_key=True)
    n = NumberAttribute(default=0)
    sealed = UnicodeAttribute(null=True)


@table("claims")
class ClaimItem(Model):
    """A unique value (`work_centers#identifier=WC-001`) and the id of the thing that has it."""

    class Meta:
        pass

    key = UnicodeAttribute(hash_key=True)
    owner = UnicodeAttribute()


def owner_of(value: str) -> str | None:
    """The id of the thing that has a unique value."""
    claim = fetch(ClaimItem, value)
    return claim.owner if claim else None


def owners_of(values: Sequence[str]) -> dict[str, str]:
    """The unique values that are taken, and the ids of the things that have them."""
    return {claim.key: claim.owner for claim in batch_get(ClaimItem, [(value,) for value in values])}


def next_id(sequence: str) -> int:
    """The next number of a sequence, from 1: unique and increasing; a number whose user fails is not given again."""
    item = CounterItem(f"seq#{sequence}")
    update_if(item, [Path("n").set((Path("n") | 0) + 1)])
    return int(item.n)


def batch_get(model: type[M], keys: Sequence[tuple[str, ...]]) -> list[M]:
    """The items of those keys that exist, in no order, read consistently, 100 keys a request."""
    return [item_of(model, raw) for raw in batch_get_raw(model, keys)]


def batch_get_raw(model: type[Model], keys: Sequence[tuple[str, ...]]) -> list[dict[str, Any]]:
    """The same, as DynamoDB answers it."""
    left = [raw_key(model, *key) for key in keys]
    found: list[dict[str, Any]] = []
    while left:
        request = {model.Meta.table_name: {"Keys": left[:100], "ConsistentRead": True}}
        answer = client("dynamodb").batch_get_item(RequestItems=request)
        found += answer["Responses"].get(model.Meta.table_name, [])
        unread = answer.get("UnprocessedKeys", {}).get(model.Meta.table_name, {}).get("Keys", [])
        left = unread + left[100:]
    return found
