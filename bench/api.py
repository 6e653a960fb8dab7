"""What the API function costs by itself, without AWS: `make bench-api`.

Start: the import of app.py against that of the three libraries it is made of, each in a process of its own, in turns.
First calls: of new processes, each of which is called in one area and then in another; clients of AWS are made, and
what AWS would say is told at once. Two layouts: all routes are imported at the start, as deployed, or those of an area
by its first call. Other functions: the same question for their work. Warm calls: from the event to the reply, in one
process. All figures are CPU time, which the machine's other programs disturb less. What a client waits is computed:
Lambda gives the start a whole processor, and a call the function's share, memory / 1769 MB.
"""

import argparse
import io
import os
import pickle
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

LIBRARIES = "import chalice, pynamodb.models, pydantic"
STARTS = 15
COLD = 5
CALLS = 1_000
IN_TURN = 20
"""Calls of one kind before those of the next, so that all have the machine's good and bad moments."""
ROWS = 50
"""Items of the long body."""

Answers = dict[Any, Any]
Cases = dict[str, dict[str, Any]]

FIRST_CALLS = """
import pickle, sys, time
from importlib import import_module
from types import SimpleNamespace
clock = time.process_time
started = clock()
import app
spent = [clock() - started]
from botocore.client import BaseClient
from chalicelib.core.http import Routes
started = clock()
from chalicelib.core.dynamo_transport import DynamoDBClient
client_imported = clock() - started
answers, cases, modules = pickle.load(open(sys.argv[1], "rb"))
def answer(self, what, given): return answers.get((what, repr(given))) or answers[what]
BaseClient._make_api_call = DynamoDBClient.call = answer
context = SimpleNamespace(aws_request_id="first", get_remaining_time_in_millis=lambda: 29_000)
replies, imported = [], set()
for name in sys.argv[3:]:
    started = clock() - client_imported
    for module in set(modules[name]) - imported if sys.argv[2] == "call" else ():
        imported.add(module)
        for routes in vars(import_module(module)).values():
            if isinstance(routes, Routes):
                app.app.register(routes)
    replies.append(app.app(cases[name], context))
    spent.append(clock() - started)
    client_imported = 0
from bench.api import check
for name, reply in zip(sys.argv[3:], replies): check(name, reply)
print(*spent)
"""
IMPORT = "import time; at = time.process_time(); {}; print(time.process_time() - at)"
AREAS = {
    "a batch": ("batches.routes",),
    "a template of reports": ("reports.routes",),
    "deferred tasks, none": ("deferred_tasks.routes",),
    "a user": ("users.routes", "orders.routes"),
    "an order, with a token": ("orders.routes", "users.tokens"),
    "a user of long tasks": ("long_tasks.routes",),
    "a site": ("sites.routes", "defects.routes"),
    "404 of an unknown path": (),
}
"""A call of each area, and the modules that it needs."""
FULL_MB = 1769
"""Memory of a function whose share is one processor: docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html"""


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=CALLS, help="of each kind, warm")
    chosen = parser.parse_args()
    from tests import conftest  # noqa: F401 - the environment of a function

    os.environ |= {"LISTING_SHARDS": "6", "COUNTER_SHARDS": "16"}  # as deployed
    sys.stderr = io.StringIO()  # the log of the calls
    starts()
    answers: Answers = {}
    cases = recorded(answers)
    first_calls(answers, cases)
    other_functions()
    warm_calls(answers, cases, chosen.calls)


def starts() -> None:
    """The table of imports."""
    found: dict[str, list[float]] = {LIBRARIES: [], "import app": []}
    for _ in range(STARTS):
        for code, times in found.items():
            times += new_function(IMPORT.format(code))
    print(f"{'import, ms':<44}{'least':>8}{'median':>8}")
    for code, times in found.items():
        print(f"{code:<44}{min(times):>8.0f}{statistics.median(times):>8.0f}")
    libraries, app = found.values()
    ratios = min(app) / min(libraries), statistics.median(app) / statistics.median(libraries)
    print(f"{'ratio':<44}{ratios[0]:>8.2f}{ratios[1]:>8.2f}\n")


def new_function(code: str, *arguments: str, name: str = "api") -> list[float]:
    """The seconds that code prints in a process like a new function, in ms."""
    own = {**os.environ, "AWS_LAMBDA_FUNCTION_NAME": f"{os.environ['STACK_NAME']}-{name}"}
    command = [sys.executable, "-c", code, *arguments]
    made = subprocess.run(command, env=own, check=True, capture_output=True, text=True)
    return [float(seconds) * 1000 for seconds in made.stdout.split()]


def share(function: str) -> float:
    """The part of a processor that a call of a function has."""
    from infra.functions import MAKERS

    return min(1, MAKERS[function]().memory / FULL_MB)


def recorded(answers: Answers) -> Cases:
    """The calls to measure, each made once on moto, whose answers are kept by request."""
    from chalicelib.core import circuits, readiness, signing_keys
    from chalicelib.migrations import service as migrations
    from tests.aws_calls import Call, patch_calls
    from tests.http_events import lambda_context
    from tests.production import app, production

    def keeping(real: Call) -> Call:
        def keep(client: Any, what: str, given: dict[str, Any]) -> Any:
            answers[what, repr(given)] = answers[what] = answer = real(client, what, given)
            return answer

        return keep

    with production(), pytest.MonkeyPatch.context() as patch:
        migrations.migrate({}, lambda: 900_000)  # a new stack: lists may be read
        cases = things()
        patch_calls(patch, keeping)
        for name, event in cases.items():
            signing_keys.keys_of.cache_clear()  # what a new instance asks for
            circuits.forget()
            readiness.Seen.applied = 0
            check(name, app.app(event, lambda_context()))
    return cases


