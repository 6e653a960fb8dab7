"""Empty tables of the whole system for each test, made once for each module; tokens can be signed."""

from collections.abc import Iterator

import pytest

from chalicelib.core import circuits
from tests.people import production_with_tokens
from tests.production import empty_tables


@pytest.fixture(scope="module")
def tables_of_the_system() -> Iterator[None]:
    """moto with every table."""
    with production_with_tokens():
        yield


@pytest.fixture(autouse=True)
def empty(tables_of_the_system: None) -> Iterator[None]:
    """Nothing is left of the test before."""
    circuits.forget()
    yield
    empty_tables()
