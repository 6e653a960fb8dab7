"""What all tests share: the environment of a function, tables of the registry, a clock to put forward."""

import gc
import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import hypothesis
import pytest

os.environ.update(
    STAGE="local",
    STACK_NAME="shopfloor-test",
    FILES_BUCKET="shopfloor-test-files",
    AUTH_REQUIRED="false",
    REGISTRATION="open",
    LISTING_SHARDS="3",
    COUNTER_SHARDS="4",
    AWS_REGION="us-east-1",
    AWS_DEFAULT_REGION="us-east-1",
    AWS_ACCESS_KEY_ID="test",
    AWS_SECRET_ACCESS_KEY="test",
)
hypothesis.settings.register_profile("tests", deadline=None)  # a busy machine is not a failure
hypothesis.settings.load_profile("tests")
gc.set_threshold(200_000, 20, 100)  # moto makes many objects and few cycles: looking for them was an eighth of the time


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """moto, empty, with clients that belong to this test."""
    from chalicelib.core.aws import client
    from tests.aws_calls import mock_aws

    with mock_aws():
        client.cache_clear()
        yield
    client.cache_clear()


@pytest.fixture
def tables(aws: None) -> Callable[..., None]:
    """Make tables of the registry: `tables("batches", "counters")`."""
    return make_tables


def make_tables(*names: str) -> None:
    """The same for a test that opens moto itself, once for each example."""
    from chalicelib.core.aws import client
    from infra.tables import creations
    from tests.tables import tables

    client("dynamodb")  # made before a test counts time
    for arguments in creations(names):
        tables().create(arguments)


@pytest.fixture
def later() -> Iterator[Callable[..., None]]:
    """Stop the clock of the service; `later(minutes=5)` puts it forward.

    It moves by a microsecond at each reading, so that no two moments are the same. It stays stopped when a test undoes
    what it has replaced itself.
    """
    from chalicelib.core import clock

    began, readings, ahead = clock.now(), count(1), timedelta()

    def now() -> datetime:
        return began + ahead + timedelta(microseconds=next(readings))

    def put_forward(**amount: Any) -> None:
        nonlocal ahead
        ahead += timedelta(**amount)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", now)
        yield put_forward


@pytest.fixture
def still_clock(later: Callable[..., None]) -> None:
    """Stop the clock of the service. Nothing ends and no midnight comes while a slow machine works."""


@pytest.fixture
def day(still_clock: None) -> Callable[[int], str]:
    """`day(-1)` is the day before the one on which the test began, in UTC."""
    from chalicelib.core import clock

    today = clock.now().date()
    return lambda ahead: (today + timedelta(days=ahead)).isoformat()


@pytest.fixture
def site_in() -> Iterator[Callable[[str], None]]:
    """`site_in("Europe/Moscow")` sets the time zone of the site."""
    from chalicelib.core.settings import settings

    with pytest.MonkeyPatch.context() as patch:

        def set_zone(name: str) -> None:
            patch.setenv("TIME_ZONE", name)
            settings.cache_clear()

        yield set_zone
    settings.cache_clear()
