"""Fast path: passes JSON calls, such as those of DynamoDB, and calls of a deployed API directly to their services.

MiniStack asks some twenty-five handlers of special addresses (health, Cognito, mail, container registry, CloudFront,
virtual hosts of S3, load balancers and so on) whether a request is theirs before it looks at its target or its path.
None of them takes a POST of `/` with a target, nor a path under `/_aws/execute-api/`, when the host is the plain name
of this machine. What comes before (account and region of the credentials, what signatures are checked against, the
body) and what answers (with its checks of signature and policies, the ids and the audit) are MiniStack's own functions,
in the same order. Every other request goes MiniStack's way.
"""

import re
import time
import uuid
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, quote

from ministack import app as ministack
from ministack.core import responses
from ministack.core.sigv4 import decode_header_value

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Answer = tuple[int, dict[str, Any], Any] | None

HOST = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d+)?")
API = "/_aws/execute-api/"

_plain_app = ministack.app


def install() -> None:
    """Serve through this module. What has imported MiniStack's `app` before serves as before."""
    ministack.app = app


async def app(scope: Any, receive: Receive, send: Send) -> None:
    """Answer a request as MiniStack's ASGI application does, without its handlers of special addresses."""
    headers = _headers(scope) if scope["type"] == "http" else {}
    if not headers or not _is_short(scope, headers):
        await _plain_app(scope, receive, send)
        return
    parameters = parse_qs(scope.get("query_string", b"").decode("utf-8"), keep_blank_values=True)
    try:
        await _enter(scope, headers, parameters)
    except ministack.AmbiguousAccessKeyError:
        await _plain_app(scope, receive, send)
        return
    request_id, method, path = str(uuid.uuid4()), scope["method"], scope["path"]
    try:
        body = await ministack._read_request_body(receive, method, headers)
    except ministack._RequestBodyDisconnected:
        return
    except ministack._IncompleteRequestBody as error:
        incomplete = ministack._incomplete_request_body_response(method, path, headers, parameters)
        if incomplete is not None:
            await _send(send, receive, incomplete)
            return
        body = error.body
    if path == "/":
        answer: Answer = await ministack._dispatch_service_request(method, path, headers, body, parameters, request_id)
    else:
        made = await _call_api(scope, headers, body, parameters)
        answer = ministack._with_data_plane_headers(made, request_id, wildcard_cors=False)
    await _send(send, receive, answer)


async def _call_api(scope: Any, headers: dict[str, str], body: bytes, parameters: dict[str, list[str]]) -> Any:
    """Return the answer of the deployed API, as MiniStack gives it."""
    raw_path = scope["raw_path"].decode("ascii") if scope.get("raw_path") else None
    raw = {"raw_path": raw_path, "raw_query_string": scope.get("query_string", b"").decode("utf-8")}
    call = headers["host"], scope["path"], scope["method"], headers, body, parameters
    return await ministack._handle_execute_api_request(*call, **raw)


def _headers(scope: Any) -> dict[str, str]:
    """The headers as MiniStack's application reads them: a repeated one is joined."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), decode_header_value(raw_value)
        if name in headers:
            value = headers[name] + ("; " if name == "cookie" else ", ") + value
        headers[name] = value
    if scope.get("scheme") == "https":
        headers.setdefault("x-forwarded-proto", "https")
    return headers


def _is_short(scope: Any, headers: dict[str, str]) -> bool:
    """Whether no handler of a special address would take this request."""
    method, path, host = scope["method"], scope["path"], headers.get("host", "")
    if not HOST.fullmatch(host) or ministack._resolve_custom_domain_request(host, path) is not None:
        return False
    if path == "/":
        return method == "POST" and "x-amz-target" in headers
    return (
        path.startswith(API)
        and method != "HEAD"  # S3 may answer it
        and "/.well-known/" not in path
        and ministack._parse_execute_api_url(host, path) is not None
    )


async def _enter(scope: Any, headers: dict[str, str], parameters: dict[str, list[str]]) -> None:
    """Set what MiniStack keeps for the time of a request: address, account, region, what was signed."""
    client = (scope.get("client") or ("127.0.0.1",))[0]
    responses.set_request_client_ip(client)
    if ministack.AUTH:
        secure = headers.get("x-forwarded-proto", "").split(",")[0].strip().lower() == "https"
        ministack.pin_request_origin(client, secure)
    async with ministack._get_reset_lock():
        pass
    if access_key := ministack.extract_access_key_id(headers, parameters):
        account = ministack._request_account_scope(access_key) if ministack.AUTH else access_key
        responses.set_request_account_id(account)
    responses.set_request_region(ministack.extract_region(headers, parameters))
    if ministack.AUTH:
        raw_path = scope.get("raw_path") or quote(scope["path"]).encode()
        ministack.pin_signed_request(scope["method"], raw_path.decode("latin-1"), parameters, scope["headers"])


async def _send(send: Send, receive: Receive, answer: Answer) -> None:
    """Send an answer with its length and its date, as MiniStack does."""
    if answer is None or not isinstance(answer[2], bytes | str):
        await ministack._send_if_handled(ministack._with_date_header(send), answer, receive)
        return
    status, headers, body = answer
    content = body if isinstance(body, bytes) else body.encode("utf-8")
    names = {name.lower() for name in headers}
    if "content-length" not in names:
        headers["Content-Length"] = str(len(content))
    lines = ministack._asgi_header_list(headers)
    if "date" not in names:
        lines.append((b"date", _date(int(time.time()))))
    await send({"type": "http.response.start", "status": status, "headers": lines})
    await send({"type": "http.response.body", "body": content, "more_body": False})


@lru_cache(maxsize=1)
def _date(second: int) -> bytes:
    """The date header of all answers of one second."""
    return formatdate(second, usegmt=True).encode("ascii")
