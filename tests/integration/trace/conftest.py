"""Empty tables of the whole system for each test, with a queue, a state machine of reports and the secret of tokens."""

from collections.abc import Iterator

import pytest

from chalicelib.batches.exchange import applying
from chalicelib.core.settings import settings
from infra.machines import AGGREGATION, REPORT_SAGA
from tests.machine import create
from tests.people import production_with_tokens
from tests.production import empty_tables
from tests.tasks import waiting, work_queue


@pytest.fixture(scope="module")
def tables_of_the_system() -> Iterator[None]:
    """moto with everything that adds and aggregates products, and makes reports on them."""
    with production_with_tokens() as patch, work_queue():
        patch.setenv("AGGREGATION_ARN", create(AGGREGATION))
        patch.setenv("REPORT_SAGA_ARN", create(REPORT_SAGA))
        settings.cache_clear()
        yield


@pytest.fixture(autouse=True)
def empty(tables_of_the_system: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing is left of the test before."""
    monkeypatch.setattr(applying, "LANES", 1)  # moto copies its tables while others write to them
    yield
    waiting()
    empty_tables()
