"""Empty tables and a secret that signs tokens; `locked` for where every call needs one."""

from collections.abc import Callable, Iterator

import pytest

from chalicelib.core.settings import settings
from chalicelib.users import passwords
from tests.people import signing
from tests.production import empty_tables, production


@pytest.fixture(scope="module")
def tables_of_the_system() -> Iterator[None]:
    """moto with every table; passwords are hashed as Argon2id allows it at the least."""
    with pytest.MonkeyPatch.context() as patch, production():
        patch.setenv("JWT_SECRET_ARN", signing())
        patch.setattr(passwords, "MEMORY_KIB", 8)
        patch.setattr(passwords, "PASSES", 1)
        passwords._hasher.cache_clear()
        patch.setattr(passwords, "UNKNOWN_PASSWORD_HASH", passwords.hashed("no account"))
        settings.cache_clear()
        yield
    passwords._hasher.cache_clear()
    settings.cache_clear()


@pytest.fixture(autouse=True)
def shared_tables(tables_of_the_system: None) -> Iterator[None]:
    """Nobody is there yet."""
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
