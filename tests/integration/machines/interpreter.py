"""State machines run by moto's interpreter, which comes from LocalStack: a second reading of the same definitions.

The functions are scripted, pauses between attempts are recorded instead of waited for.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from itertools import count
from threading import Event
from typing import Any

import boto3
import moto
import pytest
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils

from infra.machines import MACHINES, Machine
from tests.waiting import wait_for

Json = dict[str, Any]
Function = Callable[[str, Json], Any]
INPUT = {"action": "run", "saga_id": "s", "task_id": "t", "batch_id": "b", "user_id": 1, "run": 1}
ROLE = "arn:aws:iam::123456789012:role/machine"
FINAL = ("SUCCEEDED", "FAILED", "ABORTED", "TIMED_OUT")


class Raised(Exception):
    """An error of a call: what the function raises, or, of this name, Lambda itself."""

    def __init__(self, name: str = "Broken") -> None:
        super().__init__(name)
        self.name = name


@dataclass
class Execution:
    """How an execution went: its end, the calls of functions, the pauses before further attempts, the last state."""

    status: str = ""
    error: str | None = None
    calls: list[tuple[str, Json]] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    path: list[str] = field(default_factory=list)

    @property
    def functions(self) -> list[str]:
        """The functions that were called, in their order."""
        return [name for name, _ in self.calls]

    @property
    def steps(self) -> list[Any]:
        """The step that each call names."""
        return [given.get("step") for _, given in self.calls]


def throttled() -> Raised:
    """As Step Functions calls it when the account has no function left; moto has no names for errors of Lambda."""
    return Raised("Lambda.TooManyRequestsException")


class Interpreter:
    """The three machines in moto."""

    def __init__(self) -> None:
        self._client = boto3.client("stepfunctions")
        self._arns = {machine: self._create(machine) for machine in MACHINES}
        self._names = count(1)

    def run(self, machine: Machine, function: Function, **more: Any) -> Execution:
        """Run an execution to its end; `function` gets the name of a function and its event."""
        with self.running(machine, function, **more) as execution:
            pass
        return execution

    @contextmanager
    def running(self, machine: Machine, function: Function, **more: Any) -> Iterator[Execution]:
        """Start an execution; at the end of the block, or after `stop`, it is over."""
        seen = Execution()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(lambda_eval_utils, "boto_client_for", lambda **_: _Lambda(seen, function))
            patch.setattr(retrier_decl, "time", _Clock(seen))
            arn = self._client.start_execution(
                stateMachineArn=self._arns[machine], name=str(next(self._names)), input=json.dumps({**INPUT, **more})
            )["executionArn"]
            seen.stop = lambda: self._client.stop_execution(executionArn=arn)  # type: ignore[attr-defined]
            yield seen
            wait_for(lambda: self._client.describe_execution(executionArn=arn)["status"] in FINAL)
        ended = self._client.describe_execution(executionArn=arn)
        seen.status, seen.error = ended["status"], ended.get("error")
        events = self._client.get_execution_history(executionArn=arn, maxResults=1000)["events"]
        entered = [event.get("stateEnteredEventDetails") for event in events]
        seen.path = [one["name"] for one in entered if one]

    def _create(self, machine: Machine) -> str:
        arn = "arn:aws:lambda:us-east-1:123456789012:function:"
        definition = re.sub(r"\$\{(\w+)Arn\}", lambda found: arn + found[1], json.dumps(machine.states))
        created = self._client.create_state_machine(name=machine.name, definition=definition, roleArn=ROLE)
        made: str = created["stateMachineArn"]
        return made


class _Lambda:
    """In place of the client of Lambda."""

    def __init__(self, seen: Execution, function: Function) -> None:
        self._seen, self._function = seen, function

    def invoke(self, FunctionName: str, Payload: bytes, **_: Any) -> Json:  # noqa: N803 - as boto3 calls them
        name, given = FunctionName.rpartition(":")[2], json.loads(Payload)
        self._seen.calls.append((name, given))
        try:
            result = self._function(name, given)
        except Raised as error:
            raised = {"errorType": error.name, "errorMessage": ""}
            return {"StatusCode": 200, "FunctionError": "Unhandled", "Payload": BytesIO(json.dumps(raised).encode())}
        return {"StatusCode": 200, "Payload": BytesIO(json.dumps(result).encode())}


class _Clock:
    def __init__(self, seen: Execution) -> None:
        self.sleep = seen.pauses.append


@contextmanager
def interpreter() -> Iterator[Interpreter]:
    """An interpreter with the machines."""
    with moto.mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
        yield Interpreter()


class Gate:
    """A function that has been called and does not answer yet."""

    def __init__(self) -> None:
        self.called, self.answers = Event(), Event()

    def __call__(self, name: str, given: Json) -> Json:
        self.called.set()
        assert self.answers.wait(60)
        return {"outcome": "ok", "chunks": [], "seconds": 0}
