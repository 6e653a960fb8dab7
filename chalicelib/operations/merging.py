"""Merge of the lists of all kinds into one, newest first.

A place in the merged list is created_at, kind, id; a position in the list of a kind is created_at, id. Both have the
same order, so one cursor continues all lists.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chalicelib.core.index_reads import END, IndexEntry
from chalicelib.core.newest import NewestKeys
from chalicelib.core.paging import SEPARATOR, foreign_cursor
from chalicelib.operations.model import KINDS, Kind

_CREATED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_ID = re.compile(r"[0-9a-f-]{1,36}")


@dataclass(frozen=True)
class Entry:
    """An entry of the merged list; `key`: the index key of its kind."""

    place: str
    kind: Kind
    key: IndexEntry


def merged_place(kind: Kind, position: str) -> str:
    """Return the place in the merged list of a position in the list of a kind."""
    created, _, own_id = position.partition(SEPARATOR)
    return SEPARATOR.join((created, kind, own_id))


def position_in_list(kind: Kind, place: str) -> str:
    """Return the position below which the list of a kind continues after a place in the merged list."""
    created, before, own_id = place.split(SEPARATOR)
    if kind == before:
        return created + SEPARATOR + own_id
    return created + SEPARATOR + END if kind < before else created


def check(place: str) -> str:
    """Return a valid place; Invalid for a text that is none."""
    parts = place.split(SEPARATOR)
    is_valid = len(parts) == 3 and _CREATED.fullmatch(parts[0]) and parts[1] in KINDS and _ID.fullmatch(parts[2])
    if not is_valid:
        raise foreign_cursor()
    return place


def merge(found: Mapping[Kind, NewestKeys], most: int) -> tuple[list[Entry], str | None]:
    """Return the newest entries, as far as all lists were read, and the place after which the rest starts.

    The place is None when there is no rest.
    """
    ends = [merged_place(kind, page.read_down_to) for kind, page in found.items() if page.read_down_to is not None]
    end = max(ends, default=None)
    entries = [entry for entry in _entries(found) if end is None or entry.place >= end]
    entries.sort(key=lambda entry: entry.place, reverse=True)
    if len(entries) > most:
        return entries[:most], entries[most - 1].place
    return entries, end


def _entries(found: Mapping[Kind, NewestKeys]) -> Iterable[Entry]:
    for kind, page in found.items():
        for position, key in page.entries:
            yield Entry(merged_place(kind, position), kind, key)
