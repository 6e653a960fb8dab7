"""Reads the keys of a list's indexes: an interval of one index over all shards, in order. See listing.py."""

import heapq
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.core.aws import client
from chalicelib.core.dynamo import table_name
from chalicelib.core.paging import CREATED, LONGEST_KEY, SEPARATOR, decode
from chalicelib.core.settings import settings
from chalicelib.core.threads import side_by_side

END = "\U0010ffff"  # sorts above every character of a value or an id
KEY_PAGE = 4_000  # index keys a request: about 1 MB, DynamoDB's own limit

Key = dict[str, Any]  # an item of an index, as DynamoDB answers it


Shows = Callable[[Key], bool]


@dataclass(frozen=True)
class Hidden:
    """What a list does not show although it is there: the items whose field has one of the values, read each time.

    The counters do not count them either. Whoever removes them in the end takes their value away only after them.
    """

    field: str
    values: Callable[[], Collection[str]]


@dataclass(frozen=True)
class Range:
    """A filter that bounds a field; both ends are included."""

    field: str
    lower: bool


@dataclass(frozen=True)
class Interval:
    """The entries of the index of a field whose sort key lies between two texts, both included."""

    field: str
    low: str = ""
    high: str = END


class BudgetExceeded(Exception):
    """A read needs more keys than it may."""


class Budget:
    """How many keys a read over several shards may take."""

    def __init__(self, keys: int) -> None:
        self._keys = keys
        self._pages: list[int] = []  # appended to by several threads

    def spend(self, keys: int) -> None:
        """Count the keys of a page."""
        self._pages.append(keys)

    def next_page(self, before: int) -> int:
        """How long the page after one of that length is: twice as long, or what is left; BudgetExceeded at the end."""
        left = self._keys - sum(self._pages)
        if left <= 0:
            raise BudgetExceeded
        return min(2 * before, left, KEY_PAGE)


