"""One engine for all lists: paging, sorting, filtering and totals on DynamoDB, without a Scan.

A list is a declaration: the model, the fields it can be sorted by, the fields it can be filtered by.

Index scheme. Every item has a shard number `lshard` (a hash of its id, 0 .. LISTING_SHARDS - 1) and for each field `f`
of the list a text `s_f` = value, created_at, id, joined by U+001F (`paging.SEPARATOR`).
One index per field: `list_f`, partition key `lshard`, sort key `s_f`, and beside the keys the attribute `listed`, which
has the values of all fields (listed.py). So one index serves three questions: the list sorted by `f` (whole
partitions), `f` equal to a value with the newest first (a prefix), and a range of `f` (an interval). All shards are
queried in parallel and their results merged.

Totals. A transaction that writes an item also changes the counters `list` and `list#f=value` of its counted fields. A
total that counters give is read by one consistent BatchGetItem, so it is exact right after the write. Any other total,
mostly of several filters, is the number of index keys that match.

How a page is read: list_pages.py. What a write pays: docs/performance.md. Why not a Scan: it costs the table for each
page. Why not one index with one key value: all writers would write to one partition, which takes 1,000 writes a second,
and a filter would still read everything. Why not a search service: it costs money at rest, lags behind the write, and
must be kept in step.

Items deleted between the index and the read are left out of the page. On AWS an index lags a write by milliseconds;
counters and single reads do not. A value of null sorts below every other.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Generic, TypeVar

from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action
from pynamodb.models import Model

from chalicelib.core import readiness
from chalicelib.core.answers import MAX_BODY_BYTES
from chalicelib.core.conversion import Raw, item_from
from chalicelib.core.counters import counter_keys, read_counters, sums_of
from chalicelib.core.dynamo import TABLES
from chalicelib.core.index_reads import Hidden, IndexEntry, IndexReads, Interval, Range, index_of
from chalicelib.core.list_filters import ListFilters, counter_name
from chalicelib.core.list_pages import ListPages
from chalicelib.core.listed import LISTED, ListedFields
from chalicelib.core.newest import Filters, NewestKeys, NewestRequest, find_newest
from chalicelib.core.paging import CREATED, SEPARATOR, PageOf, PageRequest, encode
from chalicelib.core.reads import MAX_KEYS, ItemKey, read_together
from chalicelib.core.settings import settings
from chalicelib.core.transactions import Transaction

__all__ = ["LISTINGS", "Hidden", "Listing", "Range"]

KEYS_PER_PAGE = 1_000  # of a shard, when all items are read in order
EVERY_LIST = 1  # the migration that every list needs

M = TypeVar("M", bound=Model)
KeysOfRelated = Callable[[Sequence[str]], Iterable[ItemKey]]  # of the items that belong to those with these ids


class Listing(Generic[M]):
    """A list of the items of a model. Its declaration adds its indexes to the table, and so to the template.

    `filled_by` has the fields that came after the first release: by which migration older items got their index. Until
    it is applied, what reads that index raises NotReady.
    """

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
        filled_by: Mapping[str, int] | None = None,
    ) -> None:
        self.name, self.model, self.id_field = name, model, id_field
        self.sorts, self.equals, self.ranges, self.counted = tuple(sorts), tuple(equals), dict(ranges or {}), counted
        self.fields = tuple(dict.fromkeys([*sorts, *equals, *(r.field for r in self.ranges.values())]))
        self.filled_by = dict(filled_by or {})
        self.newest_migration = max([EVERY_LIST, *self.filled_by.values()])
        self._index_names = [(field, f"s_{field}") for field in self.fields]
        self._filters = ListFilters(name, self.equals, self.ranges, counted)
        self.listed = ListedFields([field for field in self.fields if field not in (CREATED, id_field)])
        self._reads = IndexReads(name, id_field, self.ranges, hidden)
        self._pages = ListPages(name, self._filters, self._reads)
        spec = TABLES[name]
        self._key_names = [spec.hash_key] + ([spec.range_key] if spec.range_key else [])
        spec.indexes += map(index_of, self.fields)
        LISTINGS[name] = self

    # -- writing ------------------------------------------------------------------------------------------------

    def index(self, item: M) -> Raw:
        """Return the index attributes of an item, to be written with it."""
        last = encode(getattr(item, CREATED)) + SEPARATOR + self._id(item)
        attributes = {"lshard": {"S": self.shard(item)}, LISTED: self.listed.of(item)}
        for field, name in self._index_names:
            attributes[name] = {"S": last if field == CREATED else encode(getattr(item, field)) + SEPARATOR + last}
        return attributes

    def index_change(self, item: M, changes: Mapping[str, Any]) -> list[Action]:
        """Return the actions that change the index attributes of an item whose fields get these values.

        The condition of the write must be that the other fields of the list are as in `item`: `listed` is written
        whole, because an item of an earlier release may not have it.
        """
        changed = {name: value for name, value in changes.items() if name in self.fields}
        keys = [Path(f"s_{name}").set(self.sort_key(item, name, value)) for name, value in changed.items()]
        return [*keys, Path(LISTED).set(self.listed.of(item, changed))] if changed else []

    def shard(self, item: M) -> str:
        """Return the partition of an item in the indexes."""
        return str(zlib.crc32(self._id(item).encode()) % settings().listing_shards)

    def missing(self, raw: Raw) -> Raw:
        """Return the index attributes that an item of the table does not have as the list needs them; none for an item
        of another kind.
        """
        if not any(name in raw for _, name in self._index_names):
            return {}
        wanted = self.index(item_from(self.model, raw))
        return {name: value for name, value in wanted.items() if raw.get(name) != value and name != "lshard"}

    def is_filled_by(self, migration: int) -> bool:
        """Return whether that migration gives items of this list what an index of it needs."""
        return migration == EVERY_LIST or migration in self.filled_by.values()

    def sort_key(self, item: M, name: str, value: Any) -> str:
        """Return `s_f` of an item whose field `f` has, or is about to get, that value."""
        parts = [encode(value)] if name == CREATED else [encode(value), encode(getattr(item, CREATED))]
        return SEPARATOR.join([*parts, self._id(item)])

    def count(self, tx: Transaction, item: M, amount: int, **errors: Exception) -> None:
        """Add an item to the counters (+1) or take it out (-1); `errors`: by field, what a sealed counter raises."""
        tx.increment(self.name, amount)
        for name in self.counted:
            tx.increment(self.counter(name, getattr(item, name)), amount, error=errors.get(name))

    def count_change(self, tx: Transaction, name: str, before: Any, after: Any, error: Exception | None = None) -> None:
        """Count an item whose field changes its value: out of one counter and into the other."""
        if name in self.counted and before != after:
            tx.increment(self.counter(name, before), -1)
            tx.increment(self.counter(name, after), +1, error=error)

    def counter(self, name: str, value: Any) -> str:
        """Return the name of the counter of the items whose field has that value."""
        return counter_name(self.name, name, value)

    def _id(self, item: M) -> str:
        return encode(getattr(item, self.id_field))

    # -- reading ------------------------------------------------------------------------------------------------

    def _require_filled(self, *names: str) -> None:
        """Raise NotReady unless older items are in the indexes of these fields and filters."""
        fields = (self.ranges[name].field if name in self.ranges else name for name in names)
        readiness.require(max(self.filled_by.get(field, EVERY_LIST) for field in fields))

    def all_keys(self) -> Iterator[IndexEntry]:
        """Read the index entries of all items, with the fields of the list, in no order: for a recount."""
        return self._reads.iterate_keys(Interval(self.fields[0]))

    def page(self, request: PageRequest) -> PageOf[M]:
        """Read a page of the list; Invalid for a cursor that is not one of this list."""
        page = self.page_raw(request)
        return page.map(lambda raw: item_from(self.model, raw))

    def page_raw(self, request: PageRequest, related: KeysOfRelated | None = None) -> PageOf[Raw]:
        """Read a page of the list, its items as DynamoDB has them, and in the same request items related to them."""
        self._require_filled(request.sort_field, *request.encoded)
        after = request.position(self.name)
        counters = self._filters.counters(request.filters)
        total, keys = self._pages.read(request, counters, after)
        shown = keys[: request.limit]
        summed = counter_keys(counters or ()) if total is None else []
        others = list(related([key[self.id_field]["S"] for key in shown])) if related else []
        found, shown = self._read_items(shown, [*summed, *others])
        if total is None:
            total = sum(sums_of(found, counters or ()).values())
        existing = [key for key in shown if self._item_key(key) in found]

        def cursor_after(count: int) -> str:
            return self._cursor(request, existing[count - 1])

        cursor = self._cursor(request, shown[-1]) if len(shown) < len(keys) else None
        items = [found[self._item_key(key)] for key in existing]
        related_items = {key: found.get(key) for key in others}
        return PageOf(items, total, request.limit, request.offset, cursor, related_items, cursor_after)

    def _cursor(self, request: PageRequest, key: IndexEntry) -> str:
        """Return the cursor of the page that starts after an item."""
        return request.next_cursor(self.name, self._reads.position(key, request.sort_field))

    def _read_items(
        self, keys: list[IndexEntry], others: Sequence[ItemKey]
    ) -> tuple[dict[ItemKey, Raw], list[IndexEntry]]:
        """Read the items of a page and others; returns the keys too, without the last ones when a response is full.

        A page of more than 100 is read in growing portions, so that a thousand large items do not fill the memory.
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
        self._require_filled(sort_field, *encoded)
        interval = self._filters.interval_in_order(sort_field, filters, encoded)
        read = self._reads.in_order(interval, KEYS_PER_PAGE, descending, None)
        keys = (key for key in read if self._reads.matches(key, encoded))
        while chunk := list(islice(keys, MAX_KEYS)):
            item_keys = [self._item_key(key) for key in chunk]
            found = read_together(item_keys)
            yield from (item_from(self.model, found[key]) for key in item_keys if key in found)

    def newest(self, filters: Filters, request: NewestRequest) -> NewestKeys:
        """Read the keys of the newest items with one of the values of each filter, in a part of the list (newest.py).

        Of several filters the index of the one is read that matches least by the counters.
        """
        self._require_filled(CREATED, *filters)
        if len(filters) > 1 and set(filters) <= set(self.counted):
            counters = {name: [self.counter(name, value) for value in values] for name, values in filters.items()}
            sizes = read_counters({counter for names in counters.values() for counter in names})
            by_size = sorted(filters, key=lambda name: sum(sizes[counter] for counter in counters[name]))
            filters = {name: filters[name] for name in by_size}
        return find_newest(self._reads, filters, request)

    def read(self, keys: Sequence[IndexEntry]) -> list[M | None]:
        """Read the items of these keys, in their order; None for one that does not exist any more."""
        item_keys = [self._item_key(key) for key in keys]
        found = read_together(item_keys)
        return [item_from(self.model, found[key]) if key in found else None for key in item_keys]

    def total(self, filters: Mapping[str, Any]) -> int:
        """Count the items that the filters match."""
        self._require_filled(CREATED, *(name for name, value in filters.items() if value is not None))
        counters = self._filters.counters(filters)
        if counters is not None:
            return sum(read_counters(counters).values())
        encoded = PageRequest(filters=filters).encoded
        read = self._reads.iterate_keys(self._filters.most_selective(filters, encoded))
        return sum(self._reads.matches(key, encoded) for key in read)

    def count_between(self, field: str, low: datetime, high: datetime) -> int:
        """Count the items with a moment of a field from `low` on and before `high`; reads only their keys."""
        self._require_filled(field)
        return self._reads.count(Interval(field, encode(low), encode(high)))

    def _item_key(self, key: IndexEntry) -> ItemKey:
        """Return the key of the item of an index entry."""
        hash_key, *rest = (key[name]["S"] for name in self._key_names)
        return self.model, hash_key, rest[0] if rest else None


def _length(item: Raw) -> int:
    """Return the number of characters in the texts of an item: about the bytes of its JSON, or fewer."""
    return sum(len(value) for attribute in item.values() for value in attribute.values() if isinstance(value, str))


LISTINGS: dict[str, Listing[Any]] = {}
