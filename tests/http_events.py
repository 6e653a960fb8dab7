"""Calls an app the way API Gateway does: a proxy event in, the answer out."""

import base64
import json
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from infra.proxy_event import REQUEST_ID, proxy_event

__all__ = ["REQUEST_ID", "Response", "call", "event", "lambda_context"]
event = proxy_event


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
