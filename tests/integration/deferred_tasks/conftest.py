"""Tables in moto once for a file, a new FakeAws for each test."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

import chalicelib.wiring.task_types  # noqa: F401 - makes every type known, as the function does
from chalicelib.core import clock, outgoing
from chalicelib.core.settings import settings
from chalicelib.deferred_tasks import handlers, registry
from tests.aws_calls import patch_calls
from tests.integration.deferred_tasks.fake_aws import FakeAws
from tests.killable_process import InlineExecutor
from tests.people import signing
from tests.production import empty_tables

SETTINGS = ("DEFERRED_QUEUE_URL", "DEFERRED_QUEUE_ARN", "DEFERRED_DLQ_ARN", "OUTSIDE_QUEUE_URL")
SETTINGS += ("SCHEDULER_ROLE_ARN", "SCHEDULE_GROUP")


@pytest.fixture
def fake_aws(tables_of_the_system: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAws]:
    """An empty one, whose functions work in one thread, so that their calls come in one order. Its clock stands still
    while they work, however long this machine takes for it.
    """
    made = FakeAws()
    monkeypatch.setattr(clock, "now", made.now)
    for name in SETTINGS:
        monkeypatch.setenv(name, name.lower())
    monkeypatch.setenv("MAIL_FROM", "shopfloor@example.com")
    settings.cache_clear()
    types = dict(registry.TYPES)
    monkeypatch.setattr(registry, "_types", types)
    monkeypatch.setattr(registry, "TYPES", types)
    made.register()
    patch_calls(monkeypatch, made.aws)
    monkeypatch.setattr(outgoing, "request", made.request)
    monkeypatch.setattr(handlers, "time", SimpleNamespace(sleep=lambda seconds: made.later(seconds=seconds)))
    monkeypatch.setattr(handlers, "own_threads", InlineExecutor)
    yield made
    monkeypatch.undo()
    settings.cache_clear()
    empty_tables()


@pytest.fixture(scope="module")
def secret(tables_of_the_system: None) -> str:
    """What signs the tokens."""
    return signing()


@pytest.fixture
def locked(fake_aws: FakeAws, secret: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAws]:
    """Every call needs a token. Its time is past: PyJWT, which has the real clock, refuses tokens of the future."""
    fake_aws.later(hours=-1)
    monkeypatch.setenv("JWT_SECRET_ARN", secret)
    monkeypatch.setenv("AUTH_REQUIRED", "true")
    settings.cache_clear()
    yield fake_aws
    monkeypatch.undo()
    settings.cache_clear()
