"""A user who types what the documents say: as it stands, or with `-H "Authorization: Bearer ..."` added."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.e2e.curl import curl
from tests.e2e.people import administrator, person, signed_in
from tests.e2e.stack import Stack

INVENTED = "YOUR_TOKEN"  # what stands in a document


class Reader:
    """Types commands; `stack` is the stack as the reader sees it: with his token on every call, where one is needed."""

    def __init__(self, stack: Stack, folder: Path, *, locked: bool) -> None:
        self.stack = stack.as_seen_by(administrator(stack)) if locked else stack
        self.folder = folder
        self._known: Mapping[str, str] = {}

    def types(self, command: str, status: int, **filled_in: str) -> Any:
        """A command that has to answer with that status; its JSON."""
        answer = curl(self._authorized(command), self.stack.url, self.folder, **filled_in)
        assert answer.status_code == status, answer.text
        return answer.json()

    def asks(self, request: str, body: str | None = None) -> Any:
        """A request written as `GET /path` in a document; its JSON."""
        method, path = request.split()
        headers = {"Content-Type": "application/json"} if body else {}
        answer = self.stack.call(method, path, data=body.encode() if body else None, headers=headers)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    def gets(self, command: str) -> bytes:
        """The file that a command fetches."""
        return curl(self._authorized(command), self.stack.url, self.folder).content

    def downloads(self, path: str) -> bytes:
        """The file at a path of the API, redirects followed."""
        return self.gets(f"curl -L {self.stack.url}{path}")

    def _authorized(self, command: str) -> str:
        if INVENTED in command:
            return command.replace(f"Bearer {INVENTED}", self._token())
        return f'{command} -H "Authorization: {self._token()}"' if self.stack.headers else command

    def _token(self) -> str:
        self._known = self._known or self.stack.headers or signed_in(self.stack, person(self.stack, "manager"))
        return self._known["Authorization"]


def same(shown: Any, documented: Any, *but: str) -> None:
    """An answer has the fields of the documented one, in its order, and its values, but for those of some fields."""
    if isinstance(documented, dict):
        assert list(shown) == list(documented)
        for name in documented:
            if name not in but:
                same(shown[name], documented[name], *but)
    else:
        assert shown == documented
