"""Empty tables and a secret that signs tokens; `locked`: every call needs a token."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chalicelib.core import circuits
from chalicelib.core.aws import client
from chalicelib.core.settings import settings
from chalicelib.users import passwords
from tests.integration.users.emailed_links import SENDER, URL
from tests.people import production_with_tokens
from tests.production import empty_tables


@pytest.fixture(scope="module")
def tables_of_the_system() -> Iterator[None]:
    """moto with every table; passwords are hashed as Argon2id allows it at the least."""
    with production_with_tokens() as patch:
        patch.setattr(passwords, "MEMORY_KIB", 8)
        patch.setattr(passwords, "PASSES", 1)
        passwords._hasher.cache_clear()
        patch.setattr(passwords, "UNKNOWN_PASSWORD_HASH", passwords.hashed("no account"))
        yield
    passwords._hasher.cache_clear()


@pytest.fixture(autouse=True)
def shared_tables(tables_of_the_system: None) -> Iterator[None]:
    """Empty tables for each test."""
    yield
    empty_tables()


@pytest.fixture
def setting(shared_tables: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], None]]:
    """`setting("REGISTRATION", "closed")` for as long as the test runs."""

    def change(name: str, value: str) -> None:
        monkeypatch.setenv(name, value)
        settings.cache_clear()

    yield change
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def locked(setting: Callable[[str, str], None]) -> None:
    """AUTH_REQUIRED is on."""
    setting("AUTH_REQUIRED", "true")


@pytest.fixture
def sent_emails(setting: Callable[[str, str], None]) -> Iterator[list[Any]]:
    """The emails that SES has sent, by a verified sender."""
    from moto.core import DEFAULT_ACCOUNT_ID
    from moto.ses.models import ses_backends

    circuits.forget()
    setting("MAIL_FROM", SENDER)
    setting("PUBLIC_URL", URL)
    client("ses").verify_email_identity(EmailAddress=SENDER)
    sent: list[Any] = ses_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].sent_messages
    sent.clear()
    yield sent
    sent.clear()
