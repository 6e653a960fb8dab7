"""The emails of reports: the messages that SES was given, and the listeners that send them."""

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_string, policy
from email.message import EmailMessage
from typing import Any

import pytest

import app
from chalicelib.core.aws import client
from chalicelib.core.settings import settings
from tests.http_events import lambda_context
from tests.tasks import to_react

SENDER = "shopfloor@example.com"


@contextmanager
def verified_sender(**environment: str) -> Iterator[list[Any]]:
    """Set up SES with a verified sender, and these settings; yields the list of sent messages."""
    from moto.core import DEFAULT_ACCOUNT_ID
    from moto.ses.models import ses_backends

    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"MAIL_FROM": SENDER, **environment}.items():
            patch.setenv(name, value)
        settings.cache_clear()
        client("ses").verify_email_identity(EmailAddress=SENDER)
        sent: list[Any] = ses_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].sent_messages
        sent.clear()
        yield sent
    settings.cache_clear()


def deliver(event: str, data: dict[str, Any]) -> dict[str, Any]:
    """Call the listener of an event with a message of the queue."""
    detail = {"event": event, "events": [{"id": "1", "timestamp": "", "data": data}]}
    answer: dict[str, Any] = app.react(to_react(detail), lambda_context())
    return answer


def message_of(sent: Any) -> EmailMessage:
    """Return a sent message."""
    message = message_from_string(sent.raw_data, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message
