"""The dashboard: a request reads its item, the refresh writes it."""

import pytest

import app
from tests.aws_calls import record_calls
from tests.http_events import lambda_context
from tests.production import ask, batch_with, nothing_written, ok

DASHBOARD = "/api/analytics/dashboard"


def refresh() -> None:
    app.refresh_analytics({}, lambda_context())


def test_dashboard_before_the_first_refresh_gets_503_with_retry_after() -> None:
    answer = ask("GET", DASHBOARD)
    assert answer.status == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.json == {"detail": "Статистика еще не рассчитана, повторите запрос через несколько секунд"}


def test_an_empty_site_has_a_rate_of_zero() -> None:
    refresh()
    shown = ok("GET", DASHBOARD)
    assert shown.pop("cached_at").endswith("Z")
    assert shown == {
        "total_batches": 0, "active_batches": 0, "total_products": 0, "aggregated_products": 0, "aggregation_rate": 0.0,
    }  # fmt: skip


def test_dashboard_shows_the_counts_of_its_refresh() -> None:
    made = batch_with("A-1", "A-2", "A-3")
    for product in made["products"][:2]:
        ok("PATCH", f"/api/products/{product['uuid']}/aggregate", {})
    ok("PATCH", f"/api/batches/{batch_with('B-1')['uuid']}/close")
    refresh()
    first = ok("GET", DASHBOARD)
    batch_with("C-1")
    with nothing_written():
        assert ok("GET", DASHBOARD) == first
    assert {name: value for name, value in first.items() if name != "cached_at"} == {
        "total_batches": 2, "active_batches": 1, "total_products": 4, "aggregated_products": 2,
        "aggregation_rate": 50.0,
    }  # fmt: skip
    refresh()
    second = ok("GET", DASHBOARD)
    assert (second["total_batches"], second["total_products"]) == (3, 5)
    assert second["cached_at"] > first["cached_at"]


def test_request_reads_one_item(monkeypatch: pytest.MonkeyPatch) -> None:
    refresh()
    asked = record_calls(monkeypatch)
    ok("GET", DASHBOARD)
    assert [operation for operation, _ in asked] == ["GetItem"]
