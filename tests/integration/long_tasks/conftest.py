"""moto with tables and the state machine of long tasks, emptied after each test."""

from collections.abc import Iterator

import pytest

from chalicelib.core.settings import settings
from infra.machines import LONG_TASK
from tests.integration.long_tasks.api_calls import forget_executions
from tests.machine import create
from tests.people import production_with_tokens
from tests.production import empty_tables


@pytest.fixture(scope="package")
def shared_tables() -> Iterator[None]:
    """Everything that a long task needs."""
    with production_with_tokens() as patch:
        patch.setenv("LONG_TASK_ARN", create(LONG_TASK))
        settings.cache_clear()
        yield


@pytest.fixture(autouse=True)
def empty(shared_tables: None) -> Iterator[None]:
    """Nothing is left of the test before."""
    yield
    empty_tables()
    forget_executions()


@pytest.fixture
def locked(shared_tables: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """AUTH_REQUIRED is on."""
    monkeypatch.setenv("AUTH_REQUIRED", "true")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()
