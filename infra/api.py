"""The REST API: the api function answers every path and method; what the gateway refuses itself looks like our errors.

Chalice writes the paths it knows. Added here: ANY on each of them and on each of their prefixes, and `/{proxy+}`, so
that the application answers an unknown path (404) and a wrong method (405) in the shape of the API area.
"""

from chalice import Chalice

from infra.names import Json, named, sub

STAGE_NAME = "api"
REST = ("/", "/{proxy+}")
METHODS = ("get", "head", "post", "put", "patch", "delete", "options")
# Bodies travel base64 in both directions, so every byte survives, whatever the content types are.
BINARY_TYPES = ["*/*"]

# What the gateway says itself, with the texts of both error shapes: it does not know which area a request came through.
REFUSALS: dict[str, tuple[int | None, str]] = {
    "DEFAULT_4XX": (None, "Некорректный запрос"),
    "DEFAULT_5XX": (None, "Внутренняя ошибка сервиса"),
    "BAD_REQUEST_BODY": (400, "Некорректный запрос"),
    "BAD_REQUEST_PARAMETERS": (400, "Некорректный запрос"),
    "MISSING_AUTHENTICATION_TOKEN": (404, "Не найдено"),
    "RESOURCE_NOT_FOUND": (404, "Не найдено"),
    "ACCESS_DENIED": (403, "Недостаточно прав"),
    "REQUEST_TOO_LARGE": (413, "Тело запроса слишком велико"),
    "UNSUPPORTED_MEDIA_TYPE": (415, "Неподдерживаемый тип содержимого"),
    "THROTTLED": (429, "Слишком много запросов"),
    "QUOTA_EXCEEDED": (429, "Слишком много запросов"),
    "INTEGRATION_FAILURE": (502, "Внутренняя ошибка сервиса"),
    "INTEGRATION_TIMEOUT": (504, "Превышено время обработки запроса"),
}


def overlay(app: Chalice) -> Json:
    """What is laid over the API that Chalice generates."""
    return {
        "Properties": {
            "Name": named("api"),
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
                "x-amazon-apigateway-gateway-responses": {name: _refusal(*what) for name, what in REFUSALS.items()},
            },
        }
    }


def _paths(app: Chalice) -> list[str]:
    """Every path of the application, all their prefixes, the root and the rest."""
    found = set(REST)
    for route in app.routes:
        parts = [part for part in route.split("/") if part]
        found |= {"/" + "/".join(parts[:length]) for length in range(1, len(parts) + 1)}
        if route.endswith("/"):
            found.add(route)
    return sorted(found)


def _methods(path: str) -> Json:
    """ANY; on the two that take what nothing else does every method by name as well, for importers without ANY."""
    names = METHODS if path in REST else ()
    return dict.fromkeys(("x-amazon-apigateway-any-method", *names), _method(path))


def _method(path: str) -> Json:
    names = [part.strip("{}+") for part in path.split("/") if part.startswith("{")]
    invoke = "lambda:path/2015-03-31/functions/${APIHandler.Arn}/invocations"
    method: Json = {
        "responses": {"200": {"description": "Whatever the application answers"}},
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
    response: Json = {
        "responseParameters": {"gatewayresponse.header.X-Request-Id": "context.requestId"},
        "responseTemplates": {"application/json": body},
    }
    if status:
        response["statusCode"] = status
    return response
