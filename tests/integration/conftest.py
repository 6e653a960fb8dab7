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
def time_stands_still(still_clock: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """No pause, lease or day ends because this machine is slow (see `later`), and no progress is written and no circuit
    read or written once more: tests count calls, and let something happen after the n-th.
    """
    moment = time.monotonic()
    for module in (aggregation, circuits, later_work):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: moment))
