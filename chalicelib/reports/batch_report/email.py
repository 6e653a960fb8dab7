"""The listener of `batch.report_mail_requested`: sends the report on a batch to the address in the request.

The event may be delivered twice, also at the same time; the email is sent once.
"""

from typing import Any

from chalicelib.core import clock, idempotency, texts
from chalicelib.core.errors import Gone
from chalicelib.core.logs import log
from chalicelib.core.texts import text
from chalicelib.files import service as files
from chalicelib.files.model import File
from chalicelib.reports.email import FileEmail, send_file
from chalicelib.reports.render.values import value_text

BODY = """{name} {note}.

Всего продукции: {total}
Агрегировано: {done}
Осталось: {left}
Процент выполнения: {share}

Отчет составлен {made} ({zone}).
До {until} ({zone}) файл доступен по адресу {url}
"""


def send(data: dict[str, Any]) -> None:
    """Send the email that an event requests."""
    with texts.language(data.get("language")):
        idempotency.once(f"mail#{data['file_id']}", lambda: _send(data))


def _send(data: dict[str, Any]) -> None:
    try:
        file = files.get(data["file_id"])
    except Gone:
        log.warning("a report expired before it could be sent", extra={"file_id": data["file_id"]})
        return
    subject = text("Отчет о партии {number}", number=data["batch_number"])
    email = FileEmail(data["user_email"], subject, file.key, file.name, file.format)
    send_file(email, lambda file_note: _body(file, data, file_note))


def _body(file: File, data: dict[str, Any], file_note: str) -> str:
    total, done, zone = data["total"], data["aggregated"], clock.site_zone()
    share = value_text(done / total if total else 0.0, "percent", zone)
    made, until = (value_text(moment, "datetime", zone) for moment in (file.created_at, file.expires_at))
    times = {"made": made, "until": until, "zone": zone}
    counts = {"total": total, "done": done, "left": total - done, "share": share}
    return text(BODY, name=file.name, note=file_note, url=file.download_url, **times, **counts)
