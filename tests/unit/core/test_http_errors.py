"""The shape of answers and errors in each API area, problem details, and the headers of every answer."""

import json
import threading
from typing import Any, get_args

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from pydantic_core import core_schema

from chalicelib.core.answers import STRICT_TRANSPORT
from chalicelib.core.settings import settings
from chalicelib.core.validation import REASONS
from tests.http_events import REQUEST_ID, call, lambda_context
from tests.stages import deploy_to_prod
from tests.unit.core import sample
from tests.unit.core.sample import APP

ID = "550e8400-e29b-41d4-a716-446655440000"
NIL = "00000000-0000-0000-0000-000000000000"
PROBLEM = {"Accept": "application/problem+json"}
BAD = {"name": "x" * 21, "number": 0, "shift": "noon", "price": 1.234, "tags": list("abcd")}


def test_area_of_production_lists_wrong_fields() -> None:
    answer = call(APP, "POST", "/api/things", BAD)
    assert answer.status == 422
    assert answer.json == {
        "detail": "Ошибка валидации запроса",
        "errors": [
            {"loc": ["body", "name"], "msg": "длина не больше 20", "type": "string_too_long"},
            {"loc": ["body", "number"], "msg": "должно быть больше 0", "type": "greater_than"},
            {"loc": ["body", "shift"], "msg": "допустимые значения: 'day', 'night'", "type": "enum"},
            {"loc": ["body", "price"], "msg": "не больше 2 знаков после запятой", "type": "decimal_max_places"},
            {"loc": ["body", "tags"], "msg": "элементов не больше 3", "type": "too_long"},
        ],
    }


def test_other_areas_name_wrong_fields_in_the_text() -> None:
    text = "name: длина не больше 20; number: должно быть больше 0; shift: допустимые значения: 'day', 'night'; "
    text += "price: не больше 2 знаков после запятой; tags: элементов не больше 3"
    reports = call(APP, "POST", "/api/v1/reports", BAD)
    assert (reports.status, reports.json) == (400, {"error": text})
    users = call(APP, "POST", "/users", BAD)
    assert users.status == 400
    assert users.json == {"success": False, "error": {"code": "VALIDATION_ERROR", "message": text}}


def test_message_of_a_validator_of_ours_is_the_reason() -> None:
    blank = call(APP, "POST", "/api/things", {"name": "  ", "number": 1}).json["errors"]
    assert blank == [{"loc": ["body", "name"], "msg": "не может быть пустым", "type": "value_error"}]
    times = {"name": "a", "number": 1, "start": "2025-01-20T08:00:00Z", "end": "2025-01-20T08:00:00+03:00"}
    whole = call(APP, "POST", "/api/things", times).json["errors"]
    assert whole == [{"loc": ["body"], "msg": "end должен быть позже start", "type": "value_error"}]


def test_one_answer_names_all_wrong_fields() -> None:
    answer = call(APP, "PATCH", "/api/things/x", {"name": 1})
    assert [error["loc"] for error in answer.json["errors"]] == [["path", "thing_id"], ["body", "name"]]


def test_reason_never_repeats_what_was_sent() -> None:
    answer = call(APP, "POST", "/api/things", {"name": ["hunter2"], "number": "hunter2", "shift": "hunter2"})
    assert "hunter2" not in answer.text


def test_long_field_name_is_cut() -> None:
    answer = call(APP, "POST", "/api/things", {"name": "a", "number": 1, "tags": [1], "\u20ac" * 5000: 1})
    assert len(answer.body) < 500


