"""The API port: passes requests to the deployed REST API, and words the gateway's own errors as the API area does.

Every response of the application has X-Request-Id. A response without it is the gateway's own: a crashed or timed-out
function, or a path that the gateway refuses. On AWS the gateway responses of the template do the same.
"""

import asyncio
import json
import os
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from localstack.guard import Guard

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]

POLICY_VIOLATION = 1008  # RFC 6455, section 7.4.1
METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})  # what ANY means to API Gateway

# API Gateway accepts 10 MB; the rest is for the frame of a multipart body, whose file the application checks.
MAX_BODY = 10 * 1024 * 1024 + 64 * 1024
# Concurrent calls run in processes that have to start first; more than this many would only slow down each other. The
# others wait for their turn. On AWS no call waits.
AT_ONCE = max(16, 8 * (os.cpu_count() or 1))


class _TooLarge(Exception):
    """The body is larger than the gateway accepts."""


class Gateway:
    """The ASGI application of both ports: API and emulated AWS."""

    def __init__(self, emulator: Asgi, api_port: int, guard: Guard) -> None:
        self._emulator = emulator
        self._port = api_port
        self._guard = guard
        self._prefix: str | None = None
        self._turns = asyncio.Semaphore(AT_ONCE)

    def open(self, api_id: str, stage: str) -> None:
        """Serve this REST API on the API port from now on."""
        self._prefix = f"/_aws/execute-api/{api_id}/{stage}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or the lifespan."""
        if scope["type"] == "lifespan":
            await self._emulator(scope, receive, send)
        elif reason := self._guard.refusal(scope):
            await _forbid(scope, send, reason)
        elif scope["server"][1] != self._port:
            await self._emulator(scope, receive, send)
        elif scope["type"] == "http":
            await self._api(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})

    async def _api(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = _Answer(scope, send)
        if self._prefix is None:
            await answer.refuse(503)
            return
        try:
            async with self._turns:
                await self._emulator(_rewritten(scope, self._prefix), _limited(scope, receive), answer.send)
        except _TooLarge:
            await answer.refuse(413)


async def _forbid(scope: Scope, send: Send, reason: str) -> None:
    """Refuse a request that a foreign web page may have sent; without CORS headers the page cannot read the answer."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": POLICY_VIOLATION})
        return
    body = json.dumps({"message": f"Forbidden: {reason}", "error": reason}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def _rewritten(scope: Scope, prefix: str) -> Scope:
    """Return the request for the emulator, with the real address of the client, as API Gateway does."""
    dropped = {b"x-forwarded-for", b"x-forwarded-host"}
    headers = [(name, value) for name, value in scope["headers"] if name.lower() not in dropped]
    if all(name.lower() != b"accept" for name, _ in headers):
        headers.append((b"accept", b"*/*"))
    headers.append((b"x-forwarded-for", str((scope.get("client") or ("127.0.0.1",))[0]).encode()))
    raw = scope.get("raw_path") or scope["path"].encode()
    method = scope["method"] if scope["method"] in METHODS else "OPTIONS"  # a preflight names the methods that exist
    changed = {"method": method, "path": prefix + scope["path"], "raw_path": prefix.encode() + raw, "headers": headers}
    return {**scope, **changed}


def _limited(scope: Scope, receive: Receive) -> Receive:
    """Return a `receive` that raises _TooLarge above the limit of the gateway."""
    declared = next((value for name, value in scope["headers"] if name.lower() == b"content-length"), b"0")
    seen = 0

    async def limited() -> Message:
        nonlocal seen
        if declared.isdigit() and int(declared) > MAX_BODY:
            raise _TooLarge
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MAX_BODY:
            raise _TooLarge
        return message

    return limited


class _Answer:
    """Passes on responses of the application, and rewords those of the gateway."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self._held: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        """Handle a message of the response from the emulator."""
        if message["type"] == "http.response.start":
            ours = any(name.lower() == b"x-request-id" for name, _ in message["headers"])
            if self._scope["method"] not in METHODS and ours and message["status"] == 204:
                message["status"] = 405
                ours = False
            if not ours and message["status"] >= 400:
                self._held = message
                return
            if not ours:
                message["headers"] = [*message["headers"], (b"x-request-id", str(uuid.uuid4()).encode())]
        elif self._held is not None:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self.refuse(_status(self._held["status"], self._body))
            return
        await self._send(message)

    async def refuse(self, status: int) -> None:
        """Answer in the shape of the API area."""
        headers = {name.lower(): value for name, value in self._scope["headers"]}
        kind, body = _refusal(status, self._scope["path"], headers.get(b"accept", b"").decode("latin-1"))
        answer = [
            (b"content-type", kind.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"x-request-id", str(uuid.uuid4()).encode()),
        ]
        if status == 503:
            answer.append((b"retry-after", b"1"))
        if status == 405 and self._held:
            answer += [(name, value) for name, value in self._held["headers"] if name.lower() == b"allow"]
        await self._send({"type": "http.response.start", "status": status, "headers": answer})
        await self._send({"type": "http.response.body", "body": b"" if self._scope["method"] == "HEAD" else body})


def _status(status: int, body: bytes) -> int:
    """The status the gateway of AWS would give: an unknown path is 404 by our gateway responses, a timeout is 504."""
    if status == 403:
        return 404
    if b"timed out" in body:
        return 504
    return 502 if status >= 500 else status


def unparsable(target: str) -> tuple[str, bytes]:
    """Return content type and body of the answer to a request that is not HTTP, as far as its target was read."""
    from chalicelib.core.errors import BadRequest

    reason = None if target.isascii() else "Адрес содержит буквы не из ASCII: закодируйте их, например %D0%B0"
    return _shaped(BadRequest(reason), 400, target.partition("?")[0], "")


def _refusal(status: int, path: str, accept: str) -> tuple[str, bytes]:
    # imported when needed, to keep the launcher small
    from chalicelib.core.errors import AppError, BadRequest, MethodNotAllowed, NotFound, TimedOut, TooLarge, Unavailable

    known: dict[int, AppError] = {404: NotFound(), 413: TooLarge(), 503: Unavailable(), 504: TimedOut()}
    known[405] = MethodNotAllowed()
    broken = AppError("Внутренняя ошибка сервиса", code="INTERNAL_ERROR") if status >= 500 else BadRequest()
    return _shaped(known.get(status, broken), status, path, accept)


def _shaped(error: Any, status: int, path: str, accept: str) -> tuple[str, bytes]:
    """Return content type and body of an error in the shape of the API area of a path."""
    from chalicelib.core.accept import PROBLEM_JSON, wants_problem
    from chalicelib.core.areas import area_of_path

    error.status = status
    area = area_of_path(path)
    problem = wants_problem(accept)
    shown = area.problem(error, path) if problem else area.body(error)
    return PROBLEM_JSON if problem else "application/json", json.dumps(shown, ensure_ascii=False).encode()
