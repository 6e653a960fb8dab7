"""The newest entries of a list that pass filters, looked for in one index and no further than told: for who merges
several lists into one.

The first filter is answered by its index, where a value has its entries newest first; the others are held against the
keys of that index. So a look costs what it may cost, whatever the filters match, and tells how far it has come.
"""

import heapq
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from chalicelib.core.index_reads import END, IndexReads, Interval, Key
from chalicelib.core.paging import CREATED, SEPARATOR, decode, encode

MOST_KEYS = 2_000  # of one look that filters keys

Filters = Mapping[str, AbstractSet[Any]]


@dataclass(frozen=True)
class Stretch:
    """Where to look: below the position `before`, down to `since`, until `wanted` are found. A position is created_at
    and id, as in the sort keys of a list.
    """

    wanted: int
    before: str = END
    since: str = ""


@dataclass(frozen=True)
class Found:
    """Positions and keys, newest first; `end`: how far was looked, None when nothing is left below."""

    entries: tuple[tuple[str, Key], ...] = ()
    end: str | None = None


def look(reads: IndexReads, filters: Filters, stretch: Stretch) -> Found:
    """The newest entries with one of the values of each filter; no filter: of all."""
    given = filters or {CREATED: frozenset({""})}
    (name, values), *others = [(name, set(map(encode, values))) for name, values in given.items()]
    page = MOST_KEYS // 4 if others else stretch.wanted
    runs = [_run(reads, name, value, stretch, page) for value in values]
    found, at = list[tuple[str, Key]](), ""
    for number, key in enumerate(heapq.merge(*runs, key=lambda key: reads.position(key, CREATED), reverse=True)):
        if len(found) == stretch.wanted or number == max(MOST_KEYS, stretch.wanted):
            return Found(tuple(found), at)
        at = reads.position(key, CREATED)
        if all(decode(key.get(field)) in wanted for field, wanted in others):
            found.append((at, key))
    return Found(tuple(found))


def among(entries: Iterable[tuple[str, Key]], stretch: Stretch) -> Found:
    """The same of a list that was read whole."""
    below = (entry for entry in entries if stretch.since <= entry[0] < stretch.before)
    found = sorted(below, key=lambda entry: entry[0], reverse=True)
    shown = tuple(found[: stretch.wanted])
    return Found(shown, shown[-1][0] if len(shown) < len(found) else None)


def _run(reads: IndexReads, name: str, value: str, stretch: Stretch, page: int) -> Iterator[Key]:
    """The keys of one value of the index of a field."""
    first = "" if name == CREATED else value + SEPARATOR
    interval = Interval(name, first + stretch.since, first + stretch.before)
    return reads.in_order(interval, page, True, first + stretch.before)
