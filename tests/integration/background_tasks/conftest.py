"""Empty tables of the whole system for each test, and a queue of work."""

from collections.abc import Iterator

import pytest

from tests.production import empty_tables, production
from tests.tasks import waiting, work_queue


@pytest.fixture(scope="module")
def shared_tables() -> Iterator[None]:
    with production(), work_queue():
        yield


@pytest.fixture(autouse=True)
def empty(shared_tables: None) -> Iterator[None]:
    yield
    waiting()
    empty_tables()
