"""A real receiver of webhooks: an HTTP server in a thread, which answers as it is told and remembers what it got."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HANGS = 0  # told instead of a status: says nothing until the receiver is closed


@dataclass
class Got:
    """One request; `at` is the time it was read."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def id(self) -> str:
        """The same in every attempt of one delivery."""
        return self.headers["webhook-id"]

    @property
    def envelope(self) -> Any:
        """The body, read."""
        return json.loads(self.body)


@dataclass
class Receiver:
    """Answers 200, or what `answers` has for the path: one after the other, the last one for good."""

    port: int = 0
    answers: dict[str, list[int]] = field(default_factory=dict)
    got: list[Got] = field(default_factory=list)
    closed: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str) -> str:
        """Where a subscription finds it."""
        return f"http://127.0.0.1:{self.port}{path}"

    def at(self, path: str) -> list[Got]:
        """What came to a path, in order."""
        return [one for one in self.got if one.path == path]

    def take(self, got: Got) -> int:
        """Remember a request; the status it is answered with."""
        self.got.append(got)
        told = self.answers.get(got.path, [200])
        return told.pop(0) if len(told) > 1 else told[0]


@contextmanager
def receiver(port: int = 0) -> Iterator[Receiver]:
    """One that listens on this port, or on a free one, until the end of the block."""
    made = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # noqa: N802 - as http.server calls it
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status = made.take(Got(self.path, headers, body, time.time()))
            if status == HANGS:
                made.closed.wait(60)
                return
            with suppress(ConnectionError):  # the sender was killed
                self.send_response(status)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"OK")

        def log_message(self, *_: Any) -> None:
            """Nothing: what came is in `got`."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 128
        daemon_threads = True

    server = Server(("127.0.0.1", port), Handler)
    made.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield made
    finally:
        made.closed.set()
        server.shutdown()
        thread.join()
        server.server_close()
