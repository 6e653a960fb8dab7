"""Functions: what Lambda refuses, and which times have to be longer than which."""

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.contract.aws_rules.access import allows, as_list, role_of
from tests.contract.aws_rules.rule import rule, setting
from tests.contract.aws_rules.stack import Stack

Json = dict[str, Any]
FUNCTION, MAPPING = "AWS::Lambda::Function", "AWS::Lambda::EventSourceMapping"
QUOTAS = "lambda/latest/dg/gettingstarted-limits.html"
RESERVED = re.compile(
    r"_HANDLER|_X_AMZN_TRACE_ID|LD_LIBRARY_PATH|PYTHONPATH|PATH|LANG|TZ|LAMBDA_(TASK_ROOT|RUNTIME_DIR)"
    r"|AWS_(REGION|DEFAULT_REGION|EXECUTION_ENV|LAMBDA_.*|ACCESS_KEY(_ID)?|SECRET_ACCESS_KEY|SESSION_TOKEN)"
)
"""Variables that Lambda reserves, and those of its runtime that are not to be replaced."""
GATEWAY_SECONDS = 29
ACCOUNT_CONCURRENCY, UNRESERVED = 1_000, 100


def _mappings(stack: Stack, service: str) -> Iterator[tuple[str, Json]]:
    for name, one in stack.of_type(MAPPING).items():
        if stack.text(one["EventSourceArn"]).split(":")[2] == service:
            yield name, one


@rule("A function has from 128 to 10,240 MB, and from 1 to 900 seconds", QUOTAS, setting(FUNCTION, "Timeout", 901))
def memory_and_time(stack: Stack) -> Iterator[str]:
    """In whole megabytes and seconds."""
    for name, one in stack.of_type(FUNCTION).items():
        if one["MemorySize"] not in range(128, 10_241) or one["Timeout"] not in range(1, 901):
            yield name


@rule(
    "The environment of a function has 4 KB, names and values together",
    QUOTAS,
    setting(FUNCTION, "Environment.Variables.LONG", "x" * 4_096),
)
def environment_size(stack: Stack) -> Iterator[str]:
    """Half of it is left for the values that a deployment gives."""
    for name, one in stack.of_type(FUNCTION).items():
        size = len(json.dumps(stack.resolved(one["Environment"]["Variables"])).encode())
        if size > 4_096 - 1_024:
            yield f"{name}: {size}"


@rule(
    "Names of variables begin with a letter, and are not those of Lambda",
    "lambda/latest/dg/configuration-envvars.html",
    setting(FUNCTION, "Environment.Variables.AWS_REGION", "eu-central-1"),
)
def environment_names(stack: Stack) -> Iterator[str]:
    """The function is refused with one that Lambda reserves."""
    for name, one in stack.of_type(FUNCTION).items():
        for variable in one["Environment"]["Variables"]:
            if not re.fullmatch("[A-Za-z][A-Za-z0-9_]+", variable) or RESERVED.fullmatch(variable):
                yield f"{name}: {variable}"


def _reserve(stack: Stack) -> None:
    next(iter(stack.of_type(FUNCTION).values()))["ReservedConcurrentExecutions"] = 950


@rule(
    "Functions may reserve what the account has but 100",
    "lambda/latest/dg/configuration-concurrency.html",
    _reserve,
)
def reserved_concurrency(stack: Stack) -> Iterator[str]:
    """A new account may have as few as 10 in all, so nothing is reserved unless a parameter says so."""
    reserved = [stack.resolved(one.get("ReservedConcurrentExecutions", 0)) for one in stack.of_type(FUNCTION).values()]
    total = sum(int(one or 0) for one in reserved)
    if total > ACCOUNT_CONCURRENCY - UNRESERVED:
        yield f"{total} are reserved"


def _fill_batches(stack: Stack) -> None:
    next(one for _, one in _mappings(stack, "sqs"))["BatchSize"] = 11


