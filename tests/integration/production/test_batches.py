"""Batches: what they answer, what is unique, what a change does."""

from collections.abc import Callable

import pytest

from tests.production import (
    UNKNOWN,
    ask,
    batch,
    batch_body,
    batch_with,
    closed_batch,
    events_of,
    nothing_written,
    ok,
    refused,
    work_center,
    wrong_fields,
)

FIELDS = {
    "uuid", "created_at", "updated_at", "is_closed", "closed_at", "task_description", "shift", "team", "batch_number",
    "batch_date", "nomenclature", "ekn_code", "shift_time_range", "work_center_id", "products", "products_total",
    "aggregated_total", "planned_quantity",
}  # fmt: skip
CHANGES = {
    "task_description": "Обновленное описание задания",
    "shift": "2",
    "team": "Бригада Б",
    "batch_number": 1002,
    "batch_date": "2025-01-25",
    "nomenclature": "Обновленная номенклатура",
    "ekn_code": "EKN-002",
}


def test_a_new_batch_answers_as_the_contract_shows() -> None:
    sent = batch_body(work_center()["uuid"], batch_number=1001)
    answer = ask("POST", "/api/batches", sent)
    made = answer.json
    assert answer.status == 201
    assert set(made) == FIELDS
    assert made["created_at"].endswith("Z")
    shift = {"start": sent.pop("shift_start"), "end": sent.pop("shift_end")}
    new = {"updated_at": None, "is_closed": False, "closed_at": None, "products": [], "products_total": 0,
           "aggregated_total": 0, "planned_quantity": None}  # fmt: skip
    given = {"uuid": made["uuid"], "created_at": made["created_at"], "shift_time_range": shift}
    assert made == sent | new | given
    assert ok("GET", f"/api/batches/{made['uuid']}") == made
    assert ok("GET", f"/api/batches/{made['uuid'].upper()}/") == made


def test_creating_records_the_event_with_its_fields() -> None:
    made = batch()
    ((name, data),) = events_of(f"batch#{made['uuid']}")
    assert name == "batch.created"
    assert data == {
        "aggregate_id": made["uuid"],
        "occurred_at": data["occurred_at"],
        "batch_id": made["uuid"],
        "batch_number": made["batch_number"],
        "batch_date": "2025-01-20",
        "work_center_id": made["work_center_id"],
    }
    assert data["occurred_at"].endswith("Z")


def test_offsets_are_honoured_and_answered_in_utc() -> None:
    made = batch(shift_start="2025-01-20T23:00:00+05:00", shift_end="2025-01-20T20:00:00.25-01:30")
    assert made["shift_time_range"] == {"start": "2025-01-20T18:00:00Z", "end": "2025-01-20T21:30:00.250000Z"}
    assert ok("GET", f"/api/batches/{made['uuid']}")["shift_time_range"] == made["shift_time_range"]


def test_times_without_an_offset_are_those_of_the_site(site_in: Callable[[str], None]) -> None:
    given = {"shift_start": "2025-01-20T08:00:00", "shift_end": "2025-01-20T20:00:00+00:00"}
    in_utc = batch(**given)["shift_time_range"]
    site_in("Europe/Moscow")
    at_site = batch(**given)["shift_time_range"]
    assert in_utc == {"start": "2025-01-20T08:00:00Z", "end": "2025-01-20T20:00:00Z"}
    assert at_site == {"start": "2025-01-20T05:00:00Z", "end": "2025-01-20T20:00:00Z"}


def test_number_and_date_together_are_unique() -> None:
    one = batch(batch_number=1001, batch_date="2025-01-20")
    place = one["work_center_id"]
    batch(batch_number=1001, batch_date="2025-01-21", work_center_id=place)
    other = batch(batch_number=1002, batch_date="2025-01-20", work_center_id=place)
    detail = refused(409, "POST", "/api/batches", batch_body(work_center()["uuid"], batch_number=1001))
    assert "1001" in detail
    assert "2025-01-20" in detail
    refused(409, "PATCH", f"/api/batches/{other['uuid']}", {"batch_number": 1001, "team": "Другая"})
    ok("PATCH", f"/api/batches/{one['uuid']}", {"batch_number": 1003})
    ok("PATCH", f"/api/batches/{other['uuid']}", {"batch_number": 1001})
    refused(409, "PATCH", f"/api/batches/{other['uuid']}", {"batch_date": "2025-01-21"})


