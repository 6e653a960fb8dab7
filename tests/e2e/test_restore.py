"""All tables back to one time, on the deployed stack: begun, interrupted twice, finished by the same command.

The engine keeps no history: it restores what is there when it is asked. So the test has it restore, then changes data.
"""

import time
from datetime import UTC, datetime

import pytest

from infra import restore
from infra.copy_back import make_equal
from infra.running_stack import NO_LIMIT, TAG, RunningStack
from tests.e2e.production import ok
from tests.e2e.stack import Stack


class Killed(BaseException):
    """The command ends here."""


def killed(*_: object) -> None:
    """Instead of a step."""
    raise Killed


def run(stack: Stack, at: str) -> int:
    """The command, without waiting for calls that would have run before it began."""
    place = ["--endpoint", stack.aws_url, "--stage", "local"]
    return restore.main([*place, "--at", at, "--yes", "local", "--settle", "0"])


def test_the_same_command_finishes_a_restore_that_was_interrupted(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    kept = ok(stack, "POST", "/api/work_centers", {"identifier": f"KEPT-{time.time()}", "name": "before"})
    with monkeypatch.context() as patch:
        patch.setattr(RunningStack, "pause", killed)
        with pytest.raises(Killed):
            run(stack, at)
    lost = ok(stack, "POST", "/api/work_centers", {"identifier": f"LOST-{time.time()}", "name": "after"})
    ok(stack, "PATCH", f"/api/work_centers/{kept['uuid']}", {"name": "after"})
    with monkeypatch.context() as patch:
        patch.setattr(
            restore, "make_equal", lambda dynamodb, copies, tell: (make_equal(dynamodb, copies[:8]), killed())
        )
        with pytest.raises(Killed):
            run(stack, at)
    assert stack.call("GET", "/api/work_centers").status_code == 429  # nothing runs between the two
    assert run(stack, at) == 0  # the counters are exact
    assert ok(stack, "GET", f"/api/work_centers/{kept['uuid']}")["name"] == "before"
    assert stack.call("GET", f"/api/work_centers/{lost['uuid']}").status_code == 404
    works_as_before(stack)


def works_as_before(stack: Stack) -> None:
    """Every caller calls again, no function has a limit, and nothing is left beside the tables."""
    functions = stack.client("lambda")
    names = [one["FunctionName"] for one in functions.list_functions()["Functions"]]
    limits = [functions.get_function_concurrency(FunctionName=name) for name in names]
    assert {one.get("ReservedConcurrentExecutions") for one in limits} == {None}, (TAG, NO_LIMIT)
    mappings = functions.list_event_source_mappings()["EventSourceMappings"]
    assert {one["State"] for one in mappings} == {"Enabled"}
    assert {one["State"] for one in stack.client("events").list_rules()["Rules"]} == {"ENABLED"}
    assert not [name for name in stack.client("dynamodb").list_tables()["TableNames"] if "restored" in name]
