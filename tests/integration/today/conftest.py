"""Empty tables of the whole system for each test, with the queue `work` and the secret of tokens."""

from collections.abc import Iterator

import pytest

from chalicelib.batches.exchange import applying
from tests.people import production_with_tokens
from tests.production import empty_tables
from tests.tasks import waiting, work_queue


@pytest.fixture(scope="module")
def tables_of_the_system() -> Iterator[None]:
    """moto with what an import needs."""
    with production_with_tokens(), work_queue():
        yield


@pytest.fixture(autouse=True)
def empty(tables_of_the_system: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing is left of the test before."""
    monkeypatch.setattr(applying, "LANES", 1)  # moto copies its tables while others write to them
    yield
    waiting()
    empty_tables()
