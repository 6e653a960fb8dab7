"""The CSV as a program reads it."""

import csv
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import openpyxl
from pypdf import PdfReader

from chalicelib.reports.render import Chart, Column, Document, Facts, Percent, Table, render

NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)


def render_to(target: Path, *sections: object, zone: object = UTC) -> list[list[str]]:
    report = Document(title="Отчет", created_at=NOON, sections=sections, timezone=zone)  # type: ignore[arg-type]
    render(report, "csv", target)
    with target.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def render_table(target: Path, table: Table) -> list[list[str]]:
    """Return the heading and the rows of a table, which follow the title block and the title of the table."""
    return render_to(target, table)[4:]


def test_a_table_is_headings_and_rows_and_the_file_has_a_byte_order_mark(tmp_path: Path) -> None:
    columns = [Column("Код"), Column("Готов", "bool"), Column("Когда", "datetime"), Column("Штук", "int")]
    rows = [('а,"б"\nв', True, NOON, -5), (None, False, None, 0)]
    read = render_table(tmp_path / "r.csv", Table("Продукция", columns, rows))
    assert read == [
        ["Код", "Готов", "Когда", "Штук"],
        ['а,"б"\nв', "Да", "2025-03-01T12:00:00Z", "-5"],
        ["", "Нет", "", "0"],
    ]
    raw = (tmp_path / "r.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.count(b"\r\n") == 4 + 3


def test_text_that_begins_like_a_formula_gets_an_apostrophe_and_numbers_do_not(tmp_path: Path) -> None:
    columns = [Column("=A1"), Column("Число", "number")]
    rows = [("=1+1", -1), ("+7", -1.5), ("-1", Decimal("-10.50")), ("@x", "-2"), ("\tx", 1), ("\rx", 1)]
    read = render_table(tmp_path / "r.csv", Table("T", columns, rows))
    assert [row[0] for row in read] == ["'=A1", "'=1+1", "'+7", "'-1", "'@x", "'\tx", "'\nx"]
    assert [row[1] for row in read[1:5]] == ["-1", "-1.5", "-10.50", "'-2"]


def test_no_cell_is_a_formula_for_a_reader_of_semicolons(tmp_path: Path) -> None:
    facts = Facts("a;=1", [("b;=1", "c\n=2+2;"), ("＝1", 'x;"=1')])
    chart = Chart("По часам", "bar", ["d;=1"], [("e;=1", [1])])
    render_to(tmp_path / "r.csv", facts, chart, Table("f;=1", [Column("g;=1")], [("Болт;=1+1;",), (-1,)]))
    with (tmp_path / "r.csv").open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for record in csv.reader(file, delimiter=";") for cell in record]
    assert [cell for cell in cells if cell.strip('" ')[:1] in [*"=+-@＝＋－＠"]] == []


def test_marking_codes_keep_their_group_separators(tmp_path: Path) -> None:
    code = "0104601234567890215abc\x1d93AbCd"
    assert render_table(tmp_path / "r.csv", Table("T", [Column("Код")], [(code,)]))[1] == [code, ""]
    report = Document(title="Отчет", created_at=NOON, sections=[Table("T", [Column("Код")], [(code,)])])
    render(report, "xlsx", tmp_path / "r.xlsx")
    assert openpyxl.load_workbook(tmp_path / "r.xlsx")["T"]["A2"].value == code.replace("\x1d", "_x001D_")
    render(report, "pdf", tmp_path / "r.pdf")
    assert "5abc<GS>93AbCd" in "".join(page.extract_text() for page in PdfReader(tmp_path / "r.pdf").pages)


def test_sections_stand_one_below_the_other_in_equal_records(tmp_path: Path) -> None:
    facts = Facts("Статистика", [("Всего", 5), ("Процент", Percent(0.5)), ("Дата", date(2025, 3, 1))])
    chart = Chart("По часам", "bar", ["08:00", "09:00"], [("Штук", [1]), ("План", [2, 2])])
    table = Table("Продукция", [Column(name) for name in "ABCD"], [("1", "2", "3", "4")])
    read = render_to(tmp_path / "r.csv", facts, chart, table, zone=timezone(timedelta(hours=3)))
    assert {len(row) for row in read} == {4}
    text = [",".join(row).rstrip(",") for row in read]
    assert text[:2] == ["Отчет", "Сформирован,2025-03-01T15:00:00+03:00"]
    assert text[2:7] == ["", "Статистика", "Всего,5", "Процент,0.5", "Дата,2025-03-01"]
    assert text[7:12] == ["", "По часам", ",Штук,План", "08:00,1,2", "09:00,,2"]
    assert text[12:] == ["", "Продукция", "A,B,C,D", "1,2,3,4"]
