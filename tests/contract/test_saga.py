"""The state machine against the functions it calls: nobody else checks a definition before it runs."""

import json
import re
import subprocess
import sys
from typing import Any

import pytest

import app
from chalicelib.reports import model, steps
from infra.functions import functions
from infra.names import camel
from infra.saga import DEFINITION

Json = dict[str, Any]
MACHINE: Json = json.loads(DEFINITION.read_text("utf-8"))
STATES: dict[str, Json] = MACHINE["States"]
TASKS = {name: state for name, state in STATES.items() if state["Type"] == "Task"}
CHOICES = {name: state for name, state in STATES.items() if state["Type"] == "Choice"}
OUTCOMES = {"ok", "failed", "stopped", "more"}


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


def test_every_state_is_reached_and_every_name_is_a_state() -> None:
    reached, waiting = set(), [MACHINE["StartAt"]]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += following(STATES[name])
    assert reached == set(STATES)


def test_the_steps_are_those_of_the_contract_in_their_order() -> None:
    path, name = [], "Validate User"
    while STATES[name]["Type"] != "Succeed":
        if STATES[name]["Type"] == "Task":
            path.append(name)
            name = STATES[name]["Next"]
        else:
            name = next(rule["Next"] for rule in STATES[name]["Choices"] if rule["StringEquals"] == "ok")
    assert tuple(path) == model.STEP_NAMES
    assert list(steps.STEPS) == list(range(1, len(path) + 1))


def test_every_function_of_the_saga_is_called_by_one_task() -> None:
    called = sorted(function_of(state) for state in TASKS.values())
    assert called == sorted(one.name for one in app.app.pure_lambda_functions if one.name.startswith("report_"))


@pytest.mark.parametrize("name", TASKS)
def test_a_task_is_tried_again_with_backoff_and_jitter_and_then_caught(name: str) -> None:
    task = TASKS[name]
    (retry,) = task["Retry"]
    assert retry["ErrorEquals"] == ["States.ALL"]
    assert retry["MaxAttempts"] >= 3 and retry["BackoffRate"] > 1 and retry["IntervalSeconds"] >= 1
    assert retry["JitterStrategy"] == "FULL" and retry["MaxDelaySeconds"] <= 60
    (catch,) = task["Catch"]
    assert catch["ErrorEquals"] == ["States.ALL"]
    assert catch["Next"] == ("Left To The Sweep" if name == "Undo" else "Undo")
    assert catch["ResultPath"] == "$.error"


@pytest.mark.parametrize("name", TASKS)
def test_a_task_outlives_its_function_and_gets_ids_only(name: str) -> None:
    task = TASKS[name]
    function = functions({function_of(task)})[function_of(task)]
    assert function.timeout <= task["TimeoutSeconds"]
    assert model.CLEAN_AFTER.total_seconds() > function.timeout
    assert task["Parameters"] == {"saga_id.$": "$.saga_id", "run.$": "$.run"}
    assert task["ResultPath"] == "$.result"
    assert STATES[task["Next"]]["Type"] == "Choice"


@pytest.mark.parametrize("name", CHOICES)
def test_a_choice_has_a_default_and_known_outcomes(name: str) -> None:
    choice = CHOICES[name]
    assert choice["Default"] in STATES
    if name != "Begin":
        assert {rule["StringEquals"] for rule in choice["Choices"]} < OUTCOMES
        assert {rule["Variable"] for rule in choice["Choices"]} == {"$.result.outcome"}


def test_a_step_that_says_anything_else_is_undone() -> None:
    assert {CHOICES[TASKS[name]["Next"]]["Default"] for name in model.STEP_NAMES} == {"Undo"}


def test_only_the_step_that_renders_loads_the_libraries_for_that() -> None:
    loaded = "import sys, app; print(*{'fpdf', 'xlsxwriter', 'openpyxl', 'PIL'} & set(sys.modules))"
    answer = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == ""


def test_names_are_as_long_as_step_functions_allows() -> None:
    assert max(map(len, STATES)) <= 80
    execution = model.Saga("7a1e4dd2-0000-4000-8000-000000000000", 1, 1, None, run=999, starts=9999)  # type: ignore[arg-type]
    assert len(execution.execution) <= 80
