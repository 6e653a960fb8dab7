"""Empty tables of the whole system for each test, made once for each module; tokens can be signed."""

from collections.abc import Iterator

import pytest

from chalicelib.core import circuits
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
def empty(tables_of_the_system: None) -> Iterator[None]:
    """Nothing is left of the test before."""
    circuits.forget()
    yield
    empty_tables()
