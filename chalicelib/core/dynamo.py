"""DynamoDB: which tables there are, and reading and writing single items. Transactions are in transactions.py.

Tables are declared beside their pynamodb model with `@table(...)`; the template is generated from that registry.
pynamodb declares, serializes and writes conditions; all calls go through the one client of core.aws, because a
pynamodb model would make a client, and read the API's description, for itself.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action
from pynamodb.models import Model

from chalicelib.core import conditional, guards, ids
from chalicelib.core.aws import client
from chalicelib.core.guards import get_raw
from chalicelib.core.items import as_item, key_names, key_of, quicken, raw_key
from chalicelib.core.repeats import CONDITION_FAILED, Repeats, code_of, write_once
from chalicelib.core.settings import settings

MARK = "last_write"  # of every item that is changed by itself

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
    item: Model,
    actions: Sequence[Action],
    condition: Condition | None = None,
    *,
    keeps_snapshot: bool = False,
    patient: bool = True,
) -> bool:
    """Change one item, outside of any transaction; False when the condition does not hold. `item` is as it is then.

    It is carried out once, also when an answer is lost: the item keeps the mark of its last single write. An item
    of a conditional request's snapshot is changed only as it was read, which ends the snapshot, unless it
    `keeps_snapshot`: a lease prepares the change that the request is about, and is none itself. Without `patient` it is
    not tried again.
    """
    mark = uuid4().hex
    unwritten = Path(MARK).does_not_exist() | (Path(MARK) != mark)
    arguments = item.get_update_kwargs_from_instance(
        actions=[*actions, Path(MARK).set(mark)], condition=unwritten if condition is None else unwritten & condition
    )
    write, key = guards.added(arguments)

    def update() -> dict[str, Any]:
        updated: dict[str, Any] = client("dynamodb").update_item(**write, ReturnValues="ALL_NEW")["Attributes"]
        return updated

    try:
        found = write_once(update, lambda: marked(write["TableName"], write["Key"], mark), patient=patient)
    except ClientError as error:
        if code_of(error) != CONDITION_FAILED:
            raise
        if key:
            guards.check()
        return False
    if key and keeps_snapshot:
        guards.keep(key, found)
    elif key:
        guards.confirm()
        conditional.release()
    item.deserialize(found)
    return True


def marked(table: str, key: Mapping[str, Any], mark: str) -> dict[str, Any] | None:
    """An item, if the write with that mark was the last single write to it."""
    item: dict[str, Any] = client("dynamodb").get_item(TableName=table, Key=key, ConsistentRead=True).get("Item", {})
    return item if item.get(MARK) == {"S": mark} else None


def put_all(items: Sequence[Model]) -> None:
    """Write whole items of one table, outside of any transaction, 25 a request."""
    _write_all(items, [{"PutRequest": {"Item": as_item(item)}} for item in items])


def erase_all(items: Sequence[Model]) -> None:
    """Delete items of one table by their keys, outside of any transaction, 25 a request; some may be gone already."""
    _write_all(items, [{"DeleteRequest": {"Key": key_of(item)}} for item in items])


def _write_all(items: Sequence[Model], left: list[dict[str, Any]]) -> None:
    name, repeats = items[0].Meta.table_name if items else "", Repeats()
    while left:
        refused, error = left[:25], None
        try:
            answer = client("dynamodb").batch_write_item(RequestItems={name: left[:25]})
            refused = answer.get("UnprocessedItems", {}).get(name, [])
        except (ClientError, BotoCoreError) as failure:
            error = failure
        left = refused + left[25:]
        if refused:
            repeats.wait(error)


def erase(item: Model) -> None:
    """Delete one item, outside of any transaction; nothing happens when it is gone."""
    client("dynamodb").delete_item(**item.get_delete_kwargs_from_instance())


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


def next_id(sequence: str, first: int = 1) -> int:
    """The next number of a sequence: unique and increasing; a number whose user fails is not given again."""

    def draw() -> int:
        item = CounterItem(f"seq#{sequence}")
        update_if(item, [Path("n").set((Path("n") | 0) + 1)])
        return first - 1 + int(item.n)

    return ids.number(draw)


def batch_get(model: type[M], keys: Sequence[tuple[str, ...]], *, patient: bool = True) -> list[M]:
    """The items of those keys that exist, in no order, read consistently, 100 keys a request."""
    return [item_of(model, raw) for raw in batch_get_raw(model, keys, patient=patient)]


def batch_get_raw(model: type[Model], keys: Sequence[tuple[str, ...]], *, patient: bool = True) -> list[dict[str, Any]]:
    """The same, as DynamoDB answers it. A key may be given twice: an index may name an item twice while it moves."""
    left = [raw_key(model, *key) for key in dict.fromkeys(keys)]
    found: list[dict[str, Any]] = []
    repeats, name = Repeats(patient=patient), model.Meta.table_name
    while left:
        items, unread = read_batch({name: {"Keys": left[:100], "ConsistentRead": True}}, repeats)
        found += items.get(name, [])
        left = unread.get(name, {}).get("Keys", []) + left[100:]
    return found


def read_batch(wanted: dict[str, Any], repeats: Repeats) -> tuple[dict[str, Any], dict[str, Any]]:
    """One BatchGetItem: the items by table, and what is still to be asked for, after a pause if there is any."""
    error = None
    try:
        answer = client("dynamodb").batch_get_item(RequestItems=wanted)
    except (ClientError, BotoCoreError) as failure:
        answer, error = {"Responses": {}, "UnprocessedKeys": wanted}, failure
    unread = answer.get("UnprocessedKeys") or {}
    if unread:
        repeats.wait(error)
    return answer["Responses"], unread
