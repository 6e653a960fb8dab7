"""An execution starts without the emulator's delay, its own waits stay, and old executions are dropped."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from ministack.services import stepfunctions

from localstack.engine import executions
from tests.unit.localstack.engine.modules import restored

MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:m"


@pytest.fixture(autouse=True)
def slept(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """The sleeps of executions, which take no time here."""
    seconds: list[float] = []
    with restored(stepfunctions):
        executions.install()
        monkeypatch.setattr(time, "sleep", seconds.append)
        yield seconds
    stepfunctions._executions.clear()
    stepfunctions._state_machines.clear()


def run(states: dict[str, Any]) -> dict[str, Any]:
    """An execution of a machine, after it has ended."""
    definition = {"StartAt": next(iter(states)), "States": states}
    stepfunctions._state_machines[MACHINE] = {"name": "m", "definition": json.dumps(definition), "roleArn": "r"}
    stepfunctions._executions["e"] = {
        "executionArn": "e", "stateMachineArn": MACHINE, "name": "e", "status": "RUNNING", "input": "{}",
        "startDate": "2026-11-28T00:00:00.000Z", "stopDate": None, "events": [], "output": None,
    }  # fmt: skip
    stepfunctions._run_execution("e")
    execution: dict[str, Any] = stepfunctions._executions["e"]
    return execution


def test_an_execution_starts_without_a_delay(slept: list[float]) -> None:
    assert run({"Done": {"Type": "Succeed"}})["status"] == "SUCCEEDED"
    assert slept == []


def test_a_wait_of_a_state_stays_even_when_it_is_as_long_as_the_delay(slept: list[float]) -> None:
    run(
        {"Wait": {"Type": "Wait", "Seconds": 0.15, "Next": "More"}, "More": {"Type": "Wait", "Seconds": 7, "End": True}}
    )
    assert slept == [0.15, 7]


def test_executions_that_ended_first_are_dropped_and_running_ones_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executions, "ENDED_KEPT", 3)
    for number in range(10):
        stepfunctions._executions[str(number)] = {"status": "RUNNING" if number == 0 else "SUCCEEDED"}
    executions.drop_old()
    assert list(stepfunctions._executions) == ["0", "7", "8", "9"]
