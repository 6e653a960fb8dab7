"""A server that answers as DynamoDB might: by a script, and keeping what was asked."""

import json
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any
from zlib import crc32

from tests.unit.core.scripted_servers import heard

DROP = b""  # in a script: hang up instead of an answer
SILENT = b"silent"  # keep the connection and say nothing


class Half(bytes):
    """In a script: send this, then hang up."""


@dataclass(frozen=True)
class Heard:
    """A request as it came, and the number of the connection it came by."""

    line: str
    headers: dict[str, str]
    body: bytes
    connection: int


def reply(content: Any, status: int = 200, *headers: str, checksum: int | None = None) -> bytes:
    """A response with that content, a dictionary or raw bytes, and its checksum or a wrong one."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    kind = "application/x-amz-json-1.0"
    crc = crc32(body) if checksum is None else checksum
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}", f"Content-Type: {kind}", *headers]
    return "\r\n".join([*lines, f"x-amz-crc32: {crc}", "x-amzn-RequestId: R1", "", ""]).encode() + body


class DynamoServer:
    """Answers each request with the next line of `script`, and by `echo` when there is none. Connections are kept."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.script: list[bytes] = []
        self.requests: list[Heard] = []
        self.waits: list[float] = []
        self.open: list[socket.socket] = []
        self.echo: Callable[[Any], Any] = lambda body: {}
        self.while_silent: Callable[[], Any] = lambda: None  # called when a request gets no answer
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lock, self._connections = threading.Lock(), 0
        scheme = "https" if context else "http"
        self.url = f"{scheme}://localhost:{self._listener.getsockname()[1]}"

    def __enter__(self) -> "DynamoServer":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._listener.close()
        self.hang_up()

    def hang_up(self) -> None:
        """Close all connections, as a server does that has waited long enough."""
        for connection in self.open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        self.open.clear()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._connections += 1
            threading.Thread(target=self._serve, args=(connection, self._connections), daemon=True).start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        with suppress(OSError):
            ready = self._context.wrap_socket(connection, server_side=True) if self._context else connection
            self.open.append(ready)
            while True:
                head, _, body = heard(ready).partition(b"\r\n\r\n")
                line, *lines = head.decode("latin-1").split("\r\n")
                headers = {name.lower(): value for name, value in (one.split(": ", 1) for one in lines)}
                with self._lock:
                    self.requests.append(Heard(line, headers, body, number))
                    answer = self.script.pop(0) if self.script else reply(self.echo(json.loads(body)))
                if answer == SILENT:
                    self.while_silent()
                else:
                    ready.sendall(answer)
                if answer == DROP or isinstance(answer, Half):
                    ready.shutdown(socket.SHUT_RDWR)
                    ready.close()
                    return
