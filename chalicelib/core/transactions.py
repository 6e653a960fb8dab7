"""Transactions that carry their own errors.

A `Transaction` collects the writes of one use case. Each write may name the error to raise when its condition fails, so
a service reads as a list of facts that must hold. Counters are not written to a fixed key: see `Transaction.increment`.
"""

import random
from collections import Counter
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action
from pynamodb.models import Model

from chalicelib.core import clock, conditional, guards, ids
from chalicelib.core.aws import client
from chalicelib.core.dynamo import ClaimItem, CounterItem, batch_get, table_name
from chalicelib.core.errors import Conflict
from chalicelib.core.items import Rendered, absent, as_item, condition_arguments, key_of, new_item
from chalicelib.core.repeats import CANCELLED, Repeats, back_off, code_of
from chalicelib.core.retries import USE_CASE
from chalicelib.core.settings import settings

MAX_WRITES = 100  # of one TransactWriteItems call

P = ParamSpec("P")
R = TypeVar("R")


class Changed(Conflict):
    """What was read has been changed by somebody else before it was written: read again, decide again."""

    default_message = "Данные изменены другим запросом, повторите запрос"
    temporary = True


def optimistic(use_case: Callable[P, R]) -> Callable[P, R]:
    """Run a use case again, from its first read, when it raises Changed; the client sees it only after 12 attempts."""

    @wraps(use_case)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        position = ids.position()
        for attempt in range(USE_CASE.max_attempts):
            ids.go_back(position)
            try:
                return use_case(*args, **kwargs)
            except Changed:
                if attempt + 1 == USE_CASE.max_attempts:
                    raise
                back_off(attempt)
        raise AssertionError("unreachable")

    return run


@dataclass
class _Write:
    kind: str  # Put, Update, Delete, ConditionCheck
    arguments: dict[str, Any]
    error: Exception | None
    is_named: bool = False  # makes an item under an id of the request's Idempotency-Key


