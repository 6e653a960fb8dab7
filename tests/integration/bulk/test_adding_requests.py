"""The calls that add many products: codes as JSON or CSV, the mode, and bodies that are refused."""

import tracemalloc
from typing import Any

import pytest

from chalicelib.batches import codes
from tests.integration.bulk.api_calls import check, place, work
from tests.production import ask, batch, batch_with, ok, wrong_fields
from tests.tasks import result_of

pytestmark = pytest.mark.usefixtures("small")
CSV = {"Content-Type": "text/csv"}


def test_csv_has_one_column_with_or_without_its_name() -> None:
    made = batch()
    texts = ['\ufeffunique_code\r\nA\r\n"B,1"\r\n\r\n', "C\nD", " Unique_Code \nE\n"]
    for text in texts:
        headers = {"Content-Type": "text/csv; charset=utf-8"}
        answer = ask("POST", f"{place(made)}/products/bulk?mode=rollback", text.encode(), headers)
        assert answer.status == 202, answer.text
    work()
    check(made, ["A", "B,1", "C", "D", "E"])


def test_the_mode_is_in_the_query_or_in_the_body() -> None:
    made = batch_with("A")
    body = {"unique_codes": ["A", "B"]}
    ok("POST", f"{place(made)}/products/bulk?mode=rollback", body)
    work()
    check(made, ["A"])
    ok("POST", f"{place(made)}/products/bulk?mode=rollback", body | {"mode": "proceed"})
    work()
    check(made, ["A", "B"])


def test_an_error_of_a_code_has_its_position() -> None:
    path = f"{place(batch())}/products/bulk?mode=rollback"
    assert wrong_fields("POST", path, {"unique_codes": ["A", " ", 5, "x" * 201]}) == {
        "body.unique_codes.1": "не должно быть пустым",
        "body.unique_codes.2": "ожидается строка",
        "body.unique_codes.3": "длина не больше 200",
    }
    assert wrong_fields("POST", path, {"unique_codes": []}) == {"body.unique_codes": "элементов не меньше 1"}
    assert wrong_fields("POST", path) == {"body.unique_codes": "обязательное поле"}
    assert wrong_fields("POST", path.replace("rollback", "maybe"), {"unique_codes": ["A"]}).keys() == {"query.mode"}
    assert len(wrong_fields("POST", path, {"unique_codes": [""] * 1_000})) == 50
    answer = ask("POST", path, b"A,1\nB\nC,2\n", {"Content-Type": "text/csv"})
    assert [error["loc"][-1] for error in answer.json["errors"]] == [0, 2]