def test_an_unknown_work_center_is_404_on_create_and_update() -> None:
    assert refused(404, "POST", "/api/batches", batch_body(UNKNOWN)) == "Рабочий центр не найден"
    refused(404, "PATCH", f"/api/batches/{batch()['uuid']}", {"work_center_id": UNKNOWN, "team": "Другая"})


@pytest.mark.parametrize("field", ["task_description", "shift", "team", "nomenclature", "ekn_code"])
@pytest.mark.parametrize("value", ["", " \u2003\u200b", 1, ["x"], "\u0000"])
def test_texts_are_not_blank(field: str, value: object) -> None:
    body = batch_body(UNKNOWN) | {field: value}
    assert list(wrong_fields("POST", "/api/batches", body)) == [f"body.{field}"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("batch_number", value) for value in (0, -1, 1.5, "1", True, 10**15 + 1, 10**40)]
    + [("batch_date", value) for value in ("", "20.01.2025", "2025-02-30", "1737331200", "2025-01-20T00:00:00Z", 1, [])]
    + [
        ("shift_start", value)
        for value in ("", "вчера", "1737331200", 1737331200, "2025-01-20T25:00:00Z", "0001-01-01")
    ]
    + [("shift_end", value) for value in ("2025-01-20T08:00:00Z", "2025-01-20T10:59:59+03:00", "9999-12-31T23:59:59Z")]
    + [("work_center_id", value) for value in ("", "17", 17, UNKNOWN[:-1], [])],
)
def test_a_wrong_value_is_refused_with_its_place(field: str, value: object) -> None:
    assert list(wrong_fields("POST", "/api/batches", batch_body(UNKNOWN) | {field: value})) == [f"body.{field}"]
    place = f"/api/batches/{batch()['uuid']}"
    assert list(wrong_fields("PATCH", place, {field: value})) == [f"body.{field}"]


def test_missing_fields_are_all_named() -> None:
    assert set(wrong_fields("POST", "/api/batches", {})) == {f"body.{name}" for name in batch_body(UNKNOWN)}


def test_a_patch_changes_what_it_names() -> None:
    made = batch_with("A")
    place = work_center()["uuid"]
    shift = {"shift_start": "2025-01-25T08:00:00Z", "shift_end": "2025-01-25T20:00:00Z"}
    body = CHANGES | shift | {"work_center_id": place, "is_closed": False}
    changed = ok("PATCH", f"/api/batches/{made['uuid']}", body)
    shown = {"start": shift["shift_start"], "end": shift["shift_end"]}
    assert changed == made | CHANGES | {
        "shift_time_range": shown, "work_center_id": place, "updated_at": changed["updated_at"],
    }  # fmt: skip
    assert changed["updated_at"] > made["updated_at"]
    assert ok("GET", f"/api/batches/{made['uuid']}") == changed
    assert [name for name, _ in events_of(f"batch#{made['uuid']}")] == ["batch.created", "batch.product_added"]
    assert ok("GET", f"/api/batches?work_center_id={made['work_center_id']}")["total"] == 0
    assert ok("GET", f"/api/batches?work_center_id={place}&shift=2")["items"] == [changed]


@pytest.mark.parametrize("body", [None, {}, dict.fromkeys(CHANGES), {"is_closed": False}, {"is_closed": None}])
def test_an_empty_patch_changes_nothing(body: object) -> None:
    made = batch()
    with nothing_written():
        assert ok("PATCH", f"/api/batches/{made['uuid']}", body) == made


def test_a_null_beside_a_value_leaves_its_field_alone() -> None:
    made = batch()
    changed = ok("PATCH", f"/api/batches/{made['uuid']}", {"team": "Другая", "shift": None, "work_center_id": None})
    assert changed == made | {"team": "Другая", "updated_at": changed["updated_at"]}