class Transaction:
    """The writes of one use case: all of them happen, or none.

    A write's `error` is raised when its condition does not hold. Two transactions that meet on one item are
    cancelled by DynamoDB with TransactionConflict; that is retried here, and never reaches the caller.
    """

    def __init__(self) -> None:
        self._writes: list[_Write] = []
        self._counters: Counter[str] = Counter()
        self._guards: dict[str, Exception] = {}
        self._tallies: dict[tuple[Any, ...], tuple[Model, Counter[str]]] = {}
        self._place: tuple[datetime, int] | None = None

    def next_place(self) -> tuple[datetime, int]:
        """A moment and a number that sort what is written here, also when the clock stands still or goes back."""
        moment, number = self._place or (clock.now(), -1)
        self._place = max(moment, clock.now()), number + 1
        return self._place

    def put(
        self,
        model: Model,
        *,
        index: dict[str, str] | None = None,
        condition: Condition | Rendered | None = None,
        error: Exception | None = None,
    ) -> None:
        """Write the whole item; `index` are further texts of it, mostly those of its lists (`Listing.index`)."""
        rendered = condition_arguments(condition) if isinstance(condition, Condition) else condition
        self._put(model, index, rendered or {}, error)

    def put_new(self, model: Model, *, index: dict[str, str] | None = None, error: Exception | None = None) -> None:
        """Write an item whose key must be free."""
        self._put(model, index, absent(type(model)), error)
        if names := ids.current():
            self._writes[-1].is_named = any(names.has_drawn(value["S"]) for value in key_of(model).values())

    def note_made(self, what: str) -> None:
        """Note what a request with an Idempotency-Key makes, for a repetition to find (`ids.made_before`)."""
        if names := ids.current():
            arguments: dict[str, Any] = {
                "TableName": table_name("idempotency"),
                "Key": {"id": {"S": names.key}},
                "UpdateExpression": "SET made = :what",
                "ExpressionAttributeValues": {":what": {"S": what}},
            }
            self._writes.append(_Write("Update", arguments, None))

    def _put(self, model: Model, index: dict[str, str] | None, condition: Rendered, error: Exception | None) -> None:
        item = as_item(model)
        for name, value in (index or {}).items():
            item[name] = {"S": value}
        self._writes.append(_Write("Put", {"TableName": model.Meta.table_name, "Item": item, **condition}, error))

    def update(
        self,
        model: Model,
        actions: list[Action],
        *,
        condition: Condition | None = None,
        error: Exception | None = None,
    ) -> None:
        """Change attributes of the item with the key of `model`."""
        arguments = model.get_update_kwargs_from_instance(actions=actions, condition=condition)
        self._writes.append(_Write("Update", arguments, error))

    def set_texts(self, model: Model, texts: Mapping[str, str]) -> None:
        """Set texts of the item with the key of `model`. Names go by number: equal counts make equal expressions."""
        places = range(len(texts))
        arguments: dict[str, Any] = {
            "TableName": model.Meta.table_name,
            "Key": key_of(model),
            "UpdateExpression": "SET " + ", ".join(f"#{place} = :{place}" for place in places),
            "ExpressionAttributeNames": {f"#{place}": name for place, name in enumerate(texts)},
            "ExpressionAttributeValues": {f":{place}": {"S": text} for place, text in enumerate(texts.values())},
        }
        self._writes.append(_Write("Update", arguments, None))

    def delete(self, model: Model, *, condition: Condition | None = None, error: Exception | None = None) -> None:
        """Remove the item with the key of `model`."""
        arguments = model.get_delete_kwargs_from_instance(condition=condition)
        self._writes.append(_Write("Delete", arguments, error))

    def require(self, model: Model, condition: Condition, error: Exception) -> None:
        """Write nothing, but only while the item with the key of `model` is so."""
        arguments = model.get_delete_kwargs_from_instance(condition=condition)
        self._writes.append(_Write("ConditionCheck", arguments, error))

    def claim(self, value: str, owner: str, error: Exception) -> None:
        """Take a unique value, which must be free."""
        self.put_new(new_item(ClaimItem, key=value, owner=owner), error=error)

    def release(self, value: str) -> None:
        """Give a unique value back."""
        self.delete(ClaimItem(value))

    def increment(self, counter: str, amount: int, *, error: Exception | None = None) -> None:
        """Add to a counter. With `error`, fail when the counter was sealed.

        All counters of a transaction are written to one shard number, drawn anew for each attempt: addition commutes,
        so any shard will do, and writers that met once are unlikely to meet again. `v` grows with every write, which
        tells a recount whether anything was counted meanwhile (recount.py).
        """
        self._counters[counter] += amount
        if error:
            self._guards[counter] = error

    def tally(self, item: Model, **amounts: int) -> None:
        """Add to number attributes of the item with the key of `item`; several additions to one item become one."""
        key = (type(item), *(value["S"] for value in key_of(item).values()))
        self._tallies.setdefault(key, (item, Counter()))[1].update(amounts)

    def seal(self, counter: str, error: Exception) -> None:
        """Require the counter to stand at zero now, and to stay there for ever: later guarded additions fail.

        Raises `error` when something is counted; Changed when it moves until the transaction is there.
        """
        shards = [f"{counter}#{shard}" for shard in range(settings().counter_shards)]
        seen = {item.key: int(item.n) for item in batch_get(CounterItem, [(shard,) for shard in shards])}
        if sum(seen.values()):
            raise error
        for shard in shards:
            unchanged = (Path("n") == seen[shard]) if shard in seen else Path("key").does_not_exist()
            self.update(CounterItem(shard), [Path("sealed").set("yes")], condition=unchanged, error=Changed())

    def close(self, counter: str) -> None:
        """Let a counter only fall from now on: later guarded additions fail, whatever is counted there."""
        for shard in range(settings().counter_shards):
            self.update(CounterItem(f"{counter}#{shard}"), [Path("sealed").set("yes")])

    def absorb(self, other: "Transaction") -> bool:
        """Take in all writes of another transaction; False, and none of them, when there is no room for them."""
        sums = len(self._counters.keys() | other._counters) + len(self._tallies.keys() | other._tallies)
        if len(self._writes) + len(other._writes) + sums > MAX_WRITES:
            return False
        self._writes += other._writes
        self._counters.update(other._counters)
        self._guards |= other._guards
        for item, amounts in other._tallies.values():
            self.tally(item, **amounts)
        return True

    def __len__(self) -> int:
        sums = sum(1 for amount in self._counters.values() if amount)
        return len(self._writes) + sums + sum(1 for _, amounts in self._tallies.values() if any(amounts.values()))

    def commit(self) -> None:
        """Send the writes; raises the `error` of the first write whose condition fails."""
        if not len(self):
            return
        own, wins = self._guarded_writes()
        own += self._tally_writes()
        repeats, writes, token = Repeats(), self._drawn(own), str(uuid4())
        while True:
            try:
                items = [{write.kind: write.arguments} for write in writes]
                client("dynamodb").transact_write_items(TransactItems=items, ClientRequestToken=token)
            except (ClientError, BotoCoreError) as error:
                failed = _failed(error, writes)
                if any(write.is_named for write in failed):
                    return  # a run of the same request that was killed has written it
                self._raise_refusal(error, failed)
                repeats.wait(error)
                if code_of(error) == CANCELLED:  # nothing was written; after any other failure it may have been
                    writes, token = self._drawn(own), str(uuid4())
            else:
                break
        guards.confirm()
        if wins:
            conditional.release()

    def _drawn(self, own: list[_Write]) -> list[_Write]:
        """All writes, with those of counters to a shard that is drawn."""
        writes = own + self._counter_writes(random.randrange(settings().counter_shards))
        if len(writes) > MAX_WRITES:
            raise ValueError(f"a transaction of {len(writes)} writes; DynamoDB takes {MAX_WRITES}")
        return writes

    def _guarded_writes(self) -> tuple[list[_Write], bool]:
        """The writes, on the conditions of a conditional request; whether they change the thing that it is about."""
        if conditional.current() is None:
            return list(self._writes), False
        writes, covered, wins = list[_Write](), set[conditional.Key](), False
        for write in self._writes:
            arguments, key = guards.added(write.arguments)
            writes.append(_Write(write.kind, arguments, write.error, write.is_named))
            if key:
                covered.add(key)
                wins = wins or write.kind != "ConditionCheck"
        writes += [_Write("ConditionCheck", check, conditional.Outdated()) for check in guards.checks(covered)]
        return writes, wins

    def _counter_writes(self, shard: int) -> list[_Write]:
        """Written out: through the model these, the most frequent writes of all, are a third of what a change costs."""
        writes = []
        for counter, amount in self._counters.items():
            if not amount:
                continue
            guard = self._guards.get(counter)
            arguments: dict[str, Any] = {
                "TableName": table_name("counters"),
                "Key": {"key": {"S": f"{counter}#{shard}"}},
                "UpdateExpression": "ADD n :amount, v :one",
                "ExpressionAttributeValues": {":amount": {"N": str(amount)}, ":one": {"N": "1"}},
            }
            if guard and amount > 0:
                arguments["ConditionExpression"] = "attribute_not_exists(sealed)"
            writes.append(_Write("Update", arguments, guard))
        return writes

    def _tally_writes(self) -> list[_Write]:
        writes = []
        for item, amounts in self._tallies.values():
            added = {name: amount for name, amount in amounts.items() if amount}
            if added:
                added["v"] = 1
                arguments: dict[str, Any] = {
                    "TableName": item.Meta.table_name,
                    "Key": key_of(item),
                    "UpdateExpression": "ADD " + ", ".join(f"#{name} :{name}" for name in added),
                    "ExpressionAttributeNames": {f"#{name}": name for name in added},
                    "ExpressionAttributeValues": {f":{name}": {"N": str(amount)} for name, amount in added.items()},
                }
                writes.append(_Write("Update", arguments, None))
        return writes

    @staticmethod
    def _raise_refusal(error: Exception, failed: list[_Write]) -> None:
        """Raise what a cancelled transaction means, if a condition does not hold."""
        if failed:
            guards.check()
        for write in failed:
            if write.error:
                raise write.error from error


def _failed(error: Exception, writes: list[_Write]) -> list[_Write]:
    """The writes whose condition does not hold."""
    reasons = error.response.get("CancellationReasons", []) if isinstance(error, ClientError) else []
    pairs = zip(writes, reasons, strict=False)
    return [write for write, reason in pairs if reason.get("Code") == "ConditionalCheckFailed"]


@contextmanager
def transaction() -> Generator[Transaction, None, None]:
    """`with transaction() as tx:` commits at the end of the block; an exception inside it writes nothing."""
    tx = Transaction()
    yield tx
    tx.commit()
