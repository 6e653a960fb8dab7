"""DynamoDB: which tables there are, and transactions that carry their own errors.

Tables are declared beside their pynamodb model with `@table(...)`; the template is generated from that registry. A
`Transaction` collects the writes of one use case. Each write may name the error to raise when its condition fails, so
a service reads as a list of facts that must hold. Counters are not written to a fixed key: see `Transaction.add`.
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from botocore.exceptions import ClientError
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action
from pynamodb.models import Model

from chalicelib.core.aws import client
from chalicelib.core.errors import Conflict, Unavailable
from chalicelib.core.settings import settings

MAX_WRITES = 100  # of one TransactWriteItems call
ATTEMPTS = 12
RETRIED = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded", "TransactionInProgressException"}

M = TypeVar("M", bound=Model)
P = ParamSpec("P")
R = TypeVar("R")


class Changed(Conflict):
    """What was read has been changed by somebody else before it was written: read again, decide again."""

    default_message = "Данные изменены другим запросом, повторите запрос"


def optimistic(use_case: Callable[P, R]) -> Callable[P, R]:
    """Run a use case again, from its first read, when it raises Changed; the client sees it only after 12 attempts."""

    @wraps(use_case)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        for attempt in range(ATTEMPTS):
            try:
                return use_case(*args, **kwargs)
            except Changed:
                if attempt + 1 == ATTEMPTS:
                    raise
                back_off(attempt)
        raise AssertionError("unreachable")

    return run


def back_off(attempt: int) -> None:
    """Wait before the next attempt: exponential with full jitter, at most 0.3 s."""
    time.sleep(random.uniform(0, min(0.3, 0.01 * 2**attempt)))


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
        keys = model.get_attributes().values()
        hash_key = next(key.attr_name for key in keys if key.is_hash_key)
        range_key = next((key.attr_name for key in keys if key.is_range_key), None)
        model.Meta.table_name = table_name(name)
        model.Meta.region = settings().aws_region
        if name not in TABLES:
            TABLES[name] = TableSpec(name, hash_key, range_key, list(indexes), stream, ttl)
        return model

    return bind


def fetch(model: type[M], hash_key: str, range_key: str | None = None) -> M | None:
    """One item by its key, read consistently; None when there is none."""
    try:
        return model.get(hash_key, range_key, consistent_read=True)
    except model.DoesNotExist:
        return None


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


def next_id(sequence: str) -> int:
    """The next number of a sequence, from 1: unique and increasing; a number whose user fails is not given again."""
    item = CounterItem(f"seq#{sequence}")
    item.update(actions=[Path("n").set((Path("n") | 0) + 1)])
    return int(item.n)


def batch_get(model: type[M], keys: Sequence[tuple[str, ...]]) -> list[M]:
    """The items of those keys that exist, in no order, read consistently, 100 keys a request."""
    return [model.from_raw_data(raw) for raw in batch_get_raw(model, keys)]


def batch_get_raw(model: type[Model], keys: Sequence[tuple[str, ...]]) -> list[dict[str, Any]]:
    """The same, as DynamoDB answers it."""
    spec = next(spec for spec in TABLES.values() if table_name(spec.name) == model.Meta.table_name)
    names = [spec.hash_key] + ([spec.range_key] if spec.range_key else [])
    left = [{name: {"S": part} for name, part in zip(names, key, strict=True)} for key in keys]
    found: list[dict[str, Any]] = []
    while left:
        request = {model.Meta.table_name: {"Keys": left[:100], "ConsistentRead": True}}
        answer = client("dynamodb").batch_get_item(RequestItems=request)
        found += answer["Responses"].get(model.Meta.table_name, [])
        unread = answer.get("UnprocessedKeys", {}).get(model.Meta.table_name, {}).get("Keys", [])
        left = unread + left[100:]
    return found


def count(counters: Sequence[str]) -> dict[str, int]:
    """The exact values of counters: the sums of their shards, read consistently."""
    shards = range(settings().counter_shards)
    items = batch_get(CounterItem, [(f"{name}#{shard}",) for name in counters for shard in shards])
    totals = dict.fromkeys(counters, 0)
    for item in items:
        totals[item.key.rpartition("#")[0]] += int(item.n)
    return totals


@dataclass
class _Write:
    kind: str  # Put, Update, Delete, ConditionCheck
    arguments: dict[str, Any]
    otherwise: Exception | None


class Transaction:
    """The writes of one use case: all of them happen, or none.

    A write's `otherwise` is raised when its condition does not hold. Two transactions that meet on one item are
    cancelled by DynamoDB with TransactionConflict; that is retried here, and never reaches the caller.
    """

    def __init__(self) -> None:
        self._writes: list[_Write] = []
        self._counters: Counter[str] = Counter()
        self._guards: dict[str, Exception] = {}

    def put(
        self,
        model: Model,
        *,
        index: dict[str, str] | None = None,
        condition: Condition | None = None,
        otherwise: Exception | None = None,
    ) -> None:
        """Write the whole item; `index` are the attributes of its lists (`Listing.index`)."""
        arguments = model.get_save_kwargs_from_instance(condition=condition)
        arguments["Item"] |= {name: {"S": value} for name, value in (index or {}).items()}
        self._writes.append(_Write("Put", arguments, otherwise))

    def put_new(self, model: Model, *, index: dict[str, str] | None = None, otherwise: Exception | None = None) -> None:
        """Write an item whose key must be free."""
        hash_key = next(key for key in model.get_attributes().values() if key.is_hash_key)
        self.put(model, index=index, condition=Path(hash_key.attr_name).does_not_exist(), otherwise=otherwise)

    def update(
        self,
        model: Model,
        actions: list[Action],
        *,
        condition: Condition | None = None,
        otherwise: Exception | None = None,
    ) -> None:
        """Change attributes of the item with the key of `model`."""
        arguments = model.get_update_kwargs_from_instance(actions=actions, condition=condition)
        self._writes.append(_Write("Update", arguments, otherwise))

    def delete(self, model: Model, *, condition: Condition | None = None, otherwise: Exception | None = None) -> None:
        """Remove the item with the key of `model`."""
        arguments = model.get_delete_kwargs_from_instance(condition=condition)
        self._writes.append(_Write("Delete", arguments, otherwise))

    def check(self, model: Model, condition: Condition, otherwise: Exception) -> None:
        """Write nothing, but hold the rest to a condition on another item."""
        arguments = model.get_delete_kwargs_from_instance(condition=condition)
        self._writes.append(_Write("ConditionCheck", arguments, otherwise))

    def claim(self, value: str, owner: str, otherwise: Exception) -> None:
        """Take a unique value, which must be free."""
        self.put_new(ClaimItem(value, owner=owner), otherwise=otherwise)

    def release(self, value: str) -> None:
        """Give a unique value back."""
        self.delete(ClaimItem(value))

    def add(self, counter: str, amount: int, *, otherwise: Exception | None = None) -> None:
        """Add to a counter. With `otherwise`, fail when the counter was sealed.

        All counters of a transaction are written to one shard number, drawn anew for each attempt: addition commutes,
        so any shard will do, and writers that met once are unlikely to meet again.
        """
        self._counters[counter] += amount
        if otherwise:
            self._guards[counter] = otherwise

    def seal(self, counter: str, otherwise: Exception) -> None:
        """Require the counter to stand at zero now, and to stay there for ever: later guarded additions fail.

        Raises `otherwise` when something is counted; Changed when it moves until the transaction is there.
        """
        shards = [f"{counter}#{shard}" for shard in range(settings().counter_shards)]
        seen = {item.key: int(item.n) for item in batch_get(CounterItem, [(shard,) for shard in shards])}
        if sum(seen.values()):
            raise otherwise
        for shard in shards:
            unchanged = (Path("n") == seen[shard]) if shard in seen else Path("key").does_not_exist()
            self.update(CounterItem(shard), [Path("sealed").set("yes")], condition=unchanged, otherwise=Changed())

    def __len__(self) -> int:
        return len(self._writes) + sum(1 for amount in self._counters.values() if amount)

    def commit(self) -> None:
        """Send the writes; raises the `otherwise` of the first write whose condition fails."""
        if not len(self):
            return
        for attempt in range(ATTEMPTS):
            writes = self._writes + self._counter_writes(random.randrange(settings().counter_shards))
            if len(writes) > MAX_WRITES:
                raise ValueError(f"a transaction of {len(writes)} writes; DynamoDB takes {MAX_WRITES}")
            try:
                client("dynamodb").transact_write_items(TransactItems=[{w.kind: w.arguments} for w in writes])
                return
            except ClientError as error:
                self._settle(error, writes)
            back_off(attempt)
        raise Unavailable("Слишком много одновременных изменений, повторите запрос")

    def _counter_writes(self, shard: int) -> list[_Write]:
        writes = []
        for counter, amount in self._counters.items():
            if not amount:
                continue
            guard = self._guards.get(counter)
            condition = Path("sealed").does_not_exist() if guard and amount > 0 else None
            arguments = CounterItem(f"{counter}#{shard}").get_update_kwargs_from_instance(
                actions=[Path("n").add(amount)], condition=condition
            )
            writes.append(_Write("Update", arguments, guard))
        return writes

    @staticmethod
    def _settle(error: ClientError, writes: list[_Write]) -> None:
        """Raise what the cancelled transaction means; return when it only has to be tried again."""
        code = error.response["Error"]["Code"]
        reasons = error.response.get("CancellationReasons", [])
        for reason, write in zip(reasons, writes, strict=False):
            if reason.get("Code") == "ConditionalCheckFailed" and write.otherwise:
                raise write.otherwise from error
        if code in RETRIED or any(reason.get("Code") in RETRIED for reason in reasons):
            return
        raise error


@contextmanager
def transaction() -> Generator[Transaction, None, None]:
    """`with transaction() as tx:` commits at the end of the block; an exception inside it writes nothing."""
    tx = Transaction()
    yield tx
    tx.commit()
