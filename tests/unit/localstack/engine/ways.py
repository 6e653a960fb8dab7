"""An API with an echo function in MiniStack, asked MiniStack's own way and by the fast paths."""

import asyncio
import base64
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from ministack import app as ministack
from ministack.core import lambda_runtime
from ministack.services import apigateway_v1, cloudwatch_logs, lambda_svc

from localstack.engine import direct, router
from localstack.engine.invocation_end import Worker
from tests.unit.localstack.engine.functions import code
from tests.unit.localstack.engine.plain_worker import PlainWorker

CODE = """
    import json, os, sys, time
    def handler(event, context):
        if "requestContext" not in event:
            return event
        wish = json.loads(event["headers"].get("x-wish", "{}"))
        for line in wish.get("log", []):
            print(line)
        time.sleep(wish.get("sleep", 0))
        if "raise" in wish:
            raise ValueError(wish["raise"])
        if "exit" in wish:
            os._exit(wish["exit"])
        if "answer" in wish:
            return wish["answer"]
        return {"statusCode": 200, "body": json.dumps(event), "multiValueHeaders": {"X-Seen": ["1", "2"]}}
"""
BINARY = ["multipart/form-data", "image/*"]
VARIES = re.compile(
    rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\d\d/\w\w\w/\d{4}:[\d:]+|TimeEpoch.{3,6}\d{13}|"
    rb"Duration: \d+ ms|Used: \d+ MB|/[^\s\"]*/ministack-lambda-[^/]+"
)
Answer = tuple[int, list[tuple[bytes, bytes]], bytes]


def varying(text: bytes) -> bytes:
    """The text without ids, times and folders."""
    return VARIES.sub(b"*", text)


class Ways:
    """One emulator; `plain` and `fast` ask it."""

    def __init__(self) -> None:
        self.runner = asyncio.Runner()
        self.api = self.runner.run(_make_api())
        self._workers: dict[str, Any] = {"plain": {}, "fast": {}}

    @contextmanager
    def way(self, name: str) -> Iterator[Any]:
        """Answer this way, with workers of its own; gives the ASGI application."""
        fast = name == "fast"
        with (
            patch.object(lambda_runtime, "_workers", self._workers[name]),
            patch.object(lambda_runtime, "Worker", Worker if fast else PlainWorker),
            patch.object(apigateway_v1, "_call_lambda_raw", direct.call if fast else direct._plain_call),
            patch.object(lambda_svc, "acquire_worker", direct._acquire if fast else direct._plain_acquire),
            patch.object(lambda_svc, "release_worker", direct._release if fast else direct._plain_release),
        ):
            yield router.app if fast else router._plain_app

    def ask(self, name: str, *requests: dict[str, Any]) -> list[Answer]:
        """Send requests at the same time; see `ask`."""

        async def all_at_once(app: Any) -> list[Answer]:
            return await asyncio.gather(*(ask(app, **request) for request in requests))

        logs = any(
            header == "x-wish" and "log" in json.loads(value) for one in requests for header, value in _headers(one)
        )
        with self.way(name) as app, patch.object(PlainWorker, "logs", logs):
            return self.runner.run(all_at_once(app))

    def both(self, **request: Any) -> Answer:
        """The answer, which is the same both ways but for ids and times."""
        (plain,), (fast,) = (self.ask(name, request) for name in ("plain", "fast"))
        assert [_comparable(fast)] == [_comparable(plain)]
        return fast

    def call_api(self, path: str, **request: Any) -> Answer:
        """The answer of the API both ways."""
        return self.both(path=f"/_aws/execute-api/{self.api}/api{path}", **request)

    def log(self, name: str, request: dict[str, Any]) -> list[str]:
        """What one request adds to the function's log."""
        before = len(self._streams())
        self.ask(name, request)
        return [event["message"] for stream in self._streams()[before:] for event in stream["events"]]

    def _streams(self) -> list[Any]:
        group = cloudwatch_logs._log_groups.get("/aws/lambda/echo") or {"streams": {}}
        return list(group["streams"].values())

    def end_workers(self) -> None:
        """End them; the next requests start new ones."""
        for workers in self._workers.values():
            lambda_runtime.kill_workers([worker for entries in workers.values() for worker in entries])
            workers.clear()

    def close(self) -> None:
        """End the workers and forget everything."""
        self.end_workers()
        self.runner.run(apigateway_v1.handle_request("DELETE", f"/restapis/{self.api}", {}, b"", {}))
        self.runner.run(lambda_svc.handle_request("DELETE", "/2015-03-31/functions/echo", {}, b"", {}))
        self.runner.close()


