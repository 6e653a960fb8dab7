"""The function `api` imports the routes of a path with its first call, and answers as if all were imported."""

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
from chalicelib.core.routing import Router, prefix_of
from chalicelib.core.settings import settings
from chalicelib.wiring.routes import ROUTE_MODULES

ROOT = Path(__file__).parents[2]
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
HEAVY = {"fpdf", "xlsxwriter", "openpyxl", "PIL", "python_calamine", "rustpy_xlsxwriter", "multipart", "argon2"}
HEAVY |= {"requests", "chalicelib.openapi.document"}
UNUSED_AT_START = HEAVY | {"boto3", "jwt", "pydantic.main"}


def module_of(endpoint: Endpoint) -> str:
    return endpoint.handler.__module__


def outcome(endpoints: list[Endpoint], method: str, path: str) -> Any:
    """Return what a router of these endpoints finds for a call, or how it refuses it."""
    router = Router()
    for endpoint in endpoints:
        router.add(endpoint)
    try:
        return router.match(method, path)
    except AppError as refusal:
        return type(refusal), refusal.headers


def paths_like(pattern: str, others: list[str]) -> Iterator[str]:
    """Yield the paths of a pattern, with an id for each parameter, and with words of other patterns in its place."""
    choices = []
    for position, segment in enumerate(pattern.split("/")):
        words = {part[position] for other in others if len(part := other.split("/")) > position}
        choices.append({"1", *words} if segment.startswith("{") else {segment})
    return ("/".join(parts) for parts in product(*choices))


@pytest.mark.parametrize("prefix", ROUTE_MODULES)
def test_modules_of_a_prefix_answer_its_paths_as_all_modules_do(prefix: str) -> None:
    loaded = [endpoint for endpoint in ENDPOINTS if module_of(endpoint) in ROUTE_MODULES[prefix]]
    under = [endpoint for endpoint in ENDPOINTS if prefix_of(endpoint.path, ROUTE_MODULES) == prefix]
    assert {module_of(endpoint) for endpoint in under} <= set(ROUTE_MODULES[prefix])
    for endpoint in under:
        assert resource_of(endpoint, loaded) == resource_of(endpoint, ENDPOINTS)
        for path in paths_like(endpoint.path, [other.path for other in under]):
            for method in METHODS:
                assert outcome(loaded, method, path) == outcome(ENDPOINTS, method, path), (method, path)


def test_every_endpoint_is_under_a_prefix_and_no_prefix_has_a_needless_module() -> None:
    needed: dict[str, set[str]] = {}
    for endpoint in ENDPOINTS:
        needed.setdefault(prefix_of(endpoint.path, ROUTE_MODULES) or "nowhere", set()).add(module_of(endpoint))
    needed["/openapi.json"] = set(ROUTE_MODULES["/openapi.json"])  # which describes all endpoints
    assert {prefix: set(modules) for prefix, modules in ROUTE_MODULES.items()} == needed
    assert all(prefix_of(prefix.rpartition("/")[0], ROUTE_MODULES) is None for prefix in ROUTE_MODULES)


def test_every_module_with_routes_has_a_prefix() -> None:
    files = (path for path in (ROOT / "chalicelib").rglob("*.py") if " = Routes(" in path.read_text("utf-8"))
    found = {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in files}
    assert found - {"chalicelib.core.http"} == set(ROUTE_MODULES["/openapi.json"])


@pytest.mark.parametrize(
    ("path", "prefix"),
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
def test_prefix_consists_of_whole_segments(path: str, prefix: str | None) -> None:
    assert prefix_of(path, ROUTE_MODULES) == prefix


STEPS = """
import json, sys
import app
from chalicelib.core.aws import client
from chalicelib.wiring.routes import ROUTE_MODULES
from tests.http_events import call

def report(prefix, status):
    print(json.dumps([prefix, status, client.cache_info().currsize, sorted(sys.modules)]))

report("", 0)
for path in ("/nothing", "/api", "/nothing/at/all"):
    report("", call(app.app, "GET", path).status)
for prefix in ROUTE_MODULES:
    if prefix != "/openapi.json":
        report(prefix, call(app.app, "GET", prefix + "/a/b/c/d/e/f/g").status)
report("/openapi.json", call(app.app, "GET", "/openapi.json").status)
"""


@pytest.fixture(scope="module")
def steps() -> list[Any]:
    """Return what a new function `api` has loaded after calls of one prefix after the other."""
    name = f"{settings().stack_name}-api"
    environment = {"STAGE": "local", "STACK_NAME": settings().stack_name, "PYTHONPATH": "."}
    environment["AWS_LAMBDA_FUNCTION_NAME"] = name
    made = subprocess.run([sys.executable, "-c", STEPS], env=environment, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in made.stdout.splitlines()]


def test_new_function_has_loaded_no_routes_and_no_heavy_modules(steps: list[Any]) -> None:
    for prefix, status, clients, modules in steps[:4]:
        assert (prefix, clients) == ("", 0)
        assert status in (0, 404)
        assert UNUSED_AT_START.isdisjoint(modules)
        assert [name for name in modules if name.endswith("routes") and name != "chalicelib.wiring.routes"] == []


def test_call_loads_the_routes_of_its_prefix_only(steps: list[Any]) -> None:
    all_modules = set(ROUTE_MODULES["/openapi.json"])
    expected: set[str] = set()
    for prefix, status, clients, modules in steps[4:]:
        expected |= set(ROUTE_MODULES[prefix])
        assert (status, clients) == (200 if prefix == "/openapi.json" else 404, 0)
        assert all_modules.intersection(modules) == expected
        assert prefix == "/openapi.json" or HEAVY.isdisjoint(modules), prefix


def test_all_routes_are_imported_at_once_outside_lambda() -> None:
    assert {endpoint.path for endpoint in ENDPOINTS} == set(app.app.routes)
