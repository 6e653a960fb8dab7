"""The demo data, loaded through the API like anybody else's."""

import http.client
import json
import socket
import time
from typing import Any
from urllib.parse import urlsplit

PATIENCE = 20.0


class DemoFailed(Exception):
    """The API did not answer as it should."""


def call(api_url: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """One request with JSON; returns the status and the parsed answer."""
    connection = http.client.HTTPConnection(urlsplit(api_url).netloc, timeout=35)
    try:
        text = None if body is None else json.dumps(body)
        connection.request(method, path, text, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        content = answer.read()
        return answer.status, json.loads(content) if content else None
    finally:
        connection.close()


def wait_for_port(host: str, port: int) -> None:
    """Return when somebody listens."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection((host, port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def is_healthy(api_url: str) -> bool:
    """Whether the API answers."""
    try:
        return call(api_url, "GET", "/api/healthcheck/service")[0] == 200
    except (OSError, ValueError):
        return False


def healthcheck(api_url: str) -> None:
    """The first request: it starts the function."""
    status, answer = call(api_url, "GET", "/api/healthcheck/service")
    if status != 200:
        raise DemoFailed(f"the API does not answer: {status} {answer}")


def load(api_url: str) -> None:
    """The data of the demo."""
    healthcheck(api_url)
