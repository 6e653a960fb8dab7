"""Use case: list operations of all kinds."""

from collections.abc import Iterable, Sequence

from chalicelib.core import clock
from chalicelib.core.auth import Actor
from chalicelib.core.index_reads import END
from chalicelib.core.newest import NewestKeys, NewestRequest
from chalicelib.core.paging import SEPARATOR, PageOf
from chalicelib.operations import merging
from chalicelib.operations.kinds import SOURCES, Selection, of_actor
from chalicelib.operations.merging import Entry
from chalicelib.operations.model import KINDS, Kind
from chalicelib.operations.schemas import Operation, OperationQuery, Operations
from chalicelib.users import service as users

CURSOR_NAME = "operations"
MAX_ROUNDS = 4  # of reads for a page, which stays short when few operations match
OPERATIONS_PER_ROUND = 100

Placed = tuple[str, Operation]


def list_page(actor: Actor, *, query: OperationQuery) -> Operations:
    """Return a page of operations of the kinds that the actor may list: all, or the own ones."""
    request = query.request()
    place = request.position(CURSOR_NAME)
    before = merging.check(place) if place else None
    until = clock.to_text(query.created_to) + SEPARATOR + END if query.created_to else END
    selection = Selection(
        kinds=frozenset(query.kind or KINDS),
        statuses=frozenset(query.status) or None,
        type=query.type,
        owner_id=query.owner_id,
        since=clock.to_text(query.created_from) if query.created_from else "",
    )
    found, end = page(actor, selection, before, query.limit, until)
    cursor = request.next_cursor(CURSOR_NAME, end) if end else None
    items = with_owner_names([operation for _, operation in found])

    def cursor_after(count: int) -> str:
        return request.next_cursor(CURSOR_NAME, found[count - 1][0])

    cut = PageOf(items, len(items), query.limit, 0, cursor, cursor_after=cursor_after)
    return Operations(items=items, limit=query.limit, next_cursor=cursor).with_cursors_of(cut)


def page(
    actor: Actor, selection: Selection, before: str | None, limit: int, until: str = END
) -> tuple[list[Placed], str | None]:
    """Return up to `limit` operations below a place, with their places, and the place where the next page starts."""
    visible, found, end = of_actor(actor, selection), list[Placed](), before
    if visible is None:
        return [], None
    for number in range(MAX_ROUNDS):
        most = OPERATIONS_PER_ROUND if number else limit
        entries, end = merging.merge(_newest_keys(visible, end, most, until), most)
        found += [(place, operation) for place, operation in _read(actor, entries) if visible.includes(operation)]
        if len(found) > limit:
            return found[:limit], found[limit - 1][0]
        if end is None or len(found) == limit:
            break
    return found, end


def _newest_keys(selection: Selection, place: str | None, most: int, until: str) -> dict[Kind, NewestKeys]:
    """Return the newest `most` + 1 keys of each kind below a place."""
    found: dict[Kind, NewestKeys] = {}
    for kind in sorted(selection.kinds):
        filters = SOURCES[kind].filters(selection)
        if filters is not None:
            before = min(until, merging.position_in_list(kind, place)) if place else until
            found[kind] = SOURCES[kind].newest(filters, NewestRequest(most + 1, before, selection.since))
    return found


def _read(actor: Actor, entries: Sequence[Entry]) -> Iterable[Placed]:
    """Return the operations of the entries that still exist, in the order of the entries."""
    found: dict[str, Operation] = {}
    for kind in {entry.kind for entry in entries}:
        own = [entry for entry in entries if entry.kind == kind]
        operations = SOURCES[kind].read(actor, [entry.key for entry in own])
        found |= {entry.place: operation for entry, operation in zip(own, operations, strict=True) if operation}
    return [(entry.place, found[entry.place]) for entry in entries if entry.place in found]


def with_owner_names(operations: Sequence[Operation]) -> list[Operation]:
    """Return operations with the names of their owners, where these exist."""
    owners = users.actors({operation.owner_id for operation in operations})
    return [
        operation.model_copy(update={"owner_name": owners[operation.owner_id].name})
        if operation.owner_id in owners
        else operation
        for operation in operations
    ]
