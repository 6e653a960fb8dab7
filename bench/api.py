"""What the API function costs by itself, without AWS: `make bench-api`.

Start: the import of app.py against that of the three libraries it is made of, each in a process of its own, in turns.
First calls: a new process for each, from the import to the reply; clients of AWS are made, and what AWS would say is
told at once. Warm calls: the same in one process, from the event to the reply. All figures are CPU time, which the
machine's other programs disturb less.
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

FIRST_CALL = """
import pickle, sys, time
from types import SimpleNamespace
started = time.process_time()
import app
imported = time.process_time()
from botocore.client import BaseClient
before = time.process_time()
from chalicelib.core.dynamo_transport import DynamoDBClient
client_imported = time.process_time() - before
answers, cases = pickle.load(open(sys.argv[1], "rb"))
def answer(self, what, given): return answers.get((what, repr(given))) or answers[what]
BaseClient._make_api_call = DynamoDBClient.call = answer
context = SimpleNamespace(aws_request_id="first", get_remaining_time_in_millis=lambda: 29_000)
called = time.process_time()
reply = app.app(cases[sys.argv[2]], context)
done = time.process_time()
from bench.api import check
check(sys.argv[2], reply)
print(imported - started, client_imported + done - called)
"""


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
    warm_calls(answers, cases, chosen.calls)


def starts() -> None:
    """The table of imports."""
    found: dict[str, list[float]] = {LIBRARIES: [], "import app": []}
    for _ in range(STARTS):
        for code, times in found.items():
            timed = f"import time; at = time.process_time(); {code}; print(time.process_time() - at)"
            times += new_function(timed)
    print(f"{'import, ms':<44}{'least':>8}{'median':>8}")
    for code, times in found.items():
        print(f"{code:<44}{min(times):>8.0f}{statistics.median(times):>8.0f}")
    libraries, app = found.values()
    ratios = min(app) / min(libraries), statistics.median(app) / statistics.median(libraries)
    print(f"{'ratio':<44}{ratios[0]:>8.2f}{ratios[1]:>8.2f}\n")


def new_function(code: str, *arguments: str) -> list[float]:
    """The seconds that code prints in a process like a new api function, in ms."""
    own = {**os.environ, "AWS_LAMBDA_FUNCTION_NAME": f"{os.environ['STACK_NAME']}-api"}
    command = [sys.executable, "-c", code, *arguments]
    made = subprocess.run(command, env=own, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return [float(seconds) * 1000 for seconds in made.stdout.split()]


def recorded(answers: Answers) -> Cases:
    """The calls to measure, each made once on moto, whose answers are kept by request."""
    from chalicelib.core import circuits, signing_keys
    from tests.aws_calls import Call, patch_calls
    from tests.http_events import lambda_context
    from tests.production import app, production

    def keeping(real: Call) -> Call:
        def keep(client: Any, what: str, given: dict[str, Any]) -> Any:
            answers[what, repr(given)] = answers[what] = answer = real(client, what, given)
            return answer

        return keep

    with production(), pytest.MonkeyPatch.context() as patch:
        cases = things()
        patch_calls(patch, keeping)
        for name, event in cases.items():
            signing_keys.keys_of.cache_clear()  # what a new instance asks for
            circuits.forget()
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
    """The table of new instances."""
    print(f"{'first call, ms, median':<44}{'import':>8}{'call':>8}{'both':>8}")
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "answers"
        kept.write_bytes(pickle.dumps((answers, cases)))
        for name in cases:
            runs = [new_function(FIRST_CALL, str(kept), name) for _ in range(COLD)]
            imported, called = (statistics.median(times) for times in zip(*runs, strict=True))
            print(f"{name:<44}{imported:>8.0f}{called:>8.0f}{imported + called:>8.0f}")
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
