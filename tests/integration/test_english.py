"""With `Accept-Language: en` no answer of any endpoint has a Russian message, whatever is wrong with the request."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

import app  # noqa: F401 - fills the registry
from chalicelib.core import rate
from chalicelib.core.http import ENDPOINTS, Endpoint
from tests.http_events import Response
from tests.production import UNKNOWN, ask, batch, batch_body, batch_with, empty_tables, ok, production

CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
ENGLISH = {"Accept-Language": "en"}
MESSAGES = frozenset(
    {"message", "detail", "error", "error_message", "msg", "reason", "warnings", "description", "title"}
)
WRONG: tuple[Any, ...] = (
    {},
    [],
    -1,
    10**30,
    0.5,
    True,
    "",
    "~",
    "\u0000",
    "2026-02-31",
    "2026-02-10T25:00:00",
    "x" * 3_000,
)
BODIES = ["{", "[]", '"x"', '{"a": NaN}', '{"a": 1, "a": 2}', '{"a": 1e999}', "[" * 500, b"\xff", "\u0000"]


@pytest.fixture(scope="module", autouse=True)
def tables() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch, production():
        patch.setattr(rate, "check", lambda client, *, most, within: None)
        yield


@pytest.fixture(autouse=True)
def empty() -> Iterator[None]:
    yield
    empty_tables()


def messages(value: Any, *, every: bool = False) -> Iterator[str]:
    """Yield the texts of an answer that are messages; `every`: all of its texts."""
    if isinstance(value, str) and every:
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from messages(one, every=every)
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from messages(one, every=every or name in MESSAGES)


def asked(method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Response:
    """Ask in English, and what is refused in Russian too; check the messages; return the English answer."""
    answer = ask(method, path, body, ENGLISH | (headers or {}))
    shown = f"{method} {path[:200]} {str(body)[:80]!r}: {answer.status} {answer.body[:2_000]!r}"
    is_json = answer.headers.get("Content-Type", "").startswith(("application/json", "application/problem+json"))
    if is_json and (answer.status >= 400 or path not in DOCUMENTS):
        assert not [one for one in messages(answer.json, every=answer.status >= 400) if CYRILLIC.search(one)], shown
    if answer.status >= 400:
        assert answer.headers["Content-Language"] == "en" and "Accept-Language" in answer.headers["Vary"], shown
        russian = ask(method, path, body, headers)
        assert (russian.status, "Content-Language" in russian.headers) == (answer.status, False), shown
        assert CYRILLIC.search(russian.text), russian.text
    return answer


DOCUMENTS = ("/openapi.json", "/openapi.en.json", "/collection.json")  # each in its own language


def path_of(endpoint: Endpoint, value: str | None = None) -> str:
    path = endpoint.path
    for name, kind in endpoint.path_types.items():
        path = path.replace(f"{{{name}}}", value or (UNKNOWN if kind is UUID else "987654"))
    return path


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda one: one.name)
def test_every_mistake_is_told_in_english(endpoint: Endpoint) -> None:
    path = path_of(endpoint)
    asked(endpoint.method, f"{path}?limt=5&unheard=1")
    asked("TRACE", path)
    for headers in ({"Authorization": "Bearer x"}, {"Authorization": "x"}, {"X-API-Key": "x"}):
        assert asked(endpoint.method, path, headers=headers).status in (401, 503)
    asked(endpoint.method, path_of(endpoint, "~"))
    for name in endpoint.query.model_fields if endpoint.query else ():
        for value in ("", "~", "-1", "9" * 30, "2026-02-31", f"1&{name}=2"):
            asked(endpoint.method, f"{path}?{name}={value}")
    if endpoint.method == "GET":
        return
    for body in BODIES:
        asked(endpoint.method, path, body, {"Content-Type": "application/json"})
    asked(endpoint.method, path, "x", {"Content-Type": "text/plain"})
    asked(endpoint.method, path, {}, {"Idempotency-Key": "ключ"})
    asked(endpoint.method, path, {}, {"If-Match": '"x"'})
    fields = endpoint.body.model_fields if hasattr(endpoint.body, "model_fields") else {}
    for value in WRONG if fields else ():
        asked(endpoint.method, path, dict.fromkeys(fields, value), {"Prefer": "handling=strict"})
    asked(endpoint.method, path, {"unheard": 1}, {"Prefer": "handling=strict"})


def test_the_paths_that_do_not_exist_are_refused_in_english() -> None:
    for path in ("/nowhere", "/api/nowhere", "/api/v1/nowhere", "/users/x/y", "/task"):
        assert asked("GET", path).status in (404, 405)


def test_every_rule_of_production_is_told_in_english() -> None:
    made = batch_with("PROD-1")
    place = f"/api/batches/{made['uuid']}"
    asked("POST", "/api/batches", batch_body(made["work_center_id"], batch_number=made["batch_number"]))
    asked("POST", "/api/batches", batch_body(UNKNOWN))
    asked("POST", "/api/batches", batch_body(made["work_center_id"], shift_end="2025-01-20T08:00:00Z"))
    asked("POST", f"{place}/products", {"unique_code": "PROD-1"})
    asked("DELETE", place)
    asked("DELETE", f"/api/work_centers/{made['work_center_id']}")
    asked(
        "POST",
        "/api/work_centers",
        {"identifier": ok("GET", "/api/work_centers")["items"][0]["identifier"], "name": "x"},
    )
    asked("POST", f"{place}/products/bulk", "a;b\nc;d\n", {"Content-Type": "text/csv"})
    asked("POST", f"{place}/products/bulk", "first name\n1\n2\n", {"Content-Type": "text/csv"})
    asked("PATCH", place, {"team": "x"}, {"If-Match": '"other"'})
    product = made["products"][0]["uuid"]
    ok("PATCH", f"/api/products/{product}/aggregate")
    asked("PATCH", f"/api/products/{product}/aggregate")
    ok("PATCH", f"{place}/close")
    for action in ("close", "aggregate", "aggregate_async"):
        asked("PATCH", f"{place}/{action}")
    asked("POST", f"{place}/products", {"unique_code": "PROD-2"})
    asked("DELETE", f"{place}/products/{product}")
    asked("GET", "/api/analytics/work_centers?date_from=2026-02-10&date_to=2026-02-01")
    asked("GET", f"/api/batches/{UNKNOWN}/events?cursor=x")
    asked("GET", "/api/events")
    asked("GET", "/api/events/batch.created")


def test_every_rule_of_tasks_is_told_in_english() -> None:
    later = {"execute_at": "2030-01-01T00:00:00Z", "task_type": "send_email", "payload": {}}
    task = asked("POST", "/api/v1/tasks", later).json["task"]
    asked("POST", "/api/v1/tasks", later | {"execute_at": "2020-01-01T00:00:00Z"})
    asked("POST", "/api/v1/tasks", later | {"execute_at": "2030-01-01T00:00:00"})
    asked("POST", f"/api/v1/tasks/{task['id']}/retry")
    asked("DELETE", f"/api/v1/tasks/{task['id']}")
    asked("DELETE", f"/api/v1/tasks/{task['id']}")
    schedule = {"name": "x", "task_type": "send_email", "payload": {}}
    for timing in (
        {"cron": "75 * * * *"},
        {"cron": "0 0 31 2 *"},
        {"cron": "x"},
        {"rate": "1 second"},
        {"rate": "x"},
        {},
    ):
        asked("POST", "/api/v1/schedules", schedule | timing)
    asked("POST", "/api/v1/schedules", schedule | {"rate": "1 hour", "cron": "0 0 * * *"})
    asked("POST", "/api/v1/schedules", schedule | {"rate": "1 hour", "time_zone": "Moscow"})
    asked("GET", "/api/v1/operations")
    for kind in ("background", "long", "schedule"):
        asked("POST", "/api/v1/operations/replay", {"kind": kind, "dry_run": True})
    asked("POST", "/api/v1/operations/replay", {"kind": "deferred", "dry_run": True, "ids": ["1"], "type": "x"})
    assert asked("POST", "/task/1", {"task": "wait"}).json == {"message": "Task with id 1 was created"}
    asked("POST", "/api/v1/system/dead-letters/x/return")


def test_every_rule_of_users_and_orders_is_told_in_english() -> None:
    user = ok("POST", "/users", {"name": "Anna", "email": "anna@example.com"})["data"]
    asked("POST", "/users", {"name": "Anna", "email": "anna@example.com"})
    asked("POST", "/v1/users/login", {"email": "anna@example.com", "password": "wrong-one"})
    order = {"user_id": user["id"], "items": [{"product": "Bolt", "quantity": 1, "price": 5}]}
    made = ok("POST", "/orders", order)["data"]
    asked("POST", "/orders", order | {"user_id": UNKNOWN})
    asked("DELETE", f"/users/{user['id']}")
    asked("PUT", f"/orders/{made['id']}/status", {"status": "completed"})
    ok("PUT", f"/orders/{made['id']}/status", {"status": "cancelled"})
    asked("PUT", f"/orders/{made['id']}", {"items": order["items"]})
    asked("PUT", f"/orders/{made['id']}", {})
    assert asked("DELETE", f"/orders/{made['id']}").json["data"]["message"] == "The order was deleted"
    asked("PUT", "/users/00000000-0000-4000-8000-000000000001", {"name": "x"})
    asked("POST", "/v1/users/password/forgot", {"email": "anna@example.com"})
    asked("POST", "/v1/users/password/reset", {"token": "x" * 75, "password": "long-enough"})


def test_every_rule_of_webhooks_and_construction_is_told_in_english() -> None:
    hook = {"url": "https://example.com/", "events": ["batch.created"], "secret_key": "secret-key"}
    for change in (
        {"url": "ftp://example.com"}, {"url": "http://169.254.169.254/"}, {"url": "https://a:b@example.com/"},
        {"url": "https://0x7f.1/"}, {"url": "https://[::zz]/"}, {"events": ["unheard"]}, {"secret_key": "whsec_!"},
    ):  # fmt: skip
        asked("POST", "/api/webhooks", hook | change)
    made = ok("POST", "/api/webhooks", hook | {"is_active": False})
    asked("POST", f"/api/webhooks/{made['uuid']}/test", {"event": "batch.created"})
    asked("POST", f"/api/webhooks/{made['uuid']}/redeliver", {"since": "2026-01-01T00:00:00Z"})
    site = ok("POST", "/api/v1/sites", {"code": "S-1", "name": "Site", "address": "Street 1"})
    asked("POST", "/api/v1/sites", {"code": "S-1", "name": "Site", "address": "Street 1"})
    asked("PATCH", f"/api/v1/sites/{site['id']}", {"name": "x", "version": 99})
    defect = ok(
        "POST", "/api/v1/defects", {"site_id": site["id"], "title": "Crack", "description": "Long", "severity": "low"}
    )
    place = f"/api/v1/defects/{defect['id']}"
    for status in ("assigned", "closed", "verified"):
        asked("POST", f"{place}/status", {"status": status})
    asked("PATCH", place, {"title": "x", "version": 99})
    asked("DELETE", f"/api/v1/sites/{site['id']}")
    asked("POST", f"{place}/attachments", {"name": "x.exe", "content_type": "application/x", "size": 1})
    asked("POST", f"{place}/attachments", {"name": "x.exe", "content_type": "application/pdf", "size": 1})


def test_problem_details_are_in_english() -> None:
    answer = asked("GET", f"/api/batches/{UNKNOWN}", headers={"Accept": "application/problem+json"})
    assert answer.json["detail"] == "Batch not found"


def test_a_replayed_answer_stays_as_it_was() -> None:
    center = batch()["work_center_id"]
    body, key = batch_body(center) | {"unheard": 1}, {"Idempotency-Key": "one"}
    first = ask("POST", "/api/batches", body, key | ENGLISH)
    again = ask("POST", "/api/batches", body, key)
    assert (again.status, again.body) == (first.status, first.body)
    ok("POST", "/task/1", {"task": "wait"})
    first = ask("POST", "/task/1", {"task": "wait"}, key | ENGLISH)
    again = ask("POST", "/task/1", {"task": "wait"}, key)
    assert again.body == first.body and "created" in again.text
    assert again.headers["Content-Language"] == "en"
