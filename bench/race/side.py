"""One of the two that race."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Side:
    """A running service: where it answers, and the processes it consists of, each with its descendants."""

    name: str
    url: str
    pids: list[int]

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """One request with JSON; returns the status and the parsed answer."""
        content = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(self.url + path, content, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(asked, timeout=60) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def download(self, path: str) -> bytes:
        """The file there; redirects are followed."""
        with urllib.request.urlopen(self.url + path, timeout=60) as answer:
            content: bytes = answer.read()
            return content
