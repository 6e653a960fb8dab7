"""A client for benchmarks that shares the processors with what it measures: one kept connection a thread, and no more
work for a call than http.client does (a session of `requests` takes ten times as much).
"""

import json
import select
import socket
import threading
from http.client import HTTPConnection
from time import monotonic, sleep
from typing import Any
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 300
START_SECONDS = 20  # of a server


class Caller:
    """Calls one API; each thread has a connection of its own."""

    def __init__(self, url: str) -> None:
        self._place = urlsplit(url).netloc
        self._own = threading.local()

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """One call; the status of the answer and its JSON."""
        content = None if body is None else json.dumps(body).encode()
        connection = self._connection()
        connection.request(method, path, content, {"Content-Type": "application/json"} if content else {})
        answer = connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text else None

    def ok(self, method: str, path: str, body: Any = None) -> Any:
        """One call that has to succeed; the JSON of its answer."""
        status, found = self.call(method, path, body)
        assert status < 300, (status, found)
        return found

    def _connection(self) -> HTTPConnection:
        """The connection of this thread; one that the server has closed meanwhile is made anew."""
        kept: HTTPConnection | None = self._own.__dict__.get("connection")
        if kept is None or kept.sock is None or select.select([kept.sock], [], [], 0)[0]:
            kept = self._own.connection = HTTPConnection(self._place, timeout=TIMEOUT_SECONDS)
        return kept


def wait_for_port(host: str, port: int) -> None:
    """Return when the port accepts connections."""
    deadline = monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection((host, port), timeout=1).close()
            return
        except OSError:
            if monotonic() > deadline:
                raise
            sleep(0.02)
