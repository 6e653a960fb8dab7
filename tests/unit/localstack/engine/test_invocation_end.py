"""A worker that is waited for by its answer gives the results of MiniStack's own, and all of its log."""

import json
import os
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ministack.core import lambda_runtime

from localstack.engine.invocation_end import Worker
from tests.unit.localstack.engine.functions import ARN, code, config
from tests.unit.localstack.engine.plain_worker import PlainWorker

Workers = tuple[Any, Worker]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
# whole lines of what a handler may log: others are covered below, MiniStack's own reading of them depends on the moment
LINES = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=80).map("{}\n".format))


def pair(**changes: Any) -> Workers:
    return (
        PlainWorker("echo", config(**changes), code()),
        Worker("echo", config(**changes), code()),
    )


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    made = pair()
    both(made, {})  # so that no test meets them cold, whichever comes first
    yield made
    lambda_runtime.kill_workers(made)


def both(workers: Workers, event: Any, **arguments: Any) -> dict[str, Any]:
    """The result, which is the same in both ways."""
    workers[0].logs = workers[0]._proc is None or isinstance(event, dict) and bool(event.get("log"))
    plain, fast = (worker.invoke(event, "request-1", **arguments) for worker in workers)
    for result in (plain, fast):
        result["trace"] = result.get("trace", "").replace(str(plain), "")
        for worker in workers:
            result["trace"] = result["trace"].replace(str(worker._tmpdir), "")
    assert fast == plain
    return fast


@settings(max_examples=100, deadline=None)
@given(event=JSON | st.fixed_dictionaries({"answer": JSON, "log": LINES}))
def test_any_event_answer_and_log_are_the_same(workers: Workers, event: Any) -> None:
    result = both(workers, event)
    assert result["status"] == "ok"


def test_the_first_log_has_what_the_import_printed() -> None:
    made = pair()
    assert both(made, {"log": ["first\n"]}) == {
        "status": "ok", "result": None, "cold_start": True, "log": "imported\nfirst", "trace": "",
    }  # fmt: skip
    assert both(made, {"log": ["second\n"]})["log"] == "second"
    lambda_runtime.kill_workers(made)


@pytest.mark.parametrize(
    "event",
    [
        {"raise": "no", "log": ["before\n"]},
        {"exit": 3, "log": ["before\n"]},
        {"unserializable": True},
        {"stdout": "noise\n{noise}\n{}\n", "answer": 1},
        {"stdout": "line\n" * 199, "answer": 1},
        {"stdout": "line\n" * 200, "answer": 1},
    ],
)
def test_failures_and_noise_are_the_same_and_the_next_call_goes_well(event: dict[str, Any]) -> None:
    made = pair()
    both(made, event)
    assert both(made, {"answer": 2})["result"] == 2
    lambda_runtime.kill_workers(made)


def test_a_timeout_ends_the_process_and_keeps_its_log() -> None:
    made = pair(Timeout=1)
    result = both(made, {"sleep": 30, "log": ["before\n"]})
    assert result == {
        "status": "error", "error": "Task timed out after 1.00 seconds", "cold_start": True, "trace": "",
        "log": "imported\nbefore",
    }  # fmt: skip
    assert both(made, {"answer": 2})["result"] == 2
    lambda_runtime.kill_workers(made)


def test_context_and_environment_are_the_same(workers: Workers) -> None:
    arguments = {"trace_id": "Root=1", "depth": 3, "invoked_function_arn": ARN + ":live"}
    result = both(workers, {"context": True}, **arguments)["result"]
    assert result["invoked_function_arn"] == ARN + ":live"
    assert result["environment"] == {
        "_X_AMZN_TRACE_ID": "Root=1", "_MINISTACK_INVOKE_DEPTH": "3", "COLOUR": "red", "_LAMBDA_TIMEOUT": "20",
    }  # fmt: skip
    assert both(workers, {"context": True})["result"]["environment"]["_X_AMZN_TRACE_ID"] is None


def test_events_answers_and_logs_larger_than_a_pipe(workers: Workers) -> None:
    large = {"answer": "я" * 500_000}
    assert both(workers, large)["result"] == large["answer"]
    _, fast = workers
    lines = [f"{number} {'x' * 100}\n" for number in range(20_000)]
    assert fast.invoke({"log": lines}, "r")["log"] == "".join(lines).rstrip("\n")


def test_a_line_without_an_end_is_logged_when_it_ends_and_bytes_that_are_no_text_are_kept_out(
    workers: Workers,
) -> None:
    _, fast = workers
    assert fast.invoke({"log": ["a\r\nb\rc"]}, "r")["log"] in (
        "a\nb",
        "",
    )  # the interpreter holds back a part of a line
    assert fast.invoke({"log": ["d\n"]}, "r")["log"].endswith("cd")


def test_a_handler_that_logs_nothing_is_not_waited_for(workers: Workers) -> None:
    _, fast = workers

    def seconds() -> float:
        began = time.perf_counter()
        assert fast.invoke({}, "r")["log"] == ""
        return time.perf_counter() - began

    assert min(seconds() for _ in range(20)) < 0.04  # MiniStack's wait for a line that does not come takes 50 ms


def test_an_invocation_starts_no_thread(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    _, fast = workers
    fast.invoke({}, "r")
    before = set(threading.enumerate())
    seen: list[int] = []
    monkeypatch.setattr(threading.Thread, "start", lambda self: seen.append(1))
    fast.invoke({"log": ["x\n"]}, "r")
    assert not seen
    assert set(threading.enumerate()) <= before


def test_no_descriptor_is_left_behind() -> None:
    def descriptors() -> int:
        return len(os.listdir("/proc/self/fd"))

    worker = Worker("echo", config(), code())
    worker.invoke({}, "r")
    before = descriptors()
    for _ in range(3):
        worker.invoke({"raise": "x"}, "r")  # the next call starts a process
        worker.invoke({}, "r")
    assert descriptors() <= before
    lambda_runtime.kill_workers([worker])


def test_a_handler_that_cannot_be_imported_fails_as_before() -> None:
    for kind in (PlainWorker, Worker):
        worker = kind("echo", config(), code("raise ImportError('nothing here')"))
        with pytest.raises(RuntimeError, match=r"^Worker init failed: nothing here$"):
            worker.invoke({}, "r")
        lambda_runtime.kill_workers([worker])


def test_the_request_is_json(workers: Workers) -> None:
    assert json.dumps(both(workers, [1, "ключ"])["result"]) == json.dumps([1, "ключ"])
