"""Reading the keys of a list's indexes: an interval of one index over all shards, in order. See listing.py."""

import heapq
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from chalicelib.core.conversion import Sort, query_request
from chalicelib.core.dynamo import IndexSpec, count_index, read_pages, table_name
from chalicelib.core.listed import LISTED, value_of
from chalicelib.core.paging import CREATED, MAX_KEY_BYTES, SEPARATOR
from chalicelib.core.settings import settings
from chalicelib.core.threads import map_in_parallel

END = "\U0010ffff"  # sorts above every character of a value or an id
KEY_PAGE = 4_000  # index keys a request: about 1 MB, DynamoDB's own limit

IndexEntry = dict[str, Any]  # an item of an index, as DynamoDB has it; `value_of` reads a field of the list


IsShown = Callable[[IndexEntry], bool]


@dataclass(frozen=True)
class Hidden:
    """Items that a list does not show: those whose field has one of `values`, read for each page. Totals that are
    counted in the index leave them out too; counters are not changed here.

    The items are deleted before their value is taken out of `values`.
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

    @property
    def sort(self) -> Sort | None:
        """The interval as a condition on the sort key; None when it is the whole index."""
        return None if (self.low, self.high) == ("", END) else ("BETWEEN", self.low or SEPARATOR, self.high)


def index_of(field: str) -> IndexSpec:
    """Return the index of a field of a list. It follows from the field alone: see listed.py."""
    return IndexSpec(f"list_{field}", "lshard", f"s_{field}", (LISTED,))


class BudgetExceeded(Exception):
    """A read needs more keys than its budget has."""


class Budget:
    """The number of keys that a read over several shards may take."""

    def __init__(self, keys: int) -> None:
        self._keys = keys
        self._pages: list[int] = []  # appended to by several threads

    def spend(self, keys: int) -> None:
        """Count the keys of a page."""
        self._pages.append(keys)

    def next_limit(self, before: int) -> int:
        """Return the next page size: twice that of the page `before`, or what is left; BudgetExceeded at the end."""
        left = self._keys - sum(self._pages)
        if left <= 0:
            raise BudgetExceeded
        return min(2 * before, left, KEY_PAGE)


class IndexReads:
    """The indexes of one list."""

    def __init__(
        self,
        name: str,
        id_field: str,
        ranges: Mapping[str, Range] | None = None,
        hidden: Hidden | None = None,
    ) -> None:
        self._name, self._id_field, self._ranges, self._hidden = name, id_field, ranges or {}, hidden

    def iterate_keys(self, interval: Interval) -> Iterator[IndexEntry]:
        """Read all keys of an interval, in no order, one shard after the other."""
        is_shown = self._is_shown()
        for shard in range(settings().listing_shards):
            yield from chain.from_iterable(self._pages_of_shard(interval, shard, KEY_PAGE, is_shown))

    def read_keys_in_parallel(self, interval: Interval) -> list[IndexEntry]:
        """Read all keys of an interval, in no order, the shards in parallel."""
        is_shown = self._is_shown()

        def read(shard: int) -> list[IndexEntry]:
            return list(chain.from_iterable(self._pages_of_shard(interval, shard, KEY_PAGE, is_shown)))

        return list(chain.from_iterable(map_in_parallel(read, range(settings().listing_shards))))

    def count(self, interval: Interval) -> int:
        """Count the keys of an interval, hidden ones too; DynamoDB counts, no key is transferred."""

        def count_shard(shard: int) -> int:
            return count_index(self._name, index_of(interval.field), str(shard), sort=interval.sort)

        return sum(map_in_parallel(count_shard, range(settings().listing_shards)))

    def _is_shown(self) -> IsShown | None:
        """Return the check whether a key is shown, by the values that are hidden now; None while all are shown."""
        if self._hidden is None:
            return None
        field, values = self._hidden.field, self._hidden.values()
        return (lambda key: value_of(key, field) not in values) if values else None

    def _pages_of_shard(
        self,
        interval: Interval,
        shard: int,
        limit: int,
        is_shown: IsShown | None,
        descending: bool = False,
        budget: Budget | None = None,
    ) -> Iterator[list[IndexEntry]]:
        """Read the pages of one shard. With a budget each page is twice as long as the one before, while it lasts.

        The page after one with more than half hidden keys is twice as long too: tens of thousands in a row may be.
        """
        index, table = index_of(interval.field), table_name(self._name)
        request = query_request(
            table, (index.hash_key, index.range_key), str(shard), index=index.name, sort=interval.sort,
            descending=descending, limit=min(limit, KEY_PAGE),
        )  # fmt: skip
        for response in read_pages(request):
            keys = [self._with_decoded(key, interval.field) for key in response["Items"]]
            if budget:
                budget.spend(len(keys))
            shown = list(filter(is_shown, keys)) if is_shown else keys
            yield shown
            if 2 * len(shown) < len(keys):
                request["Limit"] = min(2 * request["Limit"], KEY_PAGE)
            if budget and "LastEvaluatedKey" in response:
                request["Limit"] = budget.next_limit(request["Limit"])

    def in_order(
        self, interval: Interval, limit: int, descending: bool, after: str | None, budget: Budget | None = None
    ) -> Iterator[IndexEntry]:
        """Read the keys of an interval over all shards, in order, those after the sort key `after`, by pages."""
        low, high = interval.low, interval.high
        if after:
            low, high = (low, after) if descending else (after, high)
        if (low or SEPARATOR) > high or len((after or "").encode()) > MAX_KEY_BYTES:  # a cursor that no list has given
            return iter(())
        rest = Interval(interval.field, low, high)
        shards, is_shown = range(settings().listing_shards), self._is_shown()
        runs = [self._pages_of_shard(rest, shard, limit, is_shown, descending, budget) for shard in shards]
        first_pages = map_in_parallel(lambda run: next(filter(None, run), None), runs)
        filled = [chain(first, chain.from_iterable(run)) for first, run in zip(first_pages, runs, strict=True) if first]
        name = f"s_{interval.field}"
        merged = heapq.merge(*filled, key=lambda key: str(key[name]["S"]), reverse=descending)
        keys = filled[0] if len(filled) == 1 else merged
        return (key for key in keys if key[name]["S"] != after) if after else keys

    def matches(self, key: IndexEntry, filters: Mapping[str, str]) -> bool:
        """Return whether a key passes the filters, whose values are encoded."""
        return all(self._passes(key, name, value) for name, value in filters.items())

    def _passes(self, key: IndexEntry, name: str, value: str) -> bool:
        bound = self._ranges.get(name)
        own = value_of(key, bound.field if bound else name)
        if bound is None:
            return own == value
        return bool(own) and (own >= value if bound.lower else own <= value)

    def position(self, key: IndexEntry, sort_field: str) -> str:
        """Return the sort key of the item in the index of a field, whichever index the key was read from."""
        parts = [value_of(key, name) for name in (sort_field, CREATED, self._id_field)]
        return SEPARATOR.join(parts[1:] if sort_field == CREATED else parts)

    def _with_decoded(self, key: IndexEntry, name: str) -> IndexEntry:
        """Return an index item with the values decoded from its sort key."""
        value, *rest = key[f"s_{name}"]["S"].split(SEPARATOR)
        created = rest[0] if rest[1:] else value
        return {**key, name: {"S": value}, CREATED: {"S": created}, self._id_field: {"S": rest[-1]}}
