"""Idempotency-Key against DynamoDB (moto)."""

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest

from chalicelib.core import idempotency
from chalicelib.core.aws import client
from chalicelib.core.dynamo import table_name
from chalicelib.core.http import Raw
from chalicelib.core.settings import settings
from tests import tables
from tests.http_events import Response, call, lambda_context
from tests.unit.core import sample
from tests.unit.core.sample import APP, CALLS

ID = "550e8400-e29b-41d4-a716-446655440000"
BODY = {"name": "a", "number": 1}


@pytest.fixture(autouse=True)
def table(tables: Callable[..., None]) -> Iterator[None]:
    """The table of records, and nothing done yet."""
    tables("idempotency")
    CALLS.clear()
    yield
    idempotency._store_of.cache_clear()


def post(key: str, body: Any = BODY, path: str = "/api/v1/reports/", **kwargs: Any) -> Response:
    headers = {"Idempotency-Key": key, **kwargs.pop("headers", {})}
    return call(APP, "POST", path, body, headers, **kwargs)


def replace(monkeypatch: pytest.MonkeyPatch, path: str, work: Callable[..., Any]) -> None:
    endpoint = next(e for e in sample.REGISTRY if (e.method, e.path) == ("POST", path))
    monkeypatch.setitem(endpoint.__dict__, "handler", work)


def records() -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = client("dynamodb").scan(TableName=table_name("idempotency"))["Items"]
    return [item for item in items if not item["id"]["S"].startswith("ids#")]


def test_the_same_request_is_answered_byte_for_byte_and_done_once() -> None:
    first, second = post("k-1"), post("k-1")
    assert first.status == second.status == 202
    assert first.body == second.body
    assert first.headers["Location"] == second.headers["Location"]
    assert second.headers["Idempotent-Replayed"] == "true"
    assert len(CALLS) == 1


def test_without_a_key_it_is_done_each_time() -> None:
    assert call(APP, "POST", "/api/v1/reports/", BODY).body != call(APP, "POST", "/api/v1/reports/", BODY).body
    assert records() == []


def test_order_of_fields_and_blanks_do_not_matter() -> None:
    json_type = {"Content-Type": "application/json"}
    first = post("k", '{"name": "a", "number": 1}', headers=json_type)
    assert post("k", ' {"number":1,"name":"a"}', headers=json_type, path="/api/v1/reports").body == first.body
    assert len(CALLS) == 1


def test_another_body_with_the_same_key_is_422_in_the_shape_of_its_area() -> None:
    post("k")
    answer = post("k", {**BODY, "name": "b"})
    assert (answer.status, answer.json) == (422, {"error": "Idempotency-Key уже использован с другим запросом"})
    post("k", path="/api/things")
    assert post("k", {**BODY, "number": 2}, path="/api/things").json["detail"].startswith("Idempotency-Key")
    assert post("k", path="/api/v1/reports/?_x=1").status == 422
    assert len(CALLS) == 2


def test_keys_of_other_paths_do_not_meet() -> None:
    other = ID.replace("5", "6")
    assert [post("k", None, f"/api/things/{thing}/close").status for thing in (ID, other)] == [200, 200]
    assert len(CALLS) == 2


def test_the_first_one_still_running_is_409(monkeypatch: pytest.MonkeyPatch) -> None:
    started, go_on = threading.Event(), threading.Event()

    def slow(body: Any) -> dict[str, Any]:
        CALLS.append(body)
        started.set()
        assert go_on.wait(60)
        return {"done": True}

    replace(monkeypatch, "/api/v1/reports/", slow)
    answers: list[Response] = []
    thread = threading.Thread(target=lambda: answers.append(post("k")))
    thread.start()
    assert started.wait(60)
    meanwhile, other = post("k"), post("k", {**BODY, "number": 9})
    go_on.set()
    thread.join()
    assert (meanwhile.status, meanwhile.headers["Retry-After"], other.status) == (409, "1", 422)
    assert answers[0].status == 202
    assert post("k").body == answers[0].body
    assert len(CALLS) == 1


def test_refusals_are_not_kept() -> None:
    assert [post("k", {"name": "a"}, "/api/things").status for _ in "12"] == [422, 422]
    assert [post("k", {**BODY, "name": "taken"}, "/api/things").status for _ in "12"] == [409, 409]
    assert records() == []
    assert post("k", path="/api/things").status == 201
    assert len(CALLS) == 3


def test_a_returned_refusal_is_not_kept_either(monkeypatch: pytest.MonkeyPatch) -> None:
    replace(monkeypatch, "/api/v1/reports/", lambda body: Raw('{"error": "нет"}', "application/json", 409))
    assert (post("k").status, post("k").json, records()) == (409, {"error": "нет"}, [])


def test_uploads_are_compared_byte_by_byte() -> None:
    nested = b"[" * 100_000
    path = "/api/v1/reports/upload"
    assert [post("k", nested, path).status for _ in "12"] == [200, 200]
    assert post("k", nested + b" ", path).status == 422


def test_failures_are_not_kept() -> None:
    assert [post("k", {**BODY, "name": "broken"}, "/api/things").status for _ in "12"] == [500, 500]
    assert len(CALLS) == 2


def test_a_killed_run_lets_its_key_go(monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    def die(body: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        replace(patch, "/api/v1/reports/", die)
        with pytest.raises(Killed):
            post("k", context=lambda_context(remaining_ms=60))
    assert [item["status"]["S"] for item in records()] == ["INPROGRESS"]
    monkeypatch.setattr("chalicelib.core.deadline.budget", lambda _: 5)
    now = int(records()[0]["in_progress_expiration"]["N"])
    move_to_the_past(now - 1_000)
    assert post("k").status == 202


def move_to_the_past(milliseconds: int) -> None:
    client("dynamodb").update_item(
        TableName=table_name("idempotency"),
        Key={"id": records()[0]["id"]},
        UpdateExpression="SET in_progress_expiration = :past",
        ExpressionAttributeValues={":past": {"N": str(milliseconds)}},
    )


def test_a_record_is_kept_for_24_hours() -> None:
    import time

    post("k")
    assert abs(int(records()[0]["expiration"]["N"]) - time.time() - 86_400) < 60


@pytest.mark.parametrize("key", ["", "x" * 256, "ключ", "a\nb", "a\x00"])
def test_bad_key_is_the_validation_error_of_its_area(key: str) -> None:
    answer = post(key)
    assert (answer.status, answer.json) == (400, {"error": "Idempotency-Key: от 1 до 255 печатных символов ASCII"})
    assert post(key, path="/api/things").status == 422
    assert CALLS == []


def test_a_big_answer_is_kept_in_s3(monkeypatch: pytest.MonkeyPatch) -> None:
    import random

    boto3.client("s3", region_name="us-east-1").create_bucket(Bucket=settings().files_bucket)
    noise = random.Random(1).randbytes(1_000_000).hex()
    replace(monkeypatch, "/api/v1/reports/", lambda body: {"noise": noise})
    first, second = post("k"), post("k")
    assert first.body == second.body == json.dumps({"noise": noise}, separators=(",", ":")).encode()
    assert second.headers["Idempotent-Replayed"] == "true"


def test_a_table_that_does_not_answer_is_503() -> None:
    tables.call("DeleteTable", {"TableName": table_name("idempotency")})
    answer = post("k")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
    assert CALLS == []


def test_keys_belong_to_their_actor(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace as changed

    from chalicelib.core import auth

    post("k")
    monkeypatch.setattr(auth, "ADMINISTRATOR", changed(auth.ADMINISTRATOR, user_id=2))
    assert post("k", {**BODY, "number": 2}).status == 202
