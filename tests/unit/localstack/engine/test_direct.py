"""A request of the API that reaches its function directly: event, answer and log are those of MiniStack's way."""

import asyncio
import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ministack.services import lambda_svc

from localstack.engine import direct, pool
from tests.unit.localstack.engine.ways import Answer, Ways, ask, varying
from tests.waiting import wait_for

METHODS = st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"])
SEGMENTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=8)
PATHS = st.one_of(
    st.lists(SEGMENTS, min_size=1, max_size=4).map(lambda parts: "/" + "/".join(parts)),
    st.sampled_from(
        ["/", "/batches", "/batches/", "/batches//1", "/batches/1", "/batches/a%2Fb", "/x/.well-known/jwks.json"]
    ),
)
QUERIES = st.one_of(
    st.binary(max_size=20).filter(lambda query: query.decode("utf-8", "replace").isprintable() and query.isascii()),
    st.lists(st.sampled_from([b"a=1", b"a=2", b"b=", b"c", b"d=%20x", b"e=a%2Bb+c", b"%D1%8F=1"])).map(b"&".join),
)
TYPES = [
    "application/json",
    "image/png",
    "multipart/form-data; boundary=x",
    "image/*",
    "*/*",
    "text/html, image/png;q=1",
]
VALUES = st.text(st.characters(codec="latin-1", exclude_categories=("Cc",)), max_size=12)
HEADERS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["content-type", "accept"]), st.sampled_from(TYPES)),
        st.tuples(st.sampled_from(["x-one", "cookie", "user-agent", "x-forwarded-for", "authorization"]), VALUES),
    ),
    max_size=5,
)
BODIES = st.one_of(st.binary(max_size=50), st.text(max_size=50).map(str.encode), st.just(b"x" * 100_000))
REPLIES = st.one_of(
    st.none(),
    st.text(max_size=9),
    st.integers(),
    st.lists(st.integers(), max_size=2),
    st.just({}),
    st.just('{"statusCode": 201, "body": "text"}'),
    st.fixed_dictionaries(
        {"statusCode": st.sampled_from([200, 204, 302, 404, 500, 502, "201"])},
        optional={
            "body": st.sampled_from(["", "тело", "aGVsbG8=", {"a": 1}]),
            "headers": st.dictionaries(st.sampled_from(["Content-Type", "content-type", "X-A"]), st.just("text/plain")),
            "multiValueHeaders": st.dictionaries(
                st.sampled_from(["Set-Cookie", "set-cookie", "x-a"]), st.lists(st.sampled_from(["a=1", "b=2"]))
            ),
            "isBase64Encoded": st.booleans(),
        },
    ),
)


def wish(**what: Any) -> list[tuple[str, str]]:
    return [("x-wish", json.dumps(what))]


@settings(max_examples=100, deadline=None)
@given(path=PATHS, method=METHODS, query=QUERIES, headers=HEADERS, body=BODIES)
def test_the_handler_gets_the_same_event(
    ways: Ways, path: str, method: str, query: bytes, headers: Any, body: bytes
) -> None:
    length = [("content-length", str(len(body)))] if body else []
    ways.call_api(path, method=method, query=query, headers=headers + length, body=body)


@settings(max_examples=60, deadline=None)
@given(reply=REPLIES, accept=st.sampled_from(TYPES))
def test_the_answer_of_the_handler_becomes_the_same_answer(ways: Ways, reply: Any, accept: str) -> None:
    ways.call_api("/batches", headers=[*wish(answer=reply), ("accept", accept)])


def test_a_binary_body_arrives_encoded_and_an_encoded_answer_leaves_as_bytes(ways: Ways) -> None:
    status, _, body = ways.call_api("/x", method="POST", headers=[("content-type", "image/png")], body=b"\x00\xff")
    event = json.loads(body)
    assert (status, event["body"], event["isBase64Encoded"]) == (200, "AP8=", True)
    assert event["requestContext"]["identity"]["sourceIp"] == "127.0.0.1"
    encoded = {"statusCode": 200, "body": "AP8=", "isBase64Encoded": True}
    assert ways.call_api("/x", headers=[*wish(answer=encoded), ("accept", "image/png")])[2] == b"\x00\xff"
    assert ways.call_api("/x", headers=[*wish(answer=encoded), ("accept", "text/html")])[2] == b"AP8="


@contextmanager
def changed(ways: Ways, **changes: Any) -> Iterator[None]:
    """The function has another configuration in this block; its workers are new before it and after it."""
    configuration = lambda_svc._functions.get("echo")["config"]
    with patch.dict(configuration, changes):
        ways.end_workers()
        yield
    ways.end_workers()


@pytest.mark.parametrize("failure", [{"raise": "no"}, {"exit": 1}])
def test_failures_are_the_same_and_so_is_the_next_answer(ways: Ways, failure: dict[str, Any]) -> None:
    assert ways.call_api("/x", headers=wish(log=["before"], **failure))[0] == 502
    assert ways.call_api("/x")[0] == 200


