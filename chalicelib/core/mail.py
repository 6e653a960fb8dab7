"""Emails, sent by SES through the circuit `email`."""

from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import make_msgid

from chalicelib.core.aws import client
from chalicelib.core.circuits import through_circuit
from chalicelib.core.errors import Unavailable
from chalicelib.core.settings import settings

MAX_FILE_BYTES = 7_000_000  # SES takes messages of 10 MB, in which a file is a third larger

Attachment = tuple[str, str, bytes]
"""File name, content type, content."""


def required_sender() -> str:
    """Return the sender of emails; Unavailable when the deployment has none (MailFrom)."""
    if not settings().mail_from:
        raise Unavailable("Отправка почты не настроена: у развертывания не указан отправитель (MailFrom)")
    return settings().mail_from


def send(to: str, subject: str, text: str, attachments: Sequence[Attachment] = ()) -> str:
    """Send one email; return the message id of SES. Unavailable while the circuit is open."""
    sender = required_sender()
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Message-ID"] = make_msgid(domain=sender.partition("@")[2])
    message.set_content(text, cte="quoted-printable")
    for name, content_type, content in attachments:
        kind, _, subtype = content_type.partition(";")[0].partition("/")
        message.add_attachment(content, maintype=kind, subtype=subtype, filename=name)
    request = {"Source": sender, "Destinations": [to], "RawMessage": {"Data": message.as_bytes()}}
    with through_circuit("email"):
        return str(client("ses").send_raw_email(**request)["MessageId"])
