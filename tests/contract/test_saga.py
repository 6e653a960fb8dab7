"""The report saga against the contract: its steps and their order. What holds for every machine: test_machines.py."""

import subprocess
import sys
from typing import Any

import app
from chalicelib.reports import model, steps
from infra.functions import functions
from infra.machines import REPORT_SAGA

Json = dict[str, Any]
STATES: dict[str, Json] = REPORT_SAGA.states["States"]


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


def test_each_task_of_a_step_calls_the_function_of_steps_with_its_number() -> None:
    for number, name in enumerate(model.STEP_NAMES, 1):
        assert (STATES[name]["Resource"], STATES[name]["Parameters"]["step"]) == ("${ReportStepArn}", number)
    assert STATES["Undo"]["Resource"] == "${ReportCompensateArn}"


def test_files_are_cleaned_when_no_step_can_live_any_more() -> None:
    longest = max(function.timeout for function in functions(_steps()).values())
    assert model.FILE_CLEANUP_DELAY.total_seconds() > longest


def test_a_step_that_says_anything_else_is_undone() -> None:
    assert {STATES[STATES[name]["Next"]]["Default"] for name in model.STEP_NAMES} == {"Undo"}


def test_only_the_step_that_renders_loads_the_libraries_for_that() -> None:
    heavy = {"fpdf", "xlsxwriter", "openpyxl", "PIL", "python_calamine", "rustpy_xlsxwriter", "multipart"}
    loaded = f"import sys, app; print(*{heavy} & set(sys.modules))"
    answer = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == ""


def test_functions_that_request_or_resume_reports_load_no_layouts() -> None:
    layouts = "sorted(name for name in sys.modules if name.startswith('chalicelib.reports.layouts'))"
    loaded = f"import sys, chalicelib.wiring.sweeps, chalicelib.wiring.task_types; print(*{layouts})"
    answer = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == ""


def test_names_of_executions_are_as_long_as_step_functions_allows() -> None:
    saga = model.Saga("7a1e4dd2-0000-4000-8000-000000000000", 1, 1, None, run=999, starts=9999)  # type: ignore[arg-type]
    assert len(saga.execution) <= 80


def _steps() -> set[str]:
    return set(REPORT_SAGA.functions({one.name for one in app.app.pure_lambda_functions}))
