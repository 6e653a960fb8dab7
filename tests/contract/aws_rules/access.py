"""Rights that a service needs before it does what the template asks of it."""

import json
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from tests.contract.aws_rules.rule import Change, rule
from tests.contract.aws_rules.stack import Stack

Json = dict[str, Any]
SQS_READ = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
STREAM_READ = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams")
TRACE = ("xray:PutTelemetryRecords", "xray:PutTraceSegments")
LOG_DELIVERY = (
    *("logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DescribeLogGroups", "logs:DescribeResourcePolicies"),
    *("logs:GetLogDelivery", "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:UpdateLogDelivery"),
)


def statements(stack: Stack, role: str) -> list[Json]:
    """The statements of the inline policies of a role, resolved."""
    policies = stack.resolved(stack.resources[role]["Properties"].get("Policies", []))
    return [one for policy in policies for one in policy["PolicyDocument"]["Statement"]]


def as_list(value: Any) -> list[Any]:
    """A list, where IAM takes one value or several."""
    return value if isinstance(value, list) else [value]


def allows(stack: Stack, role: str, action: str, resource: str) -> bool:
    """Whether a role may do something with a resource."""
    return any(
        any(fnmatchcase(action, allowed) for allowed in as_list(one["Action"]))
        and any(fnmatchcase(resource, allowed) for allowed in as_list(one.get("Resource", [])))
        for one in statements(stack, role)
        if one["Effect"] == "Allow"
    )


def role_of(properties: Json, name: str = "Role") -> str:
    """The logical id of the role of a function or machine."""
    found: str = properties[name]["Fn::GetAtt"][0]
    return found


def without(action: str) -> Change:
    """The change that takes a right from every role."""

    def change(stack: Stack) -> None:
        for role in stack.of_type("AWS::IAM::Role").values():
            for policy in role.get("Policies", []):
                for one in policy["PolicyDocument"]["Statement"]:
                    one["Action"] = [each for each in as_list(one["Action"]) if each != action]

    return change


def _missing(stack: Stack, role: str, actions: tuple[str, ...], resource: str) -> Iterator[str]:
    for action in actions:
        if not allows(stack, role, action, resource):
            yield f"{role}: {action} on {resource}"


def _mappings(stack: Stack, service: str) -> Iterator[tuple[str, str, Json]]:
    """The event source mappings of a service: the role of the function, the ARN of the source, the properties."""
    functions = stack.of_type("AWS::Lambda::Function")
    for mapping in stack.of_type("AWS::Lambda::EventSourceMapping").values():
        source = stack.text(mapping["EventSourceArn"])
        if source.split(":")[2] == service:
            yield role_of(functions[mapping["FunctionName"]["Ref"]]), source, mapping


@rule(
    "Lambda reads a queue with the rights of the function",
    "lambda/latest/dg/services-sqs-configure.html",
    without("sqs:GetQueueAttributes"),
)
def reads_queues(stack: Stack) -> Iterator[str]:
    """Nothing arrives without them, and the creation of the mapping fails."""
    for role, queue, _ in _mappings(stack, "sqs"):
        yield from _missing(stack, role, SQS_READ, queue)


@rule(
    "Lambda reads a stream with the rights of the function, ListStreams among them",
    "amazondynamodb/latest/developerguide/iam-policy-example-lamda-process-dynamodb-streams.html",
    without("dynamodb:ListStreams"),
)
def reads_streams(stack: Stack) -> Iterator[str]:
    """The creation of the mapping is refused otherwise."""
    for role, stream, _ in _mappings(stack, "dynamodb"):
        yield from _missing(stack, role, STREAM_READ, stream)


def _lose_records(stack: Stack) -> None:
    mapping = next(one for _, _, one in _mappings(stack, "dynamodb"))
    stack.resources["LostRecords"] = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "lost-records"}}
    mapping["DestinationConfig"] = {"OnFailure": {"Destination": {"Fn::GetAtt": ["LostRecords", "Arn"]}}}


