"""Several lists merged into one, newest first. A place in it is created_at, kind, id; a place in the list of one kind
is created_at, id: the same order, so one cursor stands for a place in all of them.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chalicelib.core.index_reads import END, Key
from chalicelib.core.newest import NewestKeys
from chalicelib.core.paging import SEPARATOR, foreign_cursor
from chalicelib.operations.model import KINDS, Kind

_CREATED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_ID = re.compile(r"[0-9a-f-]{1,36}")


@dataclass(frozen=True)
class Entry:
    """One entry of the merged list; `key` is the one of its kind's index."""

    place: str
    kind: Kind
    key: Key


def place_in_all(kind: Kind, position: str) -> str:
    """The place in the merged list of a position in the list of a kind."""
    created, _, own_id = position.partition(SEPARATOR)
    return SEPARATOR.join((created, kind, own_id))


def position_in_list(kind: Kind, place: str) -> str:
    """Below which position the list of a kind goes on after a place of the merged one."""
    created, before, own_id = place.split(SEPARATOR)
    if kind == before:
        return created + SEPARATOR + own_id
    return created + SEPARATOR + END if kind < before else created


def check(place: str) -> str:
    """The place, if a merged list can have it; Invalid otherwise."""
    parts = place.split(SEPARATOR)
    known = len(parts) == 3 and _CREATED.fullmatch(parts[0]) and parts[1] in KINDS and _ID.fullmatch(parts[2])
    if not known:
        raise foreign_cursor()
    return place


def merge(found: Mapping[Kind, NewestKeys], most: int) -> tuple[list[Entry], str | None]:
    """The newest entries of all lists, as far down as all of them were looked through, and where the rest begins:
    after the place that comes second, which is None when there is no rest.
    """
    ends = [place_in_all(kind, one.end) for kind, one in found.items() if one.end is not None]
    end = max(ends, default=None)
    entries = [entry for entry in _entries(found) if end is None or entry.place >= end]
    entries.sort(key=lambda entry: entry.place, reverse=True)
    if len(entries) > most:
        return entries[:most], entries[most - 1].place
    return entries, end


def _entries(found: Mapping[Kind, NewestKeys]) -> Iterable[Entry]:
    for kind, one in found.items():
        for position, key in one.entries:
            yield Entry(place_in_all(kind, position), kind, key)
