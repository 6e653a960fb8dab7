"""Empty tables of the whole system for each test, with the queue `work` and the secret of tokens."""

from collections.abc import Iterator

import pytest

from chalicelib.batches.exchange import applying
from chalicelib.core.settings import settings
from tests.people import signing
from tests.production import empty_tables, production
from tests.tasks import waiting, work_queue


@pytest.fixture(scope="module")
def tables_of_the_system() -> Iterator[None]:
    """moto with what an import needs."""
    with pytest.MonkeyPatch.context() as patch, production(), work_queue():
        patch.setenv("JWT_SECRET_ARN", signing())
        settings.cache_clear()
        yield
    settings.cache_clear()


@pytest.fixture(autouse=True)
def empty(tables_of_the_system: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing is left of the test before."""
    monkeypatch.setattr(applying, "LANES", 1)  # moto copies its tables while others write to them
    yield
    waiting()
    empty_tables()
