"""Every list there is, filled with the largest items that are allowed, and read page by page.

A list is a GET endpoint that answers with models in an array. A new one needs a function with `@fills`.
"""

import json
from collections.abc import Iterator
from typing import Any, get_args, get_origin

import pytest
from pydantic import BaseModel

import app
import chalicelib.wiring.routes  # noqa: F401 - registers all routes and tables
from chalicelib.core.answers import MAX_BODY_BYTES
from chalicelib.core.http import ENDPOINTS, Endpoint
from tests.construction import construction, forget_files
from tests.http_events import Response
from tests.integration.large_lists import people, production, webhooks, work
from tests.integration.large_lists.lists import FILLED
from tests.integration.large_lists.people import LINES, user
from tests.production import ask, empty_tables, ok

MODULES = (people, production, webhooks, work)  # each registers its lists in FILLED
LAMBDA_CARRIES = 6 * 1024 * 1024


@pytest.fixture(scope="module")
def everything() -> Iterator[None]:
    with construction():
        yield


@pytest.fixture(autouse=True)
def empty(everything: None) -> Iterator[None]:
    yield
    empty_tables()
    forget_files()


def has_models(kind: Any) -> bool:
    """Whether a type is a list of models."""
    return get_origin(kind) is list and isinstance(get_args(kind)[0], type) and issubclass(get_args(kind)[0], BaseModel)


def is_list(endpoint: Endpoint) -> bool:
    """Whether an endpoint answers with models in an array, at the first level."""
    model = endpoint.model
    fields = dict(model.model_fields) if hasattr(model, "model_fields") else {}
    fields.pop("warnings", None)  # a few, about a single thing
    lists = (has_models(field.annotation) for field in fields.values())
    return endpoint.method == "GET" and (has_models(model) or any(lists))


def items_of(endpoint: Endpoint, answer: Response) -> list[dict[str, Any]]:
    body = answer.json
    if isinstance(body, list):
        return body
    name = next(name for name, field in endpoint.model.model_fields.items() if has_models(field.annotation))
    found: list[dict[str, Any]] = body[name]
    return found


def pages_of(path: str, accept: str) -> Iterator[Response]:
    """The pages of a list, each where the link of the one before leads."""
    query: str | None = path
    while query:
        page = ask("GET", query, headers={"Accept-Encoding": accept} if accept else {})
        assert page.status == 200, page.text[:500]
        yield page
        links = dict(link.split("; ")[::-1] for link in page.headers.get("Link", "").split(", ") if link)
        following = links.get('rel="next"')
        query = path.partition("?")[0] + following[1:-1] if following else None


def test_every_list_is_filled() -> None:
    assert {endpoint.name for endpoint in ENDPOINTS if is_list(endpoint)} == set(FILLED)


@pytest.mark.parametrize("name", FILLED)
def test_the_largest_items_are_read_page_by_page(name: str, carried: list[int]) -> None:
    endpoint, filled = next(one for one in ENDPOINTS if one.name == name), FILLED[name]()
    carried.clear()
    pages = list(pages_of(filled.path, ""))
    found = [[item[filled.key] for item in items_of(endpoint, page)] for page in pages]
    assert [one for page in found for one in page] == filled.expected
    assert max(len(page.body) for page in pages) <= MAX_BODY_BYTES
    assert max(carried) <= LAMBDA_CARRIES - 50_000
    if filled.cut:
        asked = 100 if "limit=100" in filled.path else 1_000_000
        assert len(found[0]) < min(asked, len(filled.expected)), "the first page was not cut"
        assert len(pages[0].body) > MAX_BODY_BYTES * 0.9
        next_cursor(pages[0])


def next_cursor(page: Response) -> None:
    """A page that was cut says so in its body, unless that is the bare array."""
    body = page.json
    assert "cursor=" in page.headers["Link"]
    if isinstance(body, dict):
        assert body.get("next_cursor") or body["meta"]["next_cursor"]


def test_the_details_of_a_user_show_as_many_orders_as_fit() -> None:
    buyer = user(1)
    made = [ok("POST", "/orders", {"user_id": buyer, "items": LINES})["data"]["id"] for _ in range(100)]
    answer = ask("GET", f"/users/{buyer}/details")
    shown = [order["id"] for order in answer.json["data"]["orders"]]
    assert (answer.status, answer.json["data"]["orders_total"]) == (200, 100)
    assert shown == made[::-1][: len(shown)] and MAX_BODY_BYTES * 0.9 < len(answer.body) <= MAX_BODY_BYTES


@pytest.mark.parametrize("accept", ["", "gzip"])
def test_a_long_answer_is_sent_whole(accept: str, carried: list[int]) -> None:
    for _ in range(101):
        ok("POST", "/api/v1/templates", {"name": "\U0001f600" * 200, "description": "ё" * 10_000})
    carried.clear()
    (page, *_) = pages_of("/api/v1/templates?limit=100", accept)
    assert max(carried) <= LAMBDA_CARRIES and page.headers.get("Content-Encoding", "") == accept


@pytest.fixture
def carried(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of answers as Lambda's runtime for Python 3.11 writes them: JSON in ASCII."""
    sizes: list[int] = []
    answer = type(app.app).__call__

    def measured(self: Any, event: Any, context: Any) -> dict[str, Any]:
        reply = answer(self, event, context)
        sizes.append(len(json.dumps(reply)))
        return reply

    monkeypatch.setattr(type(app.app), "__call__", measured)
    return sizes
