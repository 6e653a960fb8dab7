"""Closing, reopening, and what a closed batch refuses."""

from collections.abc import Iterator

import pytest

from chalicelib.core.settings import settings
from tests.production import batch, batch_with, closed_batch, events_of, nothing_written, ok, refused, wrong_fields


@pytest.fixture
def aggregation_required(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The setting CLOSE_REQUIRES_AGGREGATION is on."""
    monkeypatch.setenv("CLOSE_REQUIRES_AGGREGATION", "true")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


def test_an_open_batch_is_closed_whatever_its_products() -> None:
    made = batch_with("A")
    body = {"closed_at": "2025-01-20T23:00:00+03:00"}
    closed = ok("PATCH", f"/api/batches/{made['uuid']}/close", body)
    assert closed == made | {
        "is_closed": True, "closed_at": "2025-01-20T20:00:00Z", "updated_at": closed["updated_at"],
    }  # fmt: skip
    assert closed["updated_at"] > made["updated_at"]
    assert ok("GET", f"/api/batches/{made['uuid']}") == closed
    name, data = events_of(f"batch#{made['uuid']}")[-1]
    assert (name, data["closed_at"], data["batch_number"]) == (
        "batch.closed", "2025-01-20T20:00:00Z", made["batch_number"],
    )  # fmt: skip
    assert set(data) == {"aggregate_id", "occurred_at", "batch_id", "batch_number", "closed_at"}


@pytest.mark.parametrize("body", [None, {}, {"closed_at": None}])
def test_without_a_time_it_is_closed_now(body: object) -> None:
    made = batch()
    closed = ok("PATCH", f"/api/batches/{made['uuid']}/close", body)
    assert closed["closed_at"] == closed["updated_at"] > made["created_at"]


@pytest.mark.parametrize("value", ["", "вчера", 0, True, "2025-13-01T00:00:00Z", "1737331200", []])
def test_a_time_that_is_none_is_refused(value: object) -> None:
    place = f"/api/batches/{batch()['uuid']}/close"
    assert list(wrong_fields("PATCH", place, {"closed_at": value})) == ["body.closed_at"]


def test_a_closed_batch_is_not_closed_again() -> None:
    place = f"/api/batches/{closed_batch()['uuid']}"
    assert refused(409, "PATCH", f"{place}/close") == "Партия уже закрыта"
    refused(409, "PATCH", place, {"is_closed": True, "team": "Другая"})


def test_a_patch_closes_too_and_changes_the_rest_with_it() -> None:
    made = batch()
    closed = ok("PATCH", f"/api/batches/{made['uuid']}", {"is_closed": True, "team": "Другая"})
    assert (closed["is_closed"], closed["team"], closed["closed_at"]) == (True, "Другая", closed["updated_at"])
    assert [name for name, _ in events_of(f"batch#{made['uuid']}")] == ["batch.created", "batch.closed"]
    assert ok("GET", "/api/batches?is_closed=true")["items"] == [closed]
    assert ok("GET", "/api/batches?is_closed=false")["total"] == 0


def test_a_patch_reopens_a_closed_batch() -> None:
    made = closed_batch("A")
    opened = ok("PATCH", f"/api/batches/{made['uuid']}", {"is_closed": False, "shift": "3"})
    assert (opened["is_closed"], opened["closed_at"], opened["shift"]) == (False, None, "3")
    assert ok("GET", f"/api/batches/{made['uuid']}") == opened
    name, data = events_of(f"batch#{made['uuid']}")[-1]
    assert (name, data["opened_at"]) == ("batch.opened", opened["updated_at"])
    assert set(data) == {"aggregate_id", "occurred_at", "batch_id", "batch_number", "opened_at"}
    assert ok("POST", f"/api/batches/{made['uuid']}/products", {"unique_code": "B"})["products_total"] == 2
    assert ok("PATCH", f"/api/batches/{made['uuid']}/close")["is_closed"]


def test_reopening_an_open_batch_does_nothing() -> None:
    made = batch()
    with nothing_written():
        assert ok("PATCH", f"/api/batches/{made['uuid']}", {"is_closed": False}) == made


def test_a_closed_batch_keeps_its_fields_changeable_and_stays_closed() -> None:
    made = closed_batch()
    changed = ok("PATCH", f"/api/batches/{made['uuid']}", {"team": "Другая"})
    assert changed == made | {"team": "Другая", "updated_at": changed["updated_at"]}


def test_products_of_a_closed_batch_are_not_added_removed_or_aggregated() -> None:
    made = closed_batch("A")
    place, product = f"/api/batches/{made['uuid']}", made["products"][0]["uuid"]
    for method, path, body in [
        ("POST", f"{place}/products", {"unique_code": "B"}),
        ("DELETE", f"{place}/products/{product}", None),
        ("PATCH", f"{place}/aggregate", None),
        ("PATCH", f"/api/products/{product}/aggregate", None),
    ]:
        assert refused(409, method, path, body).startswith("Партия закрыта")


def test_a_setting_lets_only_aggregated_batches_close(aggregation_required: None) -> None:
    empty, partial = batch()["uuid"], batch_with("A", "B")
    ok("PATCH", f"/api/products/{partial['products'][0]['uuid']}/aggregate")
    for batch_id in (empty, partial["uuid"]):
        detail = refused(409, "PATCH", f"/api/batches/{batch_id}/close")
        assert detail.startswith("Невозможно закрыть партию")
        refused(409, "PATCH", f"/api/batches/{batch_id}", {"is_closed": True})
    ok("PATCH", f"/api/batches/{partial['uuid']}/aggregate")
    assert ok("PATCH", f"/api/batches/{partial['uuid']}/close")["is_closed"]


def test_without_the_setting_any_batch_closes() -> None:
    assert closed_batch("A")["is_closed"]
    assert closed_batch()["is_closed"]
