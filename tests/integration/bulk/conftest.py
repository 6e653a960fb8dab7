"""moto with tables, bucket, the queue `work` and the machine of aggregations, emptied after each test."""

from collections.abc import Iterator

import pytest

from chalicelib.batches import aggregation, bulk, contents, view
from chalicelib.core.settings import settings
from chalicelib.products import model
from infra.machines import AGGREGATION
from tests.machine import create
from tests.production import empty_tables, production
from tests.tasks import waiting, work_queue


@pytest.fixture(scope="module")
def shared_tables() -> Iterator[None]:
    """Everything that a task over many products needs."""
    with pytest.MonkeyPatch.context() as patch, production(), work_queue():
        patch.setenv("AGGREGATION_ARN", create(AGGREGATION))
        settings.cache_clear()
        yield
    settings.cache_clear()


@pytest.fixture(autouse=True)
def empty(shared_tables: None) -> Iterator[None]:
    """Nothing is left of the test before."""
    yield
    waiting()
    empty_tables()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """3 products a transaction, 2 transactions a checkpoint, 8 products a bucket, 3 a page; 12 products are shown."""
    for owner, name, value in [
        (bulk, "PRODUCTS_PER_PORTION", 3),
        (bulk, "PORTIONS_PER_GROUP", 2),
        (bulk, "PRODUCTS_PER_REMOVAL", 2),
        (bulk, "CODES_PER_READ", 5),
        (contents, "WRITES_PER_PORTION", 4),
        (aggregation, "CODES_PER_CHUNK", 4),
        (model, "BUCKET", 8),
        (model, "SHOWN", 12),
        (view, "MAX_PRODUCTS", 12),
        (model, "PAGE", 3),
    ]:
        monkeypatch.setattr(owner, name, value)
