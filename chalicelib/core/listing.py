"""One engine for all lists: paging, sorting, filtering and exact totals on DynamoDB, without a Scan.

A list is a declaration: the model, the fields it can be sorted by, the fields it can be filtered by.

Index scheme. Every item carries a shard number `lshard` (a hash of its id, 0 .. LISTING_SHARDS - 1) and for each field
`f` of the list a text `s_f` = value, created_at, id, joined by U+001F, which sorts below every character a value may
have. One index per field: `by_f`, partition key `lshard`, sort key `s_f`, carrying the other fields beside the keys.
So one index serves three questions: the list sorted by `f` (whole partitions), `f` equal to a value with the newest
first (a prefix), and a range of `f` (an interval). Each is asked of all shards at once and merged.

Totals. A transaction that writes an item also moves the counters `list` and `list#f=value` of its counted fields. They
are sharded (COUNTER_SHARDS) and summed by one consistent BatchGetItem, so a total is exact right after the write.

How a page is read. The counters give the total of a list without filters, of one counted equality, and of an interval
of few counted days: the sum of their counters.
- By index, when the wanted order is that of an index over just the items that match: no filter; an equality, sorted by
  created_at or by that field; a range, sorted by its field. LISTING_SHARDS queries of `limit` keys, then one read of
  items and counters: the same at a thousand items and at a million.
- In the order of the sort, when the total T is known and another order is wanted (`shift=1`, sorted by batch_date): the
  sort's index is read in its order and filtered while it is read. N items in all, evenly mixed, need
  `wanted * N / T` keys for a page that ends at the place `wanted`; filtering in memory needs T keys. The first way is
  taken when that, with a quarter to spare, is less. Should the matches lie far apart, at the other end of the order, it
  stops after twice as many keys, or T, and the page is filtered in memory: never more than twice what that costs, and
  the same answer.
- Filtered in memory: any other combination. A total of several filters is in no counter, so all that one of them
  matches are read anyway: those of the filter that the counters say matches least. Its keys are checked against the
  other filters, sorted and cut. The cost is what that filter matches, never the table.
- An offset is counted over index keys; items are read for the page alone. A cursor is the last `s_f` of a page: the
  next page starts there, however deep.

What a write pays. One index write per field (two when the sort key changes), and one counter write per counted field:
a new batch costs 8 index writes (8 units) and 5 counter writes (10); with item, claim, event and the index of its
shift about 31 units.
Reads pay nothing for the size of the table.

Why not Scan: it costs the table for each page. Why not one index with one key value: all writers meet in one
partition, which takes 1,000 writes a second, and a filter still reads everything. Why not a search service: it
costs money at rest, lags behind the write, and must be kept in step.

Items deleted between the index and the read are left out of the page. On AWS an index lags a write by milliseconds;
totals and single reads do not. A value of null sorts below every other.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar

from pynamodb.models import Model

from chalicelib.core.answers import MAX_BODY_BYTES
from chalicelib.core.conversion import item_from
from chalicelib.core.counters import counter_keys, read_counters, sums_of
from chalicelib.core.dynamo import TABLES, IndexSpec
from chalicelib.core.index_reads import Budget, BudgetExceeded, Hidden, IndexReads, Interval, Key, Range
from chalicelib.core.list_filters import ListFilters, counter_name
from chalicelib.core.newest import Filters, Found, Stretch, look
from chalicelib.core.paging import CREATED, SEPARATOR, PageOf, PageRequest, encode, foreign_cursor
from chalicelib.core.reads import MAX_KEYS, ItemKey, Raw, read_together
from chalicelib.core.settings import settings
from chalicelib.core.transactions import Transaction

__all__ = ["LISTINGS", "Hidden", "Listing", "Range"]

KEYS_OF_PAGE = 1_000  # of a shard, while all items are read in order
SPARE_KEYS = 10  # that each shard is asked for beyond its share
MAX_TIMES_EXPECTED = 2  # so many times the keys that evenly mixed matches need; then they are not evenly mixed

M = TypeVar("M", bound=Model)
Beside = Callable[[Sequence[str]], Iterable[ItemKey]]


class Listing(Generic[M]):
    """A list of the items of a model. Makes its indexes known to the template when it is declared."""

    def __init__(
        self,
        name: str,
        model: type[M],
        *,
        id_field: str,
        sorts: Sequence[str],
        equals: Sequence[str] = (),
        ranges: Mapping[str, Range] | None = None,
        counted: Sequence[str] = (),
        hidden: Hidden | None = None,
    ) -> None:
        self.name, self.model, self.id_field = name, model, id_field
        self.sorts, self.equals, self.ranges, self.counted = tuple(sorts), tuple(equals), dict(ranges or {}), counted
        self.fields = tuple(dict.fromkeys([*sorts, *equals, *(r.field for r in self.ranges.values())]))
        self._index_names = [(field, f"s_{field}") for field in self.fields]
        self._filters = ListFilters(name, self.equals, self.ranges, counted)
        self._reads = IndexReads(name, id_field, self.ranges, hidden)
        spec = TABLES[name]
        self._key_names = [spec.hash_key] + ([spec.range_key] if spec.range_key else [])
        spec.indexes += [IndexSpec(f"by_{f}", "lshard", f"s_{f}", self._carried(f)) for f in self.fields]
        LISTINGS[name] = self

    # -- writing ------------------------------------------------------------------------------------------------

    def index(self, item: M) -> dict[str, str]:
        """The index attributes of an item, to be written with it."""
        own_id = self._id(item)
        shard = zlib.crc32(own_id.encode()) % settings().listing_shards
        last = encode(getattr(item, CREATED)) + SEPARATOR + own_id
        texts = {"lshard": str(shard)}
        for field, name in self._index_names:
            texts[name] = last if field == CREATED else encode(getattr(item, field)) + SEPARATOR + last
        return texts

    def sort_key(self, item: M, name: str, value: Any) -> str:
        """`s_f` of an item whose field `f` has (or is about to get) that value."""
        parts = [encode(value)] if name == CREATED else [encode(value), encode(getattr(item, CREATED))]
        return SEPARATOR.join([*parts, self._id(item)])

    def count(self, tx: Transaction, item: M, amount: int, **errors: Exception) -> None:
        """Count an item in (+1) or out (-1). `errors` maps a counted field to the error of a sealed counter."""
        tx.increment(self.name, amount)
        for name in self.counted:
            tx.increment(self.counter(name, getattr(item, name)), amount, error=errors.get(name))

    def recount(self, tx: Transaction, name: str, before: Any, after: Any, error: Exception | None = None) -> None:
        """Move an item from one value of a counted field to another."""
        if name in self.counted and before != after:
            tx.increment(self.counter(name, before), -1)
            tx.increment(self.counter(name, after), +1, error=error)

    def counter(self, name: str, value: Any) -> str:
        """The name of the counter of the items whose field has that value."""
        return counter_name(self.name, name, value)

    def _carried(self, name: str) -> tuple[str, ...]:
        """What an index carries beside its keys: the fields that its sort key does not tell."""
        told = {name, CREATED, self.id_field, *self._key_names}
        return tuple(field for field in self.fields if field not in told)

    def _id(self, item: M) -> str:
        return encode(getattr(item, self.id_field))

    # -- reading ------------------------------------------------------------------------------------------------

    def all_keys(self) -> Iterator[Key]:
        """Every item as its index has it, with the fields of the list, in no order: for a recount."""
        return self._reads.every(Interval(self.fields[0]))

    def page(self, request: PageRequest) -> PageOf[M]:
        """One page of the list. Raises Invalid for a cursor that is not one of this list."""
        page = self.page_raw(request)
        return page.map(lambda raw: item_from(self.model, raw))

    def page_raw(self, request: PageRequest, beside: Beside | None = None) -> PageOf[Raw]:
        """The same, with items as DynamoDB answers them.

        `beside` names items of other tables to be read in the same request, from the ids of those of the page.
        """
        after = request.position(self.name)
        counters = self._filters.counters(request.filters)
        total, keys = self._keys(request, counters, after)
        shown = keys[: request.limit]
        summed = counter_keys(counters or ()) if total is None else []
        others = list(beside([key[self.id_field]["S"] for key in shown])) if beside else []
        found, shown = self._read_items(shown, [*summed, *others])
        if total is None:
            total = sum(sums_of(found, counters or ()).values())
        there = [key for key in shown if self._item_key(key) in found]

        def cursor_after(count: int) -> str:
            return self._cursor(request, there[count - 1])

        cursor = self._cursor(request, shown[-1]) if len(shown) < len(keys) else None
        items, read_with_them = [found[self._item_key(key)] for key in there], {one: found.get(one) for one in others}
        return PageOf(items, total, request.limit, request.offset, cursor, read_with_them, cursor_after)

    def _cursor(self, request: PageRequest, key: Key) -> str:
        """The cursor of the page that starts after an item."""
        return request.next_cursor(self.name, self._reads.position(key, request.sort_field))

    def _read_items(self, keys: list[Key], others: Sequence[ItemKey]) -> tuple[dict[ItemKey, Raw], list[Key]]:
        """The items of a page and others; the keys of the page, without the last of more than an answer has room for.

        A page of more than 100 is read in portions that grow, so that a thousand large items do not fill the memory.
        """
        item_keys = [self._item_key(key) for key in keys]
        found, end, portion = read_together([*item_keys[:MAX_KEYS], *others]), MAX_KEYS, MAX_KEYS
        while end < len(keys) and sum(map(_length, found.values())) < MAX_BODY_BYTES:
            portion += MAX_KEYS
            found |= read_together(item_keys[end : end + portion])
            end += portion
        return found, keys[:end]

    def every(self, filters: Mapping[str, Any], sort_field: str = CREATED, descending: bool = False) -> Iterator[M]:
        """Yield all items that the filters match, in order: for reports and exports.

        An index is read in its order; one page of keys of each shard and 100 items are in memory, however many match.
        """
        encoded = PageRequest(sort_field=sort_field, filters=filters).encoded
        interval = self._filters.in_order(sort_field, filters, encoded)
        read = self._reads.in_order(interval, KEYS_OF_PAGE, descending, None)
        keys = (key for key in read if self._reads.matches(key, encoded))
        while chunk := [key for _, key in zip(range(MAX_KEYS), keys, strict=False)]:
            item_keys = [self._item_key(key) for key in chunk]
            found = read_together(item_keys)
            yield from (item_from(self.model, found[key]) for key in item_keys if key in found)

    def newest(self, filters: Filters, stretch: Stretch) -> Found:
        """The keys of the newest items with one of the values of each filter, no further than told; see newest.py.

        Of several filters the index of the one is read that the counters say matches least.
        """
        if len(filters) > 1 and set(filters) <= set(self.counted):
            counters = {name: [self.counter(name, value) for value in values] for name, values in filters.items()}
            sizes = read_counters({counter for names in counters.values() for counter in names})
            by_size = sorted(filters, key=lambda name: sum(sizes[counter] for counter in counters[name]))
            filters = {name: filters[name] for name in by_size}
        return look(self._reads, filters, stretch)

    def read(self, keys: Sequence[Key]) -> list[M | None]:
        """The items of these keys, in their order; None for what is not there any more."""
        item_keys = [self._item_key(key) for key in keys]
        found = read_together(item_keys)
        return [item_from(self.model, found[key]) if key in found else None for key in item_keys]

    def total(self, filters: Mapping[str, Any]) -> int:
        """How many items the filters match."""
        counters = self._filters.counters(filters)
        if counters is not None:
            return sum(read_counters(counters).values())
        encoded = PageRequest(filters=filters).encoded
        read = self._reads.every(self._filters.most_selective(filters, encoded))
        return sum(self._reads.matches(key, encoded) for key in read)

    def count_between(self, field: str, low: datetime, high: datetime) -> int:
        """How many items have a moment of a field from `low` on and before `high`; reads their keys, and no others."""
        return self._reads.count(Interval(field, encode(low), encode(high)))

    def _keys(
        self, request: PageRequest, counters: Sequence[str] | None, after: str | None
    ) -> tuple[int | None, list[Key]]:
        """How many items match, None while that is to be read from the counters; the keys of the page and one more."""
        if counters is None:
            matching = self._filtered(request)
            return len(matching), self._cut(matching, request, after)
        interval = self._filters.interval(request.sort_field, request.encoded)
        offset = 0 if after else request.offset
        if interval and not offset:
            return None, self._by_index(request, interval, after)
        sizes = read_counters({self.name, *counters})
        total = sum(sizes[name] for name in counters)
        if offset >= total:
            return total, []
        if interval:
            return total, self._by_index(request, interval, after)
        keys = self._in_sort_order(request, sizes[self.name], total, after)
        return total, self._cut(self._filtered(request), request, after) if keys is None else keys

    def _by_index(self, request: PageRequest, interval: Interval, after: str | None) -> list[Key]:
        """The keys of the page and one more, by the index that has them in order."""
        offset = 0 if after else request.offset
        wanted = offset + request.limit + 1
        page = request.limit + 1 if not offset else wanted * 5 // (settings().listing_shards * 4) + request.limit
        start = after
        if after and request.sort_field == CREATED != interval.field:
            start = interval.low + after  # of an equality: the index has its value first
        if start and not interval.low <= start <= interval.high:  # made up: it would read on beyond the filter
            raise foreign_cursor()
        keys = self._reads.in_order(interval, page, request.descending, start)
        return [key for number, key in zip(range(wanted), keys, strict=False) if number >= offset]

    def _in_sort_order(
        self, request: PageRequest, everything: int, matching: int, after: str | None
    ) -> list[Key] | None:
        """The same by the sort's index, filtered while it is read; None when filtering in memory reads less."""
        offset = 0 if after else request.offset
        wanted = min(offset + request.limit + 1, matching)
        shards = settings().listing_shards
        page = page_if_cheaper(wanted, everything, matching, shards)
        if page is None:
            return None
        budget = Budget(min(matching, MAX_TIMES_EXPECTED * page * shards))
        filters, found = request.encoded, list[Key]()
        try:
            for key in self._reads.in_order(Interval(request.sort_field), page, request.descending, after, budget):
                if self._reads.matches(key, filters):
                    found.append(key)
                    if len(found) == wanted:
                        break
        except BudgetExceeded:
            return None
        return found[offset:]

    def _filtered(self, request: PageRequest) -> list[Key]:
        """All keys that match all filters, in order; reads what the most selective filter matches."""
        filters, reads = request.encoded, self._reads
        interval = self._filters.most_selective(request.filters, filters)
        keys = [key for key in reads.all_of(interval) if reads.matches(key, filters)]
        keys.sort(key=lambda key: reads.position(key, request.sort_field), reverse=request.descending)
        return keys

    def _cut(self, keys: list[Key], request: PageRequest, after: str | None) -> list[Key]:
        if after is None:
            return keys[request.offset : request.offset + request.limit + 1]
        positions = [(self._reads.position(key, request.sort_field), key) for key in keys]
        left = [key for at, key in positions if (at < after if request.descending else at > after)]
        return left[: request.limit + 1]

    def _item_key(self, key: Key) -> ItemKey:
        """The key of the item of an index key."""
        hash_key, *rest = (key[name]["S"] for name in self._key_names)
        return self.model, hash_key, rest[0] if rest else None


def _length(item: Raw) -> int:
    """How many characters the texts of an item have: about the bytes of its JSON, or fewer."""
    return sum(len(value) for attribute in item.values() for value in attribute.values() if isinstance(value, str))


def page_if_cheaper(wanted: int, everything: int, matching: int, shards: int) -> int | None:
    """How many keys to read of each shard of the sort's index, of which `wanted` match, if that is less than reading
    all that match.
    """
    page = wanted * everything * 5 // (matching * shards * 4) + SPARE_KEYS  # a quarter more than evenly mixed ones need
    return page if page * shards < matching else None


LISTINGS: dict[str, Listing[Any]] = {}
