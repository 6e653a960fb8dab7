"""The file of failed rows: it has what the imported one said, and can be corrected and imported."""

from typing import Any

import pytest

from tests.exchange import csv_file, download, imported, read, row, xlsx_rows
from tests.integration.exchange.test_import import found, problems
from tests.unit.exchange.workbooks import batch_rows, raw_workbook


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_the_failed_rows_come_back_as_a_file_to_correct_and_send_again(format: str) -> None:
    rows = [row(note="моя"), row(team="+1+1", batch_number="0"), row(batch_number=-5, products=["A"])]
    make = csv_file if format == "csv" else xlsx_rows
    result = imported(make(rows), f"Партии.{format}")
    failed = read(download(result["errors_url"], format), format)
    assert [{name: one[name] for name in rows[1]} for one in failed] == [
        {name: one.get(name, "") for name in rows[1]} for one in rows[1:]
    ]
    assert list(failed[0])[-1] == "error"
    told = ["batch_number: должно быть больше 0", "batch_number: ожидается целое число, например 1001"]
    assert [one["error"] for one in failed] == told
    corrected = [{**one, "batch_number": str(number)} for number, one in enumerate(failed, start=1)]
    again = imported(make(corrected), f"Партии — ошибки.{format}")
    assert (again["success"], again["created"]) == (True, 2)
    assert found(1)["team"] == "+1+1"
    assert found(2)["codes"] == ["A"]


def sent_again(result: dict[str, Any], format: str, delimiter: str = ",", **corrected: str) -> dict[str, Any]:
    """Correct the only failed row in the file of failed rows as it is, and import that."""
    content = download(result["errors_url"], format)
    (failed,) = read(content, format)
    rows = [{**failed, **corrected}]
    return imported(csv_file(rows, delimiter) if format == "csv" else xlsx_rows(rows), f"Ошибки.{format}")


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_a_failed_row_keeps_the_date_that_other_rows_decided(format: str) -> None:
    times = {"shift_start": "3/4/2026 8:00 AM", "shift_end": "3/4/2026 8:00 PM"}
    rows = [row(batch_date="3/20/2026"), row(batch_number="x", batch_date="3/4/2026", **times)]
    result = imported(csv_file(rows) if format == "csv" else xlsx_rows(rows), f"a.{format}")
    assert (result["created"], problems(result)) == (1, [(2, "batch_number", "int_type")])
    assert sent_again(result, format, batch_number="9")["created"] == 1
    again = found(9)
    assert (again["batch_date"], again["shift_time_range"]["start"]) == ("2026-03-04", "2026-03-04T08:00:00Z")


@pytest.mark.parametrize("slashes", [(), ("3/20/2026", "20/3/2026")])
def test_a_failed_row_keeps_the_day_of_a_workbook_that_counts_from_1904(slashes: tuple[str, ...]) -> None:
    bad = batch_rows({"batch_date": "<c><v>44623</v></c>"}, batch_number="x")
    others = "".join(batch_rows(batch_date=text).partition("</row>")[2] for text in slashes)
    result = imported(raw_workbook(bad + others, settings='<workbookPr date1904="1"/>'), "a.xlsx")
    assert (result["created"], result["failed"]) == (0, 1 + len(slashes))
    failed = read(download(result["errors_url"], "xlsx"), "xlsx")
    assert [one["batch_date"] for one in failed] == ["2026-03-04", *slashes]
    assert imported(xlsx_rows([{**failed[0], "batch_number": "9"}]), "b.xlsx")["created"] == 1
    assert found(9)["batch_date"] == "2026-03-04"


@pytest.mark.parametrize("last", ["task_description", "error"])
def test_a_text_without_quotes_comes_back_whole(last: str) -> None:
    (one,) = [row()]
    one = {name: one[name] for name in one if name != "task_description"} | {"task_description": "a"}
    one |= {"error": "e"} if last == "error" else {}
    content = csv_file([one], ";").rstrip() + b";b;c\r\n"
    result = imported(content, "a.csv")
    assert (result["created"], problems(result)) == (0, [(1, None, "too_many_cells")])
    (failed,) = read(download(result["errors_url"], "csv"))
    assert failed["task_description"] == ("a;e;b;c" if last == "error" else "a;b;c")
    assert sent_again(result, "csv", ";")["created"] == 1


def test_a_failed_row_with_more_codes_than_a_cell_of_excel_holds_is_whole() -> None:
    codes = [f"CODE-{number:010}" for number in range(3_000)]
    result = imported(csv_file([row(batch_number="x", products=codes)]))
    assert result["failed"] == 1
    assert sent_again(result, "csv", batch_number="9")["created"] == 1
    assert found(9)["products_total"] == 3_000


def test_failed_rows_of_a_file_that_names_its_separator_are_imported_as_they_come_back() -> None:
    made = row(team="")
    result = imported(b"sep=|\r\n" + csv_file([made], "|", "utf-8"), "a.csv")
    assert problems(result) == [(1, "team", "missing")]
    content = download(result["errors_url"], "csv").replace(b'"1"\t""\t', '"1"\t"А"\t'.encode())
    again = imported(content, "b.csv")
    assert (again["created"], again["file"]["delimiter"]) == (1, "\t")
