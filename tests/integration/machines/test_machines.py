"""The three state machines under a second interpreter: each outcome, each error, retries, cancelling."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chalicelib.core.retries import STATE_MACHINE_TASK, STATE_MACHINE_THROTTLE, STATE_MACHINE_UNDO
from infra.machines import AGGREGATION, LONG_TASK, MACHINES, REPORT_SAGA, Machine
from tests.integration.machines.interpreter import Function, Gate, Interpreter, Json, Raised, interpreter, throttled

STEPS = range(1, 7)
of_step = pytest.mark.parametrize("step", STEPS)
of_machine = pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
LEFT = ("FAILED", "OutOfAttempts")


@pytest.fixture(scope="module")
def machines() -> Iterator[Interpreter]:
    """All three."""
    with interpreter() as made:
        yield made


def good(name: str, given: Json) -> Json:
    """Every function succeeds."""
    return {"outcome": "ok", "chunks": [0, 1, 2], "seconds": 0}


def but(answers: Callable[[str, Json], Any]) -> Function:
    """Every function succeeds but where there is another answer."""
    return lambda name, given: answers(name, given) or good(name, given)


def raising(*numbers: int) -> Function:
    """Functions that raise in these attempts, and succeed in the others."""

    def function(name: str, given: Json) -> Json:
        if given.get("retries") in numbers:
            raise Raised
        return good(name, given)

    return function


def refused(times: int) -> Function:
    """Lambda refuses the first calls."""
    left = [throttled() for _ in range(times)]

    def function(name: str, given: Json) -> Json:
        if left:
            raise left.pop()
        return good(name, given)

    return function


# -- the report saga ------------------------------------------------------------------------------------------------


def undone(rounds: int, step: int = 0, outcome: str = "failed") -> Function:
    """A step that has this outcome, and so many rounds of compensation."""
    left = ["more"] * (rounds - 1)

    def answers(name: str, given: Json) -> Json | None:
        if name == "ReportCompensate":
            return {"outcome": left.pop() if left else "stopped"}
        return {"outcome": outcome} if given["step"] == step else None

    return but(answers)


def test_a_saga_goes_through_its_six_steps(machines: Interpreter) -> None:
    execution = machines.run(REPORT_SAGA, good)
    assert (execution.status, execution.steps, execution.path[-1]) == ("SUCCEEDED", [*STEPS], "Completed")
    assert all(given["saga_id"] == "s" and given["run"] == 1 for _, given in execution.calls)


@of_step
def test_a_step_that_fails_is_compensated_until_nothing_is_left(machines: Interpreter, step: int) -> None:
    execution = machines.run(REPORT_SAGA, undone(3, step))
    assert execution.functions == ["ReportStep"] * step + ["ReportCompensate"] * 3
    assert (execution.status, execution.path[-1]) == ("SUCCEEDED", "Stopped")


@of_step
def test_a_step_that_may_not_change_the_saga_stops_it(machines: Interpreter, step: int) -> None:
    execution = machines.run(REPORT_SAGA, undone(1, step, "stopped"))
    assert (execution.status, execution.functions) == ("SUCCEEDED", ["ReportStep"] * step)


def test_a_saga_that_compensates_already_goes_on_with_that(machines: Interpreter) -> None:
    execution = machines.run(REPORT_SAGA, undone(2), action="compensate")
    assert (execution.status, execution.functions) == ("SUCCEEDED", ["ReportCompensate"] * 2)


def test_compensation_that_raises_is_tried_longer_than_a_step(machines: Interpreter) -> None:
    def function(name: str, given: Json) -> Json:
        raise Raised

    execution = machines.run(REPORT_SAGA, function, action="compensate")
    assert (execution.status, execution.error) == LEFT
    assert len(execution.calls) == STATE_MACHINE_UNDO.max_attempts


# -- the aggregation ------------------------------------------------------------------------------------------------


def test_an_aggregation_plans_does_each_chunk_and_finishes(machines: Interpreter) -> None:
    execution = machines.run(AGGREGATION, good)
    assert execution.functions == ["AggregatePlan", *["AggregateChunk"] * 3, "AggregateFinish"]
    assert sorted(given["chunk"] for name, given in execution.calls if name == "AggregateChunk") == [0, 1, 2]
    assert execution.calls[-1][1]["chunks"] == [good("", {})] * 3
    assert (execution.status, execution.path[-1]) == ("SUCCEEDED", "Completed")


def test_an_aggregation_of_nothing_finishes(machines: Interpreter) -> None:
    execution = machines.run(AGGREGATION, but(lambda name, given: {"outcome": "ok", "chunks": []}))
    assert (execution.status, execution.functions) == ("SUCCEEDED", ["AggregatePlan", "AggregateFinish"])


@pytest.mark.parametrize("function", ["AggregatePlan", "AggregateFinish"])
@pytest.mark.parametrize(
    ("outcome", "end"), [("broken", ("FAILED", "AggregationBroken")), ("stopped", ("SUCCEEDED", None))]
)
def test_an_outcome_ends_an_aggregation(machines: Interpreter, function: str, outcome: str, end: Any) -> None:
    execution = machines.run(AGGREGATION, but(lambda name, given: {"outcome": outcome} if name == function else None))
    assert (execution.status, execution.error) == end
    assert execution.functions[-1] == function


def test_a_chunk_that_always_raises_leaves_the_aggregation_to_the_sweep(machines: Interpreter) -> None:
    def function(name: str, given: Json) -> Json:
        if given.get("chunk") == 1:
            raise Raised
        return good(name, given)

    execution = machines.run(AGGREGATION, function)
    assert (execution.status, execution.error) == LEFT
    assert "AggregateFinish" not in execution.functions


# -- the long task --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("begun", ["ok", "wait"])
@pytest.mark.parametrize("ended", ["ok", "failed", "stopped"])
def test_a_long_task_begins_waits_and_ends(machines: Interpreter, begun: str, ended: str) -> None:
    outcomes = {"begin": begun, "finish": ended}
    execution = machines.run(LONG_TASK, lambda name, given: {"outcome": outcomes[given["step"]], "seconds": 0})
    assert (execution.status, execution.steps) == ("SUCCEEDED", ["begin", "finish"])
    assert ("Wait" in execution.path) == (begun == "wait")


@pytest.mark.parametrize(
    ("outcomes", "end"),
    [
        ({"begin": "stopped"}, ("SUCCEEDED", None)),
        ({"begin": "anything"}, ("FAILED", "LongTaskBroken")),
        ({"begin": "ok", "finish": "broken"}, ("FAILED", "LongTaskBroken")),
    ],
)
def test_an_outcome_ends_a_long_task(machines: Interpreter, outcomes: dict[str, str], end: Any) -> None:
    execution = machines.run(LONG_TASK, lambda name, given: {"outcome": outcomes[given["step"]]})
    assert (execution.status, execution.error) == end
    assert execution.steps == [*outcomes]


# -- each of them ---------------------------------------------------------------------------------------------------


@of_machine
def test_a_function_that_raises_twice_is_tried_a_third_time(machines: Interpreter, machine: Machine) -> None:
    execution = machines.run(machine, raising(0, 1))
    assert (execution.status, execution.error) == ("SUCCEEDED", None)
    assert [given["retries"] for _, given in execution.calls[:3]] == [0, 1, 2]
    assert max(execution.pauses) <= STATE_MACHINE_TASK.max_seconds


@of_machine
def test_a_function_that_always_raises_leaves_the_work_to_the_sweep(machines: Interpreter, machine: Machine) -> None:
    execution = machines.run(machine, raising(*range(10)))
    assert (execution.status, execution.error, execution.path[-1]) == (*LEFT, "Left To The Sweep")
    assert len(execution.calls) == STATE_MACHINE_TASK.max_attempts


@of_machine
def test_a_throttled_function_is_waited_for_apart_from_its_errors(machines: Interpreter, machine: Machine) -> None:
    execution = machines.run(machine, refused(STATE_MACHINE_THROTTLE.max_attempts - 1))
    assert execution.status == "SUCCEEDED"
    assert len(execution.pauses) == STATE_MACHINE_THROTTLE.max_attempts - 1


@of_machine
def test_a_function_that_is_throttled_too_long_leaves_the_work_to_the_sweep(
    machines: Interpreter, machine: Machine
) -> None:
    execution = machines.run(machine, refused(1_000))
    assert (execution.status, execution.error) == LEFT
    assert len(execution.calls) == STATE_MACHINE_THROTTLE.max_attempts


@of_machine
def test_an_execution_that_is_stopped_calls_nothing_more(machines: Interpreter, machine: Machine) -> None:
    function = Gate()
    with machines.running(machine, function) as execution:
        assert function.called.wait(60)
        execution.stop()
        function.answers.set()
    assert (execution.status, len(execution.calls)) == ("ABORTED", 1)
