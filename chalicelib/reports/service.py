"""Use cases of reports: create, read, download, cancel, delete."""

import json
from typing import Any

from chalicelib.core import clock, ids, mail, objects, texts
from chalicelib.core.auth import Actor
from chalicelib.core.counters import next_id
from chalicelib.core.dynamo import owner_of
from chalicelib.core.errors import Conflict, Forbidden
from chalicelib.core.texts import text
from chalicelib.core.transactions import Changed, optimistic, transaction
from chalicelib.core.warnings import foreseen
from chalicelib.events import service as events
from chalicelib.quotas import service as quotas
from chalicelib.reports import files, keys, machine, model, sagas, store
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
from chalicelib.reports.store import REPORT_LIST, ReportItem

ACCEPTED = "Отчет создан и поставлен в очередь на генерацию"


def create(actor: Actor, *, body: ReportCreate, key: str | None = None) -> ReportAccepted:
    """Create a report and start its saga. With a `key` it is created once, however often the call is repeated."""
    if body.recipients:
        _check_may_send(actor)
    number, saga_id, saga = _create(actor, body, key)
    if saga:
        machine.start(saga)
    return ReportAccepted.model_validate(
        {"id": number, "status": "pending", "message": text(ACCEPTED), "saga_id": saga_id}
    )


def order(actor: Actor, *, body: ReportCreate) -> ReportAccepted:
    """Create a report for a client, whom the answer warns when the report will fail."""
    from chalicelib.reports import plans  # loads the layouts, which the function of deferred tasks does not need

    wanted = plans.Wanted(body.template_id, body.parameters, str(body.format), lambda: actor.roles, clock.now())
    warnings = foreseen(lambda: plans.problems_of(wanted))
    accepted = create(actor, body=body)
    accepted.warnings = warnings
    return accepted


@optimistic
def _create(actor: Actor, body: ReportCreate, key: str | None) -> tuple[int, str, Saga | None]:
    """Return the number of the report, the id of its saga, and the saga if it is new.

    The key is claimed in the transaction that creates the report, so a process that dies leaves both or neither.
    """
    at = clock.now()
    saga_id = keys.saga_id_of(key) if key else ids.new()
    if key and (existing := owner_of(keys.claim_of_request(key))):
        return int(existing), saga_id, None
    number = next_id("reports")
    due_at, language = at + model.EXECUTION_CHECK_INTERVAL, body.language or texts.current()
    saga = Saga(saga_id, number, actor.user_id, at, str(body.format), language, updated_at=at, due_at=due_at)
    item = _new_item(number, saga, body)
    with transaction() as tx:
        store.add_report(tx, item)
        store.add_saga(tx, saga)
        data: dict[str, Any] = {"report_id": number, "user_id": actor.user_id, "template_id": body.template_id}
        events.record(tx, "report.created", f"report#{number}", at, **data, saga_id=saga_id)
        sagas.record_event(tx, saga, "saga.started", at)
        quotas.take(tx, actor, reports=1, emails=len(body.recipients))
        if key:
            tx.claim(keys.claim_of_request(key), str(number), Changed())
    return number, saga_id, saga


def _new_item(number: int, saga: Saga, body: ReportCreate) -> ReportItem:
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
        batch_id=keys.batch_id_in(json.loads(body.parameters)),
        format=saga.format,
        language=saga.language,
        saga_id=saga.saga_id,
        recipients=body.recipients or None,
    )


def get(actor: Actor, *, report_id: int) -> Report:
    """Return a report."""
    return view(_visible(actor, report_id))


def list_page(actor: Actor, *, query: ReportQuery) -> Reports:
    """Return a page of the reports that the actor may see."""
    page = REPORT_LIST.page(query.request(status=query.status, user_id=sagas.owner_filter(actor)))
    shown = [view(item) for item in page.items]
    position = {"total": page.total, "page": query.page, "limit": query.limit, "next_cursor": page.next_cursor}
    return Reports(reports=shown, **position).with_cursors_of(page)


def on_batch(actor: Actor, batch_id: str, limit: int) -> list[Report]:
    """Return those of the last `limit` reports on a batch that the actor may see, newest first."""
    found = store.reports_of_batch(batch_id, limit)
    return [view(item) for item in found if item.user_id == actor.user_id or actor.sees_all]


def status(actor: Actor, *, report_id: int) -> ReportState:
    """Return the status of a report, with the fields of that status."""
    item = _visible(actor, report_id)
    common = {"id": item.number, "status": item.status}
    if item.status in ("pending", "processing"):
        saga = store.find_saga(item.saga_id)
        return ReportInProgress.model_validate({**common, "progress": min(saga.percent, 99) if saga else 0})
    if item.status == "completed":
        return ReportReady.model_validate({**common, "file_path": file_path(item)})
    return ReportFailed.model_validate({**common, "error": item.error and text(item.error)})


def download_link(actor: Actor, *, report_id: int) -> str:
    """Return a presigned URL of the file; Conflict before it is ready."""
    item = _visible(actor, report_id)
    if item.status != "completed" or not item.file_key:
        raise Conflict(text("отчет еще не готов"))
    return objects.link(item.file_key, item.name, item.format, plain=f"report_{item.number}")


def cancel(actor: Actor, *, report_id: int) -> ReportCancelled:
    """Stop making a report."""
    item = _visible(actor, report_id)
    sagas.stop(item.saga_id)
    return ReportCancelled(id=item.number, message=text(model.CANCELLED))


def delete(actor: Actor, *, report_id: int) -> None:
    """Delete a report with its file. Its saga is stopped after the report is deleted, then the files are deleted."""
    saga, execution = _delete(actor, report_id)
    if execution:
        machine.stop(execution)
    if saga:
        objects.remove(files.all_keys(saga))


@optimistic
def _delete(actor: Actor, report_id: int) -> tuple[Saga | None, str | None]:
    """Delete the report. The saga stays, hidden, until the sweep has deleted the files once more."""
    item, at = _visible(actor, report_id), clock.now()
    saga = store.find_saga(item.saga_id)
    execution = saga.execution if saga and saga.status in model.ACTIVE else None
    with transaction() as tx:
        store.remove_report(tx, item)
        if saga:
            saga.delete(at)
            store.save_saga(tx, saga)
        events.record(tx, "report.deleted", f"report#{item.number}", at, report_id=item.number)
    return saga, execution


def view(item: ReportItem) -> Report:
    """Return the response model of a report."""
    fields = {name: getattr(item, name) for name in Report.model_fields if hasattr(item, name)}
    others = {"id": item.number, "file_path": file_path(item), "recipients": item.recipients or []}
    others["error"] = item.error and text(item.error)
    others["language"] = item.language or texts.DEFAULT
    return Report.model_validate(fields | others)


def file_path(item: ReportItem) -> str | None:
    """Return the path of the file that clients see; None before it is ready."""
    return f"/reports/report_{item.number}.{item.format}" if item.file_key else None


def _check_may_send(actor: Actor) -> None:
    """Raise Forbidden for roles that see only their own reports: emails are sent in the name of the site."""
    if not actor.sees_all:
        raise Forbidden(
            text("recipients: отчеты на почту отправляют сотрудники, вашей роли они доступны для скачивания")
        )
    mail.required_sender()


def _visible(actor: Actor, report_id: int) -> ReportItem:
    item = store.get_report(report_id)
    if item.user_id != actor.user_id and not actor.sees_all:
        raise model.report_not_found()
    return item
