"""Empty tables and a secret that signs tokens; `locked` for where every call needs one."""

from collections.abc import Iterator

import pytest

from chalicelib.core.settings import settings
from tests.people import signing
from tests.production import empty_tables, production


@pytest.fixture(scope="module")
def tables_of_the_system() -> Iterator[None]:
    """moto with every table."""
    with pytest.MonkeyPatch.context() as patch, production():
        patch.setenv("JWT_SECRET_ARN", signing())
        settings.cache_clear()
        yield
    settings.cache_clear()


@pytest.fixture(autouse=True)
def house(tables_of_the_system: None) -> Iterator[None]:
    """Nobody is there yet."""
    yield
    empty_tables()


@pytest.fixture
def locked(house: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """AUTH_REQUIRED is on."""
    monkeypatch.setenv("AUTH_REQUIRED", "true")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()
