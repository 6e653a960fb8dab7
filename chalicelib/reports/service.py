"""Use cases of reports: ask for one, look at it, fetch it, stop it, delete it."""

import json
from typing import Any

from chalicelib.core import clock, ids, mail, objects
from chalicelib.core.auth import Actor
from chalicelib.core.counters import next_id
from chalicelib.core.dynamo import owner_of
from chalicelib.core.errors import Forbidden
from chalicelib.core.transactions import Changed, optimistic, transaction
from chalicelib.events import service as events
from chalicelib.quotas import service as quotas
from chalicelib.reports import files, machine, model, sagas, store
from chalicelib.reports.model import Saga
from chalicelib.reports.schemas import (
    Report,
    ReportAccepted,
    ReportCancelled,
    ReportCreate,
    ReportFailed,
    ReportInProgress,
    ReportQuery,
    ReportReady,
    Reports,
    ReportState,
)
from chalicelib.reports.store import REPORTS, ReportItem

ACCEPTED = "Отчет создан и поставлен в очередь на генерацию"


def create(actor: Actor, *, body: ReportCreate, key: str | None = None) -> ReportAccepted:
    """Write down what is wanted, and set the saga going; with a `key` once, however often it is asked for with it."""
    if body.recipients:
        _check_may_send(actor)
    number, saga_id, saga = _create(actor, body, key)
    if saga:
        machine.start(saga)
    return ReportAccepted.model_validate({"id": number, "status": "pending", "message": ACCEPTED, "saga_id": saga_id})


@optimistic
def _create(actor: Actor, body: ReportCreate, key: str | None) -> tuple[int, str, Saga | None]:
    """Number and id of the saga of the report, and the saga when it is new. The claim of the key is a part of the
    transaction that makes the report: there is none without the other, whenever the process dies.
    """
    at = clock.now()
    saga_id = model.saga_id_of(key) if key else ids.new()
    if key and (made := owner_of(model.request_claim(key))):
        return int(made), saga_id, None
    number = next_id("reports")
    saga = Saga(saga_id, number, actor.user_id, at, str(body.format), updated_at=at, due_at=at + model.LOOK_AFTER)
    item = _new(number, saga, body)
    with transaction() as tx:
        store.add_report(tx, item)
        store.add_saga(tx, saga)
        about: dict[str, Any] = {"report_id": number, "user_id": actor.user_id, "template_id": body.template_id}
        events.record(tx, "report.created", f"report#{number}", at, **about, saga_id=saga_id)
        sagas.log(tx, saga, "saga.started", at)
        quotas.take(tx, actor, reports=1, emails=len(body.recipients))
        if key:
            tx.claim(model.request_claim(key), str(number), Changed())
    return number, saga_id, saga


def _new(number: int, saga: Saga, body: ReportCreate) -> ReportItem:
    created = clock.to_text(saga.created_at)
    return ReportItem(
        store.key_of(number),
        created_at=created,
        updated_at=created,
        name=body.name,
        description=body.description or "",
        template_id=body.template_id,
        user_id=saga.user_id,
        status="pending",
        parameters=body.parameters,
        batch_id=model.batch_named(json.loads(body.parameters)),
        format=saga.format,
        saga_id=saga.saga_id,
        recipients=body.recipients or None,
    )


def get(actor: Actor, *, report_id: int) -> Report:
    """One report."""
    return view(_mine(actor, report_id))


def list_page(actor: Actor, *, query: ReportQuery) -> Reports:
    """A page of reports: all, or one's own."""
    page = REPORTS.page(query.request(status=query.status, user_id=sagas.owner_filter(actor)))
    shown = [view(item) for item in page.items]
    place = {"total": page.total, "page": query.page, "limit": query.limit, "next_cursor": page.next_cursor}
    return Reports(reports=shown, **place).cut_by(page)


def of_batch(actor: Actor, batch_id: str, most: int) -> list[Report]:
    """Of the last reports whose parameters name a batch those that the actor may see, newest first."""
    found = store.reports_of_batch(batch_id, most)
    return [view(item) for item in found if item.user_id == actor.user_id or actor.sees_all]


def status(actor: Actor, *, report_id: int) -> ReportState:
    """The state of a report: each one with the field that belongs to it."""
    item = _mine(actor, report_id)
    known = {"id": item.number, "status": item.status}
    if item.status in ("pending", "processing"):
        saga = store.find_saga(item.saga_id)
        return ReportInProgress.model_validate({**known, "progress": min(saga.percent, 99) if saga else 0})
    if item.status == "completed":
        return ReportReady.model_validate({**known, "file_path": file_path(item)})
    return ReportFailed.model_validate({**known, "error": item.error})


def download_link(actor: Actor, *, report_id: int) -> str:
    """Where to fetch the file; Conflict while there is none."""
    item = _mine(actor, report_id)
    if item.status != "completed" or not item.file_key:
        raise model.not_ready()
    return objects.link(item.file_key, item.name, item.format, plain=f"report_{item.number}")


def cancel(actor: Actor, *, report_id: int) -> ReportCancelled:
    """Stop a report that is being made."""
    item = _mine(actor, report_id)
    sagas.stop(item.saga_id)
    return ReportCancelled(id=item.number)


def delete(actor: Actor, *, report_id: int) -> None:
    """Delete a report with its file; one that is being made is stopped first."""
    saga, execution = _delete(actor, report_id)
    if execution:
        machine.stop(execution)
    if saga:
        objects.remove(files.every_key(saga))


@optimistic
def _delete(actor: Actor, report_id: int) -> tuple[Saga | None, str | None]:
    """The saga stays, out of sight, until the sweep has removed the files once more."""
    item, at = _mine(actor, report_id), clock.now()
    saga = store.find_saga(item.saga_id)
    execution = saga.execution if saga and saga.status in model.LIVE else None
    with transaction() as tx:
        store.remove_report(tx, item)
        if saga:
            saga.delete(at)
            store.save_saga(tx, saga)
        events.record(tx, "report.deleted", f"report#{item.number}", at, report_id=item.number)
    return saga, execution


def view(item: ReportItem) -> Report:
    """A report as clients see it."""
    fields = {name: getattr(item, name) for name in Report.model_fields if hasattr(item, name)}
    settled = {"id": item.number, "file_path": file_path(item), "recipients": item.recipients or []}
    return Report.model_validate(fields | settled)


def file_path(item: ReportItem) -> str | None:
    """The file as clients know it."""
    return f"/reports/report_{item.number}.{item.format}" if item.file_key else None


def _check_may_send(actor: Actor) -> None:
    """Who sees only his own reports sends none to others: emails go out in the name of the site."""
    if not actor.sees_all:
        raise Forbidden("recipients: отчеты на почту отправляют сотрудники, вашей роли они доступны для скачивания")
    mail.check_sender()


def _mine(actor: Actor, report_id: int) -> ReportItem:
    item = store.get_report(report_id)
    if item.user_id != actor.user_id and not actor.sees_all:
        raise model.report_not_found()
    return item
