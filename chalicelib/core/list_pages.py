"""Which keys a page of a list has, and how many items match its filters.

The counters give the total of a list without filters, of one counted equality, and of an interval of few counted days:
the sum of their counters. Other totals are counted in the index. A page is read in one of three ways.

- By index, when the wanted order is that of an index over just the items that match: no filter; an equality, sorted by
  created_at or by that field; a range, sorted by its field. LISTING_SHARDS queries of `limit` keys, then one read of
  items and counters: the same at a thousand items and at a million.
- In the order of the sort, when the total T is known and another order is wanted (`shift=1`, sorted by batch_date): the
  sort's index is read in its order and filtered while it is read. Of N items, evenly mixed, a page that ends at the
  place P needs `P * N / T` keys; filtering in memory needs T keys. This way is taken when that, with a quarter to
  spare, is less. If the matches lie far apart, at the other end of the order, it stops after twice as many keys, or T,
  and the page is filtered in memory: at most twice the cost, and the same result.
- Filtered in memory: any other combination. A total of several filters is in no counter, so all keys that one of them
  matches are read anyway: those of the filter that matches least by the counters. They are checked against the other
  filters, sorted and cut. The cost is what that filter matches, never the table.

An offset is counted over index keys; items are read for the page alone. A cursor is the last `s_f` of a page: the next
page starts there, however deep.
"""

from collections.abc import Sequence
from itertools import islice

from chalicelib.core.counters import read_counters
from chalicelib.core.index_reads import Budget, BudgetExceeded, IndexEntry, IndexReads, Interval
from chalicelib.core.list_filters import ListFilters
from chalicelib.core.paging import CREATED, PageRequest, foreign_cursor
from chalicelib.core.settings import settings

SPARE_KEYS = 10  # that each shard is asked for beyond its share
MAX_TIMES_EXPECTED = 2  # so many times the keys that evenly mixed matches need; then they are not evenly mixed


class ListPages:
    """The pages of one list, as keys of its indexes."""

    def __init__(self, name: str, filters: ListFilters, reads: IndexReads) -> None:
        self._name, self._filters, self._reads = name, filters, reads

    def read(
        self, request: PageRequest, counters: Sequence[str] | None, after: str | None
    ) -> tuple[int | None, list[IndexEntry]]:
        """Return how many items match, None while the counters have to be read; the keys of the page and one more.

        `counters` are those of the total, None when no counters have it; `after` is the sort key of the cursor.
        """
        if counters is None:
            return self._page_by_filter(request, after)
        interval = self._filters.interval(request.sort_field, request.encoded)
        offset = 0 if after else request.offset
        if interval and not offset:
            return None, self._page_by_index(request, interval, after)
        sizes = read_counters({self._name, *counters})
        total = sum(sizes[name] for name in counters)
        if offset >= total:
            return total, []
        if interval:
            return total, self._page_by_index(request, interval, after)
        keys = self._page_in_sort_order(request, sizes[self._name], total, after)
        return total, self._page_by_filter(request, after)[1] if keys is None else keys

    def _page_by_index(self, request: PageRequest, interval: Interval, after: str | None) -> list[IndexEntry]:
        """Read the keys of a page and one more by the index that has them in order."""
        offset = 0 if after else request.offset
        end = offset + request.limit + 1
        limit = request.limit + 1 if not offset else end * 5 // (settings().listing_shards * 4) + request.limit
        start = after
        if after and request.sort_field == CREATED != interval.field:
            start = interval.low + after  # of an equality: the index has its value first
        if start and not interval.low <= start <= interval.high:  # made up: it would read on beyond the filter
            raise foreign_cursor()
        return list(islice(self._reads.in_order(interval, limit, request.descending, start), offset, end))

    def _page_in_sort_order(
        self, request: PageRequest, everything: int, matching: int, after: str | None
    ) -> list[IndexEntry] | None:
        """Read them by the sort's index, filtered while it is read; None when filtering in memory reads less."""
        offset = 0 if after else request.offset
        end = min(offset + request.limit + 1, matching)
        shards = settings().listing_shards
        limit = keys_per_shard_if_cheaper(end, everything, matching, shards)
        if limit is None:
            return None
        budget = Budget(min(matching, MAX_TIMES_EXPECTED * limit * shards))
        keys = self._reads.in_order(Interval(request.sort_field), limit, request.descending, after, budget)
        filters = request.encoded
        try:
            return list(islice((key for key in keys if self._reads.matches(key, filters)), offset, end))
        except BudgetExceeded:
            return None

    def _page_by_filter(self, request: PageRequest, after: str | None) -> tuple[int, list[IndexEntry]]:
        """Read all keys of the most selective filter, check, sort and cut them; returns how many match as well."""
        filters, reads = request.encoded, self._reads
        interval = self._filters.most_selective(request.filters, filters)
        found = (key for key in reads.read_keys_in_parallel(interval) if reads.matches(key, filters))
        keys = [(reads.position(key, request.sort_field), key) for key in found]
        keys.sort(key=lambda pair: pair[0], reverse=request.descending)
        total, offset = len(keys), request.offset
        if after is not None:
            keys, offset = [pair for pair in keys if (pair[0] < after if request.descending else pair[0] > after)], 0
        return total, [key for _, key in keys[offset : offset + request.limit + 1]]


def keys_per_shard_if_cheaper(end: int, everything: int, matching: int, shards: int) -> int | None:
    """Return how many keys to read of each shard of the sort's index, of which `end` match; None unless that is less
    than reading all that match.
    """
    limit = end * everything * 5 // (matching * shards * 4) + SPARE_KEYS  # a quarter more than evenly mixed ones need
    return limit if limit * shards < matching else None
