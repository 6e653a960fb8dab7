"""The workbook as openpyxl reads it back."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from uuid import UUID
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.utils.escape import unescape

from chalicelib.reports.render import Chart, Column, Document, Facts, Percent, Table, render
from chalicelib.reports.render import xlsx as module

NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)
DANGEROUS = ["=1+1", "+7", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x")', "http://example.com"]


def render_to(target: Path, *sections: object, title: str = "Отчет") -> openpyxl.Workbook:
    zone = timezone(timedelta(hours=3))
    report = Document(title=title, created_at=NOON, sections=sections, timezone=zone)  # type: ignore[arg-type]
    render(report, "xlsx", target)
    return openpyxl.load_workbook(target)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> openpyxl.Workbook:
    columns = [
        Column("ID"),
        Column("Агрегирована", "bool"),
        Column("Дата агрегации", "datetime"),
        Column("Дата", "date"),
        Column("Штук", "int"),
        Column("Цена", "number"),
        Column("Доля", "percent"),
    ]
    row = (UUID(int=7), True, NOON, date(2025, 3, 2), -5, Decimal("10.50"), 0.855)
    return render_to(
        tmp_path_factory.mktemp("xlsx") / "report.xlsx",
        Facts("Статистика", [("Всего", 12345), ("Процент", Percent(0.855)), ("Дата", date(2025, 3, 1)), ("Код", "=1")]),
        Chart("По часам", "bar", ["08:00", "09:00"], [("Штук", [1, 2]), ("План", [2, 2])]),
        Chart("=1+1", "pie", ["Готово", "Осталось"], [("=Штук", [1, 2])]),
        Table("Продукция", columns, [row, (None,) * 7, (1, "да", "вчера", "x", 10**20, float("inf"), "y")]),
    )


def test_cells_are_typed(book: openpyxl.Workbook) -> None:
    heading, first, empty, odd = list(book["Продукция"].iter_rows())
    assert [cell.value for cell in heading][:3] == ["ID", "Агрегирована", "Дата агрегации"]
    moment, day = datetime(2025, 3, 1, 15), datetime(2025, 3, 2)
    assert [cell.value for cell in first] == [str(UUID(int=7)), "Да", moment, day, -5, 10.5, 0.855]
    assert [cell.number_format for cell in first[2:]] == ["dd.mm.yyyy hh:mm", "dd.mm.yyyy", "#,##0", "#,##0.00", "0.0%"]
    assert {cell.value for cell in empty} == {None}
    assert [cell.value for cell in odd] == ["1", "да", "вчера", "x", str(10**20), "inf", "y"]


def test_facts_are_typed_too(book: openpyxl.Workbook) -> None:
    facts = {row[0].value: row[1] for row in book["Сводка"].iter_rows(max_col=2)}
    assert facts["Отчет"].value is None
    assert (facts["Всего"].value, facts["Процент"].value) == (12345, 0.855)
    assert facts["Дата"].value == datetime(2025, 3, 1)
    assert (facts["Код"].value, facts["Код"].data_type) == ("=1", "s")
    assert facts["Сформирован"].value == datetime(2025, 3, 1, 15)


def test_a_table_has_a_frozen_heading_a_filter_and_widths(book: openpyxl.Workbook) -> None:
    sheet = book["Продукция"]
    assert book.sheetnames == ["Сводка", "Продукция"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:G4"
    assert sheet.column_dimensions["A"].width > 36
    assert 15 < sheet.column_dimensions["C"].width < 30


def test_charts_are_native(book: openpyxl.Workbook) -> None:
    charts = book["Сводка"]._charts
    assert [type(chart).__name__ for chart in charts] == ["BarChart", "PieChart"]
    assert len(charts[0].series) == 2


def test_no_text_becomes_a_formula_or_a_link(tmp_path: Path) -> None:
    rows = [(text, text) for text in DANGEROUS]
    table = Table("=Лист", [Column("=A1"), Column("Число", "int")], rows)
    book = render_to(tmp_path / "report.xlsx", table, title="=1+1")
    sheet = book["=Лист"]
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.hyperlink for cell in cells} == {None}
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == [text.replace("\r", "\n") for text in DANGEROUS]
    assert sheet["A2"].quotePrefix
    with ZipFile(tmp_path / "report.xlsx") as archive:
        assert not any(b"<f>" in archive.read(name) for name in archive.namelist() if "worksheets" in name)


def test_text_that_looks_like_markup_is_text(tmp_path: Path) -> None:
    texts = ["<r><t>x</t></r>", "<r></sheetData></r>", "a&b<c>", "_x0041_", "  края  "]
    table = Table("T", [Column("Текст")], [(text,) for text in texts])
    sheet = render_to(tmp_path / "report.xlsx", table)["T"]
    read = [row[0].value for row in sheet.iter_rows(min_row=2)]
    assert [unescape(value).rstrip() for value in read] == [text.rstrip() for text in texts]


def test_sheet_names_are_valid_in_excel(tmp_path: Path) -> None:
    titles = ["Сводка", "[a]:*?/\\b", "x" * 40, "X" * 40, "", "'", "History", "😀 смайл"]
    book = render_to(tmp_path / "r.xlsx", *[Table(title, [Column("A")], []) for title in titles])
    names = book.sheetnames
    assert len({name.casefold() for name in names}) == len(titles) + 1
    assert all(0 < len(name) <= 31 for name in names)
    assert names[1:3] == ["Сводка (2)", "a b"]
    assert "history" not in {name.casefold() for name in names}


def test_rows_over_the_limit_of_a_sheet_continue_on_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_ROWS", 10)
    book = render_to(tmp_path / "r.xlsx", Table("T", [Column("N", "int")], ((n,) for n in range(25))))
    assert book.sheetnames == ["Сводка", "T", "T (2)", "T (3)"]
    read = [row[0] for name in book.sheetnames[1:] for row in book[name].iter_rows(min_row=2, values_only=True)]
    assert read == list(range(25))


def test_long_text_fits_into_a_cell(tmp_path: Path) -> None:
    rows = [("Ж" * 40_000,), ("😀" * 20_000,)]
    sheet = render_to(tmp_path / "r.xlsx", Table("T", [Column("A")], rows))["T"]
    assert [len(sheet[cell].value.encode("utf-16-le")) // 2 for cell in ("A2", "A3")] == [32_001, 32_001]
