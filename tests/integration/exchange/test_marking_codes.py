"""Full marking codes, with the group separators U+001D that a scanner gives: kept and found on every way."""

import csv
import io
import json
from typing import Any
from urllib.parse import quote

import pytest

from tests.exchange import csv_file, exported, imported, read, row, xlsx_rows
from tests.integration.bulk.api_calls import names_of_events
from tests.production import ask, batch, batch_with, events_of, ok, wrong_fields
from tests.tasks import result_of, run_tasks

CODE = "010460123456789021abcDEF1234567\x1d91EE11\x1d92" + "Ab+/" * 11
OTHER = "010460123456789021;=1'+2,\"-3\x1d93Ab=="
CODES = [CODE, OTHER]


def found(code: str) -> list[dict[str, Any]]:
    """What the list of products has under a code."""
    return list(ok("GET", f"/api/products?unique_code={quote(code, safe='')}")["items"])


def codes_of(made: dict[str, Any]) -> list[str]:
    """The codes of a batch, as its answer and the list have them."""
    inside = [product["unique_code"] for product in ok("GET", f"/api/batches/{made['uuid']}")["products"]]
    listed = ok("GET", f"/api/products?batch_id={made['uuid']}&sort_direction=asc")["items"]
    assert sorted(product["unique_code"] for product in listed) == sorted(inside)
    return inside


def by_number(one: dict[str, str]) -> dict[str, Any]:
    """The batch of a row."""
    (made,) = ok("GET", f"/api/batches?batch_number={one['batch_number']}")["items"]
    return dict(made)


def test_by_the_api() -> None:
    made = batch()
    for code in CODES:
        ok("POST", f"/api/batches/{made['uuid']}/products", {"unique_code": f" {code}\r\n"})
    assert codes_of(made) == CODES
    assert [one["unique_code"] for one in found(CODE)] == [CODE]
    assert found(CODE.replace("\x1d", "")) == []
    assert [data["unique_code"] for _, data in events_of(f"batch#{made['uuid']}")[1:]] == CODES
    answer = ask("POST", f"/api/batches/{made['uuid']}/products", {"unique_code": CODE})
    assert answer.status == 409
    (product,) = found(OTHER)
    assert ok("PATCH", f"/api/products/{product['uuid']}/aggregate")["unique_code"] == OTHER


def test_codes_that_differ_by_a_separator_alone_are_two() -> None:
    made = batch_with(CODE, CODE.replace("\x1d", ""), CODE.replace("\x1d", "\x1d\x1d", 1))
    assert len(set(codes_of(made))) == 3


def test_by_a_bulk_of_json_and_of_csv() -> None:
    table = f'unique_code\r\n{CODE}\r\n"{OTHER.replace(chr(34), chr(34) * 2)}"\r\n'.encode()
    for body, headers in [({"unique_codes": CODES}, {}), (table, {"Content-Type": "text/csv"})]:
        made = batch()
        task = ask("POST", f"/api/batches/{made['uuid']}/products/bulk", body, headers).json["task_id"]
        run_tasks()
        assert result_of(task)["added"] == 2
        assert codes_of(made) == CODES
        assert names_of_events(made) == ["batch.product_added"] * 2


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_by_an_import_and_out_again_unharmed(format: str) -> None:
    make = csv_file if format == "csv" else xlsx_rows
    one = row(products=CODES)
    assert imported(make([one]), f"a.{format}")["success"]
    assert codes_of(by_number(one)) == CODES
    file = exported(format)
    assert json.loads(read(file, format)[0]["products"]) == CODES
    again = imported(file, f"a.{format}", update_existing="true")
    assert (again["success"], again["updated"]) == (True, 1)
    assert codes_of(by_number(one)) == CODES
    assert exported(format) == file or format == "xlsx"


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_through_the_file_of_errors(format: str) -> None:
    from tests.exchange import download

    make = csv_file if format == "csv" else xlsx_rows
    one = row(products=CODES, team="")
    result = imported(make([one]), f"a.{format}")
    (failed,) = read(download(result["errors_url"], format), format)
    assert json.loads(failed["products"]) == CODES
    file = download(result["errors_url"], format)
    assert imported(file, f"a.{format}")["failed"] == 1
    assert imported(make([failed | {"team": "А"}]), f"a.{format}")["created"] == 1
    assert codes_of(by_number(one)) == CODES


