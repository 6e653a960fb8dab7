"""Empty tables and an empty bucket for each test, made once for each module."""

from collections.abc import Iterator

import pytest

from tests.construction import construction, forget_files
from tests.production import empty_tables


@pytest.fixture(scope="package")
def shared_tables() -> Iterator[None]:
    """moto with everything that construction work needs."""
    with construction():
        yield


@pytest.fixture(autouse=True)
def empty(shared_tables: None) -> Iterator[None]:
    """Nothing is left of the test before."""
    yield
    empty_tables()
    forget_files()
