"""The examples in docs/examples do what the pages that show them say."""

import runpy
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.core.actor import ADMINISTRATOR
from chalicelib.deferred_tasks import model as deferred
from chalicelib.deferred_tasks import registry
from chalicelib.long_tasks import kinds
from chalicelib.long_tasks import model as long
from localstack.config import ROOT

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def load(name: str) -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "docs" / "examples" / name))


@pytest.fixture
def lamp(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], Any]:
    """Runs a task of the type that the example registers."""
    monkeypatch.setattr(registry, "_types", types := dict(registry.TYPES))
    monkeypatch.setattr(registry, "TYPES", types)
    load("switch_lamp.py")
    return lambda payload: registry.run(deferred.Task(1, 1, "switch_lamp", payload, NOW, NOW, NOW, None), ADMINISTRATOR)


def test_a_type_of_deferred_tasks(lamp: Callable[[Any], Any]) -> None:
    assert lamp({"number": 3}) == {"lamp": 3, "is": "on"}
    with pytest.raises(deferred.Failure, match="Такой лампы нет"):
        lamp({"number": 9})
    with pytest.raises(deferred.Failure, match="payload: number"):
        lamp({"number": 0})


def test_a_kind_of_long_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "_kinds", list(kinds._kinds))
    load("resolve.py")
    task = lambda text: long.Task(1, 1, text, NOW, None)  # noqa: E731
    assert "127.0.0.1" in kinds.run(task("Resolve localhost")).split()
    with pytest.raises(long.Failure, match="Имя узла не найдено"):
        kinds.run(task("resolve no-such-host.invalid"))
