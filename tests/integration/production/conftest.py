"""Empty tables of the whole system for each test, made once for each module."""

from collections.abc import Iterator

import pytest

from tests.production import empty_tables


@pytest.fixture(autouse=True)
def empty(tables_of_the_system: None) -> Iterator[None]:
    """Nothing is left of the test before."""
    yield
    empty_tables()