class IndexReads:
    """The indexes of one list."""

    def __init__(self, name: str, id_field: str, ranges: Mapping[str, Range], hidden: Hidden | None) -> None:
        self._name, self._id_field, self._ranges, self._hidden = name, id_field, ranges, hidden

    def every(self, interval: Interval) -> Iterator[Key]:
        """All keys of an interval, in no order, a shard after the other."""
        shows = self._visible()
        for shard in range(settings().listing_shards):
            for page in self._of_shard(interval, shard, KEY_PAGE, shows):
                yield from page

    def _visible(self) -> Shows | None:
        """What tells the keys that are shown from those that are hidden now; None while all are shown."""
        if self._hidden is None:
            return None
        field, values = self._hidden.field, self._hidden.values()
        return (lambda key: decode(key.get(field)) not in values) if values else None

    def _of_shard(
        self,
        interval: Interval,
        shard: int,
        page: int,
        shows: Shows | None,
        descending: bool = False,
        budget: Budget | None = None,
    ) -> Iterator[list[Key]]:
        """The pages of one shard; with a budget each page is twice as long as the one before, as far as it lasts.

        So it is after a page of which more than half is hidden: there may be tens of thousands in a row.
        """
        name = interval.field
        arguments: dict[str, Any] = {
            "TableName": table_name(self._name),
            "IndexName": f"by_{name}",
            "KeyConditionExpression": "lshard = :shard",
            "ExpressionAttributeValues": {":shard": {"S": str(shard)}},
            "ScanIndexForward": not descending,
            "Limit": min(page, KEY_PAGE),
        }
        if (interval.low, interval.high) != ("", END):
            arguments["KeyConditionExpression"] += f" AND s_{name} BETWEEN :low AND :high"
            bounds = {":low": {"S": interval.low or SEPARATOR}, ":high": {"S": interval.high}}
            arguments["ExpressionAttributeValues"] |= bounds
        while True:
            answer = client("dynamodb").query(**arguments)
            if budget:
                budget.spend(len(answer["Items"]))
            keys = [self._whole(key, name) for key in answer["Items"]]
            shown = list(filter(shows, keys)) if shows else keys
            yield shown
            if "LastEvaluatedKey" not in answer:
                return
            if 2 * len(shown) < len(keys):
                arguments["Limit"] = min(2 * arguments["Limit"], KEY_PAGE)
            arguments["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
            if budget:
                arguments["Limit"] = budget.next_page(arguments["Limit"])

    def all_of(self, interval: Interval) -> list[Key]:
        """All keys of an interval, in no order."""
        shows = self._visible()
        shards = side_by_side(
            lambda shard: [key for page in self._of_shard(interval, shard, KEY_PAGE, shows) for key in page],
            range(settings().listing_shards),
        )
        return [key for shard in shards for key in shard]

    def count(self, interval: Interval) -> int:
        """How many keys an interval has, those that are hidden as well; what DynamoDB counts does not travel."""
        return sum(side_by_side(lambda shard: self._count(interval, shard), range(settings().listing_shards)))

    def _count(self, interval: Interval, shard: int) -> int:
        arguments: dict[str, Any] = {
            "TableName": table_name(self._name),
            "IndexName": f"by_{interval.field}",
            "KeyConditionExpression": f"lshard = :shard AND s_{interval.field} BETWEEN :low AND :high",
            "ExpressionAttributeValues": {
                ":shard": {"S": str(shard)}, ":low": {"S": interval.low}, ":high": {"S": interval.high},
            },
            "Select": "COUNT",
        }  # fmt: skip
        found = 0
        while True:
            answer = client("dynamodb").query(**arguments)
            found += int(answer["Count"])
            if "LastEvaluatedKey" not in answer:
                return found
            arguments["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def in_order(
        self, interval: Interval, page: int, descending: bool, after: str | None, budget: Budget | None = None
    ) -> Iterator[Key]:
        """The keys of an interval over all shards, in order, those after the sort key `after`."""
        low, high = interval.low, interval.high
        if after:
            low, high = (low, after) if descending else (after, high)
        if (low or SEPARATOR) > high or len((after or "").encode()) > LONGEST_KEY:  # a cursor that no list has given
            return iter(())
        rest = Interval(interval.field, low, high)
        shards, shows = range(settings().listing_shards), self._visible()
        runs = [self._of_shard(rest, shard, page, shows, descending, budget) for shard in shards]
        heads = side_by_side(lambda run: next(filter(None, run), None), runs)
        chained = [_chain(head, run) for head, run in zip(heads, runs, strict=True) if head]
        name = f"s_{interval.field}"
        one = len(chained) == 1
        merged = chained[0] if one else heapq.merge(*chained, key=lambda key: str(key[name]["S"]), reverse=descending)
        return (key for key in merged if key[name]["S"] != after) if after else merged

    def matches(self, key: Key, filters: Mapping[str, str]) -> bool:
        """Whether a key passes the filters, which are values as `encode` writes them."""
        for name, wanted in filters.items():
            bound = self._ranges.get(name)
            value = decode(key.get(bound.field if bound else name))
            if bound is None:
                if value != wanted:
                    return False
            elif not value or (value < wanted if bound.lower else value > wanted):
                return False
        return True

    def position(self, key: Key, sort_field: str) -> str:
        """The sort key of the item in the index of a field, whichever index the key was read from."""
        parts = [decode(key.get(sort_field)), decode(key[CREATED]), decode(key[self._id_field])]
        return SEPARATOR.join(parts[1:] if sort_field == CREATED else parts)

    def _whole(self, key: Key, name: str) -> Key:
        """An index item with the fields that are in its sort key alone."""
        value, *rest = key[f"s_{name}"]["S"].split(SEPARATOR)
        created = rest[0] if rest[1:] else value
        return {**key, name: {"S": value}, CREATED: {"S": created}, self._id_field: {"S": rest[-1]}}


def _chain(head: list[Key], run: Iterator[list[Key]]) -> Iterator[Key]:
    yield from head
    for page in run:
        yield from page
