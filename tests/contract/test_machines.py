"""State machines fit the functions they call. No other check reads a definition before it runs."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import app
from chalicelib.core.later_work import is_last_attempt
from chalicelib.core.retries import STATE_MACHINE_TASK, STATE_MACHINE_UNDO
from infra.functions import functions
from infra.machines import AGGREGATION, LAMBDA_ERRORS, LONG_TASK, MACHINES, REPORT_SAGA, WAITED_FOR, Machine
from infra.names import camel

Json = dict[str, Any]
OUTCOMES = {"ok", "failed", "stopped", "more", "wait", "broken"}
IDS = {
    REPORT_SAGA: {"saga_id.$": "$.saga_id", "run.$": "$.run"},
    AGGREGATION: {"task_id.$": "$.task_id", "run.$": "$.run", "batch_id.$": "$.batch_id"},
    LONG_TASK: {"task_id.$": "$.task_id", "user_id.$": "$.user_id", "run.$": "$.run"},
}
LEFT = "Left To The Sweep"
"""Where a machine goes when a task has failed in all its attempts."""


def states_of(definition: Json) -> Iterator[tuple[str, Json]]:
    """All states, those inside of a Map too."""
    for name, state in definition["States"].items():
        yield name, state
        if "ItemProcessor" in state:
            yield from states_of(state["ItemProcessor"])


def of_type(kind: str) -> Any:
    """A test of each state of that type, of all machines."""
    found = [(machine, name, state) for machine in MACHINES for name, state in states_of(machine.states)]
    chosen = [one for one in found if one[2]["Type"] == kind]
    ids = [f"{machine.name}-{name}" for machine, name, _ in chosen]
    return pytest.mark.parametrize(("machine", "name", "state"), chosen, ids=ids)


of_machine = pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)


def following(state: Json) -> set[str]:
    """The states that may come next."""
    found = {state.get("Next"), state.get("Default")}
    found |= {rule["Next"] for rule in [*state.get("Choices", []), *state.get("Catch", [])]}
    return {name for name in found if name}


def function_of(state: Json) -> str:
    """The function of app.py that a task calls."""
    substitution = re.fullmatch(r"\$\{(\w+)Arn\}", state["Resource"])
    assert substitution
    return next(one.name for one in app.app.pure_lambda_functions if camel(one.name) == substitution.group(1))


@of_machine
def test_every_state_is_reached_and_every_name_is_a_state(machine: Machine) -> None:
    states, waiting = machine.states["States"], [machine.states["StartAt"]]
    reached = set[str]()
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += following(states[name])
    assert reached == set(states)


def ends(states: Json, name: str, without: set[str]) -> bool:
    """Whether an end is reached from a state, past those that were there before."""
    if name in without:
        return False
    further = following(states[name])
    return not further or any(ends(states, one, without | {name}) for one in further)


@of_machine
def test_an_end_is_reached_from_every_state(machine: Machine) -> None:
    states = machine.states["States"]
    assert [name for name in states if not ends(states, name, set())] == []
    assert {states[name]["Type"] for name in states if not following(states[name])} == {"Succeed", "Fail"}


def looping(states: Json) -> set[str]:
    """The states that can come again."""
    found = set()
    for name in states:
        waiting, reached = [*following(states[name])], set[str]()
        while waiting:
            if (one := waiting.pop()) not in reached:
                reached.add(one)
                waiting += following(states[one])
        if name in reached:
            found.add(name)
    return found


@of_machine
def test_the_only_loop_is_the_compensation_of_one_step_after_the_other(machine: Machine) -> None:
    """It ends: each round that says `more` has compensated a step, of six (tests/integration/reports/test_saga.py)."""
    again = looping(machine.states["States"])
    assert again == ({"Undo", "Undo: outcome"} if machine is REPORT_SAGA else set())


@of_machine
def test_names_are_as_long_as_step_functions_allows(machine: Machine) -> None:
    assert max(len(name) for name, _ in states_of(machine.states)) <= 80


@pytest.mark.parametrize(("machine", "prefix"), [(REPORT_SAGA, "report_"), (AGGREGATION, "aggregate_")])
def test_every_function_of_a_machine_is_called(machine: Machine, prefix: str) -> None:
    called = {function_of(state) for _, state in states_of(machine.states) if state["Type"] == "Task"}
    assert called == {one.name for one in app.app.pure_lambda_functions if one.name.startswith(prefix)}


@of_type("Task")
def test_a_task_is_tried_again_with_backoff_and_jitter(machine: Machine, name: str, state: Json) -> None:
    _, retry = state["Retry"]
    assert retry["ErrorEquals"] == ["States.ALL"]
    assert retry["MaxAttempts"] >= 3 and retry["BackoffRate"] > 1 and retry["IntervalSeconds"] >= 1
    assert retry["JitterStrategy"] == "FULL" and retry["MaxDelaySeconds"] <= 60


@of_type("Task")
def test_a_task_that_is_throttled_or_needs_a_migration_waits_for_minutes(
    machine: Machine, name: str, state: Json
) -> None:
    retry, _ = state["Retry"]
    assert (
        retry["ErrorEquals"] == [*WAITED_FOR]
        and {*LAMBDA_ERRORS, "NotReady", "Unfilled"} == {*WAITED_FOR}
        and retry["JitterStrategy"] == "FULL"
    )
    first, rate, longest = retry["IntervalSeconds"], retry["BackoffRate"], retry["MaxDelaySeconds"]
    pauses = [min(first * rate**number, longest) for number in range(retry["MaxAttempts"])]
    assert pauses[0] >= 5 and sum(pauses) >= 480  # half of it on average, with full jitter


@of_type("Task")
def test_a_task_knows_when_it_is_tried_for_the_last_time(machine: Machine, name: str, state: Json) -> None:
    """The undoing of a saga is not told: what it raises never ends the saga."""
    if name == "Undo":
        assert "retries.$" not in state["Parameters"]
        assert state["Retry"][1]["MaxAttempts"] == STATE_MACHINE_UNDO.max_attempts - 1
        return
    assert state["Parameters"]["retries.$"] == "$$.State.RetryCount"
    assert state["Retry"][1]["MaxAttempts"] == STATE_MACHINE_TASK.max_attempts - 1


ERRORS = st.lists(st.sampled_from(["refused by Lambda", "raised"]), max_size=20)


@given(ERRORS)
def test_the_last_attempt_of_a_broken_step_is_told_so_whatever_calls_lambda_refused(errors: list[str]) -> None:
    """Each rule of `Retry` has a count of its own, RetryCount is that of all.
    https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-retrying-after-an-error
    https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
    """
    state = dict(states_of(LONG_TASK.states))["Begin Work"]
    left = {"refused by Lambda": state["Retry"][0]["MaxAttempts"], "raised": state["Retry"][1]["MaxAttempts"]}
    for retries, error in enumerate(errors):
        if left[error] == 0:
            assert error == "refused by Lambda" or is_last_attempt({"retries": retries})
            return
        left[error] -= 1


@of_type("Task")
def test_a_task_that_fails_for_good_is_caught(machine: Machine, name: str, state: Json) -> None:
    """Inside of a Map by the Map, whose own test is below."""
    if "End" in state:
        return
    (catch,) = state["Catch"]
    assert (catch["ErrorEquals"], catch["ResultPath"]) == (["States.ALL"], "$.error")
    assert catch["Next"] == LEFT
    assert machine.states["States"][LEFT]["Type"] == "Fail"


@of_type("Task")
def test_a_task_outlives_its_function_and_gets_ids_and_little_more(machine: Machine, name: str, state: Json) -> None:
    function = functions({function_of(state)})[function_of(state)]
    assert function.timeout <= state["TimeoutSeconds"]
    given = state["Parameters"]
    assert IDS[machine].items() <= given.items()
    assert set(given) - set(IDS[machine]) <= {"step", "chunk.$", "chunks.$", "retries.$"}


@of_type("Task")
def test_what_comes_after_a_task_is_a_choice(machine: Machine, name: str, state: Json) -> None:
    if "End" in state:
        return
    assert state["ResultPath"] == "$.result"
    assert machine.states["States"][state["Next"]]["Type"] == "Choice"


@of_type("Choice")
def test_a_choice_has_a_default_and_known_outcomes(machine: Machine, name: str, state: Json) -> None:
    assert state["Default"] in machine.states["States"]
    if name != "Begin":
        assert {rule["StringEquals"] for rule in state["Choices"]} < OUTCOMES
        assert {rule["Variable"] for rule in state["Choices"]} == {"$.result.outcome"}


@of_type("Map")
def test_a_map_is_bounded_and_caught(machine: Machine, name: str, state: Json) -> None:
    assert 1 <= state["MaxConcurrency"] <= 4
    assert state["ItemProcessor"]["ProcessorConfig"] == {"Mode": "INLINE"}
    (catch,) = state["Catch"]
    assert (catch["ErrorEquals"], catch["Next"]) == (["States.ALL"], LEFT)
    assert state["ItemSelector"].items() >= IDS[machine].items()
