"""Queues, rules and schedules: what SQS and EventBridge refuse."""

import json
from collections.abc import Iterator
from typing import Any

from tests.contract.aws_rules.rule import rule, setting
from tests.contract.aws_rules.stack import Stack

Json = dict[str, Any]
QUEUE, RULE = "AWS::SQS::Queue", "AWS::Events::Rule"
BRIDGE_QUOTAS = "eventbridge/latest/userguide/eb-quota.html"
RANGES = {
    "DelaySeconds": range(901),
    "MaximumMessageSize": range(1_024, 1_048_577),
    "MessageRetentionPeriod": range(60, 1_209_601),
    "ReceiveMessageWaitTimeSeconds": range(21),
    "VisibilityTimeout": range(43_201),
}
DEFAULT_RETENTION = 345_600


@rule(
    "The settings of a queue are in their ranges",
    "AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html",
    setting(QUEUE, "VisibilityTimeout", 43_201),
)
def queue_settings(stack: Stack) -> Iterator[str]:
    """In seconds and bytes."""
    for name, one in stack.of_type(QUEUE).items():
        yield from (f"{name}: {key}" for key, allowed in RANGES.items() if one.get(key, allowed[0]) not in allowed)


def _forget_dead_letters(stack: Stack) -> None:
    for queue in stack.of_type(QUEUE).values():
        queue.pop("MessageRetentionPeriod", None)


@rule(
    "A dead letter queue keeps messages longer than its queue, from when they were first sent",
    "AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html",
    _forget_dead_letters,
)
def dead_letters_are_kept(stack: Stack) -> Iterator[str]:
    """A dead letter queue has one itself nowhere here."""
    for name, one in stack.of_type(QUEUE).items():
        if "RedrivePolicy" in one:
            place = one["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
            kept = stack.resources[place]["Properties"].get("MessageRetentionPeriod", DEFAULT_RETENTION)
            if kept <= one.get("MessageRetentionPeriod", DEFAULT_RETENTION):
                yield name


def _mix_kinds(stack: Stack) -> None:
    for queue in stack.of_type(QUEUE).values():
        if "RedrivePolicy" not in queue:
            queue["FifoQueue"] = True


@rule(
    "A queue and its dead letter queue are both FIFO or both not",
    "AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html",
    _mix_kinds,
)
def dead_letters_are_of_a_kind(stack: Stack) -> Iterator[str]:
    """The name of a FIFO queue ends in `.fifo`; rules and schedules cannot order their messages."""
    for name, one in stack.of_type(QUEUE).items():
        if one.get("FifoQueue") and not stack.physical_name(name).endswith(".fifo"):
            yield name
        if "RedrivePolicy" in one:
            dead = stack.resources[one["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]]["Properties"]
            if bool(dead.get("FifoQueue")) != bool(one.get("FifoQueue")):
                yield name


def _name_many(stack: Stack) -> None:
    pattern = next(one for one in stack.of_type(RULE).values() if "EventPattern" in one)["EventPattern"]
    pattern["detail-type"] = [f"event.{number}" for number in range(300)]


@rule("The pattern of a rule has 2,048 characters", BRIDGE_QUOTAS, _name_many)
def pattern_size(stack: Stack) -> Iterator[str]:
    """By default; every leaf is a list."""
    for name, one in stack.of_type(RULE).items():
        size = len(json.dumps(stack.resolved(one.get("EventPattern", {}))))
        if size > 2_048:
            yield f"{name}: {size}"


def _bare_pattern(stack: Stack) -> None:
    next(one for one in stack.of_type(RULE).values() if "EventPattern" in one)["EventPattern"]["source"] = "shopfloor"


@rule(
    "A pattern has lists of values, and a rule a pattern or a schedule",
    "eventbridge/latest/userguide/eb-create-pattern.html",
    _bare_pattern,
)
def patterns(stack: Stack) -> Iterator[str]:
    """A schedule is possible on the default bus only."""
    for name, one in stack.of_type(RULE).items():
        pattern = one.get("EventPattern")
        if (pattern is None) == ("ScheduleExpression" not in one):
            yield name
        if "ScheduleExpression" in one and "EventBusName" in one:
            yield f"{name}: a schedule on a bus"
        if pattern and not all(isinstance(values, list) and values for values in pattern.values()):
            yield f"{name}: {pattern}"


def _add_targets(stack: Stack) -> None:
    for one in stack.of_type(RULE).values():
        one["Targets"] *= 6


@rule("A rule has five targets, each with an id of its own", BRIDGE_QUOTAS, _add_targets)
def targets(stack: Stack) -> Iterator[str]:
    """Of 64 characters."""
    for name, one in stack.of_type(RULE).items():
        ids = [target["Id"] for target in one["Targets"]]
        if len(ids) > 5 or len({*ids}) < len(ids) or any(len(each) > 64 for each in ids):
            yield name


RETRY_RANGES = {"MaximumEventAgeInSeconds": range(60, 86_401), "MaximumRetryAttempts": range(186)}


def _retry_forever(stack: Stack) -> None:
    next(iter(stack.of_type(RULE).values()))["Targets"][0]["RetryPolicy"] = {"MaximumRetryAttempts": 186}


@rule(
    "A target is tried 185 times and for a day at most",
    "eventbridge/latest/APIReference/API_RetryPolicy.html",
    _retry_forever,
)
def retries_of_targets(stack: Stack) -> Iterator[str]:
    """What is given up is lost without a dead letter queue."""
    for name, one in stack.of_type(RULE).items():
        for target in one["Targets"]:
            policy = target.get("RetryPolicy", {})
            yield from (f"{name}: {key}" for key, value in policy.items() if value not in RETRY_RANGES[key])


def _let_go(stack: Stack) -> None:
    for one in stack.of_type(RULE).values():
        for target in one["Targets"]:
            target.pop("DeadLetterConfig", None)


@rule(
    "Events that a target does not take in a day are lost, unless it has a dead letter queue",
    "eventbridge/latest/userguide/eb-rule-dlq.html",
    _let_go,
)
def targets_lose_nothing(stack: Stack) -> Iterator[str]:
    """A schedule comes again by itself."""
    for name, one in stack.of_type(RULE).items():
        if "EventPattern" in one and not all("DeadLetterConfig" in target for target in one["Targets"]):
            yield name


def _open_queues(stack: Stack) -> None:
    for policy in stack.of_type("AWS::SQS::QueuePolicy").values():
        for one in policy["PolicyDocument"]["Statement"]:
            one["Principal"] = "*"


@rule(
    "A queue's policy names a service or an account",
    "AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-basic-examples-of-sqs-policies.html",
    _open_queues,
)
def queues_are_not_public(stack: Stack) -> Iterator[str]:
    """A statement that allows everybody makes a queue of everybody."""
    for name, policy in stack.of_type("AWS::SQS::QueuePolicy").items():
        for one in policy["PolicyDocument"]["Statement"]:
            if one["Effect"] == "Allow" and one["Principal"] in ("*", {"AWS": "*"}):
                yield name
