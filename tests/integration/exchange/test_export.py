"""Export: what is in the file, which batches, and that the way out and in again changes nothing."""

import csv
import io
import json

import pytest

from chalicelib.batches.exchange import columns, exporting
from tests.exchange import EXPORT, csv_file, exported, imported, read, row
from tests.production import UNKNOWN, batch_with, closed_batch, ok, work_center, wrong_fields
from tests.tasks import result_of, run_tasks

NASTY = {
    "nomenclature": '=HYPERLINK("http://x")', "team": "'=1", "ekn_code": "-1+1", "shift": "@x",
    "work_center_name": "+7", "task_description": "=1\r\n\"две\" строки;\tи _x000D_, 'a'",
}  # fmt: skip


def numbers(query: str = "", body: object = None) -> list[str]:
    """The numbers of the exported batches."""
    return [one["batch_number"] for one in read(exported(query=query, body=body))]


def test_a_row_has_the_columns_of_the_import_and_three_more() -> None:
    center = work_center(identifier="WC-7", name="Цех №7")
    made = batch_with("A", "B", work_center_id=center["uuid"], batch_number=7)
    closed = ok("PATCH", f"/api/batches/{made['uuid']}/close", {"closed_at": "2025-01-20T20:00:00.5Z"})
    content = exported()
    assert content.startswith(b'\xef\xbb\xbf"batch_number","batch_date",')
    (one,) = read(content)
    assert one == {
        "batch_number": "7", "batch_date": "2025-01-20", "nomenclature": "Номенклатура товара", "ekn_code": "EKN-001",
        "shift": "1", "team": "Бригада А", "task_description": "Описание задания",
        "shift_start": "2025-01-20T08:00:00Z", "shift_end": "2025-01-20T20:00:00Z", "work_center_identifier": "WC-7",
        "work_center_name": "Цех №7", "is_closed": "true", "closed_at": "2025-01-20T20:00:00.500000Z",
        "uuid": made["uuid"], "created_at": made["created_at"], "updated_at": closed["updated_at"],
        "products": '["A", "B"]',
    }  # fmt: skip


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_export_import_and_export_again_changes_nothing(format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "BATCHES_PER_PART", 2)
    rows = [row(products=["A", "Б\"'"], **NASTY), row(is_closed="true", closed_at="2025-01-21"), row(), row(shift="2")]
    rows[0]["work_center_identifier"] = "=WC"
    imported(csv_file(rows))
    before, listed = exported(format), ok("GET", "/api/batches")
    again = imported(before, f"Партии.{format}", update_existing="true")
    assert (again["success"], again["created"], again["updated"]) == (True, 0, 4)
    assert ok("GET", "/api/batches") == listed
    assert read(exported(format), format) == read(before, format)
    if format == "csv":
        assert exported(format) == before
    shown = read(before, format)[0]
    assert {name: shown[name] for name in NASTY} == NASTY
    assert ok("GET", "/api/batches")["items"][-1]["task_description"] == NASTY["task_description"]


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_an_export_makes_the_same_batches_elsewhere(format: str) -> None:
    imported(csv_file([row(products=["A"], **NASTY), row(is_closed="true", closed_at="2025-01-21")]))
    file = exported(format)
    changed = [{**one, "batch_date": "2026-01-20"} for one in read(file, format)]
    assert imported(csv_file(changed))["created"] == 2
    copies = read(exported(format, "&batch_date=2026-01-20"), format)
    volatile = {"uuid", "created_at", "updated_at"}
    assert [{name: one[name] for name in one if name not in volatile} for one in copies] == [
        {name: one[name] for name in one if name not in volatile} for one in changed
    ]


def test_no_cell_of_a_csv_is_a_formula_whatever_separates_its_cells() -> None:
    hostile = row(
        nomenclature="Болт;=1+1;", team="А\u2028＝1", shift="1,@x", work_center_name=';"-1',
        products=["x;=1", "=2", "+3"], task_description="Сборка\r\n=2+2;конец\n\t＋1",
    )  # fmt: skip
    assert imported(csv_file([hostile]))["created"] == 1
    text = exported().decode("utf-8-sig")
    for delimiter in ",;\t":
        cells = [cell for record in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) for cell in record]
        assert [cell for cell in cells if cell.strip().strip('"')[:1] in [*"=+-@＝＋－＠"]] == []
    (one,) = read(exported())
    assert {name: one[name] for name in hostile if name != "products"} == {
        name: cell for name, cell in hostile.items() if name != "products"
    }
    assert json.loads(one["products"]) == json.loads(hostile["products"])


