"""Empty tables, and a new FakeAws for each test."""

from collections.abc import Callable, Iterator

import pytest

from chalicelib.core import outgoing
from chalicelib.core.settings import settings
from chalicelib.webhooks import fan_out, sending
from tests.aws_calls import patch_calls
from tests.integration.webhooks.fake_aws import FakeAws
from tests.killable_process import InlineExecutor
from tests.production import empty_tables


@pytest.fixture
def fake_aws(
    tables_of_the_system: None, later: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> Iterator[FakeAws]:
    """An empty one. Functions work in one thread, so that their calls come in one order."""
    made = FakeAws(later=later)
    monkeypatch.setenv("DELIVERIES_QUEUE_URL", "deliveries-url")
    monkeypatch.setenv("MAIL_FROM", "shopfloor@example.com")
    settings.cache_clear()
    patch_calls(monkeypatch, made.aws)
    monkeypatch.setattr(outgoing, "request", made.request)
    for module in (fan_out, sending):
        monkeypatch.setattr(module, "own_threads", InlineExecutor)
    yield made
    monkeypatch.undo()
    settings.cache_clear()
    empty_tables()
