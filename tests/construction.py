"""Construction work on moto: people who act, sites and defects to work with, and what listeners make of events."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest

from chalicelib.core import clock
from chalicelib.core.aws import client
from chalicelib.core.settings import settings
from chalicelib.events import store as outbox
from chalicelib.users.service import User
from chalicelib.wiring.listeners import LISTENERS
from tests.http_events import Response
from tests.people import person, production_with_tokens, signed_in
from tests.production import ask, empty_tables

SITES, DEFECTS = "/api/v1/sites", "/api/v1/defects"
_numbers = count(1)


@contextmanager
def construction() -> Iterator[None]:
    """moto with tables, bucket, and the secret of tokens."""
    with production_with_tokens():
        client("s3").create_bucket(Bucket=settings().files_bucket)
        yield


@pytest.fixture(scope="package")
def shared_tables() -> Iterator[None]:
    """Tables, bucket and tokens, made once for a package of tests."""
    with construction():
        yield


@pytest.fixture(autouse=True)
def empty(shared_tables: None) -> Iterator[None]:
    """Empty tables and an empty bucket for each test."""
    yield
    empty_tables()
    forget_files()


class UserClient:
    """A user who calls the API."""

    def __init__(self, *roles: str, name: str = "Анна") -> None:
        self.user: User = person(*roles, name=name)
        self.id = self.user.id
        self._headers = signed_in(self.user)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Response:
        """One call."""
        return ask(method, path, body, self._headers | headers)

    def ok(self, method: str, path: str, body: Any = None) -> Any:
        """One call that has to succeed; its JSON."""
        answer = self.ask(method, path, body)
        assert answer.status < 300, answer.text
        return answer.json if answer.body else None

    def refused(self, status: int, method: str, path: str, body: Any = None) -> str:
        """One call that has to be refused so; the text of the error."""
        answer = self.ask(method, path, body)
        assert answer.status == status, answer.text
        assert set(answer.json) == {"error"}
        return str(answer.json["error"])

    def site(self, **fields: Any) -> dict[str, Any]:
        """A new site."""
        body = {"code": f"S-{next(_numbers):04d}", "name": "ЖК «Северный»"} | fields
        made: dict[str, Any] = self.ok("POST", SITES, body)
        return made

    def defect(self, site_id: str, **fields: Any) -> dict[str, Any]:
        """A new defect."""
        made: dict[str, Any] = self.ok("POST", DEFECTS, {"site_id": site_id, "title": "Трещина в стене"} | fields)
        return made

    def move(self, defect_id: str, *statuses: str) -> dict[str, Any]:
        """Take a defect along its way."""
        moved: dict[str, Any] = {}
        for status in statuses:
            moved = self.ok("PUT", f"{DEFECTS}/{defect_id}/status", {"status": status})
        return moved

    def assign(self, defect_id: str, assignee_id: str, **fields: Any) -> dict[str, Any]:
        """Say who is to fix it."""
        body = {"assignee_id": assignee_id} | fields
        made: dict[str, Any] = self.ok("PUT", f"{DEFECTS}/{defect_id}/assignee", body)
        return made

    def ids(self, query: str = "", path: str = DEFECTS) -> list[str]:
        """The ids of a list, which says how many there are."""
        page = self.ok("GET", f"{path}?limit=100&{query}")
        assert page["total"] == len(page["items"])
        return [item["id"] for item in page["items"]]


def react(times: int = 1) -> None:
    """Call the listeners of all undelivered events, each `times` times."""
    records = outbox.read_unsent(outbox.oldest_unsent(1_000))
    for record in records:
        for event in record.events():
            for listener in LISTENERS.get(event.name, ()):
                for _ in range(times):
                    listener(event.data)
    outbox.mark_sent(records, clock.now())


def files() -> list[str]:
    """The keys of all files there are."""
    found = client("s3").list_objects_v2(Bucket=settings().files_bucket).get("Contents", [])
    return [item["Key"] for item in found]


def forget_files() -> None:
    """Empty the bucket."""
    for key in files():
        client("s3").delete_object(Bucket=settings().files_bucket, Key=key)
