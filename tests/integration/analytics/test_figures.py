"""Figures by work centre, shift and day, from totals buckets only."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.core import clock
from tests.aws_calls import record_calls
from tests.production import ask, batch_with, ok, work_center, wrong_fields

JANUARY = "date_from=2025-01-01&date_to=2025-01-31"


def get(path: str, query: str = JANUARY) -> Any:
    return ok("GET", f"/api/analytics/{path}?{query}")


def figures(one: dict[str, Any]) -> tuple[int, int, int, int, float]:
    """Return the numbers of batches, closed batches, products and aggregated products, and the rate."""
    assert one["active_batches"] == one["total_batches"] - one["closed_batches"]
    return (
        one["total_batches"], one["closed_batches"], one["total_products"], one["aggregated_products"],
        one["aggregation_rate"],
    )  # fmt: skip


def make(center: dict[str, Any], day: str, shift: str, codes: int, aggregated: int = 0, *, closed: bool = False) -> str:
    """Create a batch; returns its id."""
    names = [f"P-{number}" for number in range(codes)]
    made = batch_with(*names, work_center_id=center["uuid"], batch_date=day, shift=shift)
    for product in made["products"][:aggregated]:
        ok("PATCH", f"/api/products/{product['uuid']}/aggregate", {})
    if closed:
        ok("PATCH", f"/api/batches/{made['uuid']}/close")
    return str(made["uuid"])


def test_work_centers_with_batches_in_the_period_by_identifier() -> None:
    second, first, idle = work_center(identifier="WC-B", name="Цех Б"), work_center(identifier="WC-A"), work_center()
    make(second, "2025-01-20", "1", 3, 1)
    make(second, "2025-01-21", "2", 1, 1, closed=True)
    make(first, "2025-01-31", "1", 0)
    make(idle, "2025-02-01", "1", 5)
    shown = get("work_centers")
    assert (shown["date_from"], shown["date_to"]) == ("2025-01-01", "2025-01-31")
    assert [(one["identifier"], one["work_center_id"]) for one in shown["items"]] == [
        ("WC-A", first["uuid"]), ("WC-B", second["uuid"]),
    ]  # fmt: skip
    assert shown["items"][1]["name"] == "Цех Б"
    assert [figures(one) for one in shown["items"]] == [(1, 0, 0, 0, 0.0), (2, 1, 4, 2, 50.0)]
    assert figures(shown["total"]) == (3, 1, 4, 2, 50.0)


def test_shifts_in_their_order() -> None:
    center = work_center()
    for shift in ("10", "2", "ночная", "2"):
        make(center, "2025-01-20", shift, 1)
    shown = get("shifts")
    assert [(one["shift"], one["total_batches"]) for one in shown["items"]] == [("2", 2), ("10", 1), ("ночная", 1)]


def test_shift_may_have_any_name() -> None:
    make(work_center(), "2025-01-20", "a#b|c=1", 1)
    assert [one["shift"] for one in get("shifts")["items"]] == ["a#b|c=1"]
    assert get("timeseries", f"{JANUARY}&shift=a%23b%7Cc%3D1")["total"]["total_products"] == 1


def test_days_without_batches_have_zeros() -> None:
    center = work_center()
    make(center, "2025-01-20", "1", 2, 1)
    make(center, "2025-01-22", "1", 1)
    shown = get("timeseries", "date_from=2025-01-19&date_to=2025-01-22")
    assert [(one["date_from"], one["date_to"], figures(one)) for one in shown["items"]] == [
        ("2025-01-19", "2025-01-19", (0, 0, 0, 0, 0.0)),
        ("2025-01-20", "2025-01-20", (1, 0, 2, 1, 50.0)),
        ("2025-01-21", "2025-01-21", (0, 0, 0, 0, 0.0)),
        ("2025-01-22", "2025-01-22", (1, 0, 1, 0, 0.0)),
    ]
    assert shown["interval"] == "day"


def test_weeks_and_months() -> None:
    center = work_center()
    for day in ("2025-01-01", "2025-01-05", "2025-01-06", "2025-02-01"):
        make(center, day, "1", 1)
    period = "date_from=2025-01-01&date_to=2025-02-10"
    weeks = get("timeseries", f"{period}&interval=week")["items"]
    assert [one["total_batches"] for one in weeks] == [2, 1, 0, 0, 1, 0, 0]
    assert (weeks[0]["date_from"], weeks[0]["date_to"]) == ("2025-01-01", "2025-01-05")
    months = get("timeseries", f"{period}&interval=month")["items"]
    assert [(one["date_from"], one["date_to"], one["total_batches"]) for one in months] == [
        ("2025-01-01", "2025-01-31", 3), ("2025-02-01", "2025-02-10", 1),
    ]  # fmt: skip


def test_filters_by_work_center_and_shift() -> None:
    mine, other = work_center(), work_center()
    make(mine, "2025-01-20", "1", 1)
    make(mine, "2025-01-20", "2", 2)
    make(other, "2025-01-20", "1", 4)
    for path in ("work_centers", "shifts", "timeseries"):
        assert get(path, f"{JANUARY}&work_center_id={mine['uuid']}")["total"]["total_products"] == 3
        assert get(path, f"{JANUARY}&shift=1")["total"]["total_products"] == 5
        assert get(path, f"{JANUARY}&shift=1&work_center_id={mine['uuid']}")["total"]["total_products"] == 1


def test_a_batch_that_moves_takes_its_products_with_it() -> None:
    here, there = work_center(identifier="A"), work_center(identifier="B")
    batch_id = make(here, "2025-01-20", "1", 3, 2)
    ok("PATCH", f"/api/batches/{batch_id}", {"work_center_id": there["uuid"], "batch_date": "2025-01-25", "shift": "3"})
    assert [(one["identifier"], figures(one)) for one in get("work_centers")["items"]] == [("B", (1, 0, 3, 2, 66.7))]
    assert [one["shift"] for one in get("shifts")["items"]] == ["3"]
    ok("PATCH", f"/api/batches/{batch_id}/close")
    ok("DELETE", f"/api/batches/{batch_id}")
    assert get("work_centers")["items"] == []


def test_period_defaults_to_the_last_thirty_days(day: Callable[[int], str]) -> None:
    center = work_center()
    for ahead in (0, -29, -30):
        make(center, day(ahead), "1", 0)
    shown = get("timeseries", "")
    assert len(shown["items"]) == 30
    assert shown["total"]["total_batches"] == 2


def test_the_period_ends_on_the_day_of_the_site(
    site_in: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    center = work_center()
    for day in ("2025-03-01", "2025-03-02", "2025-03-03"):
        make(center, day, "1", 0)
    monkeypatch.setattr(clock, "now", lambda: datetime(2025, 3, 1, 22, tzinfo=UTC))
    site_in("Asia/Vladivostok")
    for path in ("timeseries", "work_centers", "shifts"):
        shown = get(path, "")
        assert (shown["date_from"], shown["date_to"]) == ("2025-02-01", "2025-03-02")
        assert shown["total"]["total_batches"] == 2


def test_wrong_query_is_rejected() -> None:
    for path in ("work_centers", "shifts", "timeseries"):
        place = f"/api/analytics/{path}"
        assert wrong_fields("GET", f"{place}?date_from=2025-01-02&date_to=2025-01-01") == {
            "query.date_from": "должно быть не позже date_to"
        }
        assert wrong_fields("GET", f"{place}?date_from=2024-01-01&date_to=2025-01-01") == {
            "query.date_from": "период не длиннее 366 дней"
        }
        assert set(wrong_fields("GET", f"{place}?date_from=01.01.2025&work_center_id=7")) == {
            "query.date_from", "query.work_center_id",
        }  # fmt: skip
    assert set(wrong_fields("GET", "/api/analytics/timeseries?interval=year")) == {"query.interval"}
    assert ask("GET", "/api/analytics/timeseries?date_from=2024-01-01&date_to=2024-12-31").status == 200


def test_batches_are_never_read(monkeypatch: pytest.MonkeyPatch) -> None:
    make(work_center(), "2025-01-20", "1", 2)
    asked = record_calls(monkeypatch)
    for path in ("work_centers", "shifts", "timeseries"):
        get(path)
    tables = {name for _, arguments in asked for name in named(arguments)}
    assert tables == {"shopfloor-test-batch_totals", "shopfloor-test-work_centers"}


def named(params: dict[str, Any]) -> list[str]:
    """Return the tables in a request."""
    return [params["TableName"]] if "TableName" in params else list(params["RequestItems"])
