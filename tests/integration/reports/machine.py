"""A machine that follows saga.asl.json in this process: executions lie in moto, tasks are the functions of app.py."""

import json
from typing import Any

import app
from chalicelib.core.aws import client
from chalicelib.core.settings import settings
from infra.names import camel
from infra.saga import DEFINITION

MAX_STATES = 200  # of one execution: more is a loop without an end


class Restart(BaseException):
    """The emulator is restarted: the execution is gone, and nobody cleans up."""


def run_executions() -> list[str]:
    """Run every execution that was started, and those they start; returns the states they went through."""
    path: list[str] = []
    while running := _running():
        for execution in running:
            try:
                path += _run(execution)
            finally:
                client("stepfunctions").stop_execution(executionArn=execution)
    return path


def _running() -> list[str]:
    arn = settings().report_saga_arn
    found = client("stepfunctions").list_executions(stateMachineArn=arn, statusFilter="RUNNING")["executions"]
    return [execution["executionArn"] for execution in found]


def _run(execution: str) -> list[str]:
    states = json.loads(DEFINITION.read_text("utf-8"))
    data = json.loads(client("stepfunctions").describe_execution(executionArn=execution)["input"])
    path = [states["StartAt"]]
    while len(path) < MAX_STATES:
        state = states["States"][path[-1]]
        if state["Type"] in ("Succeed", "Fail"):
            return path
        path.append(_choose(state, data) if state["Type"] == "Choice" else _task(state, data))
    raise AssertionError(f"the machine does not end: {path[-6:]}")


def _choose(state: dict[str, Any], data: dict[str, Any]) -> str:
    for choice in state["Choices"]:
        value: Any = data
        for part in choice["Variable"].removeprefix("$.").split("."):
            value = value[part]
        if value == choice["StringEquals"]:
            return str(choice["Next"])
    return str(state["Default"])


def _task(state: dict[str, Any], data: dict[str, Any]) -> str:
    """One task with its attempts, without the pauses between them."""
    wanted = state["Resource"].removeprefix("${").removesuffix("Arn}")
    name = next(function.name for function in app.app.pure_lambda_functions if camel(function.name) == wanted)
    event = {key.removesuffix(".$"): data[path.removeprefix("$.")] for key, path in state["Parameters"].items()}
    error: Exception | None = None
    for _ in range(1 + state["Retry"][0]["MaxAttempts"]):
        try:
            data["result"] = json.loads(json.dumps(getattr(app, name)(json.loads(json.dumps(event)), None)))
            return str(state["Next"])
        except Exception as raised:
            error = raised
    data["error"] = {"Error": "Runtime.HandlerError", "Cause": str(error)}
    return str(state["Catch"][0]["Next"])
