"""Import: what rows become, which are refused and why, and that the good ones are kept."""

import json
from typing import Any

import pytest

from tests.exchange import csv_file, download, imported, read, row, send, xlsx_rows
from tests.production import batch, batch_with, closed_batch, events_of, nothing_written, ok, work_center
from tests.tasks import run_tasks


def found(number: Any) -> dict[str, Any]:
    """The batch with that number."""
    (one,) = ok("GET", f"/api/batches?batch_number={number}")["items"]
    one["codes"] = [product["unique_code"] for product in one["products"]]
    return dict(one)


def as_row(made: dict[str, Any], center: dict[str, Any], **fields: Any) -> dict[str, str]:
    """The row of a batch that is there, as its export would have it."""
    shift = made["shift_time_range"]
    own = {"shift_start": shift["start"], "shift_end": shift["end"], "work_center_identifier": center["identifier"]}
    names = ("batch_number", "batch_date", "nomenclature", "ekn_code", "shift", "team", "task_description")
    return row(**{name: made[name] for name in names} | own | fields)


def problems(result: dict[str, Any]) -> list[tuple[int, str, str]]:
    """Row, column and code of the errors."""
    return [(error["row"], error["column"], error["code"]) for error in result["errors"]]


def names_of(batch_id: str) -> list[str]:
    """The events of a batch."""
    return [name for name, _ in events_of(f"batch#{batch_id}")]


@pytest.mark.parametrize("name", ["batches.csv", "Партии.XLSX"])
def test_rows_become_batches_with_products_and_work_centers(name: str) -> None:
    rows = [row(products=["A", "B"]), row(is_closed="да", closed_at="20.01.2025 20:00", batch_date="20.01.2025")]
    result = imported(csv_file(rows) if name.endswith("csv") else xlsx_rows(rows), name)
    format = name[-4:].lower().strip(".")
    assert result == {
        "success": True, "total": 2, "created": 2, "updated": 0, "failed": 0, "errors": [], "errors_url": None,
        "format": format, "sheet": "Лист1" if format == "xlsx" else None,
        "file": {
            "format": format, "encoding": None if format == "xlsx" else "UTF-8",
            "delimiter": None if format == "xlsx" else ",", "sheet": "Лист1" if format == "xlsx" else None,
            "other_sheets": [], "from_1904": False, "header_row": 1, "date_order": "day_first", "ignored_columns": [],
        },
        "warnings": [],
    }  # fmt: skip
    opened, closed = (found(one["batch_number"]) for one in rows)
    assert (opened["codes"], opened["is_closed"], opened["products_total"]) == (["A", "B"], False, 2)
    assert (closed["is_closed"], closed["closed_at"]) == (True, "2025-01-20T20:00:00Z")
    assert closed["batch_date"] == "2025-01-20"
    (center,) = ok("GET", "/api/work_centers")["items"]
    assert (center["identifier"], center["name"]) == ("WC-1", "Цех №1")
    assert opened["work_center_id"] == closed["work_center_id"] == center["uuid"]
    assert names_of(opened["uuid"]) == ["batch.created", "batch.product_added", "batch.product_added"]
    assert names_of(closed["uuid"]) == ["batch.created", "batch.closed"]


def test_the_end_is_an_event_without_a_batch() -> None:
    answer = send(csv_file([row(), row(team="")]), update_existing="true")
    run_tasks()
    ((name, data),) = events_of(f"import#{answer.json['task_id']}")
    assert name == "batch.import_completed"
    assert {key: value for key, value in data.items() if key != "occurred_at"} == {
        "aggregate_id": answer.json["task_id"], "task_id": answer.json["task_id"], "update_existing": True,
        "total_rows": 2, "created": 1, "updated": 0, "failed": 1,
    }  # fmt: skip


def test_errors_are_reported_and_the_other_rows_are_imported() -> None:
    good = row()
    rows = [
        good,
        row(batch_number="x"),
        row(shift_end="2025-01-20T07:00:00Z"),
        row(batch_number=good["batch_number"]),
        row(products='["A", "A"]'),
        row(products='["A", ""]'),
        row(products="A, B"),
        row(team="", shift=" "),
        row(is_closed="нет", closed_at="2025-01-20"),
        row(is_closed="maybe"),
        row(batch_date="31.02.2025"),
    ]
    result = imported(csv_file(rows))
    assert (result["success"], result["total"], result["created"], result["failed"]) == (False, 11, 1, 10)
    assert problems(result) == [
        (2, "batch_number", "int_type"),
        (3, "shift_end", "value_error"),
        (4, "batch_number", "duplicate"),
        (5, "products", "value_error"),
        (6, "products", "string_too_short"),
        (7, "products", "list_type"),
        (8, "shift", "missing"),
        (8, "team", "missing"),
        (9, "closed_at", "value_error"),
        (10, "is_closed", "bool_type"),
        (11, "batch_date", "no_such_day"),
    ]
    texts = {error["row"]: error["error"] for error in result["errors"]}
    assert texts[2] == "ожидается целое число, например 1001"
    assert texts[4] == "партия с этим номером и датой уже есть в строке 1"
    assert texts[6] == "элемент 2: длина не меньше 1"


