"""Emails with a report: the listener of `report.mail_requested`, and sending of a file by email.

The event may be delivered twice, also at the same time; the email is sent once to each recipient.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chalicelib.core import idempotency, mail, objects, texts
from chalicelib.core.logs import log
from chalicelib.core.settings import settings
from chalicelib.core.texts import text
from chalicelib.reports import store
from chalicelib.reports.store import ReportItem


@dataclass(frozen=True)
class FileEmail:
    """An email about a file in S3; `name` is the file's name without its extension."""

    address: str
    subject: str
    key: str
    name: str
    format: str


def send(data: dict[str, Any]) -> None:
    """Send the email that an event requests."""
    number, address = int(data["report_id"]), str(data["user_email"])
    with texts.language(data.get("language")):
        idempotency.once(f"report-mail#{number}#{address}", lambda: _send(number, address))


def _send(number: int, address: str) -> None:
    report = store.find_report(number)
    if report is None or not report.file_key:
        log.warning("a report was deleted before it could be sent", extra={"report_id": number})
        return
    subject = text("Отчет «{name}»", name=report.name)
    email = FileEmail(address, subject, report.file_key, report.name, report.format)
    send_file(email, lambda file_note: _body(report, file_note))


def _body(report: ReportItem, file_note: str) -> str:
    about = text("Отчет №{number}, {format}", number=report.number, format=report.format)
    lines = [text("Отчет «{name}» {note}.", name=report.name, note=file_note), report.description, about]
    if url := settings().public_url:
        lines.append(text("Открыть в Shopfloor: {url}", url=f"{url}/console#/reports/{report.number}"))
    return "\n\n".join(line for line in lines if line) + "\n"


def send_file(email: FileEmail, body: Callable[[str], str]) -> None:
    """Send a file as an attachment, or without it when it is larger than an email may be.

    `body` makes the text; its argument is the end of a sentence that says whether the file is attached.
    """
    attachments, file_note = [], text("слишком велик для письма, скачайте его")
    if (objects.size_of(email.key) or 0) <= mail.MAX_FILE_BYTES:
        content, file_note = objects.read(email.key), text("приложен к этому письму")
        attachments = [(f"{email.name}.{email.format}", objects.CONTENT_TYPES[email.format], content)]
    mail.send(email.address, email.subject, body(file_note), attachments)
