"""State machines: what Step Functions refuses, or ends an execution for."""

import json
from collections.abc import Iterator
from typing import Any

from chalicelib.batches.aggregation import CODES_PER_CHUNK
from chalicelib.core.fields import MAX_ITEMS
from tests.contract.aws_rules.rule import rule
from tests.contract.aws_rules.stack import Stack

Json = dict[str, Any]
MACHINE = "AWS::StepFunctions::StateMachine"
QUOTAS = "step-functions/latest/dg/service-quotas.html"
RETRY = "step-functions/latest/dg/concepts-error-handling.html#error-handling-retrying-after-an-error"
EVENTS_OF_A_TASK = 5
"""In the history: entered, scheduled, started, succeeded, exited; a retry adds three."""


def states(definition: Json) -> Iterator[tuple[str, Json]]:
    """All states of a definition, those inside of a Map too."""
    for name, state in definition["States"].items():
        yield name, state
        if "ItemProcessor" in state:
            yield from states(state["ItemProcessor"])


def _tasks(stack: Stack) -> Iterator[tuple[Json, str, Json]]:
    for machine in stack.of_type(MACHINE).values():
        for name, state in states(machine["Definition"]):
            if state["Type"] == "Task":
                yield machine, name, state


def _comment(stack: Stack) -> None:
    next(iter(stack.of_type(MACHINE).values()))["Definition"]["Comment"] = "x" * 2**20


@rule("A definition has 1 MB", QUOTAS + "#service-limits-state-machines", _comment)
def definition_size(stack: Stack) -> Iterator[str]:
    """In UTF-8."""
    for name, machine in stack.of_type(MACHINE).items():
        if len(json.dumps(machine["Definition"]).encode()) > 2**20:
            yield name


def _rename(stack: Stack) -> None:
    states_of_one = next(iter(stack.of_type(MACHINE).values()))["Definition"]["States"]
    states_of_one["x" * 81] = states_of_one.pop(next(iter(states_of_one)))


@rule("The name of a state has 80 characters", "step-functions/latest/dg/statemachine-structure.html", _rename)
def state_names(stack: Stack) -> Iterator[str]:
    """And is the only one in its machine, inside of a Map too."""
    for machine in stack.of_type(MACHINE).values():
        names = [name for name, _ in states(machine["Definition"])]
        yield from (name for name in names if len(name) > 80 or names.count(name) > 1)


def _retry_all_first(stack: Stack) -> None:
    for _, _, task in _tasks(stack):
        task["Retry"].reverse()


@rule("States.ALL stands alone and last among the retries and catches", RETRY, _retry_all_first)
def all_errors_come_last(stack: Stack) -> Iterator[str]:
    """A definition with another order is refused."""
    for machine in stack.of_type(MACHINE).values():
        for name, state in states(machine["Definition"]):
            for rules in (state.get("Retry", []), state.get("Catch", [])):
                named = [one["ErrorEquals"] for one in rules]
                if any("States.ALL" in one for one in named[:-1]) or any(
                    "States.ALL" in one and len(one) > 1 for one in named
                ):
                    yield name


def _grow_slowly(stack: Stack) -> None:
    next(_tasks(stack))[2]["Retry"][0]["BackoffRate"] = 0.5


@rule("Pauses between retries are whole seconds that do not shrink, the longest above the first", RETRY, _grow_slowly)
def retry_settings(stack: Stack) -> Iterator[str]:
    """MaxDelaySeconds below a year, MaxAttempts below 100 millions."""
    for _, name, task in _tasks(stack):
        for one in task.get("Retry", []):
            first, longest = one.get("IntervalSeconds", 1), one.get("MaxDelaySeconds", 31_622_399)
            whole = all(isinstance(value, int) for value in (first, longest, one.get("MaxAttempts", 3)))
            if not (whole and 1 <= first < longest < 31_622_400 and one.get("BackoffRate", 2) >= 1):
                yield name
            if not 0 <= one.get("MaxAttempts", 3) <= 99_999_999 or one.get("JitterStrategy") not in ("FULL", "NONE"):
                yield name


def _hurry(stack: Stack) -> None:
    next(_tasks(stack))[2]["TimeoutSeconds"] = 1


@rule(
    "A task waits at least as long as its function may take",
    "step-functions/latest/dg/sfn-stuck-execution.html",
    _hurry,
)
def tasks_wait(stack: Stack) -> Iterator[str]:
    """Without a timeout it would wait for a year; with a shorter one two calls would run at once."""
    for machine, name, task in _tasks(stack):
        function = machine["DefinitionSubstitutions"][task["Resource"].strip("${}")]["Fn::GetAtt"][0]
        if task.get("TimeoutSeconds", 0) < stack.resources[function]["Properties"]["Timeout"]:
            yield name


def _nest(stack: Stack) -> None:
    for machine in stack.of_type(MACHINE).values():
        for _, state in states(machine["Definition"]):
            state["MaxConcurrency"] = 41


@rule("A Map of one execution runs 40 at once", "step-functions/latest/dg/state-map-inline.html", _nest)
def map_concurrency(stack: Stack) -> Iterator[str]:
    """More of them wait."""
    for machine in stack.of_type(MACHINE).values():
        for name, state in states(machine["Definition"]):
            if state["Type"] == "Map" and not 1 <= state.get("MaxConcurrency", 0) <= 40:
                yield name


def _retry_endlessly(stack: Stack) -> None:
    for _, _, task in _tasks(stack):
        task["Retry"][0]["MaxAttempts"] = 100_000


@rule(
    "The history of an execution has 25,000 events",
    QUOTAS + "#service-limits-state-machine-executions",
    _retry_endlessly,
)
def history_size(stack: Stack) -> Iterator[str]:
    """With all states once, all elements of a Map, and all retries of one task at a time."""
    for name, machine in stack.of_type(MACHINE).items():
        events = 0
        for state_name, state in machine["Definition"]["States"].items():
            times = MAX_ITEMS // CODES_PER_CHUNK if state["Type"] == "Map" else 1
            inside = states({"States": {state_name: state}})
            events += times * sum(EVENTS_OF_A_TASK + 3 * _retries(one) for _, one in inside)
        if events > 25_000:
            yield f"{name}: {events}"


def _retries(state: Json) -> int:
    return sum(one["MaxAttempts"] for one in state.get("Retry", []))
