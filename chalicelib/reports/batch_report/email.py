"""The listener of `batch.report_mail_requested`: sends the report on a batch to the address in the request.

The event may be delivered twice, also at the same time; the email is sent once.
"""

from typing import Any

from chalicelib.core import idempotency
from chalicelib.core.errors import Gone
from chalicelib.core.logs import log
from chalicelib.files import service as files
from chalicelib.files.model import File
from chalicelib.reports.email import FileEmail, send_file


def send(data: dict[str, Any]) -> None:
    """Send the email that an event requests."""
    idempotency.once(f"mail#{data['file_id']}", lambda: _send(data))


def _send(data: dict[str, Any]) -> None:
    try:
        file = files.get(data["file_id"])
    except Gone:
        log.warning("a report expired before it could be sent", extra={"file_id": data["file_id"]})
        return
    email = FileEmail(data["user_email"], f"Отчет о партии {data['batch_number']}", file.key, file.name, file.format)
    send_file(email, lambda file_note: _text(file, data, file_note))


def _text(file: File, data: dict[str, Any], file_note: str) -> str:
    total, done = data["total"], data["aggregated"]
    share = f"{100 * done / total if total else 0:.1f}".replace(".", ",")
    return (
        f"{file.name} {file_note}.\n\n"
        f"Всего продукции: {total}\n"
        f"Агрегировано: {done}\n"
        f"Осталось: {total - done}\n"
        f"Процент выполнения: {share} %\n\n"
        f"Отчет составлен {file.created_at:%d.%m.%Y %H:%M} UTC.\n"
        f"До {file.expires_at:%d.%m.%Y %H:%M} UTC файл доступен по адресу {file.download_url}\n"
    )
