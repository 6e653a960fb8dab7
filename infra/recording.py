"""What is recorded beside the logs of the functions: calls of the API, failures of state machines, traces.

The local stage has none of it. The parameters are described in docs/deploying.md.
"""

import json

from chalicelib.core import logs
from infra.names import Json, arn_of, chosen, kept, ref, sub, unless

API_LOG, API_ACCOUNT, MACHINE_LOG = "ApiLog", "ApiAccount", "MachineLog"
TRACE = ("xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets")
DELIVER_LOGS = (
    *("logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery"),
    *("logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups"),
)
"""https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-iam-policy"""
ACCESS_LINE = {
    "request_id": "$context.requestId",
    "time": "$context.requestTimeEpoch",
    "ip": "$context.identity.sourceIp",
    "method": "$context.httpMethod",
    "route": "$context.resourcePath",
    "status": "$context.status",
    "latency": "$context.responseLatency",
    "integration_latency": "$context.integrationLatency",
    "bytes": "$context.responseLength",
    "user_agent": "$context.identity.userAgent",
    "error": "$context.error.responseType",
    "firewall": "$context.wafResponseCode",
}
"""A call in the access log. `request_id` is the one in the logs of the functions and in X-Request-Id."""


def parameters() -> Json:
    """Return the parameters of stages on AWS."""
    access = (
        "create-role: calls are logged, by a role that the stack makes for API Gateway in the account and region; "
        "use-role: by the role that the account has; off: not logged"
    )
    level = "Which executions of state machines are logged: those that failed, all, or none"
    tracing = "Active: X-Ray traces of calls, functions and executions"
    return {
        "AccessLog": _choice("create-role", access, "use-role", "off"),
        "MachineLogLevel": _choice("ERROR", level, "ALL", "OFF"),
        "Tracing": _choice("PassThrough", tracing, "Active"),
    }


def conditions() -> Json:
    """Return the conditions that depend on these parameters."""
    return {
        "HasAccessLog": unless("AccessLog", "off"),
        "MakesApiLogRole": {"Fn::Equals": [ref("AccessLog"), "create-role"]},
        "IsTraced": {"Fn::Equals": [ref("Tracing"), "Active"]},
    }


def resources() -> Json:
    """Return the log groups, and the role of API Gateway."""
    role = {"Type": "AWS::ApiGateway::Account", "Properties": {"CloudWatchRoleArn": arn_of("ApiLogRole")}}
    api_log = _log_group(sub("/aws/apigateway/${AWS::StackName}-api"))
    # The tag makes the log, and by it the stage, wait for the role, without which API Gateway refuses an access log.
    api_log["Properties"]["Tags"] = [{"Key": "role", "Value": chosen("MakesApiLogRole", ref(API_ACCOUNT), "existing")}]
    return {
        API_LOG: {**api_log, "Condition": "HasAccessLog"},
        MACHINE_LOG: _log_group(sub("/aws/vendedlogs/states/${AWS::StackName}-machines")),
        "ApiLogRole": _api_log_role(),
        API_ACCOUNT: {**role, "Condition": "MakesApiLogRole"},
    }


def of_api() -> Json:
    """Return the properties that the API has in addition."""
    line = json.dumps(ACCESS_LINE)
    return {
        "AccessLogSetting": chosen("HasAccessLog", {"DestinationArn": arn_of(API_LOG), "Format": line}),
        "TracingEnabled": chosen("IsTraced", True, False),
    }


def of_machine() -> Json:
    """Return the properties that a state machine has in addition."""
    destination = {"CloudWatchLogsLogGroup": {"LogGroupArn": arn_of(MACHINE_LOG)}}
    logging = {"Level": ref("MachineLogLevel"), "IncludeExecutionData": True, "Destinations": [destination]}
    return {"LoggingConfiguration": logging, "TracingConfiguration": {"Enabled": chosen("IsTraced", True, False)}}


def rights(*, of_machine: bool) -> list[Json]:
    """Return the further statements of the role of a function or a state machine: traces are no resources of IAM, nor
    are the deliveries of logs.
    """
    deliver = {"Effect": "Allow", "Action": sorted(DELIVER_LOGS), "Resource": ["*"]}
    trace = {"Effect": "Allow", "Action": sorted(TRACE), "Resource": ["*"]}
    return [deliver, trace] if of_machine else [trace]


def _choice(default: str, description: str, *others: str) -> Json:
    return {"Type": "String", "Default": default, "AllowedValues": [default, *others], "Description": description}


def _log_group(name: Json) -> Json:
    properties = {"LogGroupName": name, "RetentionInDays": logs.RETENTION_DAYS}
    deleted = {"DeletionPolicy": "Delete", "UpdateReplacePolicy": "Delete"}
    return {"Type": "AWS::Logs::LogGroup", **deleted, "Properties": properties}


def _api_log_role() -> Json:
    """Return the role by which API Gateway writes the logs of all APIs of the account in this region. It outlives the
    stack, because other APIs may depend on it, and has no fixed name, because another stack may be made after it.
    """
    trust = {"Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"}, "Action": "sts:AssumeRole"}
    written_by = "arn:${AWS::Partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
    properties = {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "ManagedPolicyArns": [sub(written_by)],
    }
    return {**kept({"Type": "AWS::IAM::Role", "Properties": properties}), "Condition": "MakesApiLogRole"}
