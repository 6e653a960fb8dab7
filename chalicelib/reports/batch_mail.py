"""Sends the report on a batch to who asked for it: the listener of `batch.report_mail_requested`.

Its message may come twice, also at the same time; once the email was sent, it is not sent again.
"""

from typing import Any

from chalicelib.core import idempotency, mail, objects
from chalicelib.core.errors import Gone
from chalicelib.core.logs import log
from chalicelib.files import service as files
from chalicelib.files.model import File


def send(data: dict[str, Any]) -> None:
    """Send the email that an event asks for."""
    idempotency.once(f"mail#{data['file_id']}", lambda: _send(data))


def _send(data: dict[str, Any]) -> None:
    try:
        file = files.get(data["file_id"])
    except Gone:
        log.warning("a report expired before it could be sent", extra={"file_id": data["file_id"]})
        return
    attachments = []
    if (objects.size_of(file.key) or 0) <= mail.LARGEST_FILE:
        content = objects.read(file.key)
        attachments = [(f"{file.name}.{file.format}", objects.CONTENT_TYPES[file.format], content)]
    text = _text(file, data, attached=bool(attachments))
    mail.send(data["user_email"], f"Отчет о партии {data['batch_number']}", text, attachments)


def _text(file: File, data: dict[str, Any], *, attached: bool) -> str:
    first = "приложен к этому письму" if attached else "слишком велик для письма, скачайте его"
    total, done = data["total"], data["aggregated"]
    share = f"{100 * done / total if total else 0:.1f}".replace(".", ",")
    return (
        f"{file.name} {first}.\n\n"
        f"Всего продукции: {total}\n"
        f"Агрегировано: {done}\n"
        f"Осталось: {total - done}\n"
        f"Процент выполнения: {share} %\n\n"
        f"Отчет составлен {file.created_at:%d.%m.%Y %H:%M} UTC.\n"
        f"До {file.expires_at:%d.%m.%Y %H:%M} UTC файл доступен по адресу {file.download_url}\n"
    )
