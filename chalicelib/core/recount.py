"""Online check and repair of what the writes count, see `make recount`.

A counter is changed in the transaction that changes what it counts, so the difference between the two is constant:
zero, or the trace of damage. Both cannot be read at one instant. Instead a comparison reads the counters, then the
items, then the counters again. Every write to a counter raises its version. Where the version is the same before and
after, nothing was counted in between, and the items were those of that version. What has moved is compared again later.

A difference is repaired when two comparisons, seconds apart, find it at the same version: an index may lag behind its
table, and a transaction becomes visible item by item. The repair adds the difference, so what is counted meanwhile is
kept, and only if nothing was counted since, so two recounts at the same time do not both add it.
"""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action
from pynamodb.models import Model

from chalicelib.core.conversion import Raw, key_names
from chalicelib.core.counters import CounterItem
from chalicelib.core.dynamo import read_pages, update_if
from chalicelib.core.listed import value_of
from chalicelib.core.listing import Listing
from chalicelib.core.logs import log
from chalicelib.core.settings import settings

MAX_ROUNDS = 6
PAUSE_SECONDS = 3.0  # between two rounds
MIN_REMAINING_MS = 60_000  # beside the time of the longest round, for another one to begin

Amounts = tuple[int, ...]
TotalsKey = tuple[str, ...]  # of a table: its hash key, and its range key if it has one


@dataclass(frozen=True)
class StoredCount:
    """What the writes have counted: amounts, and a version that changes with every write."""

    amounts: Amounts
    version: tuple[int, ...] = ()


@dataclass(frozen=True)
class Mismatch:
    """A stored count and the amounts that were counted from the items."""

    stored: StoredCount
    actual: Amounts

    def actions(self, names: Sequence[str]) -> list[Action]:
        """Return the actions that add the differences to attributes of those names, and raise the version."""
        pairs = zip(names, self.actual, self.stored.amounts, strict=True)
        return [*(Path(name).add(actual - stored) for name, actual, stored in pairs if actual != stored), _NEXT_VERSION]


_NEXT_VERSION = Path("v").add(1)


class Recountable(Protocol):
    """Stored counts that can be counted anew. `amounts` names the amounts of each."""

    title: str
    amounts: Sequence[str]

    def stored(self) -> Mapping[str, StoredCount]:
        """Read the stored counts, by name; what has no name here is zero."""

    def actual(self) -> Mapping[str, Amounts]:
        """Count the items, by name; what has no name here is zero."""

    def add(self, name: str, mismatch: Mismatch) -> bool:
        """Add the differences to a stored count; False when something was counted since they were found."""


def compare(counts: Recountable) -> tuple[dict[str, Mismatch], set[str], int]:
    """Return the mismatches by name, the names whose counts have moved meanwhile, and how many counts there are."""
    before, actual, after = counts.stored(), counts.actual(), counts.stored()
    names, zero = {*before, *actual, *after}, (0,) * len(counts.amounts)
    moved = {name for name in names if before.get(name) != after.get(name)}
    compared = {name: Mismatch(before.get(name, StoredCount(zero)), actual.get(name, zero)) for name in names - moved}
    wrong = {name: each for name, each in compared.items() if each.stored.amounts != each.actual}
    return wrong, moved, len(names)


@dataclass
class Recount:
    """The recount of one kind of counts, and what its comparisons have found."""

    counts: Recountable
    checked: int = 0
    found: dict[str, Mismatch] = field(default_factory=dict)
    moved: set[str] = field(default_factory=set)
    corrected: list[tuple[str, Mismatch]] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether another comparison is needed."""
        return bool(self.found or self.moved)

    def compare(self) -> None:
        """Compare, and correct the mismatches that the comparison before has found as well."""
        wrong, self.moved, self.checked = compare(self.counts)
        agreed = {name: mismatch for name, mismatch in wrong.items() if self.found.get(name) == mismatch}
        for name, mismatch in agreed.items():
            log.warning("recount", extra=row_of(self.counts, name, mismatch))
            if self.counts.add(name, mismatch):
                self.corrected.append((name, mismatch))
                del wrong[name]
        self.found = wrong

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield the mismatches."""
        for outcome, mismatches in (("corrected", self.corrected), ("left", self.found.items())):
            for name, mismatch in mismatches:
                yield {**row_of(self.counts, name, mismatch), "outcome": outcome}


def run_rounds(recounts: Sequence[Recount], remaining_ms: Callable[[], int]) -> None:
    """Compare and correct until nothing is open, or the rounds or the time are used up."""
    longest = 0.0
    for number in range(MAX_ROUNDS):
        waiting = [each for each in recounts if each.is_open or number == 0]
        if not waiting or (number and remaining_ms() < MIN_REMAINING_MS + 1000 * longest):
            break
        started = time.monotonic()
        if number:
            time.sleep(PAUSE_SECONDS)
        for each in waiting:
            each.compare()
        longest = max(longest, time.monotonic() - started)


