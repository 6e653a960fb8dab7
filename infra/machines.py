"""The state machines. Each definition stands beside its steps. The retries of its tasks are added here out of
core/retries.py, the ARNs of its functions by the template.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chalicelib.core.listed import Unfilled
from chalicelib.core.readiness import NotReady
from chalicelib.core.retries import STATE_MACHINE_TASK, STATE_MACHINE_THROTTLE, STATE_MACHINE_UNDO, RetrySetting
from infra import recording
from infra.names import Json, arn_of, camel, named, sub

ROOT = Path(__file__).parent.parent / "chalicelib"
_FUNCTION = re.compile(r'"\$\{(\w+)Arn\}"')
LAMBDA_ERRORS = (
    "Lambda.TooManyRequestsException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.ClientExecutionTimeoutException",
)
"""Errors of Lambda itself: the function was not called."""
WAITED_FOR = (*LAMBDA_ERRORS, NotReady.__name__, Unfilled.__name__)
"""These, and the errors of a list that a migration is filling: they pass in minutes."""


@dataclass(frozen=True)
class Machine:
    """A state machine: its name in the stack, the file that defines it, and what it means when an execution fails.

    `retries`: the tasks, by name, that are not retried as STATE_MACHINE_TASK says.
    """

    name: str
    definition: Path
    failure: str
    retries: Mapping[str, RetrySetting] = field(default_factory=dict, hash=False)

    @property
    def logical_id(self) -> str:
        """How the template calls it."""
        return camel(self.name)

    @property
    def arn(self) -> str:
        """Its ARN, made of its name: a reference would be a circle, the machine names the functions."""
        place = "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:stateMachine:"
        return f"{place}${{AWS::StackName}}-{self.name}"

    @property
    def executions(self) -> str:
        """The ARN of all its executions."""
        return self.arn.replace(":stateMachine:", ":execution:") + ":*"

    @property
    def states(self) -> Json:
        """The definition, with the retries of its tasks."""
        loaded: Json = json.loads(self.definition.read_text("utf-8"))
        for name, task in _tasks(loaded):
            own = self.retries.get(name, STATE_MACHINE_TASK)
            task["Retry"] = [_retry(WAITED_FOR, STATE_MACHINE_THROTTLE), _retry(("States.ALL",), own)]
        return loaded

    def functions(self, names: Collection[str]) -> list[str]:
        """Those of the functions that it calls."""
        called = set(_FUNCTION.findall(self.definition.read_text("utf-8")))
        return sorted(name for name in names if camel(name) in called)


REPORT_SAGA = Machine(
    "report-saga",
    ROOT / "reports" / "saga.asl.json",
    "Functions of a report saga failed in all their attempts",
    {"Undo": STATE_MACHINE_UNDO},
)
AGGREGATION = Machine(
    "aggregation", ROOT / "batches" / "aggregation.asl.json", "An aggregation of a batch broke for an unforeseen reason"
)
LONG_TASK = Machine(
    "long-task", ROOT / "long_tasks" / "long_task.asl.json", "A long task broke for an unforeseen reason"
)
MACHINES = (REPORT_SAGA, AGGREGATION, LONG_TASK)


def resources(functions: Collection[str], stage: str) -> Json:
    """The machines and their roles, which may invoke their functions, write their logs and nothing else."""
    made: Json = {}
    recorded, rights = ({}, []) if stage == "local" else (recording.of_machine(), recording.rights(of_machine=True))
    for machine in MACHINES:
        called = machine.functions(functions)
        made[machine.logical_id] = _machine(machine, called, recorded)
        made[f"{machine.logical_id}Role"] = _role(machine, called, rights)
    return made


def _tasks(definition: Json) -> Iterator[tuple[str, Json]]:
    """Yield each task of a definition with its name, those inside of a Map too."""
    for name, state in definition["States"].items():
        if state["Type"] == "Task":
            yield name, state
        elif state["Type"] == "Map":
            yield from _tasks(state["ItemProcessor"])


def _retry(errors: Collection[str], setting: RetrySetting) -> Json:
    """Return a rule of a `Retry` block. Step Functions does not count the first attempt."""
    return {
        "ErrorEquals": list(errors),
        "IntervalSeconds": int(setting.base_seconds),
        "BackoffRate": 2,
        "MaxAttempts": setting.max_attempts - 1,
        "MaxDelaySeconds": int(setting.max_seconds),
        "JitterStrategy": "FULL",
    }


def substitution(function: str) -> str:
    """How a definition names a function: `report_step` is `${ReportStepArn}`."""
    return f"{camel(function)}Arn"


def _machine(machine: Machine, functions: list[str], recorded: Json) -> Json:
    return {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {
            "StateMachineName": named(machine.name),
            "RoleArn": arn_of(f"{machine.logical_id}Role"),
            "Definition": machine.states,
            "DefinitionSubstitutions": {substitution(name): arn_of(camel(name)) for name in functions},
            **recorded,
        },
    }


def _role(machine: Machine, functions: list[str], rights: list[Json]) -> Json:
    trust = {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
    arns = [arn_of(camel(name)) for name in functions]
    right = {"Effect": "Allow", "Action": ["lambda:InvokeFunction"], "Resource": arns}
    policy = {"Version": "2012-10-17", "Statement": [right, *rights]}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": sub(f"${{AWS::StackName}}-{machine.name}-${{AWS::Region}}"),
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
            "Policies": [{"PolicyName": "rights", "PolicyDocument": policy}],
        },
    }