def test_a_body_that_cannot_be_read_is_refused() -> None:
    path = f"{place(batch())}/products/bulk"
    for body, content_type, status in [
        (b"{", "application/json", 400),
        (b"\xff\xfe", "text/csv", 400),
        (b'"A', "text/csv", 400),
        (b'"A"B', "text/csv", 400),
        (b"A", "application/pdf", 415),
        (b"A\n" * (codes.MAX_BODY_BYTES // 2 + 1), "text/csv", 413),
    ]:
        assert ask("POST", path, body, {"Content-Type": content_type}).status == status, content_type
    too_many = ["A"] * 100_001
    assert wrong_fields("POST", path, {"unique_codes": too_many}) == {"body.unique_codes": "элементов не больше 100000"}


def test_proceed_reports_texts_that_are_no_codes_and_adds_the_others() -> None:
    made, bad = batch_with("B"), ["", " ", "x" * 201, "a\x01b"]
    for path in ("products/bulk", "products/bulk?mode=proceed"):
        answer = ask("POST", f"{place(made)}/{path}", {"unique_codes": ["A", *bad, "B", f"C-{path}"]})
        assert answer.status == 202, answer.text
        work()
        result = result_of(answer.json["task_id"])
        assert (result["success"], result["total"], result["added"] + result["failed"]) == (False, 7, 7)
        assert [error["code"] for error in result["errors"][-4:]] == ["", " ", "x" * 200, "a\x01b"]
        assert [error["reason"] for error in result["errors"][-4:-1]] == [
            "длина не меньше 1", "не должно быть пустым", "длина не больше 200",
        ]  # fmt: skip
    check(made, ["B", "A", "C-products/bulk", "C-products/bulk?mode=proceed"])
    answer = ask("POST", f"{place(made)}/products/bulk", b"unique_code;x\nD\n;1\nE\n", CSV)
    work()
    assert result_of(answer.json["task_id"])["errors"] == [{"code": "", "reason": "длина не меньше 1"}]


@pytest.mark.parametrize(
    "body",
    [
        {"unique_codes": ["A", "a\x01b"], "mode": "rollback"},
        {"unique_codes": ["a\x01b"]},
        {"unique_codes": ["A", 5]},
        {"unique_codes": {"0": "A"}},
        {"unique_codes": ["A", ""], "mode": "perhaps"},
        [],
        ["A", ""],
        5,
        {"unique_codes": ["A", *["a\x01b"] * 50]},
    ],
)
def test_a_body_that_is_no_list_of_codes_adds_nothing(body: Any) -> None:
    made = batch()
    assert ask("POST", f"{place(made)}/products/bulk", body).status == 422
    check(made, [])


@pytest.mark.parametrize(
    ("text", "added"),
    [
        ("unique_code;name\r\nC-8;Болт\r\nC-9;Гайка, М8\r\n", ["C-8", "C-9"]),
        ("name,Unique_Code\nБолт,C-8\n\nГайка,C-9\n", ["C-8", "C-9"]),
        ("имя\tunique_code\tдата\nБолт\tC-8\n", ["C-8"]),
        ("sep=;\r\nunique_code\r\nC-15\r\n", ["C-15"]),
        ("\ufeffSEP=;\r\nunique_code;x\r\nC-15;1\r\n", ["C-15"]),
        ("\r\n\r\nunique_code\r\nC-1;2\r\n", ["C-1;2"]),
        ('name;"unique\n_code";unique_code\nx;y;C-1\n', ["C-1"]),
        ("Код маркировки\r\nC-6\r\n", ["C-6"]),
        ("Наименование;УНИКАЛЬНЫЙ КОД\r\nБолт;C-8\r\n", ["C-8"]),
        ("C-8\r\nC-9;1\r\n", ["C-8", "C-9;1"]),
        ("A\nB\n", ["A", "B"]),
        ("C-8\t\r\n C-9 \r\n", ["C-8", "C-9"]),
    ],
)
def test_the_column_of_the_codes_is_found(text: str, added: list[str]) -> None:
    made = batch()
    answer = ask("POST", f"{place(made)}/products/bulk", text.encode(), CSV)
    assert answer.status == 202, answer.text
    work()
    check(made, added)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Код детали\r\nC-6\r\n", "похожа на заголовок"),
        ("Код детали\r\n", "похожа на заголовок"),
        ("code\r\nC-6\r\nC-7\r\n", "похожа на заголовок"),
        ("Код\r\nA\r\nB\r\n", "похожа на заголовок"),
        ("GS1 code 1\r\n0104\r\n", "похожа на заголовок"),
        ("sep=;\r\nКод\r\nC-6\r\n", "похожа на заголовок"),
        ("C-8;Болт\r\nC-9;Гайка\r\n", "похожи на таблицу"),
        ("C-8;1\r\n", "похожи на таблицу"),
        ("unique_code,unique_code\r\nA,B\r\n", "несколько раз"),
    ],
)
def test_headings_and_whole_lines_never_become_products(text: str, reason: str) -> None:
    made = batch()
    answer = ask("POST", f"{place(made)}/products/bulk", text.encode(), CSV)
    assert answer.status == 400, answer.text
    assert reason in answer.json["detail"]
    assert "unique_code" in answer.json["detail"]
    check(made, [])


def test_a_line_with_more_cells_than_the_header_is_refused() -> None:
    path = f"{place(batch())}/products/bulk"
    for text in ("unique_code;name\nC-1;x\nC;2;x\n", "unique_code\nC-1\nC,2\n", "sep=;\nC-1\nC;2\n"):
        answer = ask("POST", path, text.encode(), CSV)
        assert answer.status == 422, (text, answer.text)
        assert [error["loc"] for error in answer.json["errors"]] == [["body", "unique_codes", 1]]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("unique_code\nC-1\nБолт".encode()[:-1], "оборван посреди буквы: UTF-8, строка 3"),
        ("unique_code\nБолт\n".encode() + b"C\xff\n", "недопустимый байт в строке 3"),
        ("unique_code\nБолт-1\n".encode("cp1251"), "недопустимый байт в строке 2"),
        ("unique_code\nБолт-1\n".encode("koi8-r"), "недопустимый байт в строке 2"),
        ("unique_code\nC-1\n".encode("utf-16"), "недопустимый байт в строке 1"),
    ],
)
def test_a_body_in_another_encoding_is_refused_with_the_line(body: bytes, reason: str) -> None:
    answer = ask("POST", f"{place(batch())}/products/bulk", body, CSV)
    assert answer.status == 400
    assert reason in answer.json["detail"]


def test_problems_are_collected_up_to_the_number_that_is_shown() -> None:
    path, bad = f"{place(batch())}/products/bulk", b"A,1\n" * (codes.MAX_BODY_BYTES // 4)
    tracemalloc.start()
    try:
        answer = ask("POST", path, bad, CSV)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert [error["loc"][-1] for error in answer.json["errors"]] == list(range(50))
    assert peak < 10 * len(bad)  # of it the body, in base64 and not, and its text; a problem takes 100 times its line
    answer = ask("POST", path, {"unique_codes": ["A", "", *["B"] * 2_000, *[""] * 90_000]})
    assert [error["loc"][-1] for error in answer.json["errors"]][:3] == [1, 2_002, 2_003]
    assert len(answer.json["errors"]) == 50