def row_of(counts: Recountable, name: str, mismatch: Mismatch) -> dict[str, Any]:
    """Return a mismatch as it is printed."""
    both = mismatch.stored.amounts, mismatch.actual
    stored, actual = (dict(zip(counts.amounts, amounts, strict=True)) for amounts in both)
    return {"where": counts.title, "what": name, "kept": stored, "actual": actual}


class TotalsTable:
    """The totals in a table: items with number attributes and a version `v`.

    `count` counts anew what they stand for, by key. With `must_exist` only existing items are compared: no
    new one is made.
    """

    def __init__(
        self,
        title: str,
        model: type[Model],
        amounts: Sequence[str],
        count: Callable[[], Mapping[TotalsKey, Amounts]],
        *,
        must_exist: bool = False,
    ) -> None:
        self.title, self.amounts = title, amounts
        self._model, self._count, self._must_exist = model, count, must_exist
        self._keys = [name for name in key_names(model) if name]
        self._names: Collection[str] = ()

    def stored(self) -> dict[str, StoredCount]:
        """Read the totals, by their key."""
        found = {
            "|".join(item[name]["S"] for name in self._keys): StoredCount(
                tuple(number(item, amount) for amount in self.amounts), (number(item, "v"),)
            )
            for item in scan(self._model, (*self._keys, "v", *self.amounts))
        }
        self._names = found.keys()
        return found

    def actual(self) -> dict[str, Amounts]:
        """Count anew."""
        counted = {"|".join(key): amounts for key, amounts in self._count().items()}
        return {name: counted[name] for name in counted if name in self._names or not self._must_exist}

    def add(self, name: str, mismatch: Mismatch) -> bool:
        """Add to the item, if its version is that of the mismatch."""
        condition = _has_version(*mismatch.stored.version)
        if self._must_exist:
            condition = Path(self._keys[0]).exists() & condition
        hash_key, _, range_key = name.partition("|")
        return update_if(self._model(hash_key, range_key or None), mismatch.actions(self.amounts), condition)


class ListCounters:
    """The counters of one list: how many items it has, and how many with each value of each counted field; with
    `fields`, those of these fields only.
    """

    amounts: Sequence[str] = ("n",)

    def __init__(self, listing: Listing[Any], fields: Collection[str] | None = None) -> None:
        self.title = f"list {listing.name}"
        self._listing = listing
        self._fields, self._with_total = (listing.counted, True) if fields is None else (fields, False)

    def stored(self) -> dict[str, StoredCount]:
        """Read the sums of the shards in use; the version is that of all shards."""
        values, versions = Counter[str](), dict[str, list[int]]()
        prefixes = tuple(self._listing.counter(name, "") for name in self._fields)
        shards = settings().counter_shards
        for item in scan(CounterItem, ("key", "n", "v")):
            name, _, shard = item["key"]["S"].rpartition("#")
            is_own = name.startswith(prefixes) or (name == self._listing.name and self._with_total)
            if is_own and shard.isdecimal() and int(shard) < shards:
                values[name] += number(item, "n")
                versions.setdefault(name, [0] * shards)[int(shard)] = number(item, "v")
        return {name: StoredCount((values[name],), tuple(version)) for name, version in versions.items()}

    def actual(self) -> dict[str, Amounts]:
        """Count the entries of an index that has every item, so that a total is what the list shows."""
        found = Counter[str]()
        for key in self._listing.all_keys():
            found[self._listing.name] += self._with_total
            found.update(f"{self._listing.name}#{name}={value_of(key, name)}" for name in self._fields)
        return {name: (amount,) for name, amount in found.items()}

    def add(self, name: str, mismatch: Mismatch) -> bool:
        """Add to the first shard, if its version is that of the mismatch. A sealed counter stays sealed."""
        condition = _has_version(*mismatch.stored.version[:1])
        return update_if(CounterItem(f"{name}#0"), mismatch.actions(self.amounts), condition)


def scan(model: type[Model], attributes: Collection[str]) -> Iterator[Raw]:
    """Read attributes of every item of a table, consistently; never for a request."""
    names = {f"#{number}": name for number, name in enumerate(attributes)}
    request: dict[str, Any] = {
        "TableName": model.Meta.table_name,
        "ProjectionExpression": ", ".join(names),
        "ExpressionAttributeNames": names,
        "ConsistentRead": True,
    }
    for response in read_pages(request, "scan"):
        yield from response["Items"]


def number(item: Raw, name: str) -> int:
    """Return the value of a number attribute; 0 when the item does not have it."""
    return int(item[name]["N"]) if name in item else 0


def _has_version(version: int = 0) -> Condition:
    """Return the condition that an item has a version; one that does not exist, or has none, has version 0."""
    same: Condition = Path("v") == version
    return same if version else Path("v").does_not_exist() | same