@rule(
    "A batch of more than 10 messages needs a window of at least a second",
    "lambda/latest/api/API_CreateEventSourceMapping.html#lambda-CreateEventSourceMapping-request-BatchSize",
    _fill_batches,
)
def batches_of_messages(stack: Stack) -> Iterator[str]:
    """And there are at most 10,000, of a FIFO queue 10."""
    for name, one in _mappings(stack, "sqs"):
        most = 10_000 if one.get("MaximumBatchingWindowInSeconds") else 10
        if one["BatchSize"] not in range(1, most + 1):
            yield f"{name}: {one['BatchSize']}"


def _scale_to_one(stack: Stack) -> None:
    next(one for _, one in _mappings(stack, "sqs"))["ScalingConfig"] = {"MaximumConcurrency": 1}


@rule(
    "A queue starts from 2 to 1,000 calls of its function at once",
    "lambda/latest/api/API_ScalingConfig.html",
    _scale_to_one,
)
def concurrency_of_queues(stack: Stack) -> Iterator[str]:
    """One is refused."""
    for name, one in _mappings(stack, "sqs"):
        if one.get("ScalingConfig", {}).get("MaximumConcurrency", 2) not in range(2, 1_001):
            yield name


STREAM_RANGES = {
    "BatchSize": range(1, 10_001),
    "MaximumRetryAttempts": range(-1, 10_001),
    "ParallelizationFactor": range(1, 11),
    "MaximumBatchingWindowInSeconds": range(301),
    "TumblingWindowInSeconds": range(901),
}


def _retry_too_often(stack: Stack) -> None:
    next(one for _, one in _mappings(stack, "dynamodb"))["MaximumRetryAttempts"] = 10_001


@rule(
    "The settings of a stream's mapping are in their ranges",
    "lambda/latest/dg/services-ddb-params.html",
    _retry_too_often,
)
def stream_settings(stack: Stack) -> Iterator[str]:
    """A record's age is -1, for no limit, or from 60 to 604,800 seconds."""
    for name, one in _mappings(stack, "dynamodb"):
        for key, allowed in STREAM_RANGES.items():
            if one.get(key, allowed[0]) not in allowed:
                yield f"{name}: {key}"
        age = one.get("MaximumRecordAgeInSeconds", -1)
        if (age != -1 and age not in range(60, 604_801)) or one["StartingPosition"] not in ("TRIM_HORIZON", "LATEST"):
            yield name


def _filter_long(stack: Stack) -> None:
    next(one for _, one in _mappings(stack, "dynamodb"))["FilterCriteria"]["Filters"] *= 6


@rule(
    "A mapping has five filters of 4,096 characters",
    "lambda/latest/dg/invocation-eventfiltering.html",
    _filter_long,
)
def filters(stack: Stack) -> Iterator[str]:
    """Their patterns are JSON, whose leaves are lists."""
    for name, one in stack.of_type(MAPPING).items():
        patterns = [each["Pattern"] for each in one.get("FilterCriteria", {}).get("Filters", [])]
        if len(patterns) > 5 or any(len(each) > 4_096 for each in patterns):
            yield name
        if not all(_has_lists(json.loads(each)) for each in patterns):
            yield f"{name}: {patterns}"


def _has_lists(pattern: Any) -> bool:
    if isinstance(pattern, dict):
        return all(_has_lists(one) for one in pattern.values())
    return isinstance(pattern, list) and bool(pattern)


def _hide_briefly(stack: Stack) -> None:
    for queue in stack.of_type("AWS::SQS::Queue").values():
        queue["VisibilityTimeout"] = 30


@rule(
    "A queue hides a message for six times the timeout of its function, and its window",
    "lambda/latest/dg/services-sqs-configure.html#events-sqs-queueconfig",
    _hide_briefly,
)
def messages_stay_hidden(stack: Stack) -> Iterator[str]:
    """Less than once the timeout is refused; less than six times delivers messages again when Lambda is throttled."""
    for name, one in _mappings(stack, "sqs"):
        queue = stack.resources[one["EventSourceArn"]["Fn::GetAtt"][0]]["Properties"]
        timeout = stack.resources[one["FunctionName"]["Ref"]]["Properties"]["Timeout"]
        needed = timeout * 6 + one.get("MaximumBatchingWindowInSeconds", 0)
        if queue.get("VisibilityTimeout", 30) < needed:
            yield f"{name}: {queue.get('VisibilityTimeout', 30)} s of {needed} s"


