"""The API port of the local stack: what it hands to the emulator, and how it words what the emulator's gateway says."""

import asyncio
import json
from typing import Any

import pytest

from localstack.gateway import AT_ONCE, MAX_BODY, Asgi, Gateway, Message, Receive, Scope, Send
from localstack.guard import Guard

PORT, AWS_PORT = 8000, 4566


class Emulator:
    """Answers as told, and remembers what it was asked."""

    def __init__(self, status: int, body: bytes, headers: list[tuple[bytes, bytes]] | None = None) -> None:
        self.status, self.body, self.headers = status, body, headers or []
        self.asked: Scope = {}
        self.received = b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked = scope
        while (message := await receive()).get("more_body"):
            self.received += message["body"]
        self.received += message["body"]
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body})


def ask(
    emulator: Emulator, path: str = "/api/batches", body: bytes = b"", ready: bool = True, **headers: str
) -> tuple[int, dict[bytes, bytes], bytes]:
    return asyncio.run(_ask(_gateway(emulator, ready), path, body, headers))


def _gateway(emulator: Asgi, ready: bool = True) -> Gateway:
    gateway = Gateway(emulator, PORT, Guard(PORT, AWS_PORT))
    if ready:
        gateway.open("abc", "api")
    return gateway


async def _ask(
    gateway: Gateway, path: str, body: bytes, headers: dict[str, str]
) -> tuple[int, dict[bytes, bytes], bytes]:
    sent: list[Message] = []
    parts = [body[start : start + 65536] for start in range(0, len(body), 65536)] or [b""]

    async def receive() -> Message:
        part = parts.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(parts)}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: dict[str, Any] = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "server": ("127.0.0.1", PORT),
        "client": ("10.0.0.7", 1),
        "headers": [
            (b"host", b"127.0.0.1:%d" % PORT),
            *((name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()),
        ],
    }
    await gateway(scope, receive, send)
    start, *rest = sent
    return start["status"], dict(start["headers"]), b"".join(message.get("body", b"") for message in rest)


def test_a_request_goes_to_the_deployed_api_with_the_clients_own_address() -> None:
    emulator = Emulator(200, b"ok", [(b"X-Request-Id", b"1")])
    status, _, body = ask(emulator, body=b"\x00\xff" * 100_000, x_forwarded_for="1.2.3.4")
    assert (status, body) == (200, b"ok")
    assert emulator.asked["path"] == "/_aws/execute-api/abc/api/api/batches"
    assert [value for name, value in emulator.asked["headers"] if name == b"x-forwarded-for"] == [b"10.0.0.7"]
    assert emulator.received == b"\x00\xff" * 100_000


def test_more_calls_than_the_machine_can_start_processes_for_wait_for_their_turn() -> None:
    inside, most = 0, 0

    async def emulator(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0)
        inside -= 1
        await Emulator(200, b"ok", [(b"X-Request-Id", b"1")])(scope, receive, send)

    async def many_requests() -> list[Any]:
        gateway = _gateway(emulator)
        return await asyncio.gather(*(_ask(gateway, "/api/batches", b"", {}) for _ in range(3 * AT_ONCE)))

    assert [status for status, _, _ in asyncio.run(many_requests())] == [200] * 3 * AT_ONCE
    assert most == AT_ONCE


def test_an_error_of_the_application_passes_as_it_is() -> None:
    emulator = Emulator(404, b'{"detail": "mine"}', [(b"x-request-id", b"1")])
    assert ask(emulator)[2] == b'{"detail": "mine"}'


@pytest.mark.parametrize(
    ("status", "body", "shown"),
    [
        (403, b'{"message":"Missing Authentication Token"}', 404),
        (502, b'{"message": "Worker process died"}', 502),
        (502, b'{"message": "Task timed out after 29.00 seconds"}', 504),
        (500, b'{"message": "Internal server error"}', 502),
    ],
)
def test_what_the_gateway_says_is_put_in_the_words_of_the_door(status: int, body: bytes, shown: int) -> None:
    for path, key in (("/api/batches", "detail"), ("/api/v1/reports", "error"), ("/orders", "success")):
        answered, headers, text = ask(Emulator(status, body), path)
        assert answered == shown
        assert key in json.loads(text)
        assert headers[b"x-request-id"]
        assert b"Worker" not in text


def test_problem_details_for_those_who_ask() -> None:
    _, headers, text = ask(Emulator(502, b"{}"), accept="application/problem+json")
    assert headers[b"content-type"] == b"application/problem+json"
    assert json.loads(text)["status"] == 502


@pytest.mark.parametrize("declared", [True, False])
def test_a_body_over_the_limit_is_413(declared: bool) -> None:
    size = {"content_length": str(MAX_BODY + 1)} if declared else {}
    status, _, text = ask(Emulator(200, b"ok"), body=b"x" * (MAX_BODY + 1), **size)
    assert status == 413
    assert "detail" in json.loads(text)


def test_before_the_stack_is_deployed_it_says_so() -> None:
    status, headers, _ = ask(Emulator(200, b"ok"), ready=False)
    assert (status, headers[b"retry-after"]) == (503, b"1")
