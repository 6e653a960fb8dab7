"""Which workers are ended when the code of their function changes."""

from types import SimpleNamespace
from typing import Any

import pytest
from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from localstack.engine import handover
from tests.waiting import wait_for

KEY = "000000000000:us-east-1:{}:$LATEST"


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The workers that were ended; the pools of MiniStack are empty and belong to this test."""
    workers: list[Any] = []
    monkeypatch.setattr(lambda_runtime, "_workers", {})
    monkeypatch.setattr(lambda_runtime, "kill_workers", workers.extend)
    return workers


@pytest.fixture
def update(monkeypatch: pytest.MonkeyPatch) -> Any:
    """MiniStack's call for new code, as it is after `install`."""
    monkeypatch.setattr(lambda_svc, "invalidate_worker", lambda_svc.invalidate_worker)
    monkeypatch.setattr(lambda_svc, "_update_config", lambda_svc._update_config)
    monkeypatch.setattr(
        lambda_svc, "_update_code", lambda name: lambda_svc.invalidate_worker(name, qualifier="$LATEST")
    )
    handover.install()
    handover.install()  # once more does nothing
    return lambda_svc._update_code


def add_worker(function: str, *, busy: bool) -> Any:
    worker = SimpleNamespace(in_use=busy)
    lambda_runtime._workers.setdefault(KEY.format(function), []).append(worker)
    return worker


def test_a_busy_worker_ends_its_call_and_then_itself_and_gets_no_other_one(ended: list[Any], update: Any) -> None:
    busy, idle, other = add_worker("work", busy=True), add_worker("work", busy=False), add_worker("api", busy=False)
    update("work")
    assert ended == [idle]
    assert lambda_runtime._workers == {KEY.format("api"): [other]}
    busy.in_use = False
    wait_for(lambda: ended == [idle, busy])


def test_a_worker_that_does_not_answer_is_ended_at_once(ended: list[Any], update: Any) -> None:
    stuck = add_worker("work", busy=True)
    lambda_svc.invalidate_worker("work", qualifier="$LATEST")
    assert ended == [stuck]
