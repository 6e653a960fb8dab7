"""Calls that need a token."""

from collections.abc import Iterator

import pytest

from chalicelib.core.settings import settings
from tests.people import signing


@pytest.fixture
def locked(tables_of_the_system: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every call needs a token."""
    monkeypatch.setenv("JWT_SECRET_ARN", signing())
    monkeypatch.setenv("AUTH_REQUIRED", "true")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()
