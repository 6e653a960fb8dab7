"""Event logs show what the role of the reader may see, page by page."""

import json
from collections.abc import Iterator
from uuid import UUID

import pytest

from chalicelib import roles
from chalicelib.core import clock
from chalicelib.core.actor import ADMINISTRATOR, ROLES, Actor
from chalicelib.core.transactions import transaction
from chalicelib.events import service
from chalicelib.events.model import Event
from chalicelib.events.types import EVENT_TYPES, EventType
from chalicelib.users.service import User
from tests.people import person, production_with_tokens, signed_in
from tests.production import ask, batch, empty_tables

MANAGING = ("admin", "manager")
LOG = "GET /api/batches/{batch_id}/events"
READERS = [role for role in ROLES if roles.rows()[LOG][role] != "-"]
ADDRESS = "director@mail.example"


@pytest.fixture(scope="module")
def with_tokens() -> Iterator[None]:
    with production_with_tokens():
        yield
        empty_tables()


def actor(role: str) -> Actor:
    return Actor(7, str(UUID(int=7)), "Анна", "a@example.com", (role,))


def log_of(user: User, batch_id: str, limit: int) -> list[list[str]]:
    """Return the names of the events of a batch that a user gets, page by page."""
    pages, cursor = [], ""
    while True:
        page = ask("GET", f"/api/batches/{batch_id}/events?limit={limit}{cursor}", headers=signed_in(user)).json
        pages.append([event["name"] for event in page["items"]])
        if page["next_cursor"] is None:
            return pages
        cursor = f"&cursor={page['next_cursor'].replace('#', '%23')}"


@pytest.mark.parametrize("role", READERS)
def test_other_roles_than_managers_see_no_internal_event_on_any_page(with_tokens: None, role: str) -> None:
    made = batch()
    about = {"batch_id": made["uuid"], "batch_number": made["batch_number"]}
    email = {"report_type": "pdf", "file_id": made["uuid"], "user_email": ADDRESS, "total": 0, "aggregated": 0}
    for _ in range(3):
        with transaction() as tx:
            events = ("batch.report_mail_requested", email), ("batch.aggregated", {"aggregated_at": AT, "count": 0})
            for name, data in events:
                for _ in range(3):
                    service.record(tx, name, f"batch#{made['uuid']}", clock.now(), **about, **data)
    reader = person(role)
    for limit in (1, 2, 4, 100):
        pages = log_of(reader, made["uuid"], limit)
        names = [name for page in pages for name in page]
        assert names.count("batch.aggregated") == 9 and names[-1] == "batch.created"
        assert names.count("batch.report_mail_requested") == (9 if role in MANAGING else 0)
        assert all(len(page) == limit for page in pages[:-1]) and pages[-1]


AT = "2025-01-20T18:00:00Z"


@pytest.mark.parametrize("kind", EVENT_TYPES.values(), ids=EVENT_TYPES)
@pytest.mark.parametrize("role", ROLES)
def test_other_roles_than_managers_see_no_email_address_in_any_event(role: str, kind: EventType) -> None:
    event = Event(kind.name, "1", "e1", clock.now(), kind.example_data())
    shown = service.visible_to(actor(role), event)
    if role in MANAGING:
        assert shown == event
    else:
        assert (shown is not None) == (kind.webhook_enabled or kind.name.startswith("saga."))
        assert "@" not in json.dumps(shown and shown.data)


def test_email_address_in_a_public_event_is_removed() -> None:
    event = Event("batch.closed", "1", "e1", clock.now(), {"batch_id": "b", "user_email": ADDRESS})
    shown = service.visible_to(actor("engineer"), event)
    assert shown and shown.data == {"batch_id": "b"}
    assert service.visible_to(ADMINISTRATOR, event) == event