def check(name: str, reply: dict[str, Any]) -> None:
    """It was answered as meant: with success, or with the status that its name begins with."""
    status = reply["statusCode"]
    assert status < 300 or name.startswith(str(status)), (name, status)


def things() -> Cases:
    """What is asked, about things made for it on moto."""
    from chalicelib.core.settings import settings
    from tests.http_events import event
    from tests.people import person, signed_in, signing
    from tests.production import batch_body, batch_with, ok, work_center

    os.environ["JWT_SECRET_ARN"] = signing()
    settings.cache_clear()
    user, place = person("manager", email="manager@example.com"), [work_center() for _ in range(20)][0]["uuid"]
    batch = [batch_with(f"PROD-{number}", work_center_id=place) for number in range(20)][0]["uuid"]
    item = {"product": "Чокопай", "quantity": 10, "price": 52.0}
    order = ok("POST", "/orders", {"user_id": user.id, "items": [item]})["data"]["id"]
    long = {"user_id": user.id, "items": [item] * ROWS}
    template = ok("POST", "/api/v1/templates", {"name": "Смена", "type": "shift_summary", "parameters": {}})["id"]
    site = ok("POST", "/api/v1/sites", {"code": "S-1", "name": "ЖК «Северный»"})["id"]
    task_user = ok("POST", "/user", {"name": "Анна"})["id"]
    return {
        "a batch": event("GET", f"/api/batches/{batch}"),
        "20 batches": event("GET", "/api/batches?limit=20"),
        "a new batch": event("POST", "/api/batches", batch_body(place)),
        "20 work centres": event("GET", "/api/work_centers?limit=20"),
        "a work centre": event("GET", f"/api/work_centers/{place}"),
        "a template of reports": event("GET", f"/api/v1/templates/{template}"),
        "deferred tasks, none": event("GET", "/api/v1/tasks"),
        "a user": event("GET", f"/users/{user.id}"),
        "an order": event("GET", f"/orders/{order}"),
        "an order, with a token": event("GET", f"/orders/{order}", None, signed_in(user)),
        f"a new order of {ROWS} items": event("POST", "/orders", long),
        "a user of long tasks": event("GET", f"/user/{task_user}"),
        "a site": event("GET", f"/api/v1/sites/{site}"),
        "404 of an unknown path": event("GET", "/nothing"),
        "401 of a bad token": event("GET", "/api/batches", None, {"Authorization": "Bearer a.b.c"}),
        "422 of a bad body": event("POST", "/api/batches", {"shift": 1}),
    }


def first_calls(answers: Answers, cases: Cases) -> None:
    """The table of new instances: CPU time, then what the first client and that of a second area wait."""
    headings = "".join(f"{heading:>8}" for heading in 2 * ("import", "call", "next", "wait", "then"))
    print(f"{'':<36}{'routes by the first call':>40}{'routes at the start':>40}")
    print(f"{'first calls, ms, median':<36}{headings}")
    modules = {name: [f"chalicelib.{module}" for module in needed] for name, needed in AREAS.items()}
    slower = 1 / share("api_handler")
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "answers"
        kept.write_bytes(pickle.dumps((answers, cases, modules)))
        for place, name in enumerate(AREAS):
            row = f"{name:<36}"
            for layout, function in (("call", "none"), ("start", "api")):
                names = name, list(AREAS)[place - 1]
                runs = [new_function(FIRST_CALLS, str(kept), layout, *names, name=function) for _ in range(COLD)]
                start, call, other = (statistics.median(times) for times in zip(*runs, strict=True))
                seen = start, call, other, start + call * slower, other * slower
                row += "".join(f"{figure:>8.0f}" for figure in seen)
            print(row)
    print()


def other_functions() -> None:
    """The table of the other functions: what they import and make beside app.py, by the first call or at the start."""
    from infra.functions import MAKERS
    from infra.names import short_name

    def start(function: str) -> float:
        times = [new_function(IMPORT.format("import app"), name=short_name(function))[0] for _ in range(COLD)]
        return statistics.median(times)

    columns = "".join(f"{heading:>10}" for heading in ("share", "imports", "by call", "at start"))
    alone = start("none")
    print(f"{'imports of other functions, ms':<36}{columns}")
    for name in MAKERS:
        if name != "api_handler":
            spent = max(0, start(name) - alone)
            print(f"{name:<36}{share(name):>10.2f}{spent:>10.0f}{spent / share(name):>10.0f}{spent:>10.0f}")
    print()


def warm_calls(answers: Answers, cases: Cases, calls: int) -> None:
    """The table of an instance that has been called before; the time to look up what AWS would say is not counted."""
    from tests.aws_calls import patch_calls
    from tests.http_events import lambda_context
    from tests.production import app

    looked_up: list[float] = []

    def stored_answer(_client: Any, what: str, given: dict[str, Any]) -> Any:
        started = time.thread_time()
        answer = answers.get((what, repr(given))) or answers[what]
        looked_up.append(time.thread_time() - started)
        return answer

    patch_calls(pytest.MonkeyPatch(), lambda _real: stored_answer)
    times: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(calls // IN_TURN):
        for name, event in cases.items():
            for _ in range(IN_TURN):
                looked_up.clear()
                started = time.process_time()
                app.app(event, lambda_context())
                times[name].append((time.process_time() - started - sum(looked_up)) * 1000)
            check(name, app.app(event, lambda_context()))
    print(f"{'warm call, ms':<44}{'median':>8}{'p95':>8}")
    times["all of them"] = [one for several in times.values() for one in several]
    for name, several in times.items():
        print(f"{name:<44}{statistics.median(several):>8.2f}{statistics.quantiles(several, n=20)[-1]:>8.2f}")


if __name__ == "__main__":
    main()
