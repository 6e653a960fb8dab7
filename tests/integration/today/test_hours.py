"""Products by hour: counted by the refresh, with their age."""

from datetime import datetime, timedelta
from typing import Any

import pytest

import app
from chalicelib.analytics import model
from chalicelib.core import clock
from tests.http_events import lambda_context
from tests.production import batch_with, ok

NOON = datetime.fromisoformat("2026-03-10T12:34:56.789000Z")
LONG_AGO = {"aggregated_at": "2020-01-01T00:00:00Z"}


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets the clock."""

    def put(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    put(NOON)
    return put


def refresh(remaining_ms: int = 29_000) -> None:
    app.refresh_analytics({}, lambda_context(remaining_ms))


def hours() -> dict[str, tuple[int | None, int | None]]:
    """What was added and aggregated, by the hour, where there is something."""
    shown = ok("GET", "/api/analytics/today")["products_by_hour"]
    assert [one["hour"] for one in shown["hours"]] == [
        clock.to_json(one) for one in model.last_hours(clock.now())[::-1]
    ]
    return {one["hour"][11:13]: (one["added"], one["aggregated"]) for one in shown["hours"] if one["added"] != 0}


def test_before_the_first_refresh_there_are_none(at: Any) -> None:
    assert ok("GET", "/api/analytics/today")["products_by_hour"] is None


def test_products_are_counted_in_the_hour_in_which_they_came_and_were_aggregated(at: Any) -> None:
    at(NOON - timedelta(hours=2))
    made = batch_with("A", "B", "C")
    at(NOON)
    batch_with("D")
    ok("PATCH", f"/api/products/{made['products'][0]['uuid']}/aggregate")
    ok("PATCH", f"/api/products/{made['products'][1]['uuid']}/aggregate", LONG_AGO)
    refresh()
    assert hours() == {"10": (3, 0), "12": (1, 1)}
    assert ok("GET", "/api/analytics/today")["products_by_hour"]["counted_at"] == clock.to_json(NOON)
    batch_with("E")
    assert hours() == {"10": (3, 0), "12": (1, 1)}
    refresh()
    assert hours()["12"] == (2, 1)


def test_an_hour_is_counted_until_a_quarter_after_its_end_and_then_kept(at: Any) -> None:
    batch_with("A")
    refresh()
    at(NOON + timedelta(minutes=30))
    assert hours() == {"12": (1, 0), "13": (None, None)}
    made = batch_with("B")
    refresh()
    at(NOON + timedelta(minutes=45))
    refresh()
    ok("DELETE", f"/api/batches/{made['uuid']}/products/{made['products'][0]['uuid']}")
    assert hours() == {"12": (1, 0), "13": (1, 0)}
    refresh()
    assert hours() == {"12": (1, 0)}
    at(NOON + timedelta(hours=24))
    refresh()
    assert hours() == {}


def test_a_refresh_without_time_leaves_hours_uncounted_and_the_next_one_counts_them(at: Any) -> None:
    batch_with("A")
    refresh(remaining_ms=5_000)
    assert hours() == {f"{hour:02d}": (None, None) for hour in range(24)}
    refresh()
    assert hours() == {"12": (1, 0)}
