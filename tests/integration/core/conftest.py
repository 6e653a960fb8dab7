"""Fixtures of the tests that call every route that writes."""

from collections.abc import Iterator

import pytest

from chalicelib.core import circuits
from tests.integration.core.writing_routes import all_side_effects
from tests.production import empty_tables
from tests.tasks import waiting


@pytest.fixture(scope="module")
def side_effects(tables_of_the_system: None) -> Iterator[None]:
    """moto with every table, queue and email that the routes need."""
    with all_side_effects():
        yield


@pytest.fixture
def empty_after_test(side_effects: None) -> Iterator[None]:
    """Empty tables, queues and breakers for each test."""
    circuits.forget()
    yield
    waiting()
    empty_tables()
