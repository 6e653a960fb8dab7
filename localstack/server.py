"""Serves one ASGI application on both ports of the local stack: uvicorn with httptools, in one process and one loop.

Hypercorn, with which MiniStack serves itself, parses HTTP in Python: that is about half of the processor time of a
small request.
"""

import asyncio
import contextlib
import importlib.util
import socket
from collections.abc import Callable, Coroutine, Generator
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from localstack.gateway import unparsable

KEEP_ALIVE_SECONDS = 30
REQUESTS_END_WITHIN_SECONDS = 3  # after the signal to stop; requests that still run are then cancelled


class _Connection(HttpToolsProtocol):
    """One connection: sends the head of a response together with the first part of its body.

    uvicorn writes them separately, by two system calls, and the client wakes up twice.
    """

    def data_received(self, data: bytes) -> None:
        """Parse what was received; what cannot be parsed is refused in the shape of its API area."""
        self._received = data
        super().data_received(data)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002
        """Refuse a request, most often one whose URL has letters as they are typed."""
        target, _, _ = self._received.partition(b"\r\n")[0].partition(b" ")[2].partition(b" ")
        kind, body = unparsable(target.decode("utf-8", "replace"))
        head = f"HTTP/1.1 400 Bad Request\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n"
        self.transport.write(f"{head}connection: close\r\n\r\n".encode() + body)
        self.transport.close()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        if cycle.scope["method"] != "HEAD":  # its response ends with the head
            cycle.transport = _JoinedWrites(cycle.transport, self.loop)  # type: ignore[assignment]
        super()._start_asgi_task(cycle, app)


class _JoinedWrites:
    """The part of a transport that a response uses; data waits for the next write or the next turn of the loop."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._held = b""
        self._timer: asyncio.Handle | None = None
        self.is_closing = transport.is_closing

    def write(self, data: bytes) -> None:
        """Write `data` with the data that waits, or let it wait until the next turn of the loop."""
        if self._timer is not None:
            self._flush(data)
        else:
            self._held = data
            self._timer = self._loop.call_soon(self._flush)

    def close(self) -> None:
        """Close the connection once everything is written."""
        if self._timer is not None:
            self._flush()
        self._transport.close()

    def _flush(self, more: bytes = b"") -> None:
        assert self._timer is not None
        self._timer.cancel()
        self._timer = None
        self._transport.writelines((self._held, more))
        self._held = b""


class _Server(uvicorn.Server):
    """A server without handlers of signals, which the launcher has; those of uvicorn would raise them again."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


async def serve(app: Any, sockets: list[socket.socket], stop: asyncio.Event) -> None:
    """Serve listening sockets until `stop` is set; return when the application's lifespan has ended.

    `scope["server"]` has the port of a request. Connections are accepted once the application is ready. RuntimeError:
    it does not start.
    """
    config = uvicorn.Config(
        app,
        http=_Connection,
        ws="wsproto",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,  # the client is the peer of the connection
        server_header=False,
        date_header=False,  # MiniStack adds it
        reset_contextvars=True,  # the account of one request must not be that of the connection's next
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=REQUESTS_END_WITHIN_SECONDS,
    )
    server = _Server(config)
    stopping = asyncio.create_task(_stop(server, stop))
    try:
        await server.serve(sockets)
    except SystemExit:  # of uvicorn, which has logged the reason
        raise RuntimeError("the emulator does not start, see emulator.log") from None
    finally:
        stopping.cancel()


async def _stop(server: uvicorn.Server, stop: asyncio.Event) -> None:
    await stop.wait()
    server.should_exit = True


def run(main: Coroutine[Any, Any, int]) -> int:
    """Run a coroutine as `asyncio.run` does, in uvloop's event loop where it is installed."""
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(main)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    if importlib.util.find_spec("uvloop") is None:
        return None
    import uvloop

    return uvloop.new_event_loop
