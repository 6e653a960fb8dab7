"""The event with which API Gateway calls the function `api`."""

import base64
import json
from typing import Any
from urllib.parse import parse_qs

REQUEST_ID = "3f1a2b4c-0000-4000-8000-00000000abcd"


def proxy_event(
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