@pytest.mark.parametrize("body", [{"shift_end": "2025-01-20T07:00:00Z"}, {"shift_start": "2025-01-20T20:00:00Z"}])
def test_the_shift_ends_after_it_starts_when_one_of_both_is_changed(body: object) -> None:
    place = f"/api/batches/{batch()['uuid']}"
    assert wrong_fields("PATCH", place, body) == {"body.shift_end": "должно быть позже shift_start"}


@pytest.mark.parametrize(
    ("method", "tail", "body"),
    [
        ("GET", "", None),
        ("PATCH", "", {}),
        ("PATCH", "", {"team": "x"}),
        ("DELETE", "", None),
        ("PATCH", "/close", None),
        ("PATCH", "/aggregate", None),
        ("POST", "/products", {"unique_code": "A"}),
        ("DELETE", f"/products/{UNKNOWN}", None),
    ],
)
def test_an_unknown_batch_is_404_and_a_malformed_id_422(method: str, tail: str, body: object) -> None:
    assert refused(404, method, f"/api/batches/{UNKNOWN}{tail}", body) == "Партия не найдена"
    assert list(wrong_fields(method, f"/api/batches/x{tail}", body)) == ["path.batch_id"]


def test_only_a_closed_batch_is_deleted_and_its_products_with_it() -> None:
    opened = batch_with("A")
    assert "закройте" in refused(409, "DELETE", f"/api/batches/{opened['uuid']}")
    ok("PATCH", f"/api/batches/{opened['uuid']}/close")
    answer = ask("DELETE", f"/api/batches/{opened['uuid']}")
    assert (answer.status, answer.body) == (204, b"")
    refused(404, "GET", f"/api/batches/{opened['uuid']}")
    refused(404, "GET", f"/api/products/{opened['products'][0]['uuid']}")
    assert ok("GET", "/api/batches")["total"] == ok("GET", "/api/products")["total"] == 0
    name, data = events_of(f"batch#{opened['uuid']}")[-1]
    assert name == "batch.deleted"
    assert set(data) == {"aggregate_id", "occurred_at", "batch_id", "batch_number"}


def test_the_number_of_a_deleted_batch_is_free_again() -> None:
    gone = closed_batch("A", "B", batch_number=1001)
    ok("DELETE", f"/api/batches/{gone['uuid']}")
    again = batch_with("A", batch_number=1001)
    assert again["products_total"] == 1


def test_a_plan_is_kept_changed_and_taken_away_by_null_alone() -> None:
    made = batch(planned_quantity=1_000_000)
    place = f"/api/batches/{made['uuid']}"
    assert made["planned_quantity"] == ok("GET", place)["planned_quantity"] == 1_000_000
    assert ok("PATCH", place, {"team": "Другая"})["planned_quantity"] == 1_000_000
    assert ok("PATCH", place, {"planned_quantity": 1})["planned_quantity"] == 1
    assert ok("GET", "/api/batches")["items"][0]["planned_quantity"] == 1
    assert ok("PATCH", place, {"planned_quantity": None, "team": None})["planned_quantity"] is None
    assert (ok("GET", place)["planned_quantity"], ok("GET", place)["team"]) == (None, "Другая")


@pytest.mark.parametrize("value", [0, -1, 1_000_001, 1.5, "10", True])
def test_a_wrong_plan_is_refused_with_its_place(value: object) -> None:
    body = batch_body(UNKNOWN) | {"planned_quantity": value}
    assert list(wrong_fields("POST", "/api/batches", body)) == ["body.planned_quantity"]


def test_a_batch_counts_its_aggregated_products_alone_and_in_lists() -> None:
    made = batch_with("A", "B")
    place = f"/api/batches/{made['uuid']}"
    ok("PATCH", f"/api/products/{made['products'][0]['uuid']}/aggregate")
    for shown in (ok("GET", place), ok("GET", "/api/batches")["items"][0]):
        assert (shown["products_total"], shown["aggregated_total"]) == (2, 1)
    assert ok("DELETE", f"{place}/products/{made['products'][0]['uuid']}")["aggregated_total"] == 0
