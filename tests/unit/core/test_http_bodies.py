"""Hostile bodies, parameters and headers get the error of the API area, and the handler does not run."""

import json
from typing import Any

import pytest

from tests.http_events import call
from tests.unit.core.sample import APP, CALLS

ID = "550e8400-e29b-41d4-a716-446655440000"
GOOD = {"name": "a", "number": 1}
JSON = {"Content-Type": "application/json"}

# name -> body, status at production control, status at reports
HOSTILE: dict[str, tuple[Any, int, int]] = {
    "not json": ("{", 400, 400),
    "blanks": ("   ", 400, 400),
    "trailing rubbish": ('{"name": "a"} x', 400, 400),
    "two values": ("{}{}", 400, 400),
    "single quotes": ("{'name': 'a'}", 400, 400),
    "BOM": ("\ufeff{}", 400, 400),
    "duplicate name": ('{"name": "a", "name": "b", "number": 1}', 400, 400),
    "duplicate name inside": ('{"name": "a", "number": 1, "anything": {"x": 1, "x": 2}}', 400, 400),
    "NaN": ('{"name": "a", "number": 1, "anything": NaN}', 400, 400),
    "Infinity": ('{"name": "a", "number": 1, "anything": Infinity}', 400, 400),
    "-Infinity": ('{"name": "a", "number": 1, "anything": -Infinity}', 400, 400),
    "1e999": ('{"name": "a", "number": 1, "anything": 1e999}', 400, 400),
    "huge integer": ('{"name": "a", "number": ' + "9" * 5000 + "}", 400, 400),
    "long fraction": ('{"name": "a", "number": 1, "anything": 0.' + "1" * 5000 + "}", 400, 400),
    "deep list": ("[" * 100_000 + "]" * 100_000, 400, 400),
    "deep enough": ('{"name": "a", "number": 1, "anything": ' + "[" * 80 + "]" * 80 + "}", 400, 400),
    "deep object": ('{"a":' * 5000 + "1" + "}" * 5000, 400, 400),
    "control character": ('{"name": "a\x01"}', 400, 400),
    "invalid utf-8": (b'{"name": "\xff\xfe", "number": 1}', 400, 400),
    "utf-16": ('{"name": "a", "number": 1}'.encode("utf-16"), 400, 400),
    "raw surrogate": (b'{"name": "\xed\xa0\x80", "number": 1}', 400, 400),
    "lone surrogate": ('{"name": "\\ud800", "number": 1}', 422, 400),
    "lone low surrogate": ('{"name": "a", "number": 1, "anything": ["\\uDFFF"]}', 422, 400),
    "surrogate in a name": ('{"name": "a", "number": 1, "\\ud834": 1}', 422, 400),
    "NUL": ('{"name": "a\\u0000b", "number": 1}', 422, 400),
    "null": ("null", 422, 400),
    "list": ("[]", 422, 400),
    "text": ('"name"', 422, 400),
    "number": ("1", 422, 400),
    "true": ("true", 422, 400),
    "empty object": ("{}", 422, 400),
    "no body": (None, 422, 400),
    "wrong types": ('{"name": 1, "number": "x", "tags": {}, "start": "yesterday", "shift": []}', 422, 400),
    "too long": (json.dumps({"name": "x" * 900_000, "number": 1}), 422, 400),
    "number as text": ('{"name": "a", "number": "1"}', 422, 400),
    "300 digits": ('{"name": "a", "number": 1, "price": ' + "9" * 300 + "}", 422, 400),
    "big float": ('{"name": "a", "number": 1e300}', 422, 400),
    "over 1 MB": (json.dumps({**GOOD, "anything": "x" * 1_048_576}), 413, 413),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("encode", [False, True])
def test_hostile_body_is_refused_before_the_handler_runs(name: str, encode: bool) -> None:
    body, production, reports = HOSTILE[name]
    CALLS.clear()
    for path, status, key in [("/api/things", production, "detail"), ("/api/v1/reports", reports, "error")]:
        answer = call(APP, "POST", path, body, JSON, encode=encode)
        assert answer.status == status, answer.text
        assert answer.json[key]
        assert len(answer.body) < 2000
    assert CALLS == []


@pytest.mark.parametrize("name", [name for name, (body, *_) in HOSTILE.items() if body and name != "null"])
def test_malformed_body_is_refused_where_no_body_is_expected(name: str) -> None:
    body, status, _ = HOSTILE[name]
    CALLS.clear()
    answer = call(APP, "POST", f"/api/things/{ID}/close", body, JSON)
    well_formed = status == 422 and "\\u" not in body
    assert answer.status == (200 if well_formed else status)
    assert bool(CALLS) == well_formed


@pytest.mark.parametrize(
    ("declared", "status"),
    [
        ("application/json", 201),
        ("Application/JSON; charset=utf-8", 201),
        ("application/merge-patch+json", 201),
        (None, 201),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
        ("application/jsonp", 415),
        ("rubbish", 415),
    ],
)
def test_content_type_of_a_body_is_json_or_missing(declared: str | None, status: int) -> None:
    headers = {"content-type": declared} if declared else {}
    assert call(APP, "POST", "/api/things", json.dumps(GOOD), headers).status == status


@pytest.mark.parametrize(("encoding", "status"), [("gzip", 415), ("br, gzip", 415), ("Identity", 201), ("", 415)])
def test_refusal_of_a_compressed_body_names_its_encoding(encoding: str, status: int) -> None:
    answer = call(APP, "POST", "/api/things", json.dumps(GOOD), {"Content-Encoding": encoding})
    assert answer.status == (status if encoding else 201)
    assert status == 201 or not encoding or f"Content-Encoding {encoding}" in answer.json["detail"]


def test_content_type_does_not_matter_without_a_body() -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert call(APP, "POST", f"/api/things/{ID}/close", None, headers).status == 200
    assert call(APP, "PATCH", f"/api/things/{ID}", None, headers).json == {"name": None}


def test_broken_base64_is_400() -> None:
    event_body = call(APP, "POST", "/api/things", b"{}", JSON)
    assert event_body.status == 422
    from tests.http_events import event, lambda_context

    broken = {**event("POST", "/api/things", b"{}", JSON), "body": "@@@"}
    assert APP(broken, lambda_context())["statusCode"] == 400


def test_valid_body_may_have_escapes_deep_values_and_unknown_fields() -> None:
    deep: Any = "дно \U0001f600"
    for _ in range(50):
        deep = [deep]
    sent = {**GOOD, "anything": deep, "unknown": {"a": 1}}
    answer = call(APP, "POST", "/api/v1/reports", json.dumps(sent), JSON)
    assert (answer.status, answer.json["anything"]) == (202, deep)


def test_raw_endpoint_gets_the_bytes_that_were_sent() -> None:
    data = bytes(range(256)) * 8
    answer = call(APP, "POST", "/api/v1/reports/upload", data, {"Content-Type": "multipart/form-data; boundary=x"})
    assert answer.json == {"size": 2048, "type": "multipart/form-data; boundary=x"}
    too_much = b"x" * (6 * 1024 * 1024 + 1)
    assert call(APP, "POST", "/api/v1/reports/upload", too_much).status == 413


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=", "limit"),
        ("limit=abc", "limit"),
        ("limit=1.5", "limit"),
        ("limit=" + "9" * 5000, "limit"),
        ("limit=NaN", "limit"),
        ("limit=1&limit=2", "limit"),
        ("limit=%00", "limit"),
        ("is_closed=maybe", "is_closed"),
    ],
)
def test_bad_query_parameter_is_named(query: str, field: str) -> None:
    answer = call(APP, "GET", f"/api/things?{query}")
    assert answer.status == 422
    assert answer.json["detail"] == "Ошибка валидации запроса"
    assert [error["loc"] for error in answer.json["errors"]] == [["query", field]]


