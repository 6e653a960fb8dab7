"""The health checks, with and without tables behind them."""

from collections.abc import Callable

import pytest

from chalicelib.core import health
from chalicelib.core.application import App
from chalicelib.core.aws import client
from chalicelib.core.settings import settings
from tests.http_events import call

APP = App("health")
for routes in (health.api, health.tasks_api):
    APP.register(routes)


def test_service_check_needs_no_dependency() -> None:
    answer = call(APP, "GET", "/api/healthcheck/service")
    assert (answer.status, answer.json) == (200, {"status": "ok"})


def test_health_of_tasks_answers_ok() -> None:
    answer = call(APP, "GET", "/api/v1/health/")
    assert (answer.status, answer.body, answer.headers["Content-Type"]) == (200, b"OK", "text/plain; charset=utf-8")


def test_database_check_reads_a_table(tables: Callable[..., None]) -> None:
    missing = call(APP, "GET", "/api/healthcheck/database")
    assert missing.status == 200
    assert missing.json == {
        "status": "error",
        "message": "База данных отвечает ошибкой: ResourceNotFoundException",
    }
    tables("idempotency")
    assert call(APP, "GET", "/api/healthcheck/database").json == {"status": "ok"}


def test_unreachable_database_is_an_error_in_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    from botocore.exceptions import EndpointConnectionError

    def unreachable(**_: object) -> None:
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")

    monkeypatch.setattr(client("dynamodb"), "get_item", unreachable)
    answer = call(APP, "GET", "/api/healthcheck/database")
    assert answer.status == 200
    assert answer.json == {"status": "error", "message": "Нет связи с базой данных: EndpointConnectionError"}
    client.cache_clear()


@pytest.mark.parametrize("path", ["/api/healthcheck/service", "/api/v1/health"])
def test_health_checks_need_no_token(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTH_REQUIRED", "true")
    settings.cache_clear()
    assert call(APP, "GET", path).status == 200
    monkeypatch.undo()
    settings.cache_clear()
