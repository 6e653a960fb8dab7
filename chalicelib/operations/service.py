"""Use case of operations: one list of all kinds."""

from collections.abc import Iterable, Sequence

from chalicelib.core import clock
from chalicelib.core.auth import Actor
from chalicelib.core.index_reads import END
from chalicelib.core.newest import NewestKeys, Section
from chalicelib.core.paging import SEPARATOR, PageOf
from chalicelib.operations import merging
from chalicelib.operations.kinds import SOURCES, Wanted, of_actor
from chalicelib.operations.merging import Entry
from chalicelib.operations.model import KINDS, Kind
from chalicelib.operations.schemas import Operation, OperationQuery, Operations
from chalicelib.users import service as users

NAME = "operations"  # what its cursors are of
ROUNDS = 4  # looks for one page: where much does not match, it stays short
MOST_READ = 100  # operations read in one look

Placed = tuple[str, Operation]


def list_page(actor: Actor, *, query: OperationQuery) -> Operations:
    """A page of operations: all, or one's own, of the kinds that the actor may list."""
    request = query.request()
    place = request.position(NAME)
    before = merging.check(place) if place else None
    until = clock.to_text(query.created_to) + SEPARATOR + END if query.created_to else END
    wanted = Wanted(
        kinds=frozenset(query.kind or KINDS),
        statuses=frozenset(query.status) or None,
        type=query.type,
        owner_id=query.owner_id,
        since=clock.to_text(query.created_from) if query.created_from else "",
    )
    found, end = page(actor, wanted, before, query.limit, until)
    cursor = request.next_cursor(NAME, end) if end else None
    items = named([operation for _, operation in found])

    def cursor_after(count: int) -> str:
        return request.next_cursor(NAME, found[count - 1][0])

    cut = PageOf(items, len(items), query.limit, 0, cursor, cursor_after=cursor_after)
    return Operations(items=items, limit=query.limit, next_cursor=cursor).cut_by(cut)


def page(
    actor: Actor, wanted: Wanted, before: str | None, limit: int, until: str = END
) -> tuple[list[Placed], str | None]:
    """Up to `limit` operations below a place, each with its own, and where the next page starts; None: nowhere."""
    seen, found, end = of_actor(actor, wanted), list[Placed](), before
    if seen is None:
        return [], None
    for number in range(ROUNDS):
        most = MOST_READ if number else limit
        entries, end = merging.merge(_look(seen, end, most, until), most)
        found += [(place, one) for place, one in _read(actor, entries) if seen.takes(one)]
        if len(found) > limit:
            return found[:limit], found[limit - 1][0]
        if end is None or len(found) == limit:
            break
    return found, end


def _look(wanted: Wanted, place: str | None, most: int, until: str) -> dict[Kind, NewestKeys]:
    """The newest keys of each kind below a place, one more than wanted."""
    found: dict[Kind, NewestKeys] = {}
    for kind in sorted(wanted.kinds):
        filters = SOURCES[kind].filters(wanted)
        if filters is not None:
            before = min(until, merging.position_in_list(kind, place)) if place else until
            found[kind] = SOURCES[kind].newest(filters, Section(most + 1, before, wanted.since))
    return found


def _read(actor: Actor, entries: Sequence[Entry]) -> Iterable[Placed]:
    """The operations of those entries that are still there, in their order."""
    found: dict[str, Operation] = {}
    for kind in {entry.kind for entry in entries}:
        own = [entry for entry in entries if entry.kind == kind]
        operations = SOURCES[kind].read(actor, [entry.key for entry in own])
        found |= {entry.place: one for entry, one in zip(own, operations, strict=True) if one}
    return [(entry.place, found[entry.place]) for entry in entries if entry.place in found]


def named(operations: Sequence[Operation]) -> list[Operation]:
    """The same with the names of their owners, of those that there are."""
    owners = users.actors({one.owner_id for one in operations})
    return [
        one.model_copy(update={"owner_name": owners[one.owner_id].name}) if one.owner_id in owners else one
        for one in operations
    ]
