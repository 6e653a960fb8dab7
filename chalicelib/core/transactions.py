"""Transactions of the writes of one use case."""

import random
from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
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
from chalicelib.core.conversion import (
    Arguments,
    Raw,
    RenderedCondition,
    add_request,
    delete_request,
    key_is_free,
    key_of,
    new_item,
    put_request,
    rendered,
    set_request,
    update_request,
)
from chalicelib.core.counters import CounterItem, shards_of
from chalicelib.core.dynamo import ClaimItem, RequestKeyItem, batch_get, read_again
from chalicelib.core.errors import Conflict
from chalicelib.core.repeats import CANCELLED, Repeats, back_off, code_of
from chalicelib.core.retries import USE_CASE
from chalicelib.core.settings import settings

MAX_WRITES = 100  # of one TransactWriteItems call

P = ParamSpec("P")
R = TypeVar("R")


class Changed(Conflict):
    """An item was changed by another request between its read and its write: read and decide again."""

    default_message = "Данные изменены другим запросом, повторите запрос"
    temporary = True


def optimistic(use_case: Callable[P, R]) -> Callable[P, R]:
    """Run a use case again from its first read when it raises Changed, as often as `USE_CASE` says."""

    @wraps(use_case)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        position = ids.position()
        for attempt in range(USE_CASE.max_attempts - 1):
            try:
                return use_case(*args, **kwargs)
            except Changed:
                back_off(attempt)
                ids.rewind(position)
        return use_case(*args, **kwargs)

    return run


@dataclass
class _Write:
    kind: str  # Put, Update, Delete, ConditionCheck
    request: Arguments
    error: Exception | None = None
    makes: Model | None = None  # the item that it makes under an id of the request's Idempotency-Key