@rule(
    "Lambda sends what a stream's function refused with the rights of the function",
    "lambda/latest/dg/services-dynamodb-errors.html",
    _lose_records,
)
def sends_refused_records(stack: Stack) -> Iterator[str]:
    """To the destination of the mapping, a queue or a topic."""
    for role, _, mapping in _mappings(stack, "dynamodb"):
        if place := mapping.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination"):
            action = "sqs:SendMessage" if ":sqs:" in stack.text(place) else "sns:Publish"
            yield from _missing(stack, role, (action,), stack.text(place))


def _trace(stack: Stack) -> None:
    without("xray:PutTraceSegments")(stack)
    next(iter(stack.of_type("AWS::Lambda::Function").values()))["TracingConfig"] = {"Mode": "Active"}


@rule(
    "A traced function or machine sends its traces with its own rights",
    "lambda/latest/dg/services-xray.html",
    _trace,
)
def sends_traces(stack: Stack) -> Iterator[str]:
    """X-Ray has no resources to name."""
    for function in stack.of_type("AWS::Lambda::Function").values():
        if stack.text(function.get("TracingConfig", {}).get("Mode", "")) == "Active":
            yield from _missing(stack, role_of(function), TRACE, "*")
    for machine in stack.of_type("AWS::StepFunctions::StateMachine").values():
        if machine.get("TracingConfiguration", {}).get("Enabled"):
            yield from _missing(stack, role_of(machine, "RoleArn"), TRACE, "*")


@rule(
    "A function writes its log with its own rights",
    "lambda/latest/dg/monitoring-cloudwatchlogs.html",
    without("logs:PutLogEvents"),
)
def writes_logs(stack: Stack) -> Iterator[str]:
    """Without them there is no log and no error."""
    for function in stack.of_type("AWS::Lambda::Function").values():
        group = stack.arn(function["LoggingConfig"]["LogGroup"]["Ref"]).removesuffix("*") + "log-stream:any"
        yield from _missing(stack, role_of(function), ("logs:CreateLogStream", "logs:PutLogEvents"), group)


@rule(
    "A state machine calls its functions with its own rights",
    "step-functions/latest/dg/connect-lambda.html",
    without("lambda:InvokeFunction"),
)
def invokes_functions(stack: Stack) -> Iterator[str]:
    """Of every task, by the ARN that replaces its name in the definition."""
    for machine in stack.of_type("AWS::StepFunctions::StateMachine").values():
        for arn in machine["DefinitionSubstitutions"].values():
            yield from _missing(stack, role_of(machine, "RoleArn"), ("lambda:InvokeFunction",), stack.text(arn))


def _log_machine(stack: Stack) -> None:
    without("logs:CreateLogDelivery")(stack)
    machine = next(iter(stack.of_type("AWS::StepFunctions::StateMachine").values()))
    machine["LoggingConfiguration"] = {"Level": "ERROR"}


@rule(
    "A state machine that logs needs eight rights on all logs",
    "step-functions/latest/dg/cw-logs.html",
    _log_machine,
)
def logs_executions(stack: Stack) -> Iterator[str]:
    """The delivery of logs has no resources to name. The creation of the machine is refused otherwise."""
    for machine in stack.of_type("AWS::StepFunctions::StateMachine").values():
        if stack.text(machine.get("LoggingConfiguration", {}).get("Level", "OFF")) != "OFF":
            yield from _missing(stack, role_of(machine, "RoleArn"), LOG_DELIVERY, "*")


TRUSTED = {
    "AWS::Lambda::Function": ("Role", "lambda.amazonaws.com"),
    "AWS::StepFunctions::StateMachine": ("RoleArn", "states.amazonaws.com"),
}


def _trust_nobody(stack: Stack) -> None:
    for role in stack.of_type("AWS::IAM::Role").values():
        for one in role["AssumeRolePolicyDocument"]["Statement"]:
            one["Principal"] = {"Service": "ec2.amazonaws.com"}


