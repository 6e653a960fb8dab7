"""The REST API: what API Gateway refuses."""

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.contract.aws_rules.rule import rule
from tests.contract.aws_rules.stack import Stack

Json = dict[str, Any]
API, STAGE = "AWS::ApiGateway::RestApi", "AWS::ApiGateway::Stage"
API_QUOTAS = "apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html"
ACCOUNT_QUOTAS = "apigateway/latest/developerguide/limits.html"
RESPONSES = {
    *("ACCESS_DENIED", "API_CONFIGURATION_ERROR", "AUTHORIZER_CONFIGURATION_ERROR", "AUTHORIZER_FAILURE"),
    *("BAD_REQUEST_BODY", "BAD_REQUEST_PARAMETERS", "DEFAULT_4XX", "DEFAULT_5XX", "EXPIRED_TOKEN"),
    *("INTEGRATION_FAILURE", "INTEGRATION_TIMEOUT", "INVALID_API_KEY", "INVALID_SIGNATURE"),
    *("MISSING_AUTHENTICATION_TOKEN", "QUOTA_EXCEEDED", "REQUEST_TOO_LARGE", "RESOURCE_NOT_FOUND", "THROTTLED"),
    *("UNAUTHORIZED", "UNSUPPORTED_MEDIA_TYPE", "WAF_FILTERED"),
}


def _bodies(stack: Stack) -> Iterator[Json]:
    for api in stack.of_type(API).values():
        yield api["Body"]


def _add_paths(stack: Stack) -> None:
    body = next(_bodies(stack))
    body["paths"] |= {f"/more{number}": {} for number in range(300)}


@rule("An API has 300 resources", API_QUOTAS, _add_paths)
def number_of_paths(stack: Stack) -> Iterator[str]:
    """By default: every path, and every part of one, is a resource."""
    for body in _bodies(stack):
        parts = {path[: found.start()] for path in body["paths"] for found in re.finditer("/|$", path)}
        if len(parts) > 300:
            yield f"{len(parts)} resources"


def _rename_parameter(stack: Stack) -> None:
    next(_bodies(stack))["paths"] |= {"/api/batches/{other}": {}, "/api/batches/{another}": {}}


@rule(
    "Beside a parameter of a path there is no other one",
    "apigateway/latest/developerguide/api-gateway-method-settings-method-request.html",
    _rename_parameter,
)
def parameters_of_paths(stack: Stack) -> Iterator[str]:
    """A sibling with another name is refused."""
    for body in _bodies(stack):
        names: dict[str, set[str]] = {}
        for path in body["paths"]:
            for found in re.finditer(r"/\{(\w+)\}", path):
                names.setdefault(path[: found.start()], set()).add(found[1])
        yield from (f"{parent}: {sorted(found)}" for parent, found in names.items() if len(found) > 1)


def _grow(stack: Stack) -> None:
    next(_bodies(stack))["info"]["description"] = "x" * 6_000_000


@rule("The description of an API that is imported has 6 MB", API_QUOTAS, _grow)
def openapi_size(stack: Stack) -> Iterator[str]:
    """OpenAPI as the template carries it."""
    yield from (f"{size}" for body in _bodies(stack) if (size := len(json.dumps(body))) > 6_000_000)


def _invent_response(stack: Stack) -> None:
    next(_bodies(stack))["x-amazon-apigateway-gateway-responses"]["NOT_FOUND"] = {}


@rule(
    "Answers of the gateway have one of its types",
    "apigateway/latest/developerguide/supported-gateway-response-types.html",
    _invent_response,
)
def gateway_responses(stack: Stack) -> Iterator[str]:
    """Another type fails the import."""
    for body in _bodies(stack):
        yield from sorted({*body["x-amazon-apigateway-gateway-responses"]} - RESPONSES)


def _deploy_twice(stack: Stack) -> None:
    next(iter(stack.of_type("AWS::ApiGateway::Deployment").values()))["StageName"] = "Stage"


@rule(
    "SAM makes a stage named `Stage` beside that of the template, unless the version of OpenAPI is given",
    "serverless-application-model/latest/developerguide/sam-resource-api.html#sam-api-openapiversion",
    _deploy_twice,
)
def only_one_stage(stack: Stack) -> Iterator[str]:
    """Anyone may call it, and it has no limits, no log and no firewall."""
    yield from (name for name, one in stack.of_type("AWS::ApiGateway::Deployment").items() if "StageName" in one)


def _hurry(stack: Stack) -> None:
    next(iter(stack.of_type(STAGE).values()))["MethodSettings"][0]["ThrottlingRateLimit"] = 10_001


@rule("An account takes 10,000 requests a second, 5,000 at once", ACCOUNT_QUOTAS, _hurry)
def throttling(stack: Stack) -> Iterator[str]:
    """A higher limit of a stage has no effect."""
    for name, stage in stack.of_type(STAGE).items():
        for one in stage.get("MethodSettings", []):
            if one.get("ThrottlingRateLimit", 0) > 10_000 or one.get("ThrottlingBurstLimit", 0) > 5_000:
                yield name


def _log(stack: Stack, form: str) -> None:
    next(iter(stack.of_type(STAGE).values()))["AccessLogSetting"] = {"DestinationArn": "", "Format": form}


def _log_without_role(stack: Stack) -> None:
    for name in stack.of_type("AWS::ApiGateway::Account"):
        del stack.resources[name]
    _log(stack, "$context.requestId")


@rule(
    "An API that logs needs a role in the settings of the account, which the stage waits for",
    "apigateway/latest/developerguide/set-up-logging.html",
    _log_without_role,
)
def logs_have_a_role(stack: Stack) -> Iterator[str]:
    """The stage is refused otherwise: `CloudWatch Logs role ARN must be set in account settings`."""
    accounts = [one for one in stack.of_type("AWS::ApiGateway::Account").values() if "CloudWatchRoleArn" in one]
    for name, stage in stack.of_type(STAGE).items():
        levels = [one.get("LoggingLevel", "OFF") for one in stage.get("MethodSettings", [])]
        if ("AccessLogSetting" in stage or {*levels} != {"OFF"}) and not accounts:
            yield name


def _log_no_request(stack: Stack) -> None:
    _log(stack, "$context.status")


@rule(
    "The format of an access log names the request, in one line of 3 KB",
    "apigateway/latest/developerguide/set-up-logging.html#apigateway-cloudwatch-log-formats",
    _log_no_request,
)
def log_format(stack: Stack) -> Iterator[str]:
    """`$context.requestId` or `$context.extendedRequestId` has to be in it."""
    for name, stage in stack.of_type(STAGE).items():
        if form := stack.text(stage.get("AccessLogSetting", {}).get("Format", "")):
            named = "$context.requestId" in form or "$context.extendedRequestId" in form
            if not named or "\n" in form or len(form) > 3_072:
                yield name