def test_every_reason_belongs_to_an_error_of_pydantic() -> None:
    assert set(REASONS) <= set(get_args(core_schema.ErrorType))
    assert len(REASONS) > 30


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/api/nothing", None, 404, "NOT_FOUND"),
        ("GET", "/nothing", None, 404, "NOT_FOUND"),
        ("DELETE", "/api/things", None, 405, "METHOD_NOT_ALLOWED"),
        ("POST", "/api/things", BAD, 422, "VALIDATION_ERROR"),
        ("POST", "/api/v1/reports", BAD, 400, "VALIDATION_ERROR"),
        ("POST", "/users", "{", 400, "BAD_REQUEST"),
        ("GET", f"/users/{ID}", None, 429, "RATE_LIMITED"),
        ("GET", f"/api/things/{NIL}", None, 404, "NOT_FOUND"),
        ("POST", "/api/things", {"name": "broken", "number": 1}, 500, "INTERNAL_ERROR"),
    ],
)
def test_every_area_answers_problem_details(method: str, path: str, body: Any, status: int, code: str) -> None:
    answer = call(APP, method, path, body, PROBLEM)
    problem = answer.json
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.status == problem["status"] == status
    assert (problem["code"], problem["instance"]) == (code, path)
    assert problem["type"] == "urn:shopfloor:problem:" + code.lower().replace("_", "-")
    assert problem["title"] and problem["detail"]
    assert ("errors" in problem) == (code == "VALIDATION_ERROR")


@pytest.mark.parametrize(
    ("accept", "is_problem"),
    [
        ("application/json, application/problem+json;q=0.9", True),
        ("Application/Problem+JSON", True),
        ("application/problem+json;q=0", False),
        ("application/problem+json; q=0.0, */*", False),
        ("*/*", False),
        ("application/*", False),
        ("application/json", False),
        ("", False),
    ],
)
def test_problem_details_are_sent_to_clients_that_name_them(accept: str, is_problem: bool) -> None:
    answer = call(APP, "GET", "/api/nothing", None, {"Accept": accept})
    assert ("code" in answer.json) == is_problem


def test_app_error_keeps_its_status_text_and_headers() -> None:
    taken = call(APP, "POST", "/api/things", {"name": "taken", "number": 1})
    assert (taken.status, taken.json) == (409, {"detail": "Уже есть"})
    limited = call(APP, "GET", f"/users/{ID}")
    assert (limited.status, limited.headers["Retry-After"]) == (429, "7")
    assert limited.json["error"]["code"] == "RATE_LIMITED"


def test_bug_is_500_with_the_request_id_and_a_stack_trace_in_the_log(
    capsys: pytest.CaptureFixture[str],
) -> None:
    answer = call(APP, "POST", "/api/things", {"name": "broken", "number": 1})
    assert (answer.status, answer.json) == (500, {"detail": f"Внутренняя ошибка сервера, запрос {REQUEST_ID}"})
    line = json.loads(capsys.readouterr().err.splitlines()[-1])
    assert (line["level"], line["status"], line["exception_name"]) == ("ERROR", 500, "RuntimeError")
    assert "secret detail" in line["exception"]


def test_result_is_json_with_utc_times() -> None:
    answer = call(APP, "POST", "/api/things", {"name": "день", "number": 1})
    assert answer.status == 201
    assert answer.json["created_at"] == "2025-01-15T10:30:00Z"
    assert "день" in answer.text


def test_none_is_204_redirect_is_302_and_bytes_are_unchanged() -> None:
    assert (call(APP, "DELETE", f"/api/things/{ID}").status, call(APP, "DELETE", f"/api/things/{ID}").body) == (
        204,
        b"",
    )
    redirect = call(APP, "GET", "/api/v1/reports/1/download")
    assert redirect.status == 302
    assert redirect.headers["Location"] == "https://bucket.example/%D0%BE%D1%82%D1%87%D0%B5%D1%82.pdf?X-Sig=a%2Fb"
    for accept in ({}, {"Accept": "application/json"}, {"Accept": "*/*"}):
        file = call(APP, "GET", "/api/v1/reports/1/file", None, accept)
        assert (file.status, file.body) == (200, b"%PDF-\xff")
        assert (file.headers["Content-Type"], file.headers["Content-Disposition"]) == ("application/pdf", "inline")


