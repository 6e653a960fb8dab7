"""The Lambda function `batch_report`: makes the report on a batch that the API function waits for (service.py).

Its deadline leaves the API function time to respond. Expected errors are returned as data. The file is stored first;
then one transaction registers it and records the event, so the event exists exactly when the file is known. A run that
dies in between leaves an object without a record, which the bucket's lifecycle rule deletes.
"""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from chalicelib.batches import service as batches
from chalicelib.core import clock, texts
from chalicelib.core.actor import Actor
from chalicelib.core.deadline import DeadlineExceeded, budget, deadline
from chalicelib.core.errors import AppError, PreconditionFailed, TimedOut
from chalicelib.core.logs import note
from chalicelib.core.texts import text
from chalicelib.core.transactions import transaction
from chalicelib.events import service as events
from chalicelib.files import service as files
from chalicelib.files.model import Days, File
from chalicelib.quotas import service as quotas
from chalicelib.reports import branding
from chalicelib.reports.batch_report.schemas import TOO_SLOW, BatchReport
from chalicelib.reports.layouts import BATCH, Heading, Row, Summary
from chalicelib.reports.layouts.layout import zone_of
from chalicelib.reports.render import render

RETENTION_DAYS: Days = 7

Json = dict[str, Any]


def make(request: Json, remaining_ms: Callable[[], int]) -> Json:
    """Make the report that was requested; returns a `BatchReport`, or the message, code and status of an error."""
    with texts.language(request.get("language")):
        return _made_or_refused(request, remaining_ms)


def _made_or_refused(request: Json, remaining_ms: Callable[[], int]) -> Json:
    try:
        with deadline(budget(remaining_ms())):
            file = _make(request)
    except DeadlineExceeded:
        return _refusal(TimedOut(text(TOO_SLOW)))
    except AppError as error:
        return _refusal(error)
    note(file_id=file.id)
    return BatchReport.of(file).model_dump()


def _refusal(error: AppError) -> Json:
    return {"refusal": error.message, "code": error.error_code, "status": error.status}


class _Rows(list[Row]):
    """The sink of the layout. It holds all rows: they are written after the summary, which is complete after them."""

    add = list.append

    def expect(self, total: int) -> None:
        note(rows=total)


def _make(request: Json) -> File:
    rows, parameters = _Rows(), {"batch_id": request["batch_id"], "time_zone": request.get("time_zone")}
    summary = BATCH.collect(parameters, rows, None)
    at = clock.now()
    brand = branding.company(), branding.logo()
    meta = {text("Создал"): request["user_name"]}
    heading = Heading(text(BATCH.description), "", at, meta, zone_of(parameters), *brand)
    document = BATCH.compose(heading, summary, iter(rows))
    owner = {"user_id": request["user_id"], "file_id": request.get("file_id")}
    file = files.new(document.title, request["format"], RETENTION_DAYS, at, **owner)
    with TemporaryDirectory() as folder:
        target = Path(folder) / "report"
        render(document, file.format, target)
        files.put(file, target)
    _register(file, summary, request)
    return file


def _register(file: File, summary: Summary, request: Json) -> None:
    """Register the file and record its event, and the event that requests the email if there is an address."""
    batch_id, address, at = request["batch_id"], request["user_email"], clock.now()
    common: Json = {"batch_number": summary["batch"]["batch_number"], "report_type": file.format, "batch_id": batch_id}
    generated: Json = {"file_url": file.download_url, "expires_at": clock.to_json(file.expires_at)}
    with transaction() as tx:
        if "seen" in request:  # the revision of the batch that `If-Match` was compared with
            batches.require_revision(tx, batch_id, request["seen"], PreconditionFailed())
        files.register(tx, file)
        owner = Actor(request["user_id"], "", request["user_name"], None, tuple(request["user_roles"]))
        quotas.take(tx, owner, reports=1, emails=int(bool(address)))
        events.record(tx, "batch.report_generated", f"batch#{batch_id}", at, **common, **generated)
        if address:
            email: Json = {"file_id": file.id, "total": summary["total"], "aggregated": summary["done"]}
            email |= {"user_email": address, "language": texts.current()}
            events.record(tx, "batch.report_mail_requested", f"batch#{batch_id}", at, **common, **email)
