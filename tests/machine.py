"""Machines that follow their definitions in this process: executions lie in moto, tasks are the functions of app.py."""

import json
from typing import Any

import app
from chalicelib.core.aws import client
from chalicelib.core.settings import settings
from infra.machines import REPORT_SAGA, Machine
from infra.names import camel

MAX_STATES = 200  # of one execution: more is a loop without an end


class Restart(BaseException):
    """The emulator is restarted: the execution is gone, and nobody cleans up."""


class Broken(Exception):
    """A task inside a Map has failed in all its attempts."""


def create(machine: Machine, account: str = "123456789012") -> str:
    """Make a machine in moto; returns its ARN."""
    name, role = f"{settings().stack_name}-{machine.name}", f"arn:aws:iam::{account}:role/{machine.name}"
    made = client("stepfunctions").create_state_machine(name=name, definition="{}", roleArn=role)
    return str(made["stateMachineArn"])


def run_executions(machine: Machine = REPORT_SAGA) -> list[str]:
    """Run every execution that was started, and those they start; returns the states they went through."""
    path: list[str] = []
    while running := _running(machine):
        for execution in running:
            try:
                path += _run(machine, execution)
            finally:
                client("stepfunctions").stop_execution(executionArn=execution)
    return path


def _running(machine: Machine) -> list[str]:
    states = client("stepfunctions")
    machines = {one["name"]: one["stateMachineArn"] for one in states.list_state_machines()["stateMachines"]}
    arn = machines[f"{settings().stack_name}-{machine.name}"]
    found = states.list_executions(stateMachineArn=arn, statusFilter="RUNNING")["executions"]
    return [one["executionArn"] for one in found]


def _run(machine: Machine, execution: str) -> list[str]:
    data = json.loads(client("stepfunctions").describe_execution(executionArn=execution)["input"])
    return _follow(machine.states, data)


def _follow(definition: dict[str, Any], data: dict[str, Any]) -> list[str]:
    path = [definition["StartAt"]]
    while len(path) < MAX_STATES:
        state = definition["States"][path[-1]]
        if state["Type"] in ("Succeed", "Fail"):
            return path
        following = {"Choice": _choose, "Map": _map, "Task": _task, "Wait": _wait}[state["Type"]](state, data)
        if following is None:
            return path
        path.append(following)
    raise AssertionError(f"the machine does not end: {path[-6:]}")


def _choose(state: dict[str, Any], data: dict[str, Any]) -> str:
    for choice in state["Choices"]:
        if _at(data, choice["Variable"]) == choice["StringEquals"]:
            return str(choice["Next"])
    return str(state["Default"])


def _wait(state: dict[str, Any], data: dict[str, Any]) -> str:
    """No time passes."""
    assert _at(data, state["SecondsPath"]) > 0
    return str(state["Next"])


def _map(state: dict[str, Any], data: dict[str, Any]) -> str:
    """The items one after the other."""
    answers = []
    for item in _at(data, state["ItemsPath"]):
        each = _filled(state["ItemSelector"], data | {"$": {"Map": {"Item": {"Value": item}}}})
        try:
            _follow(state["ItemProcessor"], each)
        except Broken as error:
            data["error"] = {"Error": "Runtime.HandlerError", "Cause": str(error)}
            return str(state["Catch"][0]["Next"])
        answers.append(each["result"])
    data[state["ResultPath"].removeprefix("$.")] = answers
    return str(state["Next"])


def _task(state: dict[str, Any], data: dict[str, Any]) -> str | None:
    """One task with its attempts, without the pauses between them."""
    wanted = state["Resource"].removeprefix("${").removesuffix("Arn}")
    name = next(function.name for function in app.app.pure_lambda_functions if camel(function.name) == wanted)
    error: Exception | None = None
    for retries in range(1 + state["Retry"][-1]["MaxAttempts"]):
        event = _filled(state["Parameters"], data | {"$": {"State": {"RetryCount": retries}}})
        try:
            data["result"] = json.loads(json.dumps(getattr(app, name)(json.loads(json.dumps(event)), None)))
            return state.get("Next")
        except Exception as raised:
            error = raised
    if "Catch" not in state:
        raise Broken(str(error))
    data["error"] = {"Error": "Runtime.HandlerError", "Cause": str(error)}
    return str(state["Catch"][0]["Next"])


def _filled(template: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    return {key.removesuffix(".$"): _at(data, text) if key.endswith(".$") else text for key, text in template.items()}


def _at(data: dict[str, Any], path: str) -> Any:
    """What a path leads to: `$.result.outcome`, and `$$.Map.Item.Value` of the context."""
    found: Any = data["$"] if path.startswith("$$.") else data
    for part in path.lstrip("$.").split("."):
        found = found[part]
    return found
