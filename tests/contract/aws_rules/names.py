"""Names of resources: their length, their characters, and where they have to be the only ones."""

import re
from collections import Counter
from collections.abc import Iterator

from tests.contract.aws_rules.rule import rule, setting
from tests.contract.aws_rules.stack import NAMES, Stack

FORMS = {
    "AWS::ApiGateway::RestApi": r".{1,1024}",
    "AWS::CloudWatch::Alarm": r".{1,255}",
    "AWS::CloudWatch::Dashboard": r"[A-Za-z0-9_-]{1,255}",
    "AWS::DynamoDB::Table": r"[A-Za-z0-9_.-]{3,255}",
    "AWS::Events::EventBus": r"[A-Za-z0-9_./-]{1,256}",
    "AWS::Events::Rule": r"[A-Za-z0-9_.-]{1,64}",
    "AWS::IAM::Role": r"[A-Za-z0-9_+=,.@-]{1,64}",
    "AWS::Lambda::Function": r"[A-Za-z0-9_-]{1,64}",
    "AWS::Logs::LogGroup": r"[A-Za-z0-9_./#-]{1,512}",
    "AWS::S3::Bucket": r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
    "AWS::SNS::Topic": r"[A-Za-z0-9_-]{1,256}",
    "AWS::SQS::Queue": r"[A-Za-z0-9_-]{1,80}",
    "AWS::Scheduler::ScheduleGroup": r"[A-Za-z0-9_.-]{1,64}",
    "AWS::SecretsManager::Secret": r"[A-Za-z0-9/_+=.@-]{1,512}",
    "AWS::StepFunctions::StateMachine": r"[A-Za-z0-9_-]{1,80}",
    "AWS::WAFv2::WebACL": r"[A-Za-z0-9_-]{1,128}",
}
"""By the page of each resource in the template reference, `Pattern` and `Maximum` of its name."""
GLOBAL = {"AWS::IAM::Role"}
"""Names of these are unique in the account, those of others in account and region; of buckets in the whole world."""
TEMPLATE_REFERENCE = "AWSCloudFormation/latest/TemplateReference/introduction.html"
NAMELESS_KINDS = {"AWS::SecretsManager::Secret", "AWS::S3::Bucket"}
"""CloudFormation generates these names: a deleted secret keeps its name for days, and a bucket's may be taken."""


def _named(stack: Stack) -> Iterator[tuple[str, str, str]]:
    """Each resource with a name of its own: its type, its logical id, its name."""
    for name, resource in stack.resources.items():
        if NAMES.get(resource["Type"]) in resource.get("Properties", {}):
            yield resource["Type"], name, stack.physical_name(name)


@rule(
    "A name has the length and the characters that its service takes",
    TEMPLATE_REFERENCE,
    setting("AWS::Lambda::Function", "FunctionName", "x" * 65),
)
def names_are_taken(stack: Stack) -> Iterator[str]:
    """With the name of the stack, and in a role the region, inside."""
    for kind, name, physical in _named(stack):
        if not re.fullmatch(FORMS[kind], physical):
            yield f"{name}: {physical}"


def _name_alike(stack: Stack) -> None:
    for queue in stack.of_type("AWS::SQS::Queue").values():
        queue["QueueName"] = {"Fn::Sub": "${AWS::StackName}-same"}


@rule(
    "No two resources of a type have the same name",
    "AWSCloudFormation/latest/UserGuide/aws-properties-name.html",
    _name_alike,
)
def names_are_the_only_ones(stack: Stack) -> Iterator[str]:
    """In a stack."""
    counted = Counter((kind, physical) for kind, _, physical in _named(stack))
    yield from (f"{kind}: {physical}" for (kind, physical), times in counted.items() if times > 1)


@rule(
    "A name differs between stacks of one account, and between regions where it is global",
    "AWSCloudFormation/latest/UserGuide/aws-properties-name.html",
    setting("AWS::IAM::Role", "RoleName", {"Fn::Sub": "${AWS::StackName}-role"}),
)
def names_carry_their_stack(stack: Stack) -> Iterator[str]:
    """The second stage, or the second region, is refused otherwise."""
    for kind, name, physical in _named(stack):
        region = stack.text({"Ref": "AWS::Region"})
        if stack.name not in physical or (kind in GLOBAL and region not in physical):
            yield f"{name}: {physical}"


@rule(
    "What keeps its name after it was deleted, or is unique in the world, has a generated name",
    "secretsmanager/latest/userguide/manage_delete-secret.html",
    setting("AWS::SecretsManager::Secret", "Name", "key"),
)
def generated_names(stack: Stack) -> Iterator[str]:
    """A secret can be created again under its name after a week at the earliest."""
    yield from (name for kind, name, _ in _named(stack) if kind in NAMELESS_KINDS)


def _keep_always(stack: Stack) -> None:
    next(one for one in stack.resources.values() if one["Type"] == "AWS::DynamoDB::Table")["DeletionPolicy"] = "Retain"


@rule(
    "A named resource that is kept when its creation fails blocks the next creation",
    "AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html",
    _keep_always,
)
def failed_creations_leave_nothing(stack: Stack) -> Iterator[str]:
    """`RetainExceptOnCreate` deletes it then."""
    for kind, name, _ in _named(stack):
        if stack.resources[name].get("DeletionPolicy") == "Retain":
            yield f"{kind} {name}"
