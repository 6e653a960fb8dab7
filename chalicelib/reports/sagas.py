"""Use cases of sagas: read, retry and cancel; and the sweep, which resumes lost sagas and deletes their files."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chalicelib.core import clock, ids, later_work, objects, texts
from chalicelib.core.auth import Actor
from chalicelib.core.index_reads import IndexEntry
from chalicelib.core.newest import Filters, NewestKeys, NewestRequest
from chalicelib.core.paging import PageRequest, page_in_memory
from chalicelib.core.texts import text
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
from chalicelib.reports.store import SAGA_LIST

SWEEP_LIMIT = 200  # sagas of each partition


def get(actor: Actor, *, saga_id: UUID) -> SagaView:
    """Return a saga with its steps."""
    return _view(_visible(actor, saga_id))


def list_page(actor: Actor, *, query: SagaQuery) -> Sagas:
    """Return a page of the sagas that the actor may see."""
    page = SAGA_LIST.page(query.request(status=query.status, user_id=owner_filter(actor)))
    shown = [_view(store.saga_of(item)) for item in page.items]
    position = {"total": page.total, "page": query.page, "limit": query.limit, "next_cursor": page.next_cursor}
    return Sagas(sagas=shown, **position).with_cursors_of(page)


def newest(filters: Filters, request: NewestRequest) -> NewestKeys:
    """Return the keys of the newest sagas of all users; the filters are `user_id` and `status`."""
    return SAGA_LIST.newest(filters, request)


def find_many(keys: Sequence[IndexEntry]) -> list[Saga | None]:
    """Return the sagas of these keys; None for those whose report is deleted."""
    found = [store.saga_of(item) if item else None for item in SAGA_LIST.read(keys)]
    return [None if saga is None or saga.deleted else saga for saga in found]


def keys_of(saga_ids: Iterable[UUID]) -> list[IndexEntry]:
    """Return the keys of sagas, for `find_many`."""
    return [{"saga_id": {"S": str(saga_id)}} for saga_id in saga_ids]


def report_names(sagas: Iterable[Saga]) -> dict[int, str]:
    """Return the names of the reports of sagas, by number."""
    return {item.number: item.name for item in store.find_reports({saga.report_id for saga in sagas})}


def progress(actor: Actor, *, saga_id: UUID) -> SagaProgress:
    """Return the progress of a saga."""
    saga = _visible(actor, saga_id)
    return SagaProgress(
        saga_id=saga_id,
        status=saga.status,
        total_steps=model.LAST_STEP,
        completed_steps=saga.count("completed"),
        failed_steps=saga.count("failed"),
        compensated_steps=saga.count("compensated"),
        progress_percent=saga.percent,
        current_step=saga.current.name if saga.current else None,
    )


def history(actor: Actor, *, saga_id: UUID, query: SagaEventQuery) -> SagaEvents:
    """Return a page of the events of a saga."""
    aggregate = _aggregate(_visible(actor, saga_id))
    log = list(events.history(actor, aggregate))
    request = PageRequest(max(1, len(log)), descending=False, cursor=query.cursor)
    page = page_in_memory(aggregate, request, log, lambda event: event.seq)
    entries = [
        SagaEvent(id=UUID(event.id), event=event.name, occurred_at=event.occurred_at, data=event.data)
        for event in page.items
    ]
    shown = SagaEvents(saga_id=saga_id, events=entries, total=page.total, next_cursor=page.next_cursor)
    return shown.with_cursors_of(page)


def retry(actor: Actor, *, saga_id: UUID) -> SagaChanged:
    """Run a saga again from the first step that is not completed."""
    saga = _retry(actor, saga_id)
    machine.start(saga)
    return _changed(saga, text("Сага запущена повторно"))


@optimistic
def _retry(actor: Actor, saga_id: UUID) -> Saga:
    saga, at = _visible(actor, saga_id), clock.now()
    if ids.made_before() == saga.saga_id:  # compared, since a replay of operations retries several
        return saga
    saga.retry(at)
    with transaction() as tx:
        store.save_saga(tx, saga)
        store.change_report(tx, store.get_report(saga.report_id), at, status="pending", error=None)
        record_event(tx, saga, "saga.retried", at, run=saga.run)
        quotas.take(tx, actor, reports=1)
        tx.note_made(saga.saga_id)
    return saga


def cancel(actor: Actor, *, saga_id: UUID) -> SagaChanged:
    """Stop a saga and compensate its steps."""
    return _changed(stop(_visible(actor, saga_id).saga_id), text("Сага отменена"))


def stop(saga_id: str) -> Saga:
    """Stop a saga without a check of its owner. No step can change it after the return; compensation follows."""
    saga, execution = _stop(saga_id)
    if execution:
        machine.stop(execution)
        machine.start(saga)
    return saga


@optimistic
def _stop(saga_id: str) -> tuple[Saga, str | None]:
    """Return the saga, and the execution to be replaced by one that compensates."""
    saga, at = store.find_saga(saga_id), clock.now()
    if saga is None:
        raise model.saga_not_found()
    before, execution = saga.status, saga.execution
    if ids.made_before() == saga_id or not saga.cancel(at):
        return saga, None
    with transaction() as tx:
        store.save_saga(tx, saga)
        store.change_report(tx, store.get_report(saga.report_id), at, status="cancelled", error=saga.error)
        record_event(tx, saga, "saga.compensating", at, reason=saga.error)
        tx.note_made(saga_id)
    return saga, None if before == "compensating" else execution


def record_event(tx: Transaction, saga: Saga, name: str, at: datetime, **data: Any) -> None:
    """Record an event of a saga."""
    about = {"saga_id": saga.saga_id, "report_id": saga.report_id}
    events.record(tx, name, _aggregate(saga), at, **about, **data)


def owner_filter(actor: Actor) -> int | None:
    """Return the user whose reports a list shows; None for all users."""
    return None if actor.sees_all else actor.user_id


def _visible(actor: Actor, saga_id: UUID) -> Saga:
    saga = store.find_saga(str(saga_id))
    if saga is None or saga.deleted or (saga.user_id != actor.user_id and not actor.sees_all):
        raise model.saga_not_found()
    return saga


def _changed(saga: Saga, message: str) -> SagaChanged:
    return SagaChanged(saga_id=UUID(saga.saga_id), report_id=saga.report_id, status=saga.status, message=message)


def _view(saga: Saga) -> SagaView:
    """Return a saga as clients see it."""
    view = SagaView.model_validate(saga)
    view.error = view.error and text(view.error)
    for step in view.steps:
        step.error = step.error and text(step.error)
    return view


def _aggregate(saga: Saga) -> str:
    return f"saga#{saga.saga_id}"


# -- the sweep ------------------------------------------------------------------------------------------------------


def sweep() -> int:
    """Check the sagas that are due: resume lost ones, delete files of ended ones; returns how many were checked."""
    return later_work.sweep_executions(store.due_sagas(clock.now(), SWEEP_LIMIT), _check, _postpone)


def _check(saga: Saga) -> None:
    at = clock.now()
    if saga.deleted:
        objects.remove(files.all_keys(saga))
        store.forget_saga(saga)
    elif saga.status not in model.ACTIVE:
        objects.remove(files.superfluous_keys(saga))
        store.postpone(saga, None)
    elif (state := machine.state(saga.execution)) == "ended":
        _resume(saga, at)
        machine.start(saga)
    else:
        store.postpone(saga, at + model.EXECUTION_CHECK_INTERVAL)
        if state == "never started":
            machine.start(saga)


def _postpone(saga: Saga) -> None:
    """Let the sweep check a saga later, which it could not check now."""
    current, at = store.find_saga(saga.saga_id), clock.now()
    if current and current.due_at and current.due_at <= at:
        store.postpone(current, at + model.EXECUTION_CHECK_INTERVAL)


def _resume(saga: Saga, at: datetime) -> None:
    before = saga.status
    with texts.language(saga.spoken):
        saga.resume(at)
    with transaction() as tx:
        store.save_saga(tx, saga)
        record_event(tx, saga, "saga.resumed", at, run=saga.run)
        if saga.status != before:
            record_event(tx, saga, "saga.compensating", at, reason=saga.error)
