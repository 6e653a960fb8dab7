"""What most of these tests start from."""

from collections.abc import Iterator

import pytest

from tests.production import production


@pytest.fixture(scope="module")
def tables_of_the_system() -> Iterator[None]:
    """moto with every table."""
    with production():
        yield
