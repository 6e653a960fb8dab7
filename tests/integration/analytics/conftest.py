"""Empty tables for each test, created once for each module."""

from collections.abc import Iterator

import pytest

from chalicelib.batches.exchange import applying
from chalicelib.core import recount as core_recount
from chalicelib.core.settings import settings
from infra.machines import AGGREGATION
from tests.machine import create
from tests.production import empty_tables, production
from tests.tasks import waiting, work_queue


@pytest.fixture(scope="module")
def tables_of_the_system() -> Iterator[None]:
    """Set up moto with everything that writes batches and products, also in the background."""
    with pytest.MonkeyPatch.context() as patch, production(), work_queue():
        patch.setenv("AGGREGATION_ARN", create(AGGREGATION))
        settings.cache_clear()
        yield
    settings.cache_clear()


@pytest.fixture(autouse=True)
def empty(tables_of_the_system: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Start with empty tables, and recount without pauses."""
    monkeypatch.setattr(core_recount, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(applying, "LANES", 1)  # moto copies its tables while others write to them
    yield
    waiting()
    empty_tables()