def test_header_value_cannot_start_another_header() -> None:
    answer = call(APP, "POST", "/api/v1/reports", {"name": "a", "number": 1})
    assert (answer.status, answer.headers["Location"]) == (202, "/x  Evil: 1")


@pytest.mark.parametrize(("method", "path"), [("GET", "/api/things"), ("GET", "/no"), ("PUT", "/api/things")])
def test_every_answer_has_the_request_id_and_is_not_cached(method: str, path: str) -> None:
    headers = call(APP, method, path).headers
    assert headers["X-Request-Id"] == REQUEST_ID
    assert (headers["Cache-Control"], headers["X-Content-Type-Options"]) == ("no-store", "nosniff")


def test_browsers_are_told_to_stay_with_tls_where_there_is_tls() -> None:
    assert "Strict-Transport-Security" not in call(APP, "GET", "/api/things").headers
    with pytest.MonkeyPatch.context() as patch:
        deploy_to_prod(patch)
        secured = call(APP, "GET", "/api/things").headers
    settings.cache_clear()
    assert secured["Strict-Transport-Security"] == STRICT_TRANSPORT


def test_slow_request_is_504_in_the_shape_of_its_area(monkeypatch: pytest.MonkeyPatch) -> None:
    def forever(**_: Any) -> None:
        while True:
            threading.Event().wait(0.01)

    for path, shape in [("/api/v1/reports/1", "error"), (f"/api/things/{ID}", "detail")]:
        pattern = path.replace(ID, "{thing_id}").replace("reports/1", "reports/{report_id}")
        endpoint = next(e for e in sample.REGISTRY if (e.method, e.path) == ("GET", pattern))
        with monkeypatch.context() as patch:
            patch.setitem(endpoint.__dict__, "handler", forever)
            answer = call(APP, "GET", path, context=lambda_context(remaining_ms=1_050))
        assert (answer.status, answer.json) == (504, {shape: "Превышено время обработки запроса"})
    assert call(APP, "GET", "/api/v1/reports/1").status == 200


def test_application_works_outside_the_main_thread() -> None:
    found: list[int] = []
    thread = threading.Thread(target=lambda: found.append(call(APP, "GET", "/api/things").status))
    thread.start()
    thread.join()
    assert found == [200]


def test_answer_too_large_for_lambda_is_500_in_the_shape_of_its_area(monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint = next(e for e in sample.REGISTRY if (e.method, e.path) == ("GET", "/api/things"))
    monkeypatch.setitem(endpoint.__dict__, "handler", lambda **_: "x" * 6_000_000)
    assert call(APP, "GET", "/api/things").json["detail"].startswith("Внутренняя ошибка сервера")


class Wrapped(Exception):
    """An exception of a library that has an error of AWS as its cause."""


def _client_error(code: str, status: int = 400) -> ClientError:
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "GetItem")  # type: ignore


@pytest.mark.parametrize(
    ("cause", "status"),
    [
        (_client_error("ThrottlingException"), 503),
        (_client_error("Whatever", 500), 503),
        (EndpointConnectionError(endpoint_url="http://x"), 503),
        (ReadTimeoutError(endpoint_url="http://x"), 503),
        (_client_error("ValidationException"), 500),
        (_client_error("AccessDeniedException"), 500),
        (KeyError("x"), 500),
    ],
)
def test_outage_of_aws_is_503_and_bug_is_500(
    cause: Exception, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(**_: Any) -> None:
        raise Wrapped from cause

    endpoint = next(e for e in sample.REGISTRY if (e.method, e.path) == ("GET", "/api/things"))
    monkeypatch.setitem(endpoint.__dict__, "handler", fail)
    answer = call(APP, "GET", "/api/things")
    assert answer.status == status
    assert ("Retry-After" in answer.headers) == (status == 503)
    assert "Wrapped" in capsys.readouterr().err
