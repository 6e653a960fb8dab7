"""The api function starts light, and loads the routes of a path when it is called: as if all had been there."""

import json
import subprocess
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import app
from chalicelib.core.endpoint import resource_of
from chalicelib.core.errors import AppError
from chalicelib.core.http import ENDPOINTS, Endpoint
from chalicelib.core.routing import Router
from chalicelib.core.routing import prefix_of as place_of
from chalicelib.core.settings import settings
from chalicelib.wiring.routes import PLACES

ROOT = Path(__file__).parents[2]
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
HEAVY = {"fpdf", "xlsxwriter", "openpyxl", "PIL", "python_calamine", "rustpy_xlsxwriter", "multipart", "argon2"}
HEAVY |= {"requests", "chalicelib.openapi.document"}
LATER = HEAVY | {"boto3", "jwt", "pydantic.main"}  # nor is anything of these there before a call needs it


def module_of(endpoint: Endpoint) -> str:
    return endpoint.handler.__module__


def outcome(endpoints: list[Endpoint], method: str, path: str) -> Any:
    """What the router says of a call when there are those endpoints."""
    try:
        return Router(endpoints).match(method, path)
    except AppError as refusal:
        return type(refusal), refusal.headers


def paths_like(pattern: str, others: list[str]) -> Iterator[str]:
    """The paths of a pattern, with an id and with each word that stands in the place of one elsewhere."""
    choices = []
    for position, segment in enumerate(pattern.split("/")):
        words = {part[position] for other in others if len(part := other.split("/")) > position}
        choices.append({"1", *words} if segment.startswith("{") else {segment})
    return ("/".join(parts) for parts in product(*choices))


@pytest.mark.parametrize("place", PLACES)
def test_what_lies_under_a_prefix_is_loaded_with_it(place: str) -> None:
    there = [one for one in ENDPOINTS if module_of(one) in PLACES[place]]
    under = [one for one in ENDPOINTS if place_of(one.path, PLACES) == place]
    assert {module_of(one) for one in under} <= set(PLACES[place])
    for endpoint in under:
        assert resource_of(endpoint, there) == resource_of(endpoint, ENDPOINTS)
        for path in paths_like(endpoint.path, [one.path for one in under]):
            for method in METHODS:
                assert outcome(there, method, path) == outcome(ENDPOINTS, method, path), (method, path)


def test_every_endpoint_is_under_a_prefix_and_nothing_is_loaded_in_vain() -> None:
    needed: dict[str, set[str]] = {}
    for endpoint in ENDPOINTS:
        needed.setdefault(place_of(endpoint.path, PLACES) or "nowhere", set()).add(module_of(endpoint))
    whole = {"/openapi.json": set(PLACES["/openapi.json"])}  # which describes everything
    assert {place: set(modules) for place, modules in PLACES.items()} == needed | whole
    assert all(place_of(place.rpartition("/")[0], PLACES) is None for place in PLACES)


def test_every_module_with_routes_has_a_place() -> None:
    files = (path for path in (ROOT / "chalicelib").rglob("*.py") if " = Routes(" in path.read_text("utf-8"))
    found = {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in files}
    assert found - {"chalicelib.core.http"} == set(PLACES["/openapi.json"])


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/api/batches", "/api/batches"),
        ("/api/batches/", "/api/batches"),
        ("/api/b%61tches/1/close", "/api/batches"),
        ("/api/batchesx", None),
        ("/api//batches", None),
        ("/user", "/user"),
        ("/users/1", "/users"),
        ("/", "/"),
        ("", None),
        ("/" + "x/" * 50, None),
    ],
)
def test_a_prefix_is_whole_segments(path: str, place: str | None) -> None:
    assert place_of(path, PLACES) == place


STEPS = """
import json, sys
import app
from chalicelib.core.aws import client
from chalicelib.wiring.routes import PLACES
from tests.http_events import call

def look(place, status):
    print(json.dumps([place, status, client.cache_info().currsize, sorted(sys.modules)]))

look("", 0)
for path in ("/nothing", "/api", "/nothing/at/all"):
    look("", call(app.app, "GET", path).status)
for place in PLACES:
    if place != "/openapi.json":
        look(place, call(app.app, "GET", place + "/a/b/c/d/e/f/g").status)
look("/openapi.json", call(app.app, "GET", "/openapi.json").status)
"""


@pytest.fixture(scope="module")
def steps() -> list[Any]:
    """A new api function, called at one place after the other: what it has loaded then."""
    name = f"{settings().stack_name}-api"
    environment = {"STAGE": "local", "STACK_NAME": settings().stack_name, "PYTHONPATH": "."}
    environment["AWS_LAMBDA_FUNCTION_NAME"] = name
    made = subprocess.run([sys.executable, "-c", STEPS], env=environment, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in made.stdout.splitlines()]


def test_a_new_function_has_nothing_loaded_that_it_does_not_need_yet(steps: list[Any]) -> None:
    for place, status, clients, modules in steps[:4]:
        assert (place, clients) == ("", 0)
        assert status in (0, 404)
        assert LATER.isdisjoint(modules)
        assert [one for one in modules if one.endswith("routes") and one != "chalicelib.wiring.routes"] == []


def test_a_call_loads_the_routes_of_its_place_and_no_others(steps: list[Any]) -> None:
    all_of_them = set(PLACES["/openapi.json"])
    expected: set[str] = set()
    for place, status, clients, modules in steps[4:]:
        expected |= set(PLACES[place])
        assert (status, clients) == (200 if place == "/openapi.json" else 404, 0)
        assert all_of_them.intersection(modules) == expected
        assert place == "/openapi.json" or HEAVY.isdisjoint(modules), place


def test_outside_of_lambda_all_routes_are_there_at_once() -> None:
    assert {one.path for one in ENDPOINTS} == set(app.app.routes)
