"""Empty tables of the whole system for each test, and a queue of work."""

from collections.abc import Iterator

import pytest

from tests.production import empty_tables, production
from tests.tasks import waiting, work_queue


@pytest.fixture(scope="module")
def house() -> Iterator[None]:
    """moto with every table, the bucket and the queue."""
    with production(), work_queue():
        yield


@pytest.fixture(autouse=True)
def empty(house: None) -> Iterator[None]:
    """Nothing is left of the test before."""
    yield
    waiting()
    empty_tables()
