"""A template as CloudFormation sees it after the SAM transform, with its texts resolved.

The region, the account and the ids that AWS generates are as long as they can be, so that sizes are the largest.
"""

import copy
import json
import re
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from infra.package import load, package

Json = dict[str, Any]
REGION, ACCOUNT = "ap-northeast-1", "123456789012"
PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws-us-gov",
    "AWS::Region": REGION,
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::NoValue": "",
}
NAMES = {
    "AWS::ApiGateway::RestApi": "Name",
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::CloudWatch::Dashboard": "DashboardName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::Events::EventBus": "Name",
    "AWS::Events::Rule": "Name",
    "AWS::IAM::Role": "RoleName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::Scheduler::ScheduleGroup": "Name",
    "AWS::SecretsManager::Secret": "Name",
    "AWS::StepFunctions::StateMachine": "StateMachineName",
    "AWS::WAFv2::WebACL": "Name",
}
"""The property that is the physical name of a resource."""
_PLACES = {
    "AWS::DynamoDB::Table": "dynamodb:{region}:{account}:table/{name}",
    "AWS::Events::EventBus": "events:{region}:{account}:event-bus/{name}",
    "AWS::Events::Rule": "events:{region}:{account}:rule/{name}",
    "AWS::IAM::Role": "iam::{account}:role/{name}",
    "AWS::Lambda::Function": "lambda:{region}:{account}:function:{name}",
    "AWS::Logs::LogGroup": "logs:{region}:{account}:log-group:{name}:*",
    "AWS::S3::Bucket": "s3:::{name}",
    "AWS::SNS::Topic": "sns:{region}:{account}:{name}",
    "AWS::SQS::Queue": "sqs:{region}:{account}:{name}",
    "AWS::StepFunctions::StateMachine": "states:{region}:{account}:stateMachine:{name}",
}


class Stack:
    """The stack of a stage: its resources, and what their references become."""

    def __init__(self, stage: str, template: Json) -> None:
        self.stage, self.template = stage, template
        self.name = f"shopfloor-{stage}"
        self.resources: dict[str, Json] = template["Resources"]

    def of_type(self, kind: str) -> dict[str, Json]:
        """The properties of the resources of a type, by logical id."""
        return {name: one.get("Properties", {}) for name, one in self.resources.items() if one["Type"] == kind}

    def physical_name(self, logical_id: str) -> str:
        """The name of a resource; as CloudFormation generates it where the template names none."""
        resource = self.resources[logical_id]
        given = resource.get("Properties", {}).get(NAMES.get(resource["Type"], ""))
        return self.text(given) if given else f"{self.name}-{logical_id}-{'x' * 13}"

    def arn(self, logical_id: str) -> str:
        """The ARN of a resource."""
        kind, name = self.resources[logical_id]["Type"], self.physical_name(logical_id)
        unknown = kind.split("::")[1].lower() + ":{region}:{account}:{name}"
        place = _PLACES.get(kind, unknown).format(region=REGION, account=ACCOUNT, name=name)
        return f"arn:{PSEUDO['AWS::Partition']}:{place}"

    def text(self, value: Any) -> str:
        """A text of the template as it is in a stack."""
        if not isinstance(value, dict):
            return str(value)
        ((kind, of),) = value.items()
        return _FUNCTIONS[kind](self, of)

    def resolved(self, value: Any) -> Any:
        """A part of the template, all its references as texts."""
        if isinstance(value, list):
            found = [self.resolved(one) for one in value]
            return [one for one in found if one != ""]
        if not isinstance(value, dict):
            return value
        if len(value) == 1 and next(iter(value)) in _FUNCTIONS:
            return self._chosen(value) if "Fn::If" in value else self.text(value)
        return {name: self.resolved(one) for name, one in value.items()}

    def _chosen(self, value: Json) -> Any:
        """The part of an `Fn::If` that is there: the more of both."""
        return self.resolved(value["Fn::If"][1])


def _sub(stack: Stack, of: Any) -> str:
    text, given = of if isinstance(of, list) else (of, {})

    def reference(found: re.Match[str]) -> str:
        name = found[1]
        if name in given:
            return stack.text(given[name])
        parts = name.split(".", 1)
        return _get_att(stack, parts) if len(parts) == 2 else _ref(stack, name)

    return re.sub(r"\$\{([\w:.]+)\}", reference, text)


def _ref(stack: Stack, name: str) -> str:
    if name == "AWS::StackName":
        return stack.name
    if name in PSEUDO:
        return PSEUDO[name]
    if name in stack.template.get("Parameters", {}):
        return str(stack.template["Parameters"][name].get("Default", ""))
    if stack.resources[name]["Type"] in ("AWS::StepFunctions::StateMachine", "AWS::SNS::Topic"):
        return stack.arn(name)
    if stack.resources[name]["Type"] == "AWS::SQS::Queue":
        return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{stack.physical_name(name)}"
    return stack.physical_name(name)


def _get_att(stack: Stack, of: Any) -> str:
    name, attribute = of if isinstance(of, list) else of.split(".", 1)
    if attribute == "StreamArn":
        return f"{stack.arn(name)}/stream/2026-01-01T00:00:00.000"
    if attribute in ("Arn", "Id"):
        return stack.arn(name) + ("-xxxxxx" if stack.resources[name]["Type"] == "AWS::SecretsManager::Secret" else "")
    return stack.physical_name(name)


def _if(stack: Stack, of: Any) -> str:
    return stack.text(of[1])


_FUNCTIONS = {
    "Ref": _ref,
    "Fn::Sub": _sub,
    "Fn::GetAtt": _get_att,
    "Fn::If": _if,
    "Fn::Join": lambda stack, of: stack.text(of[0]).join(stack.text(one) for one in of[1]),
}


@cache
def _template(stage: str) -> str:
    """The packaged template of a stage after the SAM transform, as JSON."""
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator

    with tempfile.TemporaryDirectory() as folder:
        package(stage, Path(folder), thin=True)
        template = load(Path(folder))
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://bucket/key"
    return json.dumps(Translator({}, Parser()).translate(copy.deepcopy(template), {}), ensure_ascii=False)


def new_stack(stage: str) -> Stack:
    """The stack of a stage, which the caller may change."""
    return Stack(stage, json.loads(_template(stage)))