def test_an_answer_that_does_not_come_in_time_is_the_same_failure(ways: Ways) -> None:
    with changed(ways, Timeout=2):
        assert ways.call_api("/x", headers=wish(log=["before"], sleep=30))[0] == 502
    assert ways.call_api("/x")[0] == 200


@pytest.mark.parametrize("what", [{}, {"log": ["one", "two\nthree", ""]}, {"log": ["before"], "raise": "no"}])
def test_the_log_is_the_same(ways: Ways, what: dict[str, Any]) -> None:
    request = {"path": f"/_aws/execute-api/{ways.api}/api/x", "headers": wish(**what)}
    plain, fast = ([varying(line.encode()) for line in ways.log(name, request)] for name in ("plain", "fast"))
    assert fast == plain
    assert fast[0].startswith(b"START RequestId: * Version: $LATEST")
    assert fast[-1].startswith(b"REPORT")


def fast_at_once(ways: Ways, count: int, **what: Any) -> list[Answer]:
    return ways.ask("fast", *[{"path": f"/_aws/execute-api/{ways.api}/api/x", "headers": wish(**what)}] * count)


def running(ways: Ways) -> list[Any]:
    entries = ways._workers["fast"].get("000000000000:us-east-1:echo:$LATEST", [])
    return [worker for worker in entries if worker.is_alive() and not worker.in_use]  # else it may be starting


def test_requests_wait_for_a_warm_worker_instead_of_starting_one_each(ways: Ways) -> None:
    fast_at_once(ways, 1)
    assert [status for status, _, _ in fast_at_once(ways, 50)] == [200] * 50
    assert len(running(ways)) <= pool.ENOUGH_WORKERS


def test_when_handlers_are_slow_further_workers_are_started(ways: Ways, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "ENOUGH_WORKERS", 1)
    monkeypatch.setattr(pool, "LONG_WAIT_SECONDS", 0.01)
    fast_at_once(ways, 6, sleep=0.5)
    wait_for(lambda: len(running(ways)) >= 2)


def test_answers_do_not_get_mixed_up(ways: Ways) -> None:
    requests = [
        {
            "path": f"/_aws/execute-api/{ways.api}/api/x",
            "headers": wish(answer={"statusCode": 200, "body": str(number)}),
        }
        for number in range(60)
    ]
    assert [body for _, _, body in ways.ask("fast", *requests)] == [str(number).encode() for number in range(60)]


def test_a_worker_that_was_ended_while_idle_is_replaced(ways: Ways) -> None:
    fast_at_once(ways, 1)
    for worker in running(ways):
        os.kill(worker._proc.pid, signal.SIGTERM)
        worker._proc.wait()
    assert fast_at_once(ways, 1)[0][0] == 200


def test_a_request_that_is_given_up_leaves_no_worker_behind_that_answers_the_next(ways: Ways) -> None:
    async def given_up(app: Any) -> None:
        path = f"/_aws/execute-api/{ways.api}/api/x"
        request = asyncio.create_task(ask(app, path, headers=wish(sleep=1, answer={"statusCode": 418})))
        await asyncio.sleep(0.3)
        request.cancel()
        await asyncio.gather(request, return_exceptions=True)

    with ways.way("fast") as app:
        ways.runner.run(given_up(app))
    assert fast_at_once(ways, 1)[0][0] == 200


def test_a_changed_environment_is_used_by_the_next_request(ways: Ways) -> None:
    async def update(colour: str) -> None:
        body = json.dumps({"Environment": {"Variables": {"COLOUR": colour}}}).encode()
        path = "/2015-03-31/functions/echo/configuration"
        status, _, answer = await lambda_svc.handle_request("PUT", path, {}, body, {})
        assert status == 200, answer

    for colour in ("red", "green"):
        with ways.way("fast"):
            ways.runner.run(update(colour))
        fast_at_once(ways, 1)
        assert {worker.config["Environment"]["Variables"]["COLOUR"] for worker in running(ways)} == {colour}
        environments = [Path("/proc", str(worker._proc.pid), "environ").read_text() for worker in running(ways)]
        assert all(f"COLOUR={colour}\0" in environment for environment in environments)


def test_a_reserved_concurrency_of_none_is_refused_alike(ways: Ways) -> None:
    record = lambda_svc._functions.get("echo")
    record["concurrency"] = 0
    try:
        assert ways.call_api("/x")[0] == 429
    finally:
        record["concurrency"] = None


def test_a_handler_that_cannot_be_imported_fails_alike(ways: Ways) -> None:
    with changed(ways, Handler="nothing.handler"):
        assert ways.call_api("/x")[0] == 502
    assert ways.call_api("/x")[0] == 200


def test_what_is_not_run_by_a_python_worker_goes_the_plain_way(ways: Ways) -> None:
    record = lambda_svc._functions.get("echo")
    for change in ({"Runtime": "nodejs20.x"}, {"PackageType": "Image", "ImageUri": "x"}):
        assert not direct._covered({**record, "config": {**record["config"], **change}})
    assert not direct._covered({**record, "code_zip": None})
    assert direct._covered(record)
