"""Empty tables of the whole system for each test, made once for each module."""

from collections.abc import Iterator

import pytest

from chalicelib.analytics import recount
from chalicelib.core.listing import LISTINGS
from tests.production import empty_tables, production


@pytest.fixture(scope="module")
def tables_of_the_system() -> Iterator[None]:
    """moto with every table."""
    with production():
        yield


@pytest.fixture(autouse=True)
def empty(tables_of_the_system: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing is left of the test before; lists that other tests declare are not ours; nobody waits between looks."""
    for name in [name for name in LISTINGS if name == "things"]:
        monkeypatch.delitem(LISTINGS, name)
    monkeypatch.setattr(recount, "PAUSE", 0)
    yield
    empty_tables()
