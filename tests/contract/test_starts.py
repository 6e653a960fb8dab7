"""What a function loads and makes when it starts: all that its calls need, no more, and nothing that a snapshot of it
must not repeat.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import app
from chalicelib.core.http import ENDPOINTS

ROOT = Path(__file__).parents[2]
HEAVY = {"fpdf", "xlsxwriter", "openpyxl", "PIL", "python_calamine", "rustpy_xlsxwriter", "multipart", "argon2"}
HEAVY |= {"requests", "chalicelib.openapi.document"}
START = """
import json, os, random, sys, threading, uuid

def refuse(*_):
    raise AssertionError("a value that must be unique, made at the start")

uuid.uuid4, before = refuse, random.getstate()
import app
from chalicelib.core.aws import client
from tests.http_events import call

def modules():
    return sorted(name for name in sys.modules if name.partition(".")[0] == "chalicelib")

descriptors = [os.readlink(f"/proc/self/fd/{number}") for number in os.listdir("/proc/self/fd")[:-1]]
made = {"modules": sorted(sys.modules), "own": modules(), "clients": client.cache_info().currsize}
made |= {"sockets": [name for name in descriptors if name.startswith("socket:")], "threads": threading.active_count()}
made["drawn"] = random.getstate() != before
client("secretsmanager")
made["further_clients"] = client.cache_info().currsize - made["clients"]
paths = ("/api/healthcheck/service", "/nothing", "/api/batches/x", "/api/v1/reports/x", "/users/x/y", "/tasks/x/y")
made["statuses"] = [call(app.app, "GET", path).status for path in paths]
made["later"] = sorted(set(modules()) - set(made["own"]))
print(json.dumps(made))
"""


@pytest.fixture(scope="module")
def api() -> dict[str, Any]:
    """What a new instance of the function `api` has loaded and made before its first call, and what calls add."""
    name = f"{os.environ['STACK_NAME']}-api"
    environment = {**os.environ, "AWS_LAMBDA_FUNCTION_NAME": name, "PYTHONPATH": "."}
    ran = subprocess.run([sys.executable, "-c", START], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    made: dict[str, Any] = json.loads(ran.stdout)
    return made


def test_every_module_with_routes_is_served() -> None:
    files = (path for path in (ROOT / "chalicelib").rglob("*.py") if "\napi = Routes(" in path.read_text("utf-8"))
    found = {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in files}
    assert found == {endpoint.handler.__module__ for endpoint in ENDPOINTS}
    assert {endpoint.path for endpoint in ENDPOINTS} == set(app.app.routes)


def test_a_new_api_function_has_loaded_all_routes_and_no_heavy_modules(api: dict[str, Any]) -> None:
    assert {endpoint.handler.__module__ for endpoint in ENDPOINTS} <= set(api["own"])
    assert HEAVY.isdisjoint(api["modules"])


def test_calls_import_no_further_modules_of_the_service(api: dict[str, Any]) -> None:
    assert api["statuses"] == [200, 404, 422, 400, 404, 404]
    assert api["later"] == []


def test_clients_that_most_calls_need_are_made_at_the_start(api: dict[str, Any]) -> None:
    assert (api["clients"], api["further_clients"]) == (2, 0)


def test_what_a_snapshot_would_repeat_is_not_made_at_the_start(api: dict[str, Any]) -> None:
    """SnapStart starts all instances from one snapshot: a connection would be dead, an id or a drawn number the same in
    all of them. https://docs.aws.amazon.com/lambda/latest/dg/snapstart-uniqueness.html
    """
    assert (api["sockets"], api["threads"], api["drawn"]) == ([], 1, False)