def _give_up_early(stack: Stack) -> None:
    for queue in stack.of_type("AWS::SQS::Queue").values():
        if "RedrivePolicy" in queue:
            queue["RedrivePolicy"]["maxReceiveCount"] = 1


@rule(
    "A queue of a function delivers a message five times before it is a dead letter",
    "lambda/latest/dg/services-sqs-configure.html#events-sqs-queueconfig",
    _give_up_early,
)
def throttled_messages_come_again(stack: Stack) -> Iterator[str]:
    """A call that Lambda throttles counts as a delivery."""
    for name, one in _mappings(stack, "sqs"):
        queue = stack.resources[one["EventSourceArn"]["Fn::GetAtt"][0]]["Properties"]
        if queue.get("RedrivePolicy", {}).get("maxReceiveCount", 0) < 5:
            yield name


def _answer_late(stack: Stack) -> None:
    stack.resources["APIHandler"]["Properties"]["Timeout"] = 30


@rule(
    "The gateway waits 29 seconds for its function",
    "apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html",
    _answer_late,
)
def gateway_waits(stack: Stack) -> Iterator[str]:
    """A longer function goes on without anyone to answer."""
    apis = json.dumps([*stack.of_type("AWS::ApiGateway::RestApi").values()])
    for name in {*re.findall(r"functions/\$\{(\w+)\.Arn\}", apis)}:
        if stack.resources[name]["Properties"]["Timeout"] > GATEWAY_SECONDS:
            yield name


SCHEDULE = re.compile(r"rate\((1 (minute|hour|day)|([2-9]|[1-9]\d+) (minutes|hours|days))\)|cron\(\S+( \S+){5}\)")


def _misspell_rate(stack: Stack) -> None:
    next(one for one in stack.of_type("AWS::Events::Rule").values() if "ScheduleExpression" in one).update(
        ScheduleExpression="rate(1 minutes)"
    )


@rule(
    "A rate of one has its unit in the singular, of more in the plural",
    "eventbridge/latest/userguide/eb-scheduled-rule-pattern.html",
    _misspell_rate,
)
def rates(stack: Stack) -> Iterator[str]:
    """The rule is refused otherwise."""
    for name, one in stack.of_type("AWS::Events::Rule").items():
        if "ScheduleExpression" in one and not SCHEDULE.fullmatch(one["ScheduleExpression"]):
            yield f"{name}: {one['ScheduleExpression']}"


def _mix_architectures(stack: Stack) -> None:
    next(iter(stack.of_type(FUNCTION).values()))["Architectures"] = ["arm64", "x86_64"]


@rule("A function has one architecture", "lambda/latest/dg/foundation-arch.html", _mix_architectures)
def architectures(stack: Stack) -> Iterator[str]:
    """The package is built for x86_64 (infra/package.py), which is the default."""
    for name, one in stack.of_type(FUNCTION).items():
        if as_list(one.get("Architectures", ["x86_64"])) != ["x86_64"]:
            yield name


def _forbid_loops(stack: Stack) -> None:
    for function in stack.of_type(FUNCTION).values():
        function.pop("RecursiveLoop", None)


@rule(
    "A chain of calls that comes back to a function by a queue ends after 16 calls, unless the function allows more",
    "lambda/latest/dg/invocation-recursion.html",
    _forbid_loops,
)
def loops_are_allowed(stack: Stack) -> Iterator[str]:
    """The next message is a dead letter. Whatever waits sends itself a message, and so does what comes every minute."""
    functions = stack.of_type(FUNCTION)
    started = {stack.text(one["EventSourceArn"]): one["FunctionName"]["Ref"] for _, one in _mappings(stack, "sqs")}
    calls = {
        name: {other for queue, other in started.items() if allows(stack, role_of(one), "sqs:SendMessage", queue)}
        for name, one in functions.items()
    }
    for name, one in functions.items():
        reached: set[str] = set()
        while more := {other for caller in {name, *reached} for other in calls[caller]} - reached:
            reached |= more
        if name in reached and one.get("RecursiveLoop") != "Allow":
            yield name
