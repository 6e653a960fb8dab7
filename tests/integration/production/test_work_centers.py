"""Work centres: what they answer, what is unique, and what goes with them."""

import pytest

from tests.production import (
    UNKNOWN,
    ask,
    batch,
    batch_with,
    closed_batch,
    events_of,
    nothing_written,
    ok,
    refused,
    work_center,
    wrong_fields,
)

FIELDS = {"uuid", "created_at", "updated_at", "identifier", "name"}


def test_a_new_work_center_answers_as_the_contract_shows() -> None:
    answer = ask("POST", "/api/work_centers", {"identifier": "WC-001", "name": "Цех №1"})
    made = answer.json
    assert answer.status == 201
    assert set(made) == FIELDS
    assert made["created_at"].endswith("Z")
    assert (made["updated_at"], made["identifier"], made["name"]) == (None, "WC-001", "Цех №1")
    assert ok("GET", f"/api/work_centers/{made['uuid']}") == made


def test_the_list_answers_as_the_contract_shows() -> None:
    made = work_center()
    listed = ok("GET", "/api/work_centers/")
    assert listed == {"items": [made], "total": 1, "limit": 25, "offset": 0, "next_cursor": None}


def test_an_identifier_is_taken_once() -> None:
    work_center(identifier="WC-001")
    detail = refused(409, "POST", "/api/work_centers", {"identifier": " WC-001 ", "name": "Другой"})
    assert "WC-001" in detail


def test_a_patch_changes_what_it_names_and_sets_updated_at() -> None:
    made = work_center(identifier="WC-001", name="Цех")
    changed = ok("PATCH", f"/api/work_centers/{made['uuid']}", {"name": "Обновленное имя", "identifier": None})
    assert changed == made | {"name": "Обновленное имя", "updated_at": changed["updated_at"]}
    assert changed["updated_at"] > made["created_at"]
    assert ok("GET", f"/api/work_centers/{made['uuid']}") == changed


@pytest.mark.parametrize("body", [None, {}, {"name": None}, {"unknown": 1}])
def test_an_empty_patch_changes_nothing(body: object) -> None:
    made = work_center()
    with nothing_written():
        assert ok("PATCH", f"/api/work_centers/{made['uuid']}", body) == made


def test_a_renamed_identifier_is_free_for_others_and_the_new_one_is_not() -> None:
    one, other = work_center(identifier="A"), work_center(identifier="B")
    assert ok("PATCH", f"/api/work_centers/{one['uuid']}", {"identifier": "A"})["identifier"] == "A"
    refused(409, "PATCH", f"/api/work_centers/{one['uuid']}", {"identifier": "B"})
    ok("PATCH", f"/api/work_centers/{one['uuid']}", {"identifier": "C"})
    ok("PATCH", f"/api/work_centers/{other['uuid']}", {"identifier": "A"})
    assert ok("GET", "/api/work_centers?identifier=C")["items"][0]["uuid"] == one["uuid"]
    assert ok("GET", "/api/work_centers?identifier=B")["total"] == 0


@pytest.mark.parametrize("field", ["identifier", "name"])
@pytest.mark.parametrize("value", ["", "   ", "\t\n", "\u00a0", "\u200b", 7, True, [], {}, "a\u0007b", "x" * 201])
def test_texts_are_not_blank_not_long_and_texts(field: str, value: object) -> None:
    body = {"identifier": "WC-001", "name": "Цех"} | {field: value}
    assert list(wrong_fields("POST", "/api/work_centers", body)) == [f"body.{field}"]
    place = f"/api/work_centers/{work_center()['uuid']}"
    assert list(wrong_fields("PATCH", place, {field: value})) == [f"body.{field}"]


def test_missing_fields_are_all_named() -> None:
    assert wrong_fields("POST", "/api/work_centers") == {
        "body.identifier": "обязательное поле",
        "body.name": "обязательное поле",
    }


@pytest.mark.parametrize(("method", "body"), [("GET", None), ("PATCH", {"name": "x"}), ("DELETE", None)])
def test_an_unknown_one_is_404_and_a_malformed_id_422(method: str, body: object) -> None:
    assert refused(404, method, f"/api/work_centers/{UNKNOWN}", body) == "Рабочий центр не найден"
    assert list(wrong_fields(method, "/api/work_centers/17", body)) == ["path.work_center_id"]


def test_deleting_one_without_batches_frees_its_identifier_and_records_the_event() -> None:
    made = work_center(identifier="WC-001")
    answer = ask("DELETE", f"/api/work_centers/{made['uuid']}")
    assert (answer.status, answer.body) == (204, b"")
    refused(404, "GET", f"/api/work_centers/{made['uuid']}")
    assert ok("GET", "/api/work_centers")["total"] == 0
    ((name, data),) = events_of(f"work_center#{made['uuid']}")
    assert name == "work_center.deleted"
    assert data == {"work_center_id": made["uuid"], "aggregate_id": made["uuid"], "occurred_at": data["occurred_at"]}
    assert work_center(identifier="WC-001")["uuid"] != made["uuid"]


def test_one_with_batches_is_deleted_with_cascade_only() -> None:
    place = work_center()["uuid"]
    stays = batch_with("A")
    opened, shut = batch_with("A", "B", work_center_id=place), closed_batch("C", work_center_id=place)
    assert "cascade=true" in refused(409, "DELETE", f"/api/work_centers/{place}")
    refused(409, "DELETE", f"/api/work_centers/{place}?cascade=false")
    assert ask("DELETE", f"/api/work_centers/{place}?cascade=true").status == 204
    refused(404, "GET", f"/api/work_centers/{place}")
    for gone in (opened, shut):
        refused(404, "GET", f"/api/batches/{gone['uuid']}")
        assert ok("GET", f"/api/products?batch_id={gone['uuid']}")["total"] == 0
        assert events_of(f"batch#{gone['uuid']}")[-1][0] == "batch.deleted"
    assert [item["uuid"] for item in ok("GET", "/api/batches")["items"]] == [stays["uuid"]]
    assert ok("GET", "/api/products")["total"] == 1
    assert [name for name, _ in events_of(f"work_center#{place}")] == ["work_center.deleted"]


def test_a_cascade_that_is_no_boolean_is_refused() -> None:
    place = batch()["work_center_id"]
    assert list(wrong_fields("DELETE", f"/api/work_centers/{place}?cascade=maybe")) == ["query.cascade"]


def test_one_whose_batches_are_gone_can_be_deleted() -> None:
    made = closed_batch()
    ok("DELETE", f"/api/batches/{made['uuid']}")
    assert ask("DELETE", f"/api/work_centers/{made['work_center_id']}").status == 204
