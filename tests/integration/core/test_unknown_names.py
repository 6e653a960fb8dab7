"""Names that nobody knows, on every endpoint there is."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest

import chalicelib.wiring.routes  # noqa: F401 - registers all routes and tables
from chalicelib.core.http import ENDPOINTS, Endpoint
from chalicelib.core.settings import settings
from chalicelib.core.unknown_names import MAX_NAMES
from tests.production import UNKNOWN, ask, batch, empty_tables, nothing_written, ok, work_center

VALUES = {UUID: UNKNOWN, int: "999999", str: "unknown"}
FREE = ["POST /api/webhooks/test"]  # any JSON is its body
BODIES = [one for one in ENDPOINTS if one.method in ("POST", "PUT", "PATCH", "DELETE") and one.name not in FREE]
by_name = pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda one: one.name)
with_body = pytest.mark.parametrize("endpoint", BODIES, ids=lambda one: one.name)


@pytest.fixture(autouse=True)
def empty(tables_of_the_system: None) -> Iterator[None]:
    yield
    empty_tables()
    settings.cache_clear()


def path_of(endpoint: Endpoint) -> str:
    return endpoint.path.format(**{name: VALUES[kind] for name, kind in endpoint.path_types.items()})


def query_names(endpoint: Endpoint) -> list[str]:
    fields = endpoint.query.model_fields.items() if endpoint.query else ()
    return [field.alias or name for name, field in fields]


@by_name
def test_an_unknown_query_parameter_is_refused_and_the_nearest_name_suggested(endpoint: Endpoint) -> None:
    names = query_names(endpoint)
    mistyped = f"{names[0]}s" if names else "limit"
    with nothing_written():
        refused = ask(endpoint.method, f"{path_of(endpoint)}?{mistyped}=1")
    assert refused.status == endpoint.area.invalid_status, refused.text
    assert f"{mistyped}: неизвестный параметр" in refused.text or f'["query","{mistyped}"]' in refused.text
    for name in names[:1]:
        assert f"неизвестный параметр, возможно, имелось в виду {name}" in refused.text


@by_name
def test_names_that_others_add_to_a_link_are_let_through(endpoint: Endpoint) -> None:
    answer = ask(endpoint.method, f"{path_of(endpoint)}?utm_source=mail&_=1700000000")
    assert "неизвестный параметр".encode() not in answer.body  # which may be a file


@with_body
def test_an_unknown_field_is_named_in_the_answer_and_refused_on_demand(endpoint: Endpoint) -> None:
    answer = ask(endpoint.method, path_of(endpoint), {"no_such_field": 1})
    assert answer.headers["X-Ignored-Fields"] == "no_such_field"
    assert "no_such_field" not in answer.text
    with nothing_written():
        refused = ask(endpoint.method, path_of(endpoint), {"no_such_field": 1}, {"Prefer": "handling=strict"})
    assert (refused.status, refused.headers["Preference-Applied"]) == (endpoint.area.invalid_status, "handling=strict")
    assert "no_such_field" in refused.text and "X-Ignored-Fields" not in refused.headers


def test_a_field_inside_of_a_list_is_named_with_its_place() -> None:
    user = ok("POST", "/users", {"email": "buyer@example.com", "name": "Иван"})["data"]
    lines = [{"product": "Болт", "quantity": 1, "price": 1}, {"product": "Гайка", "qty": 2, "quantity": 1, "price": 1}]
    body = {"user_id": user["id"], "items": lines, "note": "срочно"}
    made = ask("POST", "/orders", body)
    assert (made.status, made.headers["X-Ignored-Fields"]) == (201, "items.1.qty, note")
    refused = ask("POST", "/orders", body, {"Prefer": "respond-async, handling=strict"})
    assert refused.json["error"]["message"] == (
        "items.1.qty: неизвестное поле, возможно, имелось в виду quantity; note: неизвестное поле"
    )


def test_free_json_is_not_inspected() -> None:
    task = {"execute_at": "2999-01-01T00:00:00Z", "task_type": "send_sms", "payload": {"anything": {"goes": 1}}}
    assert "X-Ignored-Fields" not in ask("POST", "/api/v1/tasks", task).headers
    report = {"name": "Отчет", "template_id": 2, "parameters": {"whatever": 1}}
    assert "X-Ignored-Fields" not in ask("POST", "/api/v1/reports", report).headers


def test_a_replay_names_them_as_the_first_answer_did() -> None:
    headers = {"Idempotency-Key": "one"}
    body = {"identifier": "WC-1", "name": "Цех", "colour": "red"}
    first, again = (ask("POST", "/api/work_centers", body, headers) for _ in range(2))
    assert again.headers["Idempotent-Replayed"] == "true"
    assert first.headers["X-Ignored-Fields"] == again.headers["X-Ignored-Fields"] == "colour"
    codes = f"/api/batches/{batch()['uuid']}/products/bulk"
    first, again = (ask("POST", codes, {"unique_codes": ["1"], "modus": "x"}, headers) for _ in range(2))
    assert first.headers["X-Ignored-Fields"] == again.headers["X-Ignored-Fields"] == "modus"


@pytest.mark.parametrize("name", ["поле", "a\r\nSet-Cookie: x", "a, b", "a.b", "\ud800", "x" * 5_000])
def test_whatever_a_field_is_called_the_header_stays_one(name: str) -> None:
    value = ask("PATCH", f"/api/work_centers/{work_center()['uuid']}", {name: 1}).headers.get("X-Ignored-Fields", "")
    assert value.isascii() and value.isprintable() and len(value) <= 100 and "," not in value
    if name != "\ud800":  # such a text is refused before anything else
        assert value == quote(name, safe=".:")[: len(value)] and value


def test_many_unknown_fields_are_not_all_named() -> None:
    body: dict[str, Any] = {f"field_{number}": 1 for number in range(5_000)}
    answer = ask("PATCH", f"/api/work_centers/{work_center()['uuid']}", body)
    names = answer.headers["X-Ignored-Fields"].split(", ")
    assert (answer.status, len(names), names[-1]) == (200, MAX_NAMES + 1, "...")


def test_pages_of_other_origins_may_ask_for_it_and_read_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORS_ORIGINS", "https://shop.example")
    settings.cache_clear()
    origin = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
    shown = ask("GET", "/api/work_centers", headers=origin).headers["Access-Control-Expose-Headers"]
    assert "X-Ignored-Fields" in shown and "Preference-Applied" in shown
    assert "Prefer" in ask("OPTIONS", "/api/work_centers", headers=origin).headers["Access-Control-Allow-Headers"]
