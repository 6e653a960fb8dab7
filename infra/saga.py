"""The state machine of the report saga: the definition stands beside its steps, the template fills in the ARNs."""

import json
from pathlib import Path

from infra.names import Json, arn_of, camel, named, sub

DEFINITION = Path(__file__).parent.parent / "chalicelib" / "reports" / "saga.asl.json"


def resources(step_functions: list[str]) -> Json:
    """The machine and its role; nothing while there is no definition."""
    if not DEFINITION.exists():
        return {}
    steps = sorted(step_functions)
    trust = {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
    arns = [arn_of(camel(name)) for name in steps]
    right = {"Effect": "Allow", "Action": ["lambda:InvokeFunction"], "Resource": arns}
    return {
        "ReportSaga": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {
                "StateMachineName": named("report-saga"),
                "RoleArn": arn_of("ReportSagaRole"),
                "Definition": json.loads(DEFINITION.read_text("utf-8")),
                "DefinitionSubstitutions": {substitution(name): arn_of(camel(name)) for name in steps},
            },
        },
        "ReportSagaRole": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "RoleName": sub("${AWS::StackName}-report-saga-${AWS::Region}"),
                "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
                "Policies": [
                    {"PolicyName": "rights", "PolicyDocument": {"Version": "2012-10-17", "Statement": [right]}}
                ],
            },
        },
    }


def substitution(function: str) -> str:
    """How the definition names a function: `report_store_file` is `${ReportStoreFileArn}`."""
    return f"{camel(function)}Arn"


def exists() -> bool:
    """Whether the definition is there."""
    return DEFINITION.exists()
