"""The emulator that the tests of the engine share, and their mark."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.localstack.engine.ways import Ways

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is marked `slow`: it starts processes and makes thousands of calls."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="module")
def ways() -> Iterator[Ways]:
    """An API with an echo function, asked both ways."""
    made = Ways()
    yield made
    made.close()
