"""The REST API: the function `api` answers every path and method; errors of the gateway itself look like ours.

Chalice writes the paths of the endpoints. This module adds ANY for each of them, for each of their prefixes, and for
`/{proxy+}`, so that the application answers an unknown path (404) and a wrong method (405) in the shape of the API
area.
"""

from chalice import Chalice

from chalicelib.core.answers import STRICT_TRANSPORT
from infra import recording
from infra.names import Json, named, sub

STAGE_NAME = "api"
REST = ("/", "/{proxy+}")
METHODS = ("get", "head", "post", "put", "patch", "delete", "options")
# Bodies are base64 in both directions, so every byte is preserved for every content type.
BINARY_TYPES = ["*/*"]

# Errors of the gateway itself, with the texts of both error shapes, since the gateway does not know the API area.
GATEWAY_ERRORS: dict[str, tuple[int | None, str]] = {
    "DEFAULT_4XX": (None, "Некорректный запрос"),
    "DEFAULT_5XX": (None, "Внутренняя ошибка сервиса"),
    "BAD_REQUEST_BODY": (400, "Некорректный запрос"),
    "BAD_REQUEST_PARAMETERS": (400, "Некорректный запрос"),
    "MISSING_AUTHENTICATION_TOKEN": (404, "Не найдено"),
    "RESOURCE_NOT_FOUND": (404, "Не найдено"),
    "WAF_FILTERED": (429, "Слишком много запросов"),  # the firewall has one rule: the rate of one client
    "ACCESS_DENIED": (403, "Недостаточно прав"),
    "REQUEST_TOO_LARGE": (413, "Тело запроса слишком велико"),
    "UNSUPPORTED_MEDIA_TYPE": (415, "Неподдерживаемый тип содержимого"),
    "THROTTLED": (429, "Слишком много запросов"),
    "QUOTA_EXCEEDED": (429, "Слишком много запросов"),
    "INTEGRATION_FAILURE": (502, "Внутренняя ошибка сервиса"),
    "INTEGRATION_TIMEOUT": (504, "Превышено время обработки запроса"),
}


def overlay(app: Chalice, stage: str) -> Json:
    """Return what is merged into the API that Chalice generates."""
    return {
        "Properties": {
            **({} if stage == "local" else recording.of_api()),
            "Name": named("api"),
            "OpenApiVersion": "2.0",  # without it SAM makes a second, unguarded stage named `Stage`
            "BinaryMediaTypes": BINARY_TYPES,
            "MethodSettings": [
                {
                    "HttpMethod": "*",
                    "ResourcePath": "/*",
                    "MetricsEnabled": True,
                    "ThrottlingBurstLimit": 500,
                    "ThrottlingRateLimit": 1000,
                }
            ],
            "DefinitionBody": {
                "info": {"title": named("api")},
                "paths": {path: _methods(path) for path in _paths(app)},
                "x-amazon-apigateway-binary-media-types": BINARY_TYPES,
                "x-amazon-apigateway-gateway-responses": {
                    name: _refusal(*what) for name, what in GATEWAY_ERRORS.items()
                },
            },
        },
    }


def _paths(app: Chalice) -> list[str]:
    """Return every path of the application, all their prefixes, the root and the catch-all path."""
    found = set(REST)
    for route in app.routes:
        parts = [part for part in route.split("/") if part]
        found |= {"/" + "/".join(parts[:length]) for length in range(1, len(parts) + 1)}
        if route.endswith("/"):
            found.add(route)
    return sorted(found)


def _methods(path: str) -> Json:
    """Return ANY; for the two catch-all paths also every method by name, for importers that do not know ANY."""
    names = METHODS if path in REST else ()
    return dict.fromkeys(("x-amazon-apigateway-any-method", *names), _method(path))


def _method(path: str) -> Json:
    names = [part.strip("{}+") for part in path.split("/") if part.startswith("{")]
    invoke = "lambda:path/2015-03-31/functions/${APIHandler.Arn}/invocations"
    method: Json = {
        "responses": {"200": {"description": "The answer of the application"}},
        "x-amazon-apigateway-integration": {
            "type": "aws_proxy",
            "httpMethod": "POST",
            "passthroughBehavior": "when_no_match",
            "uri": sub(f"arn:${{AWS::Partition}}:apigateway:${{AWS::Region}}:{invoke}"),
        },
    }
    if names:
        method["parameters"] = [{"name": name, "in": "path", "required": True, "type": "string"} for name in names]
    return method


def _refusal(status: int | None, text: str) -> Json:
    body = f'{{"detail": "{text}", "error": "{text}", "request_id": "$context.requestId"}}'
    headers: Json = {
        "X-Request-Id": "context.requestId",
        "Strict-Transport-Security": f"'{STRICT_TRANSPORT}'",
        # Pages of any origin may read these answers, which say nothing of the data. A parameter here would do nothing
        # in an update: SAM deploys the API anew when its text changes, not when a value does.
        "Access-Control-Allow-Origin": "'*'",
        "Access-Control-Expose-Headers": "'X-Request-Id'",
    }
    response: Json = {
        "responseParameters": {f"gatewayresponse.header.{name}": value for name, value in headers.items()},
        "responseTemplates": {"application/json": body},
    }
    if status:
        response["statusCode"] = status
    return response