def test_the_same_file_twice_doubles_nothing() -> None:
    file = csv_file([row(products=["A"]), row()])
    imported(file)
    before = ok("GET", "/api/batches")
    again = imported(file)
    assert (again["created"], problems(again)) == (0, [(n, "batch_number", "already_exists") for n in (1, 2)])
    updated = imported(file, update_existing="true")
    assert (updated["success"], updated["created"], updated["updated"]) == (True, 0, 2)
    assert ok("GET", "/api/batches") == before
    assert ok("GET", "/api/products")["total"] == 1


def test_an_update_changes_what_differs_and_nothing_else() -> None:
    center = work_center()
    made = batch_with("A", "B", work_center_id=center["uuid"])
    other = batch_with("C", work_center_id=center["uuid"])
    rows = [as_row(made, center, team="Бригада Б", products=["B", "D"]), as_row(other, center, products=[])]
    result = imported(csv_file(rows), query="?update_existing=true")
    assert (result["updated"], result["failed"]) == (2, 0)
    assert (found(made["batch_number"])["team"], found(made["batch_number"])["codes"]) == ("Бригада Б", ["A", "B", "D"])
    assert found(other["batch_number"])["updated_at"] == ok("GET", f"/api/batches/{other['uuid']}")["updated_at"]
    assert found(other["batch_number"])["codes"] == ["C"]
    assert names_of(other["uuid"]) == ["batch.created", "batch.product_added"]


def test_an_update_moves_closes_and_reopens() -> None:
    center = work_center()
    opened, closed = batch(work_center_id=center["uuid"]), closed_batch("A", work_center_id=center["uuid"])
    rows = [
        as_row(opened, center, is_closed="true", closed_at="2025-01-21T10:00:00+03:00", products=["X"]),
        as_row(closed, {"identifier": "WC-NEW"}, is_closed="false", products=["A", "B"]),
    ]
    assert imported(csv_file(rows), update_existing="true")["updated"] == 2
    closed_now = found(opened["batch_number"])
    assert (closed_now["closed_at"], closed_now["codes"]) == ("2025-01-21T07:00:00Z", ["X"])
    assert names_of(opened["uuid"]) == ["batch.created", "batch.product_added", "batch.closed"]
    reopened = found(closed["batch_number"])
    assert (reopened["is_closed"], reopened["closed_at"], reopened["codes"]) == (False, None, ["A", "B"])
    assert names_of(closed["uuid"])[-2:] == ["batch.opened", "batch.product_added"]
    (new,) = ok("GET", "/api/work_centers?identifier=WC-NEW")["items"]
    assert reopened["work_center_id"] == new["uuid"]
    assert ok("GET", f"/api/batches?work_center_id={center['uuid']}")["total"] == 1


def test_a_closed_batch_takes_no_products_but_other_fields() -> None:
    center = work_center()
    made = closed_batch("A", work_center_id=center["uuid"])
    wrong = imported(csv_file([as_row(made, center, products=["A", "B"])]), update_existing="true")
    assert problems(wrong) == [(1, "products", "batch_closed")]
    row_of = as_row(made, center, products=["A"], team="Б", is_closed="1", closed_at="2025-02-01T00:00:00Z")
    assert imported(csv_file([row_of]), update_existing="true")["updated"] == 1
    now = found(made["batch_number"])
    assert (now["team"], now["closed_at"], now["is_closed"]) == ("Б", "2025-02-01T00:00:00Z", True)


def test_large_rows_are_filled_then_closed() -> None:
    codes = [f"P-{number}" for number in range(120)]
    rows = [row(products=codes, is_closed="true"), row(products=[*codes, "X"]), row()]
    assert imported(csv_file(rows))["created"] == 3
    closed = found(rows[0]["batch_number"])
    assert (closed["products_total"], closed["is_closed"]) == (120, True)
    whole = ok("GET", f"/api/batches/{closed['uuid']}")
    assert [product["unique_code"] for product in whole["products"]] == codes
    assert names_of(closed["uuid"]) == ["batch.created", *["batch.product_added"] * 120, "batch.closed"]


def test_a_dry_run_reports_the_same_and_writes_nothing() -> None:
    center = work_center()
    made = closed_batch(work_center_id=center["uuid"])
    later = as_row(made, center, products=["A"], batch_date="2025-01-21")
    rows = [row(), as_row(made, center, team="Б"), as_row(made, center, batch_date="x"), later]
    before = ok("GET", "/api/batches"), ok("GET", "/api/work_centers")
    dry = imported(csv_file(rows), query="?dry_run=true", update_existing="true")
    assert (ok("GET", "/api/batches"), ok("GET", "/api/work_centers")) == before
    assert dry["errors_url"]
    wet = imported(csv_file(rows), update_existing="true")
    assert {**dry, "errors_url": None} == {**wet, "errors_url": None}
    assert (wet["created"], wet["updated"], wet["failed"]) == (2, 1, 1)


