"""The CSV as a program reads it."""

import csv
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from pypdf import PdfReader

from chalicelib.reports.render import Chart, Column, Document, Facts, Percent, Table, render

NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)


def render_to(target: Path, *sections: object, zone: object = UTC, table: str = "") -> list[list[str]]:
    report = Document(title="Отчет", created_at=NOON, sections=sections, timezone=zone, table=table)  # type: ignore[arg-type]
    render(report, "csv", target)
    with target.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_the_file_is_headings_and_rows_of_one_table_and_has_a_byte_order_mark(tmp_path: Path) -> None:
    columns = [Column("Код"), Column("Готов", "bool"), Column("Когда", "datetime"), Column("Штук", "int")]
    rows = [('а,"б"\nв', True, NOON, -5), (None, False, None, 0)]
    table = Table("Продукция", columns, rows, totals=("Итого", None, None, -5), note="не для программ")
    read = render_to(tmp_path / "r.csv", table, zone=timezone(timedelta(hours=3)))
    assert read == [
        ["Код", "Готов", "Когда", "Штук"],
        ['а,"б"\nв', "true", "2025-03-01T15:00:00+03:00", "-5"],
        ["", "false", "", "0"],
    ]
    raw = (tmp_path / "r.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.count(b"\r\n") == 3


@pytest.mark.parametrize(
    ("value", "kind", "field"),
    [
        (0.5403973509933775, "percent", "0.5404"),
        (1.0, "percent", "1"),
        (131.0, "number", "131"),
        (35982.5, "number", "35982.5"),
        (Decimal("962120.00"), "number", "962120.00"),
        (1234567, "int", "1234567"),
        (22222, "id", "22222"),
        (date(2025, 3, 1), "date", "2025-03-01"),
        (NOON, "datetime", "2025-03-01T12:00:00Z"),
        (True, "bool", "true"),
    ],
)
def test_values_are_written_for_programs(value: object, kind: Any, field: str, tmp_path: Path) -> None:
    assert render_to(tmp_path / "r.csv", Table("T", [Column("A", kind)], [(value,)]))[1] == [field]


def test_the_table_is_the_named_one_or_the_first_list(tmp_path: Path) -> None:
    def wanted(name: str) -> list[list[str]]:
        rows = iter(["a", "b"])  # both lists read one stream, as those of the report on tasks do
        brief = Table("Итоги", [Column("Итог")], [("x",)], name="sums", brief=True)
        first = Table("Первый", [Column("А")], ((row,) for row in islice(rows, 1)), name="first")
        second = Table("Второй", [Column("Б")], ((row,) for row in rows), name="second")
        facts = Facts("Статистика", [("Всего", 5), ("Доля", Percent(1 / 3)), ("Готово", True)])
        chart = Chart("По часам", "bar", ["08:00"], [("Штук", [1.0])])
        return render_to(tmp_path / "r.csv", facts, chart, brief, first, second, table=name)

    assert wanted("") == wanted("first") == [["А"], ["a"]]
    assert wanted("second") == [["Б"], ["b"]]
    assert wanted("sums") == [["Итог"], ["x"]]
    assert wanted("facts") == [
        ["Раздел", "Показатель", "Значение"],
        ["Статистика", "Всего", "5"],
        ["Статистика", "Доля", "0.3333"],
        ["Статистика", "Готово", "true"],
    ]


def test_text_that_begins_like_a_formula_gets_an_apostrophe_and_numbers_do_not(tmp_path: Path) -> None:
    columns = [Column("=A1"), Column("Число", "number")]
    rows = [("=1+1", -1), ("+7", -1.5), ("-1", Decimal("-10.50")), ("@x", "-2"), ("\tx", 1), ("\rx", 1)]
    read = render_to(tmp_path / "r.csv", Table("T", columns, rows))
    assert [row[0] for row in read] == ["'=A1", "'=1+1", "'+7", "'-1", "'@x", "'\tx", "'\nx"]
    assert [row[1] for row in read[1:5]] == ["-1", "-1.5", "-10.50", "'-2"]


@pytest.mark.parametrize("table", ["", "facts"])
def test_no_cell_is_a_formula_for_a_reader_of_semicolons(table: str, tmp_path: Path) -> None:
    facts = Facts("a;=1", [("b;=1", "c\n=2+2;"), ("＝1", 'x;"=1')])
    chart = Chart("По часам", "bar", ["d;=1"], [("e;=1", [1])])
    rows = Table("f;=1", [Column("g;=1")], [("Болт;=1+1;",), (-1,)])
    render_to(tmp_path / "r.csv", facts, chart, rows, table=table)
    with (tmp_path / "r.csv").open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for record in csv.reader(file, delimiter=";") for cell in record]
    assert [cell for cell in cells if cell.strip('" ')[:1] in [*"=+-@＝＋－＠"]] == []


def test_marking_codes_keep_their_group_separators(tmp_path: Path) -> None:
    code = "0104601234567890215abc\x1d93AbCd"
    report = Document(title="Отчет", created_at=NOON, sections=[Table("T", [Column("Код")], [(code,)])])
    assert render_to(tmp_path / "r.csv", *report.sections)[1] == [code]
    render(report, "xlsx", tmp_path / "r.xlsx")
    read = [cell.value for cell in openpyxl.load_workbook(tmp_path / "r.xlsx")["T"]["A"]]
    assert code.replace("\x1d", "_x001D_") in read
    render(report, "pdf", tmp_path / "r.pdf")
    assert "5abc<GS>93AbCd" in "".join(page.extract_text() for page in PdfReader(tmp_path / "r.pdf").pages)
