"""Sends a report to one of its recipients: the listener of `report.mail_requested`.

Its message may come twice, also at the same time; once the email was sent, it is not sent again.
"""

from typing import Any

from chalicelib.core import idempotency, mail, objects
from chalicelib.core.logs import log
from chalicelib.core.settings import settings
from chalicelib.reports import store
from chalicelib.reports.store import ReportItem


def send(data: dict[str, Any]) -> None:
    """Send the email that an event asks for."""
    number, email = int(data["report_id"]), str(data["user_email"])
    idempotency.once(f"report-mail#{number}#{email}", lambda: _send(number, email))


def _send(number: int, email: str) -> None:
    report = store.find_report(number)
    if report is None or not report.file_key:
        log.warning("a report was deleted before it could be sent", extra={"report_id": number})
        return
    attachments = []
    if int(report.file_size or 0) <= mail.LARGEST_FILE:
        content = objects.read(report.file_key)
        attachments = [(f"{report.name}.{report.format}", objects.CONTENT_TYPES[report.format], content)]
    mail.send(email, f"Отчет «{report.name}»", _text(report, attached=bool(attachments)), attachments)


def _text(report: ReportItem, *, attached: bool) -> str:
    first = "приложен к этому письму" if attached else "слишком велик для письма, скачайте его"
    lines = [f"Отчет «{report.name}» {first}.", report.description, f"Отчет №{report.number}, {report.format}"]
    if url := settings().public_url:
        lines.append(f"Открыть в Shopfloor: {url}/console#/reports/{report.number}")
    return "\n\n".join(line for line in lines if line) + "\n"
