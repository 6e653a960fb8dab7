"""How the ports of the local stack are served: which port was asked, kept connections, the end."""

import asyncio
import os
import signal
import socket
from asyncio.selector_events import _SelectorSocketTransport  # type: ignore[attr-defined]
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from localstack import server

Client = Callable[[int], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


class App:
    """Says which port was asked; `/slow` goes on until the end, `/parts` waits between the head and the body."""

    def __init__(self) -> None:
        self.lifespan: list[str] = []
        self.slow = asyncio.Event()
        self.cut_off = False
        self.body_wanted = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            while "shutdown" not in self.lifespan:
                event = (await receive())["type"].partition(".")[2]
                self.lifespan.append(event)
                await send({"type": f"lifespan.{event}.complete"})
            return
        if scope["path"] == "/slow":
            self.slow.set()
            try:
                await asyncio.Event().wait()
            finally:
                self.cut_off = True
        body = f"{scope['server'][1]} {scope['client'][0]} {scope['raw_path'].decode()} {scope['path']}".encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
        if scope["path"] == "/parts":
            await self.body_wanted.wait()
        await send({"type": "http.response.body", "body": body})


Use = Callable[[App, list[int], asyncio.Event], Awaitable[None]]


def serve_while(use: Use) -> App:
    """Serve two ports, let the test use them, stop; returns the application."""

    async def main() -> App:
        app, stop = App(), asyncio.Event()
        sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
        ports = [one.getsockname()[1] for one in sockets]
        serving = asyncio.create_task(server.serve(app, sockets, stop))
        while "startup" not in app.lifespan:
            await asyncio.sleep(0.01)
        await use(app, ports, stop)
        stop.set()
        await asyncio.wait_for(serving, 60)
        return app

    return asyncio.run(main())


async def ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, headers: str = ""
) -> tuple[str, str]:
    """One request on a connection that stays open: head and body of the answer."""
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\n{headers}\r\n".encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    length = int(head.lower().partition("content-length: ")[2].partition("\r\n")[0])
    return head, (await reader.readexactly(length)).decode()


def test_both_ports_are_served_and_each_request_tells_its_port() -> None:
    async def use(app: App, ports: list[int], stop: asyncio.Event) -> None:
        for port in ports:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            for _ in range(2):  # the connection is kept
                head, body = await ask(reader, writer, "/a%2Fb?c=1", "X-Forwarded-For: 10.9.9.9\r\n")
                assert body == f"{port} 127.0.0.1 /a%2Fb /a/b"
                assert "server:" not in head
            writer.close()

    assert serve_while(use).lifespan == ["startup", "shutdown"]


def test_an_application_that_does_not_start_is_an_error() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no room"})

    with socket.create_server(("127.0.0.1", 0)) as listening, pytest.raises(RuntimeError, match="see emulator.log"):
        asyncio.run(server.serve(app, [listening], asyncio.Event()))


@pytest.mark.slow
def test_a_request_that_goes_on_and_idle_connections_do_not_hold_up_the_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "KEEP_ALIVE_SECONDS", 600)

    async def use(app: App, ports: list[int], stop: asyncio.Event) -> None:
        _, busy = await asyncio.open_connection("127.0.0.1", ports[0])
        reader, idle = await asyncio.open_connection("127.0.0.1", ports[0])
        await ask(reader, idle, "/")
        busy.write(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        await app.slow.wait()

    app = serve_while(use)
    assert app.cut_off
    assert app.lifespan == ["startup", "shutdown"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_are_the_launchers(number: signal.Signals) -> None:
    """A handler of the event loop is called once, and the process is not ended by the server afterwards."""
    calls = 0

    async def use(app: App, ports: list[int], stop: asyncio.Event) -> None:
        def handle() -> None:
            nonlocal calls
            calls += 1
            stop.set()

        asyncio.get_running_loop().add_signal_handler(number, handle)
        os.kill(os.getpid(), number)
        await stop.wait()

    assert serve_while(use).lifespan == ["startup", "shutdown"]
    assert calls == 1


def test_without_uvloop_the_loop_of_asyncio_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    async def loop_module() -> int:
        return int(type(asyncio.get_running_loop()).__module__.startswith("uvloop"))

    assert server.run(loop_module()) == 1
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert server.run(loop_module()) == 0


def test_head_and_body_of_a_response_go_out_in_one_write(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[bytes] = []
    plain_write = _SelectorSocketTransport.write

    def write(transport: Any, data: bytes) -> None:
        written.append(bytes(data))
        plain_write(transport, data)

    async def use(app: App, ports: list[int], stop: asyncio.Event) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", ports[0])
        for close in ("", "Connection: close\r\n"):
            head, body = await ask(reader, writer, "/a", close)
            assert (head + body).encode() in written
        assert await reader.read() == b""

    monkeypatch.setattr(_SelectorSocketTransport, "write", write)
    serve_while(use)


def test_a_head_does_not_wait_for_a_late_body() -> None:
    async def use(app: App, ports: list[int], stop: asyncio.Event) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", ports[0])
        writer.write(b"GET /parts HTTP/1.1\r\nHost: x\r\n\r\n")
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
        app.body_wanted.set()
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        assert (await reader.readexactly(length)).endswith(b"/parts")

    serve_while(use)


def test_a_response_to_head_is_only_a_head() -> None:
    async def use(app: App, ports: list[int], stop: asyncio.Event) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", ports[0])
        writer.write(b"HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = await asyncio.wait_for(reader.read(), 10)
        assert answer.startswith(b"HTTP/1.1 200") and answer.endswith(b"\r\n\r\n") and answer.count(b"\r\n\r\n") == 1

    serve_while(use)


@pytest.mark.parametrize(
    ("target", "body"),
    [
        ("/api/batches?shift=\u0430", b'{"detail": "'),
        ("/api/v1/tasks?status=\u0430", b'{"error": "'),
        ("/\u0430", b'{"error": "'),
    ],
)
def test_a_url_as_it_is_typed_is_refused_in_the_shape_of_its_area(target: str, body: bytes) -> None:
    async def use(_: App, ports: list[int], __: asyncio.Event) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", ports[0])
        writer.write(f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        answer = await reader.read()
        head, _, content = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 400 ")
        assert b"content-type: application/json" in head
        assert content.startswith(body)
        assert "ASCII" in content.decode()
        writer.close()

    serve_while(use)
