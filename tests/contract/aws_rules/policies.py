"""Policies and ARNs: what IAM takes."""

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.contract.aws_rules.access import as_list, statements
from tests.contract.aws_rules.rule import rule
from tests.contract.aws_rules.stack import Stack

IAM_QUOTAS = "IAM/latest/UserGuide/reference_iam-quotas.html"
ARN = re.compile(r"arn:[a-z-]+:([a-z0-9-]+):([a-z0-9-]*):([0-9]{12})?:.+")
WITHOUT_PLACE = {"s3", "iam"}
"""Services whose ARNs have no region: names of buckets and rights are global."""


def _first_role(stack: Stack) -> Any:
    return next(one for one in stack.of_type("AWS::IAM::Role").values() if one.get("Policies"))


def _size(value: Any) -> int:
    """As IAM counts: without white space."""
    return len(re.sub(r"\s", "", json.dumps(value, ensure_ascii=False)))


def _widen(stack: Stack) -> None:
    statement = _first_role(stack)["Policies"][0]["PolicyDocument"]["Statement"][0]
    statement["Resource"] = [f"arn:aws:s3:::bucket-{number}" for number in range(500)]


@rule("The inline policies of a role have 10,240 characters together", IAM_QUOTAS, _widen)
def role_size(stack: Stack) -> Iterator[str]:
    """Spaces are not counted."""
    for name, role in stack.of_type("AWS::IAM::Role").items():
        size = sum(_size(policy["PolicyDocument"]) for policy in stack.resolved(role.get("Policies", [])))
        if size > 10_240:
            yield f"{name}: {size}"


def _trust_many(stack: Stack) -> None:
    services = [f"service-{number}.amazonaws.com" for number in range(100)]
    _first_role(stack)["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] = {"Service": services}


@rule("A trust policy has 2,048 characters", IAM_QUOTAS, _trust_many)
def trust_size(stack: Stack) -> Iterator[str]:
    """By default; AWS raises it to 8,192."""
    for name, role in stack.of_type("AWS::IAM::Role").items():
        if (size := _size(stack.resolved(role["AssumeRolePolicyDocument"]))) > 2_048:
            yield f"{name}: {size}"


def _manage(stack: Stack) -> None:
    document = {"Statement": [{"Sid": f"Right{number}"} for number in range(500)]}
    stack.resources["Managed"] = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document}}


@rule("A managed policy has 6,144 characters", IAM_QUOTAS, _manage)
def managed_size(stack: Stack) -> Iterator[str]:
    """The stack has none so far."""
    for name, policy in stack.of_type("AWS::IAM::ManagedPolicy").items():
        if (size := _size(stack.resolved(policy["PolicyDocument"]))) > 6_144:
            yield f"{name}: {size}"


def _repeat_sid(stack: Stack) -> None:
    policy = _first_role(stack)["Policies"][0]["PolicyDocument"]
    policy["Statement"].append({**policy["Statement"][0]})


@rule(
    "The id of a statement is letters and digits, once in a policy",
    "IAM/latest/UserGuide/reference_policies_elements_sid.html",
    _repeat_sid,
)
def statement_ids(stack: Stack) -> Iterator[str]:
    """A statement may have none."""
    for name, role in stack.of_type("AWS::IAM::Role").items():
        for policy in role.get("Policies", []):
            ids = [one["Sid"] for one in policy["PolicyDocument"]["Statement"] if "Sid" in one]
            if len({*ids}) < len(ids) or not all(re.fullmatch("[A-Za-z0-9]+", one) for one in ids):
                yield f"{name}: {ids}"


def _shorten(stack: Stack) -> None:
    _first_role(stack)["Policies"][0]["PolicyDocument"]["Statement"][0]["Resource"] = ["arn:aws:sqs:queue"]


