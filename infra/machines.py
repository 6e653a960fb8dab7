"""The state machines: each definition stands beside its steps, the template fills in the ARNs of their functions."""

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from infra.names import Json, arn_of, camel, named, sub

ROOT = Path(__file__).parent.parent / "chalicelib"
_FUNCTION = re.compile(r'"\$\{(\w+)Arn\}"')


@dataclass(frozen=True)
class Machine:
    """A state machine: its name in the stack, the file that defines it, and what it means when an execution fails."""

    name: str
    definition: Path
    failure: str

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
        """The definition."""
        loaded: Json = json.loads(self.definition.read_text("utf-8"))
        return loaded

    def functions(self, names: Collection[str]) -> list[str]:
        """Those of the functions that it calls."""
        called = set(_FUNCTION.findall(self.definition.read_text("utf-8")))
        return sorted(name for name in names if camel(name) in called)


REPORT_SAGA = Machine(
    "report-saga", ROOT / "reports" / "saga.asl.json", "Functions of a report saga failed in all their attempts"
)
AGGREGATION = Machine(
    "aggregation", ROOT / "batches" / "aggregation.asl.json", "An aggregation of a batch broke for an unforeseen reason"
)
LONG_TASK = Machine(
    "long-task", ROOT / "long_tasks" / "long_task.asl.json", "A long task broke for an unforeseen reason"
)
MACHINES = (REPORT_SAGA, AGGREGATION, LONG_TASK)


def resources(functions: Collection[str]) -> Json:
    """The machines and their roles, which may invoke their functions and nothing else."""
    made: Json = {}
    for machine in MACHINES:
        called = machine.functions(functions)
        made[machine.logical_id] = _machine(machine, called)
        made[f"{machine.logical_id}Role"] = _role(machine, called)
    return made


def substitution(function: str) -> str:
    """How a definition names a function: `report_step` is `${ReportStepArn}`."""
    return f"{camel(function)}Arn"


def _machine(machine: Machine, functions: list[str]) -> Json:
    return {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {
            "StateMachineName": named(machine.name),
            "RoleArn": arn_of(f"{machine.logical_id}Role"),
            "Definition": machine.states,
            "DefinitionSubstitutions": {substitution(name): arn_of(camel(name)) for name in functions},
        },
    }


def _role(machine: Machine, functions: list[str]) -> Json:
    trust = {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
    arns = [arn_of(camel(name)) for name in functions]
    right = {"Effect": "Allow", "Action": ["lambda:InvokeFunction"], "Resource": arns}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": sub(f"${{AWS::StackName}}-{machine.name}-${{AWS::Region}}"),
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
            "Policies": [{"PolicyName": "rights", "PolicyDocument": {"Version": "2012-10-17", "Statement": [right]}}],
        },
    }
