"""Use case of operations: those that failed made again in bulk, by the retry of their kind; or what that would be.

Nothing is noted of a replay: what was made again is not failed any more, so a call that died is asked again as it was.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from uuid import UUID

from chalicelib.core import clock
from chalicelib.core.auth import Actor
from chalicelib.core.errors import Conflict, NotFound
from chalicelib.core.index_reads import END, Key
from chalicelib.core.paging import SEPARATOR
from chalicelib.deferred_tasks import service as deferred
from chalicelib.operations import merging, service
from chalicelib.operations.kinds import SOURCES, Wanted
from chalicelib.operations.model import Kind
from chalicelib.operations.schemas import Operation, Replay, Replayed, Skipped
from chalicelib.quotas import service as quotas
from chalicelib.reports import sagas

NAME = "operations/replay"  # what its cursors are of
AT_ONCE: Mapping[Kind, int] = {"deferred": 100, "saga": 20}  # of one call; a saga starts an execution
SHOWN = 20

CHANGED = "Изменилось одновременно с повтором"
NOT_FOUND = "Операция не найдена"
NOT_FAILED = "Повторить можно только операцию с ошибкой"
NOT_ALLOWED = "Повтор такой операции недоступен вашей роли"

Choice = tuple[list[Operation], list[Skipped], str | None]


def replay(actor: Actor, *, body: Replay) -> Replayed:
    """Make failed operations of a kind again, as many as one call can; with `dry_run` only tell which."""
    chosen, skipped, cursor = _named(actor, body) if body.ids else _matching(actor, body)
    replayed = 0
    if chosen and not body.dry_run:
        missed = _RETRIES[body.kind](actor, chosen)
        skipped, replayed = skipped + missed, len(chosen) - len(missed)
    return Replayed(
        kind=body.kind,
        dry_run=body.dry_run,
        matched=len(chosen),
        replayed=replayed,
        items=service.named(chosen[:SHOWN]),
        skipped=skipped,
        next_cursor=cursor,
    )


def _matching(actor: Actor, body: Replay) -> Choice:
    """What failed in the period and may be made again by the actor; what failed then was made before its end."""
    request = body.request()
    place = request.position(NAME)
    before = merging.check(place) if place else None
    until = clock.to_text(body.failed_to) + SEPARATOR + END if body.failed_to else END
    wanted = Wanted(kinds=frozenset({body.kind}), statuses=frozenset({"failed"}), type=body.type)
    found, end = service.page(actor, wanted, before, AT_ONCE[body.kind], until)
    chosen = [one for _, one in found if one.links.retry and _is_within(one.completed_at, body)]
    return chosen, [], request.next_cursor(NAME, end) if end else None


def _is_within(failed_at: datetime | None, body: Replay) -> bool:
    late = body.failed_from is None or (failed_at is not None and failed_at >= body.failed_from)
    return late and (body.failed_to is None or (failed_at is not None and failed_at <= body.failed_to))


def _named(actor: Actor, body: Replay) -> Choice:
    """Those of the ids that may be made again now, and why the others may not; more than one call can are left."""
    ids = list(dict.fromkeys(body.ids or ()))
    found = {one.id: one for one in SOURCES[body.kind].read(actor, _keys(body)) if one and _sees(actor, one)}
    reasons = {own_id: reason for own_id in ids if (reason := _hindrance(found.get(own_id)))}
    able = [own_id for own_id in ids if own_id not in reasons]
    reasons |= dict.fromkeys(able[AT_ONCE[body.kind] :], f"За один запрос повторяется не больше {AT_ONCE[body.kind]}")
    chosen = [found[own_id] for own_id in able[: AT_ONCE[body.kind]]]
    return chosen, [Skipped(id=own_id, reason=reasons[own_id]) for own_id in ids if own_id in reasons], None


def _keys(body: Replay) -> list[Key]:
    """The keys of the ids that are ids of this kind."""
    ids = dict.fromkeys(body.ids or ())
    if body.kind == "saga":
        return sagas.keys_of(UUID(one) for one in ids if not one.isdecimal())
    return deferred.keys_of(int(one) for one in ids if one.isdecimal())


def _sees(actor: Actor, operation: Operation) -> bool:
    return actor.sees_all or operation.owner_id == actor.user_id


def _hindrance(operation: Operation | None) -> str | None:
    if operation is None:
        return NOT_FOUND
    if operation.status != "failed":
        return NOT_FAILED
    return None if operation.links.retry else NOT_ALLOWED


def _retry_deferred(actor: Actor, chosen: Sequence[Operation]) -> list[Skipped]:
    """Those that were not made again."""
    going = deferred.retry_many(actor, numbers=[int(one.id) for one in chosen])
    return [Skipped(id=one.id, reason=going.reason or CHANGED) for one in chosen if int(one.id) not in going.numbers]


def _retry_sagas(actor: Actor, chosen: Sequence[Operation]) -> list[Skipped]:
    """The same of sagas, one after the other."""
    missed: list[Skipped] = []
    for place, one in enumerate(chosen):
        try:
            sagas.retry(actor, saga_id=UUID(one.id))
        except (Conflict, NotFound) as refused:
            missed.append(Skipped(id=one.id, reason=refused.message))
        except quotas.Exhausted as exhausted:
            if place == len(missed):
                raise
            return missed + [Skipped(id=left.id, reason=exhausted.message) for left in islice(chosen, place, None)]
    return missed


_RETRIES: Mapping[Kind, Callable[[Actor, Sequence[Operation]], list[Skipped]]] = {
    "deferred": _retry_deferred,
    "saga": _retry_sagas,
}