@rule(
    "An ARN in a policy has a partition, a service, a region and an account where the service has them",
    "IAM/latest/UserGuide/reference-arns.html",
    _shorten,
)
def arns_are_whole(stack: Stack) -> Iterator[str]:
    """A policy with another form is refused (`MalformedPolicyDocument`) or allows nothing."""
    for name in stack.of_type("AWS::IAM::Role"):
        for resource in (each for one in statements(stack, name) for each in as_list(one.get("Resource", []))):
            found = ARN.fullmatch(resource)
            if resource != "*" and not found:
                yield f"{name}: {resource}"
            elif found and found[1] not in WITHOUT_PLACE and not (found[2] and found[3]):
                yield f"{name}: {resource} has no region or no account"


def _fix_partition(stack: Stack) -> None:
    _first_role(stack)["Policies"][0]["PolicyDocument"]["Statement"][0]["Resource"] = ["arn:aws:s3:::bucket"]


@rule(
    "The partition of an ARN is that of the region",
    "IAM/latest/UserGuide/reference-arns.html#arns-syntax",
    _fix_partition,
)
def partitions_are_not_fixed(stack: Stack) -> Iterator[str]:
    """Neither partition, nor region or account, is written out."""
    text = json.dumps(stack.resources)
    yield from re.findall(r"arn:aws[a-z-]*:[^\"]*", text)
    yield from re.findall(r"\b[a-z]{2}-(?:north|south|east|west|central)[a-z]*-\d\b", text)
    yield from re.findall(r"\b\d{12}\b", text)


def _admit_many(stack: Stack) -> None:
    for policy in stack.of_type("AWS::SQS::QueuePolicy").values():
        policy["PolicyDocument"]["Statement"] *= 21


@rule(
    "The policy of a queue has 8,192 bytes and 20 statements",
    "AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html",
    _admit_many,
)
def queue_policy_size(stack: Stack) -> Iterator[str]:
    """A queue has one policy: another resource for it would replace the first one."""
    queues = [queue["Ref"] for one in stack.of_type("AWS::SQS::QueuePolicy").values() for queue in one["Queues"]]
    yield from sorted({queue for queue in queues if queues.count(queue) > 1})
    for name, one in stack.of_type("AWS::SQS::QueuePolicy").items():
        document = stack.resolved(one["PolicyDocument"])
        if len(json.dumps(document)) > 8_192 or len(document["Statement"]) > 20:
            yield name


def _close_bucket(stack: Stack) -> None:
    document = {"Statement": [{"Sid": f"Right{number}", "Resource": "x" * 100} for number in range(200)]}
    stack.resources["Closed"] = {"Type": "AWS::S3::BucketPolicy", "Properties": {"PolicyDocument": document}}


@rule("The policy of a bucket has 20 KB", "AmazonS3/latest/userguide/bucket-policies.html", _close_bucket)
def bucket_policy_size(stack: Stack) -> Iterator[str]:
    """Without its signs of JSON that IAM would not count."""
    for name, one in stack.of_type("AWS::S3::BucketPolicy").items():
        if len(json.dumps(stack.resolved(one["PolicyDocument"]))) > 20 * 1024:
            yield name


def _admit_callers(stack: Stack) -> None:
    permission = next(iter(stack.of_type("AWS::Lambda::Permission").values()))
    for number in range(70):
        stack.resources[f"Caller{number}"] = {"Type": "AWS::Lambda::Permission", "Properties": permission}


@rule(
    "The policy of a function, one statement for each caller, has 20 KB",
    "lambda/latest/dg/gettingstarted-limits.html",
    _admit_callers,
)
def function_policy_size(stack: Stack) -> Iterator[str]:
    """A statement takes some 300 bytes more than what the template says."""
    sizes: dict[str, int] = {}
    for one in stack.of_type("AWS::Lambda::Permission").values():
        name = stack.text(one["FunctionName"])
        sizes[name] = sizes.get(name, 0) + len(json.dumps(stack.resolved(one))) + 300
    yield from (f"{name}: {size}" for name, size in sizes.items() if size > 20 * 1024)
