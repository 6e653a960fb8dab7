"""The template of an import: what people see in it, and that it can be filled in and sent."""

import csv
import io
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest

from chalicelib.batches.exchange import headings
from chalicelib.batches.exchange.template import COLUMNS
from tests.exchange import IMPORT, imported, row, send
from tests.production import ask, ok, work_center
from tests.tasks import run_tasks

ENGLISH = {"Accept-Language": "en"}
LANGUAGES = pytest.mark.parametrize("language", ["ru", "en"])


def template(format: str, language: str) -> bytes:
    """Return the template."""
    answer = ask("GET", f"{IMPORT}/template?format={format}", headers={"Accept-Language": language})
    assert answer.status == 200
    assert "Accept-Language" in answer.headers["Vary"]
    assert answer.headers["Content-Disposition"] == f'attachment; filename="batches.{format}"'
    return answer.body


def book_of(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


@LANGUAGES
def test_a_workbook_has_headings_notes_and_an_example(language: Any) -> None:
    book = book_of(template("xlsx", language))
    sheet = book.worksheets[0]
    assert [one.sheet_state for one in book.worksheets] == ["visible", "hidden"]
    assert [cell.value for cell in sheet[1]] == [headings.title(name, language) for name in COLUMNS]
    assert all(cell.comment and len(cell.comment.text) > 20 for cell in sheet[1])
    assert sheet.freeze_panes == "B2"
    assert isinstance(sheet["B2"].value, date)
    assert sheet["D2"].number_format == "@"


def choices(book: Any, column: str) -> list[str]:
    """The values of the list of a column."""
    sheet = book.worksheets[0]
    (found,) = (one for one in sheet.data_validations.dataValidation if f"{column}3:" in str(one.sqref))
    assert found.type == "list"
    cells = book.worksheets[1][found.formula1.rpartition("!")[2].replace("$", "")]
    return [cell.value for (cell,) in (cells if isinstance(cells, tuple) else ((cells,),))]


def test_values_are_chosen_from_what_exists() -> None:
    for number in (2, 1, 3):
        work_center(identifier=f"WC-{number}", name=f"Цех №{number}")
    book = book_of(template("xlsx", "ru"))
    letters = {name: openpyxl.utils.get_column_letter(place) for place, name in enumerate(COLUMNS, start=1)}
    assert choices(book, letters["work_center_identifier"]) == ["WC-1", "WC-2", "WC-3"]
    assert choices(book, letters["work_center_name"]) == ["Цех №1", "Цех №2", "Цех №3"]
    assert choices(book, letters["shift"]) == ["1", "2", "3"]
    assert choices(book, letters["is_closed"]) == ["да", "нет"]
    assert choices(book_of(template("xlsx", "en")), letters["is_closed"]) == ["yes", "no"]


@LANGUAGES
@pytest.mark.parametrize("format", ["xlsx", "csv"])
def test_the_example_is_no_batch(format: str, language: str) -> None:
    result = imported(template(format, language), f"a.{format}")
    assert (result["success"], result["total"]) == (True, 0)
    assert result["file"]["ignored_columns"] == []


@LANGUAGES
@pytest.mark.parametrize("format", ["xlsx", "csv"])
def test_the_example_with_another_item_is_a_row_that_lacks_its_number(format: str, language: str) -> None:
    from tests.exchange import csv_file, read, xlsx_rows

    (example,) = read(template(format, language), format)
    rows = [{**example, headings.title("ekn_code", language): "EKN-777"}, example]  # type: ignore[arg-type]
    result = imported(csv_file(rows) if format == "csv" else xlsx_rows(rows), f"a.{format}")
    (error,) = result["errors"]
    assert (result["total"], error["column"], error["code"]) == (1, "batch_number", "int_type")


@LANGUAGES
def test_a_workbook_that_is_filled_in_is_imported(language: str) -> None:
    book = book_of(template("xlsx", language))
    sheet = book.worksheets[0]
    filled = {
        "batch_number": 77, "batch_date": date(2026, 3, 4), "nomenclature": "Болт", "ekn_code": "007", "shift": "01",
        "team": "А", "task_description": "Сборка", "shift_start": datetime(2026, 3, 4, 8),  # noqa: DTZ001
        "shift_end": datetime(2026, 3, 4, 20), "work_center_identifier": "WC-9",  # noqa: DTZ001
        "is_closed": "да" if language == "ru" else "yes", "planned_quantity": 10, "products": '["A-1"]',
    }  # fmt: skip
    for name, value in filled.items():
        sheet.cell(3, COLUMNS.index(name) + 1, value)
    target = io.BytesIO()
    book.save(target)
    assert imported(target.getvalue(), "Шаблон.xlsx")["created"] == 1
    (made,) = ok("GET", "/api/batches?batch_number=77")["items"]
    assert (made["ekn_code"], made["shift"], made["is_closed"], made["planned_quantity"]) == ("007", "01", True, 10)
    assert made["shift_time_range"]["start"] == "2026-03-04T08:00:00Z"


def test_a_csv_has_the_separator_of_its_language() -> None:
    for language, delimiter in (("ru", ";"), ("en", ",")):
        text = template("csv", language).decode("utf-8-sig")
        header, example = csv.reader(io.StringIO(text), delimiter=delimiter)
        assert len(header) == len(example) == len(COLUMNS)


def test_another_format_is_refused() -> None:
    assert ask("GET", f"{IMPORT}/template?format=ods").status == 422
    assert ask("GET", f"{IMPORT}/template").body.startswith(b"PK")


# -- a first look -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "warning"),
    [
        (b"a;b\r\n1;2\r\n", "нет столбцов: batch_number (Номер партии)"),
        ("Номер партии;Дата\r\n1;2\r\n".encode("cp1251"), "нет столбцов: nomenclature"),
        (b"\r\n", "нет ни одной строки"),
        ("Болт\n".encode() + b"\xd0\n", "недопустимый байт в строке 2"),
    ],
)
def test_a_file_that_cannot_be_imported_is_told_at_once(content: bytes, warning: str) -> None:
    answer = send(content, "a.csv")
    assert (answer.status, len(answer.json["warnings"])) == (202, 1)
    assert warning in answer.json["warnings"][0]["message"]
    run_tasks()
    task = ok("GET", f"/api/background_tasks/{answer.json['task_id']}")
    assert (task["status"], task["result"]["error"]) == ("FAILURE", answer.json["warnings"][0]["message"])


def test_warnings_and_errors_speak_the_language_of_the_request() -> None:
    from tests.exchange import csv_file, form

    body, headers = form(b"a;b\r\n")
    warning = ask("POST", IMPORT, body, headers | ENGLISH).json["warnings"][0]["message"]
    assert warning.startswith("The file lacks columns: batch_number (Batch number), ")
    body, headers = form(csv_file([row(batch_number="x")]))
    task_id = ask("POST", IMPORT, body, headers | ENGLISH).json["task_id"]
    run_tasks()
    (error,) = ok("GET", f"/api/background_tasks/{task_id}")["result"]["errors"]
    assert error["error"] == "an integer is expected, for example 1001"