@rule("A role trusts the service that uses it", "lambda/latest/dg/lambda-intro-execution-role.html", _trust_nobody)
def trusts_its_service(stack: Stack) -> Iterator[str]:
    """The creation of the function or machine is refused otherwise."""
    for kind, (name, service) in TRUSTED.items():
        for properties in stack.of_type(kind).values():
            role = stack.resources[role_of(properties, name)]["Properties"]
            trusted = [
                one for each in role["AssumeRolePolicyDocument"]["Statement"] for one in each["Principal"].values()
            ]
            if service not in [one for each in trusted for one in as_list(each)]:
                yield f"{role_of(properties, name)} does not trust {service}"


@rule(
    "Who creates a schedule passes a role that the Scheduler may use, and that may send to the targets",
    "scheduler/latest/UserGuide/setting-up.html",
    without("iam:PassRole"),
)
def schedules_with_a_role(stack: Stack) -> Iterator[str]:
    """The role and the targets are those that the functions are told of (core/settings.py)."""
    for function in stack.of_type("AWS::Lambda::Function").values():
        told = stack.resolved(function["Environment"]["Variables"])
        actions = {action for one in statements(stack, role_of(function)) for action in as_list(one["Action"])}
        if "scheduler:CreateSchedule" in actions:
            yield from _missing(stack, role_of(function), ("iam:PassRole",), told["SCHEDULER_ROLE_ARN"])
            for queue in (told["DEFERRED_QUEUE_ARN"], told["DEFERRED_DLQ_ARN"]):
                yield from _missing(stack, "SchedulerRole", ("sqs:SendMessage",), queue)


def _queue_policies(stack: Stack) -> Iterator[tuple[str, Json]]:
    """Each queue with each statement of its policy."""
    for policy in stack.of_type("AWS::SQS::QueuePolicy").values():
        for queue in policy["Queues"]:
            for one in stack.resolved(policy["PolicyDocument"]["Statement"]):
                yield stack.arn(queue["Ref"]), one


def _is_admitted(stack: Stack, queue: str, rule_arn: str) -> bool:
    for name, one in _queue_policies(stack):
        sources = as_list(one.get("Condition", {}).get("ArnEquals", {}).get("aws:SourceArn", rule_arn))
        if name == queue and "sqs:SendMessage" in as_list(one["Action"]) and rule_arn in sources:
            return True
    return False


def _drop_queue_policies(stack: Stack) -> None:
    for name in stack.of_type("AWS::SQS::QueuePolicy"):
        del stack.resources[name]


@rule(
    "A rule sends to a queue, or to the dead letter queue of a target, that admits it",
    "eventbridge/latest/userguide/eb-use-resource-based.html#eb-sqs-permissions",
    _drop_queue_policies,
)
def rules_may_send(stack: Stack) -> Iterator[str]:
    """Otherwise events are lost without an error."""
    for name, properties in stack.of_type("AWS::Events::Rule").items():
        for target in stack.resolved(properties["Targets"]):
            places = [target["Arn"], target.get("DeadLetterConfig", {}).get("Arn", "")]
            for queue in (place for place in places if ":sqs:" in place):
                if not _is_admitted(stack, queue, stack.arn(name)):
                    yield f"{name} may not send to {queue}"


def _drop_permissions(stack: Stack) -> None:
    for name in stack.of_type("AWS::Lambda::Permission"):
        del stack.resources[name]


@rule(
    "A rule or an API calls a function that admits it",
    "lambda/latest/dg/access-control-resource-based.html",
    _drop_permissions,
)
def callers_are_admitted(stack: Stack) -> Iterator[str]:
    """By a statement in the policy of the function."""
    admitted = {
        (stack.text(one["FunctionName"]), one["Principal"]) for one in stack.of_type("AWS::Lambda::Permission").values()
    }
    for name, properties in stack.of_type("AWS::Events::Rule").items():
        for arn in (stack.text(target["Arn"]) for target in properties["Targets"]):
            if ":lambda:" in arn and (arn.split(":")[-1], "events.amazonaws.com") not in admitted:
                yield f"{name} may not call {arn}"
    apis = json.dumps([*stack.of_type("AWS::ApiGateway::RestApi").values()])
    for name in {*re.findall(r"functions/\$\{(\w+)\.Arn\}", apis)}:
        if (stack.physical_name(name), "apigateway.amazonaws.com") not in admitted:
            yield f"the API may not call {name}"
