"""What is counted held against what is there, and put right, while the system goes on working: see `make recount`.

A counter moves in the transaction that moves what it counts, so the difference between the two is constant: zero, or
the mark of some damage. To see it, both would have to be read at one instant. A look does as well: it reads the
counters, then the items, then the counters again. Every write to a counter raises its version; where the version is
the same before and after, nothing that is counted there came or went in between, and the items were those of that
version. What moved meanwhile is left to another look.

Two looks, seconds apart, must find the same difference at the same version before anything is done: an index may lag
behind its table, and of a transaction being committed one half is visible before the other. The correction adds the
difference, so what is counted meanwhile is kept; and only if nothing was counted since, so that two recounts at the
same time do not both add it.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action
from pynamodb.models import Model

from chalicelib.core.counters import CounterItem
from chalicelib.core.dynamo import read_pages, update_if
from chalicelib.core.listing import Listing
from chalicelib.core.paging import decode
from chalicelib.core.settings import settings

Amounts = tuple[int, ...]
Names = tuple[str, ...]


@dataclass(frozen=True)
class Kept:
    """What the writes keep of something: its amounts, and a version that no write leaves as it was."""

    amounts: Amounts
    version: tuple[int, ...] = ()


@dataclass(frozen=True)
class Finding:
    """Something whose kept amounts are not what is there."""

    kept: Kept
    actual: Amounts

    def actions(self, names: Sequence[str]) -> list[Action]:
        """What adds the differences to attributes of those names."""
        pairs = zip(names, self.actual, self.kept.amounts, strict=True)
        return [Path(name).add(actual - kept) for name, actual, kept in pairs if actual != kept]


class Ledger(Protocol):
    """Things that are counted. `amounts` names what is kept of each."""

    title: str
    amounts: Names

    def kept(self) -> Mapping[str, Kept]:
        """What the writes keep, by the name of the thing, now; what is not named is zero."""

    def actual(self) -> Mapping[str, Amounts]:
        """What there is, counted from the items; what is not named is zero."""

    def add(self, name: str, finding: Finding) -> bool:
        """Add the differences; False when something was counted there since it was found."""


def look(ledger: Ledger) -> tuple[dict[str, Finding], set[str], int]:
    """What differs, what cannot be told because it moved, and how many there are to be looked at."""
    before, actual, after = ledger.kept(), ledger.actual(), ledger.kept()
    names, nothing = {*before, *actual, *after}, (0,) * len(ledger.amounts)
    moved = {name for name in names if before.get(name) != after.get(name)}
    findings = {name: Finding(before.get(name, Kept(nothing)), actual.get(name, nothing)) for name in names - moved}
    wrong = {name: finding for name, finding in findings.items() if finding.kept.amounts != finding.actual}
    return wrong, moved, len(names)


def scan(model: type[Model], attributes: Collection[str]) -> Iterator[dict[str, Any]]:
    """Attributes of every item of a table, read consistently; never for a request."""
    names = {f"#{number}": name for number, name in enumerate(attributes)}
    arguments: dict[str, Any] = {
        "TableName": model.Meta.table_name,
        "ProjectionExpression": ", ".join(names),
        "ExpressionAttributeNames": names,
        "ConsistentRead": True,
    }
    for response in read_pages(arguments, "scan"):
        yield from response["Items"]


def number(item: Mapping[str, Any], name: str) -> int:
    """A number attribute as DynamoDB answers it; 0 when it is not there."""
    return int(item[name]["N"]) if name in item else 0


def at_version(version: int) -> Condition:
    """The item is as it was at that version; one that is not there, or was written before versions were, has 0."""
    known: Condition = Path("v") == version
    return known if version else Path("v").does_not_exist() | known


class ListingLedger:
    """The counters of one list: how many items there are, and how many with each value of each counted field."""

    amounts: Names = ("n",)

    def __init__(self, listing: Listing[Any]) -> None:
        self.title = f"list {listing.name}"
        self._listing = listing

    def kept(self) -> dict[str, Kept]:
        """The sums of the shards in use; the version is that of every one of them."""
        values, versions = Counter[str](), dict[str, list[int]]()
        prefixes = tuple(self._listing.counter(name, "") for name in self._listing.counted)
        shards = settings().counter_shards
        for item in scan(CounterItem, ("key", "n", "v")):
            name, _, shard = item["key"]["S"].rpartition("#")
            own = name == self._listing.name or name.startswith(prefixes)
            if own and shard.isdecimal() and int(shard) < shards:
                values[name] += number(item, "n")
                versions.setdefault(name, [0] * shards)[int(shard)] = number(item, "v")
        return {name: Kept((values[name],), tuple(version)) for name, version in versions.items()}

    def actual(self) -> dict[str, Amounts]:
        """As the lists find them: read from an index, which has all that is counted."""
        found = Counter[str]()
        for key in self._listing.all_keys():
            found[self._listing.name] += 1
            found.update(f"{self._listing.name}#{name}={decode(key.get(name))}" for name in self._listing.counted)
        return {name: (amount,) for name, amount in found.items()}

    def add(self, name: str, finding: Finding) -> bool:
        """Into the first shard, unless somebody wrote there: another recount would. A sealed counter stays sealed."""
        version = finding.kept.version[0] if finding.kept.version else 0
        actions = [*finding.actions(self.amounts), Path("v").add(1)]
        return update_if(CounterItem(f"{name}#0"), actions, at_version(version))
