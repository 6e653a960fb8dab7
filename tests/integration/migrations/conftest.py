"""What the tests of migrations start from."""

from collections.abc import Iterator

import pytest

from tests.integration.migrations.old_stack import NUMBERS, Stack, old_stack


@pytest.fixture
def stack() -> Iterator[Stack]:
    """Seven boxes of an earlier release."""
    with old_stack() as made:
        for number in NUMBERS:
            made.write_old(number)
        yield made