def test_a_row_with_a_conflict_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    from chalicelib.batches.exchange import applying

    rows = [row() for _ in range(20)]
    real = applying.store.ids_by_number
    reads = []

    def owners(keys: Any) -> Any:
        seen = real(keys)
        if not reads:  # another writer creates one of them right after the read
            batch(batch_number=int(rows[7]["batch_number"]), batch_date=rows[7]["batch_date"])
        reads.append(len(keys))
        return seen

    monkeypatch.setattr(applying.store, "ids_by_number", owners)
    result = imported(csv_file(rows))
    assert (result["created"], result["failed"]) == (19, 1)
    assert problems(result) == [(8, "batch_number", "already_exists")]


def test_a_work_center_deleted_meanwhile_is_created_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from chalicelib.batches.exchange import applying

    real = applying.work_centers.find_or_create
    made = []

    def find_or_create(*args: Any, **kwargs: Any) -> str:
        made.append(real(*args, **kwargs))
        if len(made) == 1:
            ok("DELETE", f"/api/work_centers/{made[0]}")
        return made[-1]

    monkeypatch.setattr(applying.work_centers, "find_or_create", find_or_create)
    assert imported(csv_file([row(), row()]))["created"] == 2
    assert [one["uuid"] for one in ok("GET", "/api/work_centers")["items"]] == made[-1:]


def test_closing_obeys_its_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    from chalicelib.core.settings import settings

    monkeypatch.setenv("CLOSE_REQUIRES_AGGREGATION", "true")
    settings.cache_clear()
    result = imported(csv_file([row(products=["A"], is_closed="true"), row(products=["A"])]))
    monkeypatch.undo()
    settings.cache_clear()
    assert problems(result) == [(1, "is_closed", "conflict")]
    assert "не агрегировано продуктов: 1" in result["errors"][0]["error"]


def test_many_errors_are_all_in_the_file_and_some_in_the_result() -> None:
    rows = [row(team="") for _ in range(1_200)]
    result = imported(csv_file(rows))
    assert (result["failed"], len(result["errors"])) == (1_200, 1_000)
    failed = read(download(result["errors_url"], "csv"))
    assert [one["batch_number"] for one in failed] == [one["batch_number"] for one in rows]
    assert {one["error"] for one in failed} == {"team: обязательное поле"}


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_an_error_of_a_spreadsheet_is_an_error_of_its_row(format: str) -> None:
    rows = [row(products="#VALUE!"), row(is_closed="#Н/Д"), row(closed_at="#REF!"), row(work_center_name="#NAME?")]
    rows.append(row())
    result = imported(csv_file(rows) if format == "csv" else xlsx_rows(rows), f"a.{format}")
    columns = ["products", "is_closed", "closed_at", "work_center_name"]
    assert problems(result) == [(number, column, "cell_error") for number, column in enumerate(columns, start=1)]
    assert result["created"] == 1


def test_products_may_be_objects_and_go_on_in_further_columns() -> None:
    one = row(products=json.dumps([{"unique_code": "A", "is_aggregated": True}, "B"]))
    one |= {"products_10": '["E"]', "products_2": '["C", "D"]', "products_3": ""}
    imported(csv_file([one]))
    assert found(one["batch_number"])["codes"] == ["A", "B", "C", "D", "E"]


def test_nothing_is_written_by_a_refused_request() -> None:
    with nothing_written():
        assert send(None).status == 422


def test_a_column_with_the_plan_is_taken_and_an_empty_cell_changes_nothing() -> None:
    rows = [row(planned_quantity="250"), row(planned_quantity=""), row(planned_quantity="0")]
    result = imported(csv_file(rows))
    assert problems(result) == [(3, "planned_quantity", "greater_than_equal")]
    assert [found(one["batch_number"])["planned_quantity"] for one in rows[:2]] == [250, None]
    imported(csv_file([rows[0] | {"planned_quantity": "", "team": "Б"}, rows[1] | {"planned_quantity": "7"}]),
             update_existing="true")  # fmt: skip
    assert [found(one["batch_number"])["planned_quantity"] for one in rows[:2]] == [250, 7]


@pytest.mark.parametrize("dry_run", ["false", "true"])
def test_another_name_of_a_work_center_is_told_and_not_applied(dry_run: str) -> None:
    center = work_center(identifier="WC-7", name="Цех №7")
    made = batch(work_center_id=center["uuid"])
    rows = [as_row(made, center, work_center_name="Цех №8"), row(work_center_name="Цех №9"), row(work_center_name="Ц")]
    result = imported(csv_file(rows), update_existing="true", dry_run=dry_run)
    assert [(one["code"], one["value"]) for one in result["warnings"]][:1] == [("name_not_changed", "Цех №8")]
    assert "WC-7 называется «Цех №7»" in result["warnings"][0]["warning"]
    assert ok("GET", f"/api/work_centers/{center['uuid']}")["name"] == "Цех №7"
    if dry_run == "false":
        assert [one["value"] for one in result["warnings"]] == ["Цех №8", "Ц"]
    assert (
        imported(csv_file([as_row(made, center, work_center_name="Цех №7")]), update_existing="true")["warnings"] == []
    )
