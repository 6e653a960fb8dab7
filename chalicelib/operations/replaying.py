"""Use case: replay failed operations in bulk by the retry of their kind, or preview the replay.

A replay stores nothing: a retried operation is not failed any more, so a client repeats a lost request unchanged.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from uuid import UUID

from chalicelib.core import clock
from chalicelib.core.auth import Actor
from chalicelib.core.errors import Conflict, NotFound
from chalicelib.core.index_reads import END, IndexEntry
from chalicelib.core.paging import SEPARATOR
from chalicelib.core.texts import text
from chalicelib.deferred_tasks import service as deferred
from chalicelib.operations import merging, service
from chalicelib.operations.kinds import SOURCES, Selection
from chalicelib.operations.model import Kind
from chalicelib.operations.schemas import Operation, Replay, Replayed, Skipped
from chalicelib.quotas import service as quotas
from chalicelib.reports import sagas

CURSOR_NAME = "operations/replay"
MAX_RETRIES: Mapping[Kind, int] = {"deferred": 100, "saga": 20}  # of one request; each saga starts an execution
MAX_SHOWN = 20

CHANGED = "Изменилось одновременно с повтором"
NOT_FOUND = "Операция не найдена"
NOT_FAILED = "Повторить можно только операцию с ошибкой"
NOT_ALLOWED = "Повтор такой операции недоступен вашей роли"

Choice = tuple[list[Operation], list[Skipped], str | None]


def replay(actor: Actor, *, body: Replay) -> Replayed:
    """Retry failed operations of a kind, as many as one request may; with `dry_run` only list them."""
    chosen, skipped, cursor = _by_ids(actor, body) if body.ids else _by_filters(actor, body)
    replayed = 0
    if chosen and not body.dry_run:
        missed = _RETRIES[body.kind](actor, chosen)
        skipped, replayed = skipped + missed, len(chosen) - len(missed)
    return Replayed(
        kind=body.kind,
        dry_run=body.dry_run,
        matched=len(chosen),
        replayed=replayed,
        items=service.with_owner_names(chosen[:MAX_SHOWN]),
        skipped=skipped,
        next_cursor=cursor,
    )


def _by_filters(actor: Actor, body: Replay) -> Choice:
    """Choose operations that failed in the period and that the actor may retry."""
    request = body.request()
    place = request.position(CURSOR_NAME)
    before = merging.check(place) if place else None
    until = clock.to_text(body.failed_to) + SEPARATOR + END if body.failed_to else END
    selection = Selection(kinds=frozenset({body.kind}), statuses=frozenset({"failed"}), type=body.type)
    found, end = service.page(actor, selection, before, MAX_RETRIES[body.kind], until)
    chosen = [operation for _, operation in found if operation.links.retry and _is_within(operation.completed_at, body)]
    return chosen, [], request.next_cursor(CURSOR_NAME, end) if end else None


def _is_within(failed_at: datetime | None, body: Replay) -> bool:
    late = body.failed_from is None or (failed_at is not None and failed_at >= body.failed_from)
    return late and (body.failed_to is None or (failed_at is not None and failed_at <= body.failed_to))


def _by_ids(actor: Actor, body: Replay) -> Choice:
    """Choose the operations with these ids that may be retried now; return the others with the reason."""
    ids = list(dict.fromkeys(body.ids or ()))
    operations = SOURCES[body.kind].read(actor, _keys(body))
    found = {operation.id: operation for operation in operations if operation and _is_visible(actor, operation)}
    reasons = {own_id: reason for own_id in ids if (reason := _refusal(found.get(own_id)))}
    allowed = [own_id for own_id in ids if own_id not in reasons]
    reasons |= dict.fromkeys(
        allowed[MAX_RETRIES[body.kind] :],
        text("За один запрос повторяется не больше {limit}", limit=MAX_RETRIES[body.kind]),
    )
    chosen = [found[own_id] for own_id in allowed[: MAX_RETRIES[body.kind]]]
    return chosen, [Skipped(id=own_id, reason=reasons[own_id]) for own_id in ids if own_id in reasons], None


def _keys(body: Replay) -> list[IndexEntry]:
    """Return the keys of the ids that have the format of the kind."""
    ids = dict.fromkeys(body.ids or ())
    if body.kind == "saga":
        return sagas.keys_of(UUID(text) for text in ids if not text.isdecimal())
    return deferred.keys_of(int(text) for text in ids if text.isdecimal())


def _is_visible(actor: Actor, operation: Operation) -> bool:
    return actor.sees_all or operation.owner_id == actor.user_id


def _refusal(operation: Operation | None) -> str | None:
    if operation is None:
        return text(NOT_FOUND)
    if operation.status != "failed":
        return text(NOT_FAILED)
    return None if operation.links.retry else text(NOT_ALLOWED)


def _retry_deferred(actor: Actor, chosen: Sequence[Operation]) -> list[Skipped]:
    """Retry deferred tasks; return the ones that were not retried."""
    going = deferred.retry_many(actor, numbers=[int(one.id) for one in chosen])
    return [
        Skipped(id=one.id, reason=going.reason or text(CHANGED)) for one in chosen if int(one.id) not in going.numbers
    ]


def _retry_sagas(actor: Actor, chosen: Sequence[Operation]) -> list[Skipped]:
    """Retry sagas one after the other; return the ones that were not retried."""
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
