"""What most of these tests start from."""

import time
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from chalicelib.batches import aggregation
from chalicelib.core import circuits, later_work
from tests.production import production


@pytest.fixture(scope="module")
def tables_of_the_system() -> Iterator[None]:
    """moto with every table."""
    with production():
        yield


@pytest.fixture(autouse=True)
def time_stands_still(still_clock: None) -> Iterator[None]:
    """Stop the clocks of the service during a test.

    On a slow machine a pause, a lease or a day could end in the middle of a test, progress could be written once more,
    or a circuit read again. Tests count such calls, and let something happen after the n-th.
    """
    moment = time.monotonic()
    with pytest.MonkeyPatch.context() as patch:
        for module in (aggregation, circuits, later_work):
            patch.setattr(module, "time", SimpleNamespace(monotonic=lambda: moment))
        yield
