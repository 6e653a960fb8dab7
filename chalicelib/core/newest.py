"""The newest entries of a list that pass filters, read from one index within limits, for merging several lists.

The first filter is answered by its index, which has the entries of a value newest first. The keys of that index are
checked against the other filters. So a search costs no more than its limits allow, whatever the filters match, and its
result says how far it has read.
"""

import heapq
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from chalicelib.core.index_reads import END, IndexEntry, IndexReads, Interval
from chalicelib.core.listed import value_of
from chalicelib.core.paging import CREATED, SEPARATOR, encode

MAX_CHECKED_KEYS = 2_000  # read by one search that checks keys against filters

Filters = Mapping[str, AbstractSet[Any]]


@dataclass(frozen=True)
class NewestRequest:
    """The part of a list to read: below the position `before`, down to `since`, at most `limit` entries. A position is
    created_at and id, as in the sort keys of a list.
    """

    limit: int
    before: str = END
    since: str = ""


@dataclass(frozen=True)
class NewestKeys:
    """Positions and keys, newest first; `read_down_to` is the last position read, None when nothing is below."""

    entries: tuple[tuple[str, IndexEntry], ...] = ()
    read_down_to: str | None = None


def find_newest(reads: IndexReads, filters: Filters, request: NewestRequest) -> NewestKeys:
    """Read the newest entries with one of the values of each filter; without filters, of all."""
    encoded = {name: set(map(encode, values)) for name, values in (filters or {CREATED: {""}}).items()}
    (name, values), *others = encoded.items()
    page = MAX_CHECKED_KEYS // 4 if others else request.limit
    runs = [_keys_of_value(reads, name, value, request, page) for value in values]
    found, position = list[tuple[str, IndexEntry]](), ""
    for number, key in enumerate(heapq.merge(*runs, key=lambda key: reads.position(key, CREATED), reverse=True)):
        if len(found) == request.limit or number == max(MAX_CHECKED_KEYS, request.limit):
            return NewestKeys(tuple(found), position)
        position = reads.position(key, CREATED)
        if all(value_of(key, field) in accepted for field, accepted in others):
            found.append((position, key))
    return NewestKeys(tuple(found))


def newest_in_memory(entries: Iterable[tuple[str, IndexEntry]], request: NewestRequest) -> NewestKeys:
    """Return the newest entries of a list that is in memory."""
    below = (entry for entry in entries if request.since <= entry[0] < request.before)
    found = sorted(below, key=lambda entry: entry[0], reverse=True)
    shown = tuple(found[: request.limit])
    return NewestKeys(shown, shown[-1][0] if len(shown) < len(found) else None)


def _keys_of_value(reads: IndexReads, name: str, value: str, request: NewestRequest, page: int) -> Iterator[IndexEntry]:
    prefix = "" if name == CREATED else value + SEPARATOR
    interval = Interval(name, prefix + request.since, prefix + request.before)
    return reads.in_order(interval, page, True, prefix + request.before)
