"""Empty tables of the whole system for each test, and a queue of work."""

from collections.abc import Iterator

import pytest

from chalicelib.batches.exchange import applying
from tests.production import empty_tables, production
from tests.tasks import waiting, work_queue


@pytest.fixture(scope="module")
def shared_tables() -> Iterator[None]:
    """moto with every table, the bucket and the queue."""
    with production(), work_queue():
        yield


@pytest.fixture(autouse=True)
def empty(shared_tables: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing is left of the test before. moto undoes a failed transaction by setting back all tables: one lane."""
    monkeypatch.setattr(applying, "LANES", 1)
    yield
    waiting()
    empty_tables()
