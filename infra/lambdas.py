"""The function table as resources: settings over what Chalice generates, one role and one log group per function."""

import copy

from chalicelib.core import logs
from infra import domain, recording, rights, schedules
from infra.functions import Function
from infra.functions.function import TICK_SECONDS
from infra.machines import AGGREGATION, LONG_TASK, REPORT_SAGA
from infra.names import (
    RUNTIME,
    Json,
    arn_of,
    camel,
    chosen,
    function_id,
    function_name,
    named,
    ref,
    short_name,
    sub,
    unless,
)
from infra.stages import LOCAL

LOCAL_CONCURRENCY = 4  # each call there is a process; more of them would only slow down the few processors
LONG_WAIT_SECONDS = {True: (3, 5), False: (180, 300)}  # of a simulated wait, by whether it is the local stage
SETTINGS = {
    "AUTH_REQUIRED": "AuthRequired",
    "REGISTRATION": "Registration",
    "CLOSE_REQUIRES_AGGREGATION": "CloseRequiresAggregation",
    "TIME_ZONE": "TimeZone",
    "COMPANY_NAME": "CompanyName",
    "COMPANY_LOGO": "CompanyLogo",
    "DEFERRED_IN_FLIGHT": "DeferredInFlight",
    "MAIL_FROM": "MailFrom",
    "CORS_ORIGINS": "CorsOrigins",
    "DAILY_QUOTAS": "DailyQuotas",
    "LOG_LEVEL": "LogLevel",
    "DYNAMODB_WITH_BOTO3": "DynamoDBWithBoto3",
    "LISTING_SHARDS": "ListingShards",
    "COUNTER_SHARDS": "CounterShards",
    "MIGRATION_RATE": "MigrationRate",
}
"""Environment variables that are parameters of the template."""
_LOCAL_ADDRESSES = {"PUBLIC_URL": ref("PublicUrl"), "CONSOLE_FOLDER": ref("ConsoleFolder")}

RESERVABLE = {
    "relay": "RelayConcurrency",
    "sweep": "SweepConcurrency",
    "run_deferred": "DeferredConcurrency",
    "report_step": "ReportConcurrency",
    "aggregate_chunk": "AggregationConcurrency",
}
"""Functions that other functions must not starve, and those of which one user may start many at a time."""


def parameters() -> Json:
    """Return the parameters of concurrency. AWS refuses a number that leaves less than 100 to the other functions, and
    a new account has 10 in all, so nothing is reserved by default.
    """
    text = "Calls of {} at a time, which are reserved for it and the most it gets; 0: neither"
    return {
        parameter: {"Type": "Number", "Default": 0, "MinValue": 0, "Description": text.format(name)}
        for name, parameter in RESERVABLE.items()
    }


def conditions() -> Json:
    """Return the conditions that concurrency is reserved."""
    return {has(parameter): unless(parameter, "0") for parameter in RESERVABLE.values()}


def has(parameter: str) -> str:
    """Return the name of the condition that a number is not 0."""
    return f"Has{parameter}"


def resources(table: dict[str, Function], stage: str) -> Json:
    """Return the role, the log group and the overlay of every function."""
    made: Json = {}
    for name, function in table.items():
        made[function_id(name)] = _overlay(name, function, stage)
        made[_role_id(name)] = _role(name, function, stage)
        made[_log_id(name)] = _log_group(name)
    return made


def environment(stage: str) -> Json:
    """Return the environment variables of every function (read by chalicelib.core.settings)."""
    shortest, longest = LONG_WAIT_SECONDS[stage == "local"]
    return {
        "STAGE": stage,
        "STACK_NAME": ref("AWS::StackName"),
        "FILES_BUCKET": ref("FilesBucket"),
        "JWT_SECRET_ARN": {"Fn::GetAtt": ["JwtSecret", "Id"]},
        "REPORT_SAGA_ARN": sub(REPORT_SAGA.arn),
        "AGGREGATION_ARN": sub(AGGREGATION.arn),
        "LONG_TASK_ARN": sub(LONG_TASK.arn),
        "LONG_WAIT_MIN": str(shortest),
        "LONG_WAIT_MAX": str(longest),
        "WORK_QUEUE_URL": ref("WorkQueue"),
        "DELIVERIES_QUEUE_URL": ref("DeliveriesQueue"),
        "DEFERRED_QUEUE_URL": ref("DeferredQueue"),
        "DEFERRED_QUEUE_ARN": arn_of("DeferredQueue"),
        "DEFERRED_DLQ_ARN": arn_of("DeferredDlq"),
        "OUTSIDE_QUEUE_URL": ref("OutsideQueue"),
        "SCHEDULER_ROLE_ARN": arn_of(schedules.ROLE_ID),
        "SCHEDULE_GROUP": named(schedules.GROUP),
        **{variable: ref(parameter) for variable, parameter in SETTINGS.items()},
        **(_LOCAL_ADDRESSES if stage == LOCAL else domain.environment()),
    }


def _role_id(name: str) -> str:
    return f"{camel(name)}Role"


def _log_id(name: str) -> str:
    return f"{camel(name)}Log"


def _overlay(name: str, function: Function, stage: str) -> Json:
    properties: Json = {
        "FunctionName": function_name(name),
        "Runtime": RUNTIME,
        "MemorySize": function.memory,
        "Timeout": function.timeout,
        "Role": arn_of(_role_id(name)),
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": ref(_log_id(name))},
        "Environment": {"Variables": environment(stage)},
    }
    if function.is_scheduled:  # otherwise calls that wait for hours on a throttled function would all be made
        properties["EventInvokeConfig"] = {"MaximumEventAgeInSeconds": TICK_SECONDS, "MaximumRetryAttempts": 0}
    if function.sends_to_itself:
        properties["RecursiveLoop"] = "Allow"
    if stage != "local":
        properties["Tracing"] = ref("Tracing")
    if parameter := RESERVABLE.get(name):
        properties["ReservedConcurrentExecutions"] = chosen(has(parameter), ref(parameter))
    if function.events:
        properties["Events"] = _capped(function.events) if stage == "local" else function.events
    return {"Properties": properties}


def _capped(events: Json) -> Json:
    """Return these event sources with at most LOCAL_CONCURRENCY calls of a queue's function at a time."""
    capped = copy.deepcopy(events)
    for source in capped.values():
        scaling = source["Properties"].get("ScalingConfig", {})
        if "MaximumConcurrency" in scaling:
            scaling["MaximumConcurrency"] = min(LOCAL_CONCURRENCY, scaling["MaximumConcurrency"])
    return capped


def _role(name: str, function: Function, stage: str) -> Json:
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    recorded = [] if stage == "local" else recording.rights(of_machine=False)
    statements = rights.merged([*function.statements, rights.write_log(name), *recorded])
    numbered = [{"Sid": f"Right{number}", **statement} for number, statement in enumerate(statements, 1)]
    policy = {"Version": "2012-10-17", "Statement": numbered}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": sub(f"${{AWS::StackName}}-{short_name(name)}-${{AWS::Region}}"),
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
            "Policies": [{"PolicyName": "rights", "PolicyDocument": policy}],
        },
    }


def _log_group(name: str) -> Json:
    return {
        "Type": "AWS::Logs::LogGroup",
        "DeletionPolicy": "Delete",
        "UpdateReplacePolicy": "Delete",
        "Properties": {
            "LogGroupName": sub(f"/aws/lambda/{function_name(name)['Fn::Sub']}"),
            "RetentionInDays": logs.RETENTION_DAYS,
        },
    }
