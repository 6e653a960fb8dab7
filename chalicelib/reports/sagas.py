"""Use cases of sagas: look at one, try it again, stop it; and the sweep, which lets none lie about."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chalicelib.core import clock, later_work, objects
from chalicelib.core.auth import Actor
from chalicelib.core.index_reads import Key
from chalicelib.core.newest import Filters, Found, Stretch
from chalicelib.core.paging import PageRequest, page_in_memory
from chalicelib.core.transactions import Transaction, optimistic, transaction
from chalicelib.events import service as events
from chalicelib.quotas import service as quotas
from chalicelib.reports import files, machine, model, store
from chalicelib.reports.model import Saga
from chalicelib.reports.saga_schemas import (
    SagaChanged,
    SagaEvent,
    SagaEventQuery,
    SagaEvents,
    SagaProgress,
    SagaQuery,
    Sagas,
    SagaView,
)
from chalicelib.reports.store import SAGAS

SWEEP_LIMIT = 200  # sagas of each partition


def get(actor: Actor, *, saga_id: UUID) -> SagaView:
    """One saga with its steps."""
    return SagaView.model_validate(_mine(actor, saga_id))


def list_page(actor: Actor, *, query: SagaQuery) -> Sagas:
    """A page of sagas: all, or those of one's own reports."""
    page = SAGAS.page(query.request(status=query.status, user_id=owner_filter(actor)))
    shown = [SagaView.model_validate(store.saga_of(item)) for item in page.items]
    place = {"total": page.total, "page": query.page, "limit": query.limit, "next_cursor": page.next_cursor}
    return Sagas(sagas=shown, **place).cut_by(page)


def newest(filters: Filters, stretch: Stretch) -> Found:
    """The keys of the newest sagas, of anybody: by `user_id`, `status`."""
    return SAGAS.newest(filters, stretch)


def several(keys: Sequence[Key]) -> list[Saga | None]:
    """The sagas of such keys; None for those whose report is deleted."""
    found = [store.saga_of(item) if item else None for item in SAGAS.read(keys)]
    return [None if saga is None or saga.deleted else saga for saga in found]


def keys_of(saga_ids: Iterable[UUID]) -> list[Key]:
    """The keys of sagas, for `several`."""
    return [{"saga_id": {"S": str(saga_id)}} for saga_id in saga_ids]


def report_names(found: Iterable[Saga]) -> dict[int, str]:
    """What the reports of sagas are called, by number."""
    return {item.number: item.name for item in store.find_reports({saga.report_id for saga in found})}


def progress(actor: Actor, *, saga_id: UUID) -> SagaProgress:
    """How far a saga is."""
    saga = _mine(actor, saga_id)
    return SagaProgress(
        saga_id=saga_id,
        status=saga.status,
        total_steps=model.LAST,
        completed_steps=saga.count("completed"),
        failed_steps=saga.count("failed"),
        compensated_steps=saga.count("compensated"),
        progress_percent=saga.percent,
        current_step=saga.current.name if saga.current else None,
    )


def history(actor: Actor, *, saga_id: UUID, query: SagaEventQuery) -> SagaEvents:
    """The event log of a saga."""
    aggregate = _aggregate(_mine(actor, saga_id))
    every = list(events.history(actor, aggregate))
    request = PageRequest(max(1, len(every)), descending=False, cursor=query.cursor)
    page = page_in_memory(aggregate, request, every, lambda event: event.seq)
    entries = [
        SagaEvent(id=UUID(event.id), event=event.name, occurred_at=event.occurred_at, data=event.data)
        for event in page.items
    ]
    shown = SagaEvents(saga_id=saga_id, events=entries, total=page.total, next_cursor=page.next_cursor)
    return shown.cut_by(page)


def retry(actor: Actor, *, saga_id: UUID) -> SagaChanged:
    """Make the report after all, from the first step that is not done."""
    saga = _retry(actor, saga_id)
    machine.start(saga)
    return _moved(saga, "Сага запущена повторно")


@optimistic
def _retry(actor: Actor, saga_id: UUID) -> Saga:
    saga, at = _mine(actor, saga_id), clock.now()
    saga.retry(at)
    with transaction() as tx:
        store.save_saga(tx, saga)
        store.change_report(tx, store.get_report(saga.report_id), at, status="pending", error=None)
        log(tx, saga, "saga.retried", at, run=saga.run)
        quotas.take(tx, actor, reports=1)
    return saga


def cancel(actor: Actor, *, saga_id: UUID) -> SagaChanged:
    """Stop a saga and undo what it did."""
    return _moved(stop(_mine(actor, saga_id).saga_id), "Сага отменена")


def stop(saga_id: str) -> Saga:
    """The same for a saga whose owner has been looked at. The fence stands when this returns; the undoing follows."""
    saga, execution = _stop(saga_id)
    if execution:
        machine.stop(execution)
        machine.start(saga)
    return saga


@optimistic
def _stop(saga_id: str) -> tuple[Saga, str | None]:
    """The saga, and the execution to be replaced by one that undoes."""
    saga, at = store.find_saga(saga_id), clock.now()
    if saga is None:
        raise model.saga_not_found()
    before, execution = saga.status, saga.execution
    if not saga.cancel(at):
        return saga, None
    with transaction() as tx:
        store.save_saga(tx, saga)
        store.change_report(tx, store.get_report(saga.report_id), at, status="cancelled", error=model.CANCELLED)
        log(tx, saga, "saga.compensating", at, reason=model.CANCELLED)
    return saga, None if before == "compensating" else execution


def log(tx: Transaction, saga: Saga, name: str, at: datetime, **data: Any) -> None:
    """Record an event of a saga."""
    about = {"saga_id": saga.saga_id, "report_id": saga.report_id}
    events.record(tx, name, _aggregate(saga), at, **about, **data)


def owner_filter(actor: Actor) -> int | None:
    """Whose things a list shows: one's own, or everybody's."""
    return None if actor.sees_all else actor.user_id


def _mine(actor: Actor, saga_id: UUID) -> Saga:
    saga = store.find_saga(str(saga_id))
    if saga is None or saga.deleted or (saga.user_id != actor.user_id and not actor.sees_all):
        raise model.saga_not_found()
    return saga


def _moved(saga: Saga, message: str) -> SagaChanged:
    return SagaChanged(saga_id=UUID(saga.saga_id), report_id=saga.report_id, status=saga.status, message=message)


def _aggregate(saga: Saga) -> str:
    return f"saga#{saga.saga_id}"


# -- the sweep ------------------------------------------------------------------------------------------------------


def sweep() -> int:
    """Check the sagas that are due: start lost executions again, remove the files of ended sagas; how many."""
    return later_work.sweep_executions(store.due_sagas(clock.now(), SWEEP_LIMIT), _check)


def _check(saga: Saga) -> None:
    at = clock.now()
    if saga.deleted:
        objects.remove(files.every_key(saga))
        store.forget_saga(saga)
    elif saga.status not in model.LIVE:
        objects.remove(files.superfluous(saga))
        store.postpone(saga, None)
    elif (state := machine.state(saga.execution)) == "gone":
        _resume(saga, at)
        machine.start(saga)
    else:
        store.postpone(saga, at + model.LOOK_AFTER)
        if state == "never started":
            machine.start(saga)


def _resume(saga: Saga, at: datetime) -> None:
    before = saga.status
    saga.resumed(at)
    with transaction() as tx:
        store.save_saga(tx, saga)
        log(tx, saga, "saga.resumed", at, run=saga.run)
        if saga.status != before:
            log(tx, saga, "saga.compensating", at, reason=saga.error)
