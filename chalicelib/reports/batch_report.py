"""The report on a batch that is made while its user waits (batch_order.py): the document is that of template 3.

The deadline leaves the api function time to answer. What is expected to go wrong goes back as data. The file is stored
first, then in one transaction made known and announced, so there is an event exactly when there is a file; a run that
dies in between leaves an object that nobody knows, and that the bucket's lifecycle removes.
"""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from chalicelib.batches import service as batches
from chalicelib.core import clock
from chalicelib.core.actor import Actor
from chalicelib.core.deadline import DeadlineExceeded, budget, deadline
from chalicelib.core.errors import AppError, PreconditionFailed, TimedOut
from chalicelib.core.logs import note
from chalicelib.core.transactions import transaction
from chalicelib.events import service as events
from chalicelib.files import service as files
from chalicelib.files.model import Days, File
from chalicelib.quotas import service as quotas
from chalicelib.reports.batch_order import LATE, Answer, answer_of
from chalicelib.reports.layouts import BATCH, Heading, Row, Summary
from chalicelib.reports.render import render

KEPT_DAYS: Days = 7


def make(asked: Answer, remaining_ms: Callable[[], int]) -> Answer:
    """Make the report that was asked for; the answer says where it is, or why there is none."""
    try:
        with deadline(budget(remaining_ms())):
            file = _make(asked)
    except DeadlineExceeded:
        return _refusal(TimedOut(LATE))
    except AppError as refusal:
        return _refusal(refusal)
    note(file_id=file.id)
    return answer_of(file)


def _refusal(error: AppError) -> Answer:
    return {"refusal": error.message, "code": error.error_code, "status": error.status}


class _Rows(list[Row]):
    """The sink of the layout: facts and charts stand before the last row, so all rows are kept."""

    add = list.append

    def expect(self, total: int) -> None:
        note(rows=total)


def _make(asked: Answer) -> File:
    rows = _Rows()
    summary = BATCH.collect({"batch_id": asked["batch_id"]}, rows, None)
    at = clock.now()
    document = BATCH.document(Heading(BATCH.description, "", at, {"Создал": asked["user_name"]}), summary, iter(rows))
    whose = {"user_id": asked["user_id"], "file_id": asked.get("file_id")}
    file = files.new(document.title, asked["format"], KEPT_DAYS, at, **whose)
    with TemporaryDirectory() as folder:
        target = Path(folder) / "report"
        render(document, file.format, target)
        files.put(file, target)
    _announce(file, summary, asked)
    return file


def _announce(file: File, summary: Summary, asked: Answer) -> None:
    """Make the file known, say so, and have it sent when somebody wants it sent."""
    batch_id, address, at = asked["batch_id"], asked["user_email"], clock.now()
    about: Answer = {"batch_id": batch_id, "batch_number": summary["batch"]["batch_number"], "report_type": file.format}
    where: Answer = {"file_url": file.download_url, "expires_at": clock.to_json(file.expires_at)}
    letter: Answer = {"file_id": file.id, "total": summary["total"], "aggregated": summary["done"]}
    with transaction() as tx:
        if "seen" in asked:
            batches.require_revision(tx, batch_id, asked["seen"], PreconditionFailed())
        files.register(tx, file)
        maker = Actor(asked["user_id"], "", asked["user_name"], None, tuple(asked["user_roles"]))
        quotas.take(tx, maker, reports=1, emails=int(bool(address)))
        events.record(tx, "batch.report_generated", f"batch#{batch_id}", at, **about, **where)
        if address:
            letter["user_email"] = address
            events.record(tx, "batch.report_mail_requested", f"batch#{batch_id}", at, **about, **letter)
