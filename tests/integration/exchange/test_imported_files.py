"""Files of an import as a whole: encodings, headers, blank rows and sheets, and why a file is refused."""

import pytest

from tests.exchange import csv_file, imported, row, send, xlsx_rows
from tests.integration.exchange.test_import import problems
from tests.production import ok
from tests.tasks import reason_of, run_tasks
from tests.unit.exchange.workbooks import batch_rows, raw_workbook


def test_blank_rows_are_skipped_and_keep_their_number() -> None:
    lines = csv_file([row(), row(team="")]).split(b"\r\n")
    lines.insert(2, b"")
    lines.insert(2, b",,,")
    result = imported(b"\r\n".join(lines))
    assert (result["total"], problems(result)) == (2, [(4, "team", "missing")])


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"a,b\r\n1,2\r\n", "a.csv", "нет столбцов: batch_number"),
        (csv_file([row()]).replace(b"team", b"shift"), "a.csv", "нет столбцов: team"),
        (csv_file([row(uuid="1")]).replace(b"uuid", b"Shift"), "a.csv", "Столбцы повторяются: shift"),
        (csv_file([row()]) + b'"', "a.csv", "проверьте кавычки"),
        (xlsx_rows([row()])[:-300], "a.xlsx", "поврежден"),
    ],
)
def test_an_unreadable_file_is_a_failure_with_the_reason_and_writes_nothing(
    content: bytes, name: str, reason: str
) -> None:
    task = send(content, name).json["task_id"]
    run_tasks()
    assert reason in reason_of(task)
    assert ok("GET", "/api/batches")["total"] == 0


RUSSIAN = csv_file([row(), row()], delimiter=";", encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (RUSSIAN.replace("Болты".encode(), b"\xd0", 1).replace("Бригада".encode(), b"\xd0\x91\xd0", 1), "в строке 2"),
        (b"\xef\xbb\xbf" + RUSSIAN.replace("Бригада".encode(), b"\x98", 1), "в строке 2"),
        (RUSSIAN.rstrip() + "Я".encode()[:1], "оборван посреди буквы: UTF-8, строка 3"),
        (RUSSIAN.decode().replace("×", "x").encode("koi8-r", "ignore"), "не распознана"),
        (RUSSIAN.decode().replace("×", "x").encode("cp866"), "не распознана"),
    ],
)
def test_a_file_in_another_encoding_is_refused_and_makes_nothing(content: bytes, reason: str) -> None:
    task = send(content, "a.csv").json["task_id"]
    run_tasks()
    assert reason in reason_of(task)
    assert ok("GET", "/api/batches")["total"] == ok("GET", "/api/work_centers")["total"] == 0


@pytest.mark.parametrize("start", ["", "\r\n \r\n", "sep=;\r\n", "\ufeffsep=;\r\n"])
def test_blank_rows_before_the_header_are_skipped(start: str) -> None:
    text = f'"Примечание\nмастера";{RUSSIAN.decode().replace(chr(10), chr(10) + ";")}'.rstrip(";")
    assert imported((start + text).encode(), "a.csv")["created"] == 2


def test_the_result_names_the_sheet_that_was_read() -> None:
    stale, current = batch_rows(team="СТАРОЕ"), batch_rows(team="НОВОЕ")
    result = imported(raw_workbook(stale, current, states=["veryHidden", "visible"]), "a.xlsx")
    assert (result["created"], result["format"], result["sheet"]) == (1, "xlsx", "Лист2")
    (made,) = ok("GET", "/api/batches")["items"]
    assert made["team"] == "НОВОЕ"


def test_a_header_of_any_width_ends_with_a_reason_at_once() -> None:
    task = send(b",products_2" * 360_000, "a.csv").json["task_id"]
    run_tasks()
    assert "360001 столбцов, принимается не больше 200" in reason_of(task)


def test_an_empty_sheet_imports_no_batches() -> None:
    header = csv_file([row()]).split(b"\r\n")[0]
    assert imported(header)["total"] == 0
