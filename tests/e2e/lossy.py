"""A network that loses requests and answers: a proxy in front of the API."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle
from typing import Any, Literal

import requests

Fate = Literal["arrives", "request is lost", "answer is lost", "answer breaks off"]
FATES: tuple[Fate, ...] = ("request is lost", "answer is lost", "arrives", "answer breaks off", "arrives")


@dataclass
class Lossy:
    """Its address, and what happened to each request."""

    url: str = ""
    fates: Iterator[Fate] = field(default_factory=lambda: cycle(FATES))
    happened: list[Fate] = field(default_factory=list)


@contextmanager
def lossy(target: str) -> Iterator[Lossy]:
    """One in front of `target`, until the end of the block."""
    made = Lossy()

    class Handler(BaseHTTPRequestHandler):
        def _pass_on(self) -> None:
            fate = next(made.fates)
            made.happened.append(fate)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if fate == "request is lost":
                return
            headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
            headers["Accept-Encoding"] = "identity"
            answer = requests.request(self.command, target + self.path, data=body, headers=headers, timeout=35)
            if fate == "answer is lost":
                return
            self.send_response(answer.status_code)
            for name in ("Content-Type", "Retry-After"):
                if name in answer.headers:
                    self.send_header(name, answer.headers[name])
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            half = len(answer.content) // 2 if fate == "answer breaks off" else None
            self.wfile.write(answer.content[:half])

        do_GET = do_POST = do_PATCH = _pass_on  # noqa: N815 - as http.server calls them

        def log_message(self, *_: Any) -> None:
            """Nothing: what happened is in `happened`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