class Transaction:
    """The writes of one use case: all of them happen, or none.

    A write may name an `error`, which `commit` raises when the condition of that write fails. A transaction that was
    cancelled because another one was writing an item (TransactionConflict) is sent again.
    """

    def __init__(self) -> None:
        self._writes: list[_Write] = []
        self._counters: Counter[str] = Counter()
        self._guards: dict[str, Exception] = {}
        self._sums: dict[tuple[Any, ...], tuple[Model, Counter[str]]] = {}
        self._notes: dict[str, str] = {}  # with the request's Idempotency-Key
        self._sort_position: tuple[datetime, int] | None = None

    def next_sort_position(self) -> tuple[datetime, int]:
        """Return a moment and a number that sort after those before, also when the clock stands still or goes back."""
        moment, number = self._sort_position or (clock.now(), -1)
        self._sort_position = max(moment, clock.now()), number + 1
        return self._sort_position

    def put(
        self,
        item: Model,
        *,
        index: Raw | None = None,
        condition: Condition | RenderedCondition | None = None,
        error: Exception | None = None,
    ) -> None:
        """Write a whole item; `index` are further attributes of it, mostly those of its list (`Listing.index`)."""
        only_if = rendered(condition) if isinstance(condition, Condition) else condition or {}
        self._writes.append(_Write("Put", put_request(item, only_if, index), error))

    def put_new(self, item: Model, *, index: Raw | None = None, error: Exception | None = None) -> None:
        """Write an item whose key must be free."""
        self.put(item, index=index, condition=key_is_free(type(item)), error=error)
        if (request_ids := ids.current()) and any(request_ids.has_drawn(key["S"]) for key in key_of(item).values()):
            self._writes[-1].makes = item

    def note_made(self, what: str) -> None:
        """Note what a request with an Idempotency-Key makes; a repetition reads it with `ids.made_before`."""
        self._notes["made"] = what

    def update(
        self,
        item: Model,
        actions: Sequence[Action],
        *,
        condition: Condition | None = None,
        error: Exception | None = None,
    ) -> None:
        """Change attributes of the item with the key of `item`."""
        self._writes.append(_Write("Update", update_request(item, actions, condition), error))

    def set_texts(self, item: Model, texts: Mapping[str, str]) -> None:
        """Set text attributes of the item with the key of `item`."""
        self._writes.append(_Write("Update", set_request(item, texts)))

    def delete(self, item: Model, *, condition: Condition | None = None, error: Exception | None = None) -> None:
        """Delete the item with the key of `item`."""
        self._writes.append(_Write("Delete", delete_request(item, condition), error))

    def require(self, item: Model, condition: Condition, error: Exception) -> None:
        """Write nothing; `error` unless the condition holds for the item with the key of `item`."""
        self._writes.append(_Write("ConditionCheck", delete_request(item, condition), error))

    def claim(self, value: str, owner: str, error: Exception) -> None:
        """Take a unique value, which must be free."""
        self.put_new(new_item(ClaimItem, key=value, owner=owner), error=error)

    def release(self, value: str) -> None:
        """Make a unique value free again."""
        self.delete(ClaimItem(value))

    def increment(self, counter: str, amount: int, *, error: Exception | None = None) -> None:
        """Add to a counter. With `error`, fail when the counter is sealed.

        All counters of a transaction are written to one shard, drawn anew for each attempt: additions commute, so any
        shard will do, and two writers that met once seldom meet again.
        """
        self._counters[counter] += amount
        if error:
            self._guards[counter] = error

    def add_amounts(self, item: Model, **amounts: int) -> None:
        """Add to number attributes of the item with the key of `item`; all additions to one item become one write."""
        key = (type(item), *(value["S"] for value in key_of(item).values()))
        self._sums.setdefault(key, (item, Counter()))[1].update(amounts)

    def seal(self, counter: str, error: Exception) -> None:
        """Require that the counter is zero, and keep it there for ever: later guarded additions fail.

        `error` when something is counted; Changed when the counter moves before the commit.
        """
        shards = shards_of(counter)
        seen = {item.key: int(item.n) for item in batch_get(CounterItem, [(shard,) for shard in shards])}
        if sum(seen.values()):
            raise error
        for shard in shards:
            unchanged = (Path("n") == seen[shard]) if shard in seen else Path("key").does_not_exist()
            self.update(CounterItem(shard), [Path("sealed").set("yes")], condition=unchanged, error=Changed())

    def close(self, counter: str) -> None:
        """Let a counter only fall from now on: later guarded additions fail, whatever is counted."""
        for shard in shards_of(counter):
            self.update(CounterItem(shard), [Path("sealed").set("yes")])

    def absorb(self, other: "Transaction") -> bool:
        """Take in all writes of another transaction; False, and none of them, when there is no room for them."""
        sums = len(self._counters.keys() | other._counters) + len(self._sums.keys() | other._sums)
        if len(self._writes) + len(other._writes) + sums + bool(self._notes | other._notes) > MAX_WRITES:
            return False
        self._writes += other._writes
        self._counters.update(other._counters)
        self._guards |= other._guards
        self._notes |= other._notes
        for item, amounts in other._sums.values():
            self.add_amounts(item, **amounts)
        return True

    def __len__(self) -> int:
        sums = [*self._counters.values(), *(any(amounts.values()) for _, amounts in self._sums.values())]
        count = len(self._writes) + sum(map(bool, sums))
        return count + bool(count and self._notes)  # notes are one write, which is not sent alone

    def commit(self) -> None:
        """Send the writes; raises the `error` of the first write whose condition fails."""
        if not len(self):
            return
        own = self._guarded_writes() + self._sum_writes()
        repeats, writes, token = Repeats(), self._with_counters(own), str(uuid4())
        while error := _send(writes, token):
            failed = _failed(error, writes)
            if made := [write.makes for write in failed if write.makes]:
                read_again(made)  # an earlier run of the same request, which was killed, has written them
                return
            _raise_refusal(error, failed)
            repeats.wait(error)
            if code_of(error) == CANCELLED:  # nothing was written; after any other failure it may have been
                writes, token = self._with_counters(own), str(uuid4())
        guards.confirm()
        if "changed" in self._notes:
            conditional.release()

    def _with_counters(self, own: list[_Write]) -> list[_Write]:
        """Return all writes, those of counters to a shard that is drawn."""
        writes = own + self._counter_writes(random.randrange(settings().counter_shards))
        if len(writes) > MAX_WRITES:
            raise ValueError(f"a transaction of {len(writes)} writes; DynamoDB takes {MAX_WRITES}")
        return writes

    def _guarded_writes(self) -> list[_Write]:
        """Return the writes with the conditions of a conditional request; notes whether they change its snapshot."""
        if conditional.current() is None:
            return list(self._writes)
        writes, covered = list[_Write](), set[conditional.ItemKey]()
        for write in self._writes:
            request, key = guards.with_condition(write.request)
            writes.append(replace(write, request=request))
            if key:
                covered.add(key)
                if write.kind != "ConditionCheck":
                    self._notes["changed"] = "yes"
        writes += [_Write("ConditionCheck", one, conditional.Outdated()) for one in guards.condition_checks(covered)]
        return writes

    def _counter_writes(self, shard: int) -> list[_Write]:
        """Return the writes of counters; `v` grows with each, which shows a recount that something was counted."""
        writes = []
        for counter, amount in self._counters.items():
            if amount:
                guard = self._guards.get(counter)
                condition = "attribute_not_exists(sealed)" if guard and amount > 0 else None
                item = new_item(CounterItem, key=f"{counter}#{shard}")
                writes.append(_Write("Update", add_request(item, {"n": amount, "v": 1}, condition), guard))
        return writes

    def _sum_writes(self) -> list[_Write]:
        """Return the additions to number attributes, `v` as for counters, and the notes for a repetition."""
        request_ids, writes = ids.current(), list[_Write]()
        if request_ids and self._notes:
            writes.append(_Write("Update", set_request(RequestKeyItem(request_ids.key), self._notes)))
        for item, amounts in self._sums.values():
            if added := {name: amount for name, amount in amounts.items() if amount}:
                writes.append(_Write("Update", add_request(item, {**added, "v": 1})))
        return writes


def _send(writes: list[_Write], token: str) -> ClientError | BotoCoreError | None:
    """Send a transaction; returns what went wrong."""
    items = [{write.kind: write.request} for write in writes]
    try:
        client("dynamodb").transact_write_items(TransactItems=items, ClientRequestToken=token)
    except (ClientError, BotoCoreError) as error:
        return error
    return None


def _failed(error: Exception, writes: list[_Write]) -> list[_Write]:
    """Return the writes whose condition does not hold."""
    reasons = error.response.get("CancellationReasons", []) if isinstance(error, ClientError) else []
    pairs = zip(writes, reasons, strict=False)
    return [write for write, reason in pairs if reason.get("Code") == "ConditionalCheckFailed"]


def _raise_refusal(error: Exception, failed: list[_Write]) -> None:
    """Raise the error of the first failed write that has one; Outdated when the snapshot of the request is."""
    if failed:
        guards.assert_unchanged()
    for write in failed:
        if write.error:
            raise write.error from error


@contextmanager
def transaction() -> Generator[Transaction, None, None]:
    """Commit the transaction at the end of the `with` block; an exception inside it writes nothing."""
    tx = Transaction()
    yield tx
    tx.commit()