def test_query_parameters_have_types_and_lists_get_all_values() -> None:
    answer = call(APP, "GET", "/api/things?limit=5&_x=1&_x=2&tag=a&tag=b&is_closed=true")
    assert answer.json == {"limit": 5, "tag": ["a", "b"], "is_closed": True}


@pytest.mark.parametrize(
    "bad", ["x", "%00", "1", "{" + ID + "}", "urn:uuid:" + ID, ID + "0", "%D0%B9", "%FF", "x" * 5000]
)
def test_malformed_uuid_in_the_path_is_the_validation_error_of_its_area(bad: str) -> None:
    answer = call(APP, "GET", f"/api/things/{bad}")
    assert answer.status == 422
    assert answer.json["errors"] == [{"loc": ["path", "thing_id"], "msg": "ожидается UUID", "type": "uuid_parsing"}]
    users = call(APP, "GET", f"/users/{bad}")
    assert (users.status, users.json["error"]["code"]) == (400, "INVALID_UUID")


@pytest.mark.parametrize("bad", ["0", "-1", "1.0", "abc", "１", "1e3", "9" * 40, " 1", "+1"])
def test_malformed_id_in_the_path_is_400(bad: str) -> None:
    answer = call(APP, "GET", f"/api/v1/reports/{bad}")
    assert (answer.status, answer.json) == (400, {"error": "report_id: ожидается целое число больше нуля"})
