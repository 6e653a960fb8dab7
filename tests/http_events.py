"""Calls an app the way API Gateway does: a proxy event in, the answer out."""

import base64
import json
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

REQUEST_ID = "3f1a2b4c-0000-4000-8000-00000000abcd"


@dataclass
class Response:
    """An answer of the function `api`, as a client sees it behind the gateway."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()


def lambda_context(remaining_ms: int = 29_000) -> Any:
    """Return a Lambda context."""
    return SimpleNamespace(aws_request_id="lambda-id", get_remaining_time_in_millis=lambda: remaining_ms)


def event(
    method: str, path: str, body: Any = None, headers: dict[str, str] | None = None, *, encode: bool = False
) -> dict[str, Any]:
    """Return a proxy event. A `body` that is no text or bytes is sent as JSON; `encode` sends it as base64, like binary
    types.
    """
    sent = dict(headers or {})
    if body is not None and not isinstance(body, (str, bytes)):
        body = json.dumps(body)
        sent = {"Content-Type": "application/json", **sent}
    if isinstance(body, bytes) or (encode and body is not None):
        raw = body if isinstance(body, bytes) else body.encode()
        body, encode = base64.b64encode(raw).decode(), True
    route, _, query = path.partition("?")
    values = parse_qs(query, keep_blank_values=True) or None
    return {
        "resource": "/{proxy+}",
        "path": route,
        "httpMethod": method,
        "headers": sent or None,
        "multiValueHeaders": {name: [value] for name, value in sent.items()} or None,
        "queryStringParameters": {name: given[-1] for name, given in values.items()} if values else None,
        "multiValueQueryStringParameters": values,
        "pathParameters": {"proxy": route.strip("/")},
        "stageVariables": None,
        "requestContext": {
            "requestId": REQUEST_ID,
            "resourcePath": "/{proxy+}",
            "httpMethod": method,
            "identity": {"sourceIp": "203.0.113.9"},
        },
        "body": body,
        "isBase64Encoded": encode,
    }


def call(
    app: Any,
    method: str,
    path: str,
    body: Any = None,
    headers: dict[str, str] | None = None,
    *,
    encode: bool = False,
    context: Any = None,
) -> Response:
    """Call an app with an event (see `event`); return its answer."""
    reply = app(event(method, path, body, headers, encode=encode), context or lambda_context())
    json.dumps(reply)  # Lambda has to carry it
    sent = reply["body"]
    raw = base64.b64decode(sent) if reply.get("isBase64Encoded") else sent.encode()
    return Response(reply["statusCode"], reply["headers"], raw)