@pytest.mark.parametrize("control", ["\x01", "\x1c", "\x1e", "\x1f", "\x7f", "\x9f"])
def test_other_control_characters_are_refused_by_name(control: str) -> None:
    path = f"/api/batches/{batch()['uuid']}/products"
    name = f"U+{ord(control):04X}"
    (reason,) = wrong_fields("POST", path, {"unique_code": f"A{control}B"}).values()
    assert name in reason
    problems = wrong_fields("POST", f"{path}/bulk?mode=rollback", {"unique_codes": ["A", f"A{control}B"]})
    assert list(problems) == ["body.unique_codes.1"]
    assert name in problems["body.unique_codes.1"]
    result = imported(csv_file([row(products=["A", f"A{control}B"])]))
    assert (result["errors"][0]["column"], name in result["errors"][0]["error"]) == ("products", True)


def saved_by_a_russian_excel(file: bytes) -> bytes:
    """The csv as a Russian Excel saves it: semicolons, Windows-1251, quotes where needed, its own forms of values."""
    records = list(csv.reader(io.StringIO(file.decode("utf-8-sig"), newline=""), delimiter=";"))
    shown = [[{"true": "ИСТИНА", "false": "ЛОЖЬ"}.get(cell, cell) for cell in record] for record in records]
    for record in shown[1:]:
        year, month, day = record[1].split("-")
        record[1] = f"{day}.{month}.{year}"
    target = io.StringIO(newline="")
    csv.writer(target, delimiter=";", lineterminator="\r\n").writerows(shown)
    return target.getvalue().encode("cp1251")


def test_out_through_a_russian_excel_and_in_again_unharmed() -> None:
    codes = [*CODES, "007", "=1+1", "+7", "<a>&amp;", "'x", ";,\t".strip() + "z", "0"]
    texts = {"ekn_code": "00123", "nomenclature": "Болт М8x40 «А»", "team": "=Бригада;1", "task_description": "Сборка"}
    one = row(products=codes, work_center_name="Цех", **texts)
    assert imported(csv_file([one]))["success"]
    before = ok("GET", "/api/batches")
    result = imported(saved_by_a_russian_excel(exported("csv", "&delimiter=semicolon")), update_existing="true")
    assert (result["success"], result["updated"], result["warnings"]) == (True, 1, [])
    assert (result["file"]["encoding"], result["file"]["delimiter"]) == ("windows-1251", ";")
    assert ok("GET", "/api/batches") == before
    assert codes_of(by_number(one)) == codes


def test_the_file_of_errors_goes_back_with_russian_headings_and_semicolons() -> None:
    from chalicelib.batches.exchange import headings
    from tests.exchange import download

    one = row(products=CODES, team="", batch_date="04.03.2026", nomenclature="Болт")
    table = io.StringIO(newline="")
    csv.writer(table, delimiter=";").writerows([[headings.title(name, "ru") for name in one], one.values()])
    result = imported(table.getvalue().encode("cp1251"))
    assert result["errors"][0] | {"error": ""} == {
        "row": 1, "column": "team", "code": "missing", "error": "", "file_row": 2, "file_column": "Бригада",
        "value": "",
    }  # fmt: skip
    failed = download(result["errors_url"], "csv")
    assert failed.decode("utf-8-sig").startswith('"Номер партии";"Дата партии";')
    assert failed.decode("utf-8-sig").count('"Ошибка"\r\n') == 1
    again = imported(failed)
    assert (again["failed"], again["file"]["ignored_columns"]) == (1, [])
    corrected = failed.decode("utf-8-sig").replace(';"1";""', ';"1";"Бригада А"').encode()
    assert imported(corrected)["created"] == 1
    assert codes_of(by_number(one)) == CODES