def test_a_list_too_long_for_a_cell_continues_in_further_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "MAX_CELL_LENGTH", 32)
    codes = [f"CODE-{number:02d}" for number in range(12)]
    imported(csv_file([row(products=codes), row(products=["A"])]))
    long, short = read(exported("xlsx"), "xlsx")
    names = [name for name in long if name.startswith("products")]
    assert names == ["products", *(f"products_{number}" for number in range(2, 7))]
    assert [code for name in names for code in json.loads(long[name])] == codes
    assert [short[name] for name in names] == ['["A"]', "", "", "", "", ""]
    assert imported(exported("xlsx"), "a.xlsx", update_existing="true")["updated"] == 2
    assert ok("GET", "/api/products")["total"] == 13
    assert json.loads(read(exported("csv"))[0]["products"]) == codes


def test_products_that_were_removed_are_not_exported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "SHOWN", 1)
    monkeypatch.setattr(exporting, "PRODUCTS_PER_GROUP", 2)
    made = [batch_with("A", "B", "C"), batch_with("D"), batch_with()]
    ok("DELETE", f"/api/batches/{made[0]['uuid']}/products/{product(made[0]['uuid'], 'B')}")
    assert [one["products"] for one in read(exported())] == ['["A", "C"]', '["D"]', "[]"]


def product(batch_id: str, code: str) -> str:
    """The id of a product."""
    return str(ok("GET", f"/api/products?batch_id={batch_id}&unique_code={code}")["items"][0]["uuid"])


def test_filters_of_the_body_replace_those_of_the_query() -> None:
    center = work_center()["uuid"]
    for number, day, shift in ((1, "2025-01-01", "1"), (2, "2025-01-15", "2"), (3, "2025-02-01", "1")):
        batch_with(batch_number=number, batch_date=day, shift=shift, work_center_id=center)
    closed_batch(batch_number=4, batch_date="2025-01-20")
    assert numbers() == ["1", "2", "3", "4"]
    january = {"is_closed": False, "batch_date_from": "2025-01-01", "batch_date_to": "2025-01-31"}
    assert numbers(body=january) == ["1", "2"]
    assert numbers("&is_closed=true") == ["4"]
    assert numbers("&shift=1&batch_number=1") == ["1"]
    assert numbers("&shift=1", {"shift": "2"}) == ["2"]
    assert numbers(f"&work_center_id={center}", {"batch_date": "2025-02-01"}) == ["3"]
    assert numbers(f"&work_center_id={UNKNOWN}") == []


def test_an_export_without_batches_is_a_file_with_a_header() -> None:
    assert exported().count(b"\r\n") == 1
    assert read(exported("xlsx"), "xlsx") == []


def test_a_request_that_is_wrong_starts_nothing() -> None:
    assert wrong_fields("POST", EXPORT) == {"query.format": "обязательное поле"}
    assert "query.format" in wrong_fields("POST", f"{EXPORT}?format=pdf")
    assert "body.batch_date" in wrong_fields("POST", f"{EXPORT}?format=csv", {"batch_date": "x"})
    assert "query.shift" in wrong_fields("POST", f"{EXPORT}?format=csv&shift=")


def test_the_result_has_the_number_of_batches() -> None:
    batch_with()
    task = ok("POST", f"{EXPORT}?format=xlsx")["task_id"]
    run_tasks()
    result = result_of(task)
    assert result == {
        "file_id": result["file_id"], "download_url": f"/api/reports/{result['file_id']}", "total": 1,
    }  # fmt: skip


@pytest.mark.parametrize(("name", "delimiter"), [("comma", ","), ("semicolon", ";"), ("tab", "\t")])
def test_a_csv_has_the_separator_that_was_asked_for(name: str, delimiter: str) -> None:
    imported(csv_file([row(products=["A", "B;=1"], **NASTY)]))
    file = exported("csv", f"&delimiter={name}")
    first, second = csv.reader(io.StringIO(file.decode("utf-8-sig"), newline=""), delimiter=delimiter)
    assert len(first) == len(second) == 17
    before = ok("GET", "/api/batches")
    assert imported(file, update_existing="true")["file"]["delimiter"] == delimiter
    assert ok("GET", "/api/batches") == before