def _headers(request: dict[str, Any]) -> Any:
    return request.get("headers", ())


def _comparable(answer: Answer) -> Any:
    status, headers, body = answer
    skipped = (b"x-amz-id-2", b"date")
    shown = [(name, varying(value)) for name, value in headers if name not in skipped]
    assert all(sum(name == skip for name, _ in headers) <= 1 for skip in skipped)
    names = [name for name, _ in headers]  # with those that are skipped, in their order
    lengths = [(name, value if name.lower() != b"content-length" else b"*") for name, value in shown]
    return status, names, lengths, varying(body)


async def ask(
    app: Any, path: str, method: str = "GET", query: bytes = b"", headers: Any = (), body: Any = b""
) -> Answer:
    """One request to an ASGI application: status, headers and body of the answer."""
    parts = [{"type": "http.request", "body": body[:70_000], "more_body": True}, {"body": body[70_000:]}]
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "more_body": False, **parts.pop(0)} if parts else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    given = [(name.lower().encode(), value.encode("utf-8", "surrogateescape")) for name, value in headers]
    if not any(name == b"host" for name, _ in given):
        given.append((b"host", b"127.0.0.1:4566"))
    scope = {
        "type": "http", "method": method, "path": path, "raw_path": path.encode("ascii", "replace"),
        "query_string": query, "headers": given, "client": ("10.1.2.3", 1), "server": ("127.0.0.1", 4566),
    }  # fmt: skip
    try:
        await app(scope, receive, send)
    except Exception as error:  # the server's answer is its own then
        return 0, [], repr(error).encode()
    return sent[0]["status"], sent[0]["headers"], b"".join(message.get("body", b"") for message in sent[1:])


async def _make_api() -> str:
    function = {
        "FunctionName": "echo", "Runtime": "python3.11", "Handler": "echo.handler", "Timeout": 20,
        "Role": "arn:aws:iam::000000000000:role/echo", "Code": {"ZipFile": base64.b64encode(code(CODE)).decode()},
    }  # fmt: skip
    arn = (await _call(lambda_svc, "POST", "/2015-03-31/functions", function))["FunctionArn"]
    api: str = (await _call(apigateway_v1, "POST", "/restapis", {"name": "echo", "binaryMediaTypes": BINARY}))["id"]
    root = (await _call(apigateway_v1, "GET", f"/restapis/{api}/resources"))["item"][0]["id"]
    uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations"
    await _make_resource(api, root, "{proxy+}", uri)
    await _make_resource(api, await _make_resource(api, root, "batches", uri), "{id}", uri)
    await _call(apigateway_v1, "POST", f"/restapis/{api}/deployments", {"stageName": "api", "variables": {"a": "b"}})
    return api


async def _make_resource(api: str, parent: str, part: str, uri: str) -> str:
    made: str = (await _call(apigateway_v1, "POST", f"/restapis/{api}/resources/{parent}", {"pathPart": part}))["id"]
    method = f"/restapis/{api}/resources/{made}/methods/ANY"
    await _call(apigateway_v1, "PUT", method, {"authorizationType": "NONE"})
    integration = {"type": "AWS_PROXY", "httpMethod": "POST", "uri": uri}
    await _call(apigateway_v1, "PUT", method + "/integration", integration)
    return made


async def _call(service: Any, method: str, path: str, body: Any = None) -> Any:
    status, _, answer = await service.handle_request(method, path, {}, json.dumps(body or {}).encode(), {})
    assert status < 300, answer
    return json.loads(answer)


def auth(on: bool) -> Any:
    """Whether MiniStack checks signatures and policies."""
    return patch.object(ministack, "AUTH", on)
