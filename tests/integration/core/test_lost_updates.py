"""No change is lost when two who have seen the same thing change it with `If-Match`, whatever kind of thing it is."""

from collections.abc import Callable, Iterator
from contextvars import Context
from dataclasses import dataclass
from typing import Any

import pytest

from chalicelib.core import conditional
from chalicelib.core.http import ENDPOINTS
from tests.http_events import Response
from tests.people import person
from tests.production import ask, batch, empty_tables, ok, work_center

Json = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """A kind of thing: where it is, how one is made, two changes of it that cannot be told apart by luck."""

    path: str
    make: Callable[[], str]
    method: str
    first: Json
    second: Json


def made(path: str, body: Json, *place: str) -> str:
    """The path of a new thing; its id is at `place` in the answer."""
    found = ok("POST", path, body)
    for name in place:
        found = found[name]
    return f"{path}/{found}"


def user() -> str:
    return made("/users", {"name": "Анна", "email": "anna@example.com"}, "data", "id")


def order() -> str:
    items = [{"product": "Болт", "quantity": 1, "price": 1}]
    return made("/orders", {"user_id": person().id, "items": items}, "data", "id")


def site() -> str:
    return made("/api/v1/sites", {"code": "S-1", "name": "Дом", "address": "Улица, 1"}, "id")


def defect() -> str:
    body = {"title": "Трещина", "site_id": site().rpartition("/")[2], "severity": "low", "location": "Этаж 1"}
    return made("/api/v1/defects", body, "id")


SUBSCRIPTION = {"url": "https://example.com/hook", "events": ["batch.created"], "secret_key": "my_secret_key"}
TASK = {
    "execute_at": "2999-01-01T00:00:00Z",
    "task_type": "send_sms",
    "payload": {"phone": "+79991234567", "text": "a"},
}
SCHEDULE = {
    "name": "Смена",
    "cron": "0 8 * * *",
    "timezone": "UTC",
    "task_type": "send_sms",
    "payload": {"phone": "+79991234567", "text": "a"},
}
TEMPLATE = {"name": "Мой", "base_template_id": 2, "parameters": {}}
ITEMS = {"product": "Гайка", "quantity": 2}

KINDS = [
    Kind(
        "/api/work_centers/{work_center_id}",
        lambda: f"/api/work_centers/{work_center()['uuid']}",
        "PATCH",
        {"name": "Первый"},
        {"name": "Второй"},
    ),
    Kind(
        "/api/batches/{batch_id}",
        lambda: f"/api/batches/{batch()['uuid']}",
        "PATCH",
        {"team": "Первая"},
        {"team": "Вторая"},
    ),
    Kind("/users/{user_id}", user, "PUT", {"name": "Первая"}, {"name": "Вторая"}),
    Kind(
        "/orders/{order_id}",
        order,
        "PUT",
        {"items": [{**ITEMS, "price": 1}]},
        {"items": [{**ITEMS, "price": 2}]},
    ),
    Kind("/api/v1/sites/{site_id}", site, "PATCH", {"name": "Первый"}, {"name": "Второй"}),
    Kind("/api/v1/defects/{defect_id}", defect, "PATCH", {"title": "Первый"}, {"title": "Второй"}),
    Kind(
        "/api/webhooks/{subscription_id}",
        lambda: made("/api/webhooks", SUBSCRIPTION, "uuid"),
        "PATCH",
        {"timeout": 1},
        {"timeout": 2},
    ),
    Kind(
        "/api/v1/templates/{template_id}",
        lambda: made("/api/v1/templates", TEMPLATE, "id"),
        "PUT",
        {**TEMPLATE, "name": "Первый"},
        {**TEMPLATE, "name": "Второй"},
    ),
    Kind(
        "/api/v1/tasks/{task_id}",
        lambda: made("/api/v1/tasks", TASK, "task", "id"),
        "PATCH",
        {"payload": {"phone": "+1", "text": "b"}},
        {"payload": {"phone": "+1", "text": "c"}},
    ),
    Kind(
        "/api/v1/schedules/{schedule_id}",
        lambda: made("/api/v1/schedules", SCHEDULE, "schedule", "id"),
        "PATCH",
        {"name": "Первое"},
        {"name": "Второе"},
    ),
]


@pytest.fixture(autouse=True)
def empty(tables_of_the_system: None) -> Iterator[None]:
    yield
    empty_tables()


def test_every_kind_that_can_be_changed_is_here() -> None:
    changes = {(one.method, one.path) for one in ENDPOINTS if one.method in ("PUT", "PATCH") and one.path.endswith("}")}
    assert {(kind.method, kind.path) for kind in KINDS} == changes - {("PUT", "/faults/{dependency}")}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.path)
def test_what_was_just_made_can_be_changed_without_a_look(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[Response] = []

    def heard(*call: Any, **more: Any) -> Response:
        answers.append(ask(*call, **more))
        return answers[-1]

    monkeypatch.setattr("tests.production.ask", heard)
    place = kind.make()
    assert answers[-1].status == 201  # the thing itself comes last
    changed = ask(kind.method, place, kind.first, {"If-Match": answers[-1].headers["ETag"]})
    assert changed.status == 200, changed.text


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.path)
def test_the_second_of_two_is_told_to_look_again(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    place = kind.make()
    seen = ask("GET", place)
    names = conditional.etag_matches

    def slow(header: str, found: str, *, weak: bool = False) -> bool:
        """Another user is quicker, just after the second one's look."""
        monkeypatch.setattr(conditional, "etag_matches", names)
        quick = Context().run(ask, kind.method, place, kind.first, {"If-Match": seen.headers["ETag"]})
        assert quick.status == 200, quick.text
        return names(header, found, weak=weak)

    monkeypatch.setattr(conditional, "etag_matches", slow)
    late = ask(kind.method, place, kind.second, {"If-Match": seen.headers["ETag"]})
    after = ask("GET", place)
    assert late.status == 412, late.text
    assert ask(kind.method, place, kind.second, {"If-Match": after.headers["ETag"]}).status == 200
