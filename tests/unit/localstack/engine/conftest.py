"""One emulator for the fast paths on the way from a request to a function."""

from collections.abc import Iterator

import pytest

from tests.unit.localstack.engine.ways import Ways


@pytest.fixture(scope="module")
def ways() -> Iterator[Ways]:
    """An API with an echo function, asked both ways."""
    made = Ways()
    yield made
    made.close()
