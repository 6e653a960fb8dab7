"""Tables of DynamoDB: declaring them, and reading and writing items outside of transactions.

A table is declared beside its pynamodb model with `@table(...)`; the template is generated from that registry.
Requests and responses are converted by conversion.py. All calls go through the one client of core.aws: a pynamodb
model would make a client of its own. Transactions: transactions.py; items of several tables: reads.py.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.attributes import UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action
from pynamodb.models import Model

from chalicelib.core import conditional, guards
from chalicelib.core.aws import client
from chalicelib.core.conversion import (
    Arguments,
    Raw,
    Sort,
    as_item,
    delete_request,
    item_from,
    key_names,
    key_of,
    query_request,
    speed_up_access,
    update_request,
)
from chalicelib.core.reads import get_raw, read_together
from chalicelib.core.repeats import CONDITION_FAILED, Repeats, call_with_retries, code_of, write_once
from chalicelib.core.settings import settings

MARK = "last_write"  # attribute of the items that are changed outside of transactions
MAX_WRITES_PER_CALL = 25  # of one BatchWriteItem call

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class IndexSpec:
    """A global secondary index; `include` names the attributes it has beside the keys."""

    name: str
    hash_key: str
    range_key: str
    include: tuple[str, ...] = ()


@dataclass
class TableSpec:
    """A table as the template needs it. All keys are strings."""

    name: str
    hash_key: str
    range_key: str | None = None
    indexes: list[IndexSpec] = field(default_factory=list)
    stream: bool = False
    ttl: str | None = None


TABLES: dict[str, TableSpec] = {}


class _Unbound(Model):
    """Has the settings that pynamodb gives the `Meta` of a model."""

    class Meta:
        table_name = ""


def table_name(name: str) -> str:
    """Return the full name of a table in this stack."""
    return f"{settings().stack_name}-{name}"


def table(
    name: str, *, indexes: Iterable[IndexSpec] = (), stream: bool = False, ttl: str | None = None
) -> Callable[[type[M]], type[M]]:
    """Register the table `name` and bind the decorated model to it.

    Further models of the same table (other kinds of items) are declared with the same name and nothing else.
    """

    def bind(model: type[M]) -> type[M]:
        hash_key, range_key = key_names(model)
        bound = {"table_name": table_name(name), "region": settings().aws_region}
        model.Meta = cast(Any, type("Meta", (_Unbound.Meta,), bound))
        speed_up_access(model)
        if name not in TABLES:
            TABLES[name] = TableSpec(name, hash_key, range_key, list(indexes), stream, ttl)
        return model

    return bind


def fetch(model: type[M], hash_key: str, range_key: str | None = None) -> M | None:
    """Read an item by its key, consistently; None when it does not exist."""
    key, snapshot = (model, hash_key, range_key), conditional.current()
    if snapshot and key in snapshot.items:
        raw = snapshot.items[key]
    else:
        raw = get_raw(key)
        if snapshot:
            snapshot.record(key, raw)
    return item_from(model, raw) if raw else None


def read_again(items: Iterable[Model]) -> None:
    """Give items the attributes that they have in the table, where they exist."""
    for item in items:
        if found := fetch(type(item), *(value["S"] for value in key_of(item).values())):
            item.attribute_values = found.attribute_values


def batch_get(model: type[M], keys: Iterable[tuple[str, ...]], *, patient: bool = True) -> list[M]:
    """Read the items of a table that exist of these keys, consistently, in no order."""
    item_keys = ((model, hash_key, range_key[0] if range_key else None) for hash_key, *range_key in keys)
    return [item_from(model, raw) for raw in read_together(item_keys, patient=patient).values()]


def query(
    model: type[M], hash_key: str, *, sort: Sort | None = None, descending: bool = False, limit: int | None = None
) -> Iterator[M]:
    """Read a partition in the order of its sort key, consistently, page by page as the items are needed.

    `sort` is a condition on the sort key (`conversion.query_request`); `limit` is the number of items of a page.
    """
    found = query_raw(model, hash_key, sort=sort, descending=descending, limit=limit)
    return (item_from(model, raw) for raw in found)


def query_raw(
    model: type[Model], hash_key: str, *, sort: Sort | None = None, descending: bool = False, limit: int | None = None
) -> Iterator[Raw]:
    """Read a partition, its items as DynamoDB has them: models double the time to read thousands of small items."""
    table, keys = model.Meta.table_name, key_names(model)
    for response in read_pages(query_request(table, keys, hash_key, sort=sort, descending=descending, limit=limit)):
        yield from response["Items"]


def query_index(
    name: str,
    index: IndexSpec,
    hash_key: str,
    *,
    sort: Sort | None = None,
    descending: bool = False,
    limit: int | None = None,
) -> Iterator[Raw]:
    """Read the pages of a partition of an index of the table `name`: responses, each with its `Items`."""
    table, keys = table_name(name), (index.hash_key, index.range_key)
    request = query_request(table, keys, hash_key, index=index.name, sort=sort, descending=descending, limit=limit)
    return read_pages(request)


def count_index(name: str, index: IndexSpec, hash_key: str, *, sort: Sort | None = None) -> int:
    """Count the entries of a partition of an index; DynamoDB counts, no entry is transferred."""
    keys = index.hash_key, index.range_key
    request = query_request(table_name(name), keys, hash_key, index=index.name, sort=sort)
    return sum(int(response["Count"]) for response in read_pages({**request, "Select": "COUNT"}))


def read_pages(request: Arguments, operation: str = "query") -> Iterator[Raw]:
    """Send a query or a scan until everything is read; between two pages the caller may change its `Limit`."""
    send = getattr(client("dynamodb"), operation)
    while True:
        response = call_with_retries(lambda: send(**request), only="throttled")
        yield response
        if "LastEvaluatedKey" not in response:
            return
        request["ExclusiveStartKey"] = response["LastEvaluatedKey"]


def update_if(
    item: Model,
    actions: Sequence[Action],
    condition: Condition | None = None,
    *,
    keeps_snapshot: bool = False,
    patient: bool = True,
) -> bool:
    """Change one item outside of a transaction, and bring `item` up to date; False when the condition does not hold.

    The change is made once, also when a response is lost: the item keeps the mark of its last single write. An item of
    a conditional request's snapshot is changed only as it was read, and that ends the snapshot, unless it
    `keeps_snapshot`, as a lease does. Without `patient` a failed call is repeated by the client only.
    """
    mark = uuid4().hex
    is_unmarked = Path(MARK).does_not_exist() | (Path(MARK) != mark)
    condition = is_unmarked if condition is None else is_unmarked & condition
    request, key = guards.with_condition(update_request(item, [*actions, Path(MARK).set(mark)], condition))
    raw = _update_once(request, mark, patient)
    if raw is None:
        if key:
            guards.assert_unchanged()
        return False
    if key and keeps_snapshot:
        guards.replace(key, raw)
    elif key:
        guards.confirm()
        conditional.release()
    item.attribute_values = item_from(type(item), raw).attribute_values
    return True


def _update_once(request: Arguments, mark: str, patient: bool) -> Raw | None:
    """Send an update and return the changed item; None when the condition does not hold."""

    def update() -> Raw:
        updated: Raw = client("dynamodb").update_item(**request, ReturnValues="ALL_NEW")["Attributes"]
        return updated

    try:
        return write_once(update, lambda: read_if_marked(request["TableName"], request["Key"], mark), patient=patient)
    except ClientError as error:
        if code_of(error) != CONDITION_FAILED:
            raise
        return None


def read_if_marked(table: str, key: Mapping[str, Any], mark: str) -> Raw | None:
    """Read an item; None unless the write with that mark was the last single write to it."""
    item: Raw = client("dynamodb").get_item(TableName=table, Key=key, ConsistentRead=True).get("Item", {})
    return item if item.get(MARK) == {"S": mark} else None


def put_all(items: Sequence[Model]) -> None:
    """Write whole items of one table outside of a transaction, 25 a call."""
    _write_all(items, [{"PutRequest": {"Item": as_item(item)}} for item in items])


def erase_all(items: Sequence[Model]) -> None:
    """Delete items of one table by their keys outside of a transaction, 25 a call; some may not exist."""
    _write_all(items, [{"DeleteRequest": {"Key": key_of(item)}} for item in items])


def _write_all(items: Sequence[Model], left: list[Arguments]) -> None:
    name, repeats = items[0].Meta.table_name if items else "", Repeats()
    while left:
        unwritten, error = left[:MAX_WRITES_PER_CALL], None
        try:
            response = client("dynamodb").batch_write_item(RequestItems={name: unwritten})
            unwritten = response.get("UnprocessedItems", {}).get(name, [])
        except (ClientError, BotoCoreError) as failure:
            error = failure
        left = unwritten + left[MAX_WRITES_PER_CALL:]
        if unwritten:
            repeats.wait(error)


def erase(item: Model) -> None:
    """Delete one item outside of a transaction; nothing happens when it does not exist."""
    call_with_retries(lambda: client("dynamodb").delete_item(**delete_request(item)), only="throttled")


@table("claims")
class ClaimItem(Model):
    """A unique value (`work_centers#identifier=WC-001`) and the id of the thing that has it."""

    key = UnicodeAttribute(hash_key=True)
    owner = UnicodeAttribute()


@table("idempotency", ttl="expiration")
class RequestKeyItem(Model):
    """A request with an Idempotency-Key (idempotency.py); `made` names what an earlier run of it has made."""

    id = UnicodeAttribute(hash_key=True)
    made = UnicodeAttribute(null=True)


def owner_of(value: str) -> str | None:
    """Return the id of the thing that has a unique value; None when it is free."""
    claim = fetch(ClaimItem, value)
    return claim.owner if claim else None


def owners_of(values: Iterable[str]) -> dict[str, str]:
    """Return the ids of the things that have these unique values, by value; free ones are left out."""
    return {claim.key: claim.owner for claim in batch_get(ClaimItem, [(value,) for value in values])}
