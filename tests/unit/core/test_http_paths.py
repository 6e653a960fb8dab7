"""Paths, methods and API areas: which endpoint answers, and the shape of 404 and 405."""

from urllib.parse import urljoin

import pytest

from chalicelib.core.areas import area_of_path
from chalicelib.core.http import PRODUCTION, Endpoint, Routes
from chalicelib.core.routing import Router
from tests.http_events import REQUEST_ID, call
from tests.unit.core.sample import APP

ID = "550e8400-e29b-41d4-a716-446655440000"


def endpoint(path: str) -> Endpoint:
    """A GET endpoint."""
    return Endpoint("GET", path, PRODUCTION, print, "", None, None, None, {}, frozenset())


@pytest.mark.parametrize(
    ("path", "area"),
    [
        ("/api/batches", "production"),
        ("/api", "production"),
        ("/api/v1x", "production"),
        ("/api/v1", "outside"),
        ("/api/v1/other", "outside"),
        ("/api/v1/reports", "reports"),
        ("/api/v1/reports/1/2/3/4", "reports"),
        ("/api/v1/sagas/x", "reports"),
        ("/api/v1/templates", "reports"),
        ("/api/v1/tasks/1", "tasks"),
        ("/api/v1/health", "tasks"),
        ("/users", "users"),
        ("/orders/x/status", "users"),
        ("/health", "users"),
        ("/status", "users"),
        ("/v1/users/login", "users"),
        ("/user/1", "long_tasks"),
        ("/task/1", "long_tasks"),
        ("/tasks/1", "long_tasks"),
        ("/usersx", "outside"),
        ("/", "outside"),
        ("", "outside"),
        ("//api/batches", "outside"),
    ],
)
def test_path_belongs_to_its_area(path: str, area: str) -> None:
    assert area_of_path(path).name == area


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/nothing", {"detail": "Путь не найден"}),
        ("/api/v1/reports/1/nothing", {"error": "Путь не найден"}),
        ("/api/v1/tasks/1/nothing", {"error": "Путь не найден"}),
        ("/users/a/b/c", {"success": False, "error": {"code": "NOT_FOUND", "message": "Путь не найден"}}),
        ("/tasks/a/b", {"error": "Путь не найден"}),
        ("/nothing", {"error": "Путь не найден"}),
    ],
)
def test_unknown_path_is_404_in_the_shape_of_its_area(path: str, body: object) -> None:
    answer = call(APP, "GET", path)
    assert (answer.status, answer.json) == (404, body)
    assert answer.headers["X-Request-Id"] == REQUEST_ID
    link = answer.headers["Link"]
    assert link.endswith('>; rel="service-doc"')
    assert urljoin(f"https://host/stage{path}", link[1 : link.index(">")]) == "https://host/stage/docs"


@pytest.mark.parametrize("path", ["/" * 8_000, "/a" * 4_000, "/api" + "/x" * 4_000])
def test_headers_of_a_404_are_short_for_every_path(path: str) -> None:
    answer = call(APP, "GET", path)
    assert answer.status == 404
    assert sum(len(f"{name}: {value}") for name, value in answer.headers.items()) < 2_000


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PUT", "/api/things", "GET, HEAD, OPTIONS, POST"),
        ("POST", f"/api/things/{ID}", "DELETE, GET, HEAD, OPTIONS, PATCH"),
        ("GET", f"/api/things/{ID}/close", "OPTIONS, POST"),
        ("TRACE", "/task/1", "GET, HEAD, OPTIONS, POST"),
    ],
)
def test_wrong_method_is_405_with_allow(method: str, path: str, allow: str) -> None:
    answer = call(APP, method, path)
    assert answer.status == 405
    assert answer.headers["Allow"] == allow
    assert "Метод не поддерживается" in answer.text


@pytest.mark.parametrize("path", ["/api/things", "/api/things/", "/api/v1/reports/7", "/api/v1/reports/7/"])
def test_trailing_slash_is_ignored(path: str) -> None:
    assert call(APP, "GET", path).status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/api//things",
        "/api/things//",
        "//api/things",
        "/api/./things",
        "/api/../api/things",
        "/API/things",
        "api/things",
    ]
    + ["/api/things/%2e%2e", "/api/things%2F", "/api/%00", "/api/things/" + "a/" * 500, "/" * 300, "/api/things;x=1"],
)
def test_malformed_paths_match_no_endpoint(path: str) -> None:
    answer = call(APP, "GET", path)
    assert answer.status in (404, 422)
    assert answer.json


def test_segment_is_percent_decoded_once() -> None:
    assert call(APP, "GET", "/api/thing%73").status == 200
    assert call(APP, "GET", "/api/thing%2573").status == 404


def test_head_is_answered_like_get_without_a_body() -> None:
    answer = call(APP, "HEAD", "/api/things")
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["Content-Type"] == "application/json"
    assert call(APP, "HEAD", "/api/nothing").body == b""


def test_options_answers_the_allowed_methods() -> None:
    answer = call(APP, "OPTIONS", "/api/things")
    assert (answer.status, answer.body, answer.headers["Allow"]) == (204, b"", "GET, HEAD, OPTIONS, POST")
    assert call(APP, "OPTIONS", "/api/nothing").status == 404


def test_two_methods_of_a_path_may_name_its_parameter_differently() -> None:
    assert call(APP, "POST", "/task/4").json == {"user": 4}
    assert call(APP, "GET", "/task/5").json == {"task": 5}


def test_literal_segment_wins_over_a_parameter() -> None:
    router = Router()
    for path in ("/a/{x}/c", "/a/b", "/a/b/d"):
        router.add(endpoint(path))
    assert router.match("GET", "/a/b")[0].path == "/a/b"
    assert router.match("GET", "/a/b/c")[1] == {"x": "b"}


def test_same_path_twice_is_an_error() -> None:
    router = Router()
    router.add(endpoint("/a/{x}"))
    with pytest.raises(ValueError, match="same path"):
        router.add(endpoint("/a/{y}"))


def test_handler_that_does_not_fit_its_path_is_an_error_at_import() -> None:
    routes = Routes(PRODUCTION, [])
    with pytest.raises(TypeError, match="does not fit"):
        routes.get("/api/x/{id}")(lambda: None)
    with pytest.raises(TypeError, match="does not fit"):
        routes.get("/api/x")(lambda other: None)


def test_event_that_is_no_request_is_404() -> None:
    assert APP(None, None)["statusCode"] == 404
    assert APP({}, None)["statusCode"] == 404
