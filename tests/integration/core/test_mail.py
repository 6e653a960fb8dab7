"""Email arrives as it was sent, with Cyrillic and files."""

from collections.abc import Callable, Iterator
from email import message_from_string, policy

import pytest
from botocore.exceptions import EndpointConnectionError

from chalicelib.core import circuits, mail
from chalicelib.core.aws import client
from chalicelib.core.breaker import CircuitOpen
from chalicelib.core.errors import Unavailable
from chalicelib.core.settings import settings


@pytest.fixture
def sender(tables: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    tables("breakers")
    circuits.forget()
    monkeypatch.setenv("MAIL_FROM", "shopfloor@example.com")
    settings.cache_clear()
    client("ses").verify_email_identity(EmailAddress="shopfloor@example.com")
    yield "shopfloor@example.com"
    settings.cache_clear()


def test_a_message_arrives_with_its_attachment(sender: str) -> None:
    from moto.core import DEFAULT_ACCOUNT_ID
    from moto.ses.models import ses_backends

    mail.send("a@b.example", "Отчет о партии 1001", "Готов.", [("Отчет.pdf", "application/pdf", b"%PDF-1")])
    (sent,) = ses_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].sent_messages
    assert (sent.source, set(sent.destinations)) == (sender, {"a@b.example"})
    message = message_from_string(sent.raw_data, policy=policy.default)
    assert message["Subject"] == "Отчет о партии 1001"
    body = message.get_body()
    assert body is not None and body.get_content().strip() == "Готов."
    (attached,) = message.iter_attachments()
    assert (attached.get_filename(), attached.get_content()) == ("Отчет.pdf", b"%PDF-1")


def test_without_a_sender_nothing_is_sent(aws: None) -> None:
    with pytest.raises(Unavailable, match="MailFrom"):
        mail.send("a@b.example", "x", "y")


def test_mail_that_fails_too_often_is_left_alone(sender: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(**_: object) -> None:
        tried.append(1)
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")

    tried: list[int] = []
    monkeypatch.setattr(client("ses"), "send_raw_email", unreachable)
    for _ in range(5):
        with pytest.raises(EndpointConnectionError):
            mail.send("a@b.example", "x", "y")
    with pytest.raises(CircuitOpen):
        mail.send("a@b.example", "x", "y")
    assert len(tried) == 5
