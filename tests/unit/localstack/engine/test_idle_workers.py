"""Which workers are ended when they have no calls or when the local stack is above its memory limit."""

import time
from types import SimpleNamespace
from typing import Any

import pytest
from ministack.core import lambda_runtime

from localstack.engine import idle_workers


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The functions whose workers were ended, in order; the pools of MiniStack are empty and belong to this test."""
    names: list[str] = []
    monkeypatch.setattr(lambda_runtime, "_workers", {})
    monkeypatch.setattr(lambda_runtime, "kill_workers", lambda workers: names.extend(one.func_name for one in workers))
    return names


def add_worker(function: str, idle_seconds: float, in_use: bool = False) -> Any:
    worker = SimpleNamespace(func_name=function, last_used=time.time() - idle_seconds, in_use=in_use)
    lambda_runtime._workers.setdefault(function, []).append(worker)
    return worker


def set_memory(monkeypatch: pytest.MonkeyPatch, *megabytes: int) -> None:
    """The memory of the stack at each look."""
    sizes = iter(megabytes)
    monkeypatch.setattr(idle_workers, "memory_mb", lambda: (3, next(sizes)))


def test_a_worker_without_calls_is_ended_below_the_limit_and_one_of_the_api_stays(
    ended: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    set_memory(monkeypatch, 100)
    for function, idle_seconds in (("stack-api", 500), ("stack-relay", 71), ("stack-sweep", 60)):
        add_worker(function, idle_seconds)
    add_worker("stack-work", 500, in_use=True)
    idle_workers.end_idle_workers(600)
    assert ended == ["stack-relay"]
    assert not lambda_runtime._workers["stack-relay"]
    assert lambda_runtime._workers["stack-sweep"]


def test_above_the_limit_the_one_idle_longest_is_ended_first_until_the_rest_fits(
    ended: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    set_memory(monkeypatch, 700, 650, 600)
    for function, idle_seconds in (("stack-a", 20), ("stack-b", 40), ("stack-c", 30), ("stack-d", 5)):
        add_worker(function, idle_seconds)
    idle_workers.end_idle_workers(600)
    assert ended == ["stack-b", "stack-c"]


def test_a_worker_that_gets_a_call_meanwhile_goes_on(ended: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    worker = add_worker("stack-relay", 20)

    def call_meanwhile() -> tuple[int, int]:
        worker.in_use = True
        return 3, 1_000

    monkeypatch.setattr(idle_workers, "memory_mb", call_meanwhile)
    idle_workers.end_idle_workers(600)
    assert ended == []
    assert lambda_runtime._workers["stack-relay"] == [worker]
