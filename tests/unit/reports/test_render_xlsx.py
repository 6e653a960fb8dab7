"""The workbook as openpyxl reads it back."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.utils.escape import unescape
from openpyxl.worksheet.worksheet import Worksheet

from chalicelib.reports.render import Chart, Column, Document, Facts, Id, Percent, Table, render
from chalicelib.reports.render import xlsx_list as module
from chalicelib.reports.render.xlsx_book import short_name
from tests.report_files import rows_of

NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)
DANGEROUS = ["=1+1", "+7", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x")', "http://example.com"]


MOSCOW = timezone(timedelta(hours=3))
HEAD = 5  # the row of the headings of a list: title of the report, of the list, its origin, a blank row


def render_to(target: Path, *sections: object, title: str = "Отчет") -> openpyxl.Workbook:
    meta = {"Период": "март 2025"}
    report = Document(title=title, created_at=NOON, sections=sections, meta=meta, timezone=MOSCOW)  # type: ignore[arg-type]
    render(report, "xlsx", target)
    return openpyxl.load_workbook(target)


def listed(sheet: Worksheet) -> list[list[object]]:
    """Return the rows of a list without headings and without what is blank."""
    return [[cell for cell in row if cell is not None] for row in rows_of(sheet)[1:]]


def values_of(sheet: Worksheet, first: int = 1) -> list[list[object]]:
    """Return the values of the rows that are not blank."""
    rows = ([cell for cell in row if cell is not None] for row in sheet.iter_rows(min_row=first, values_only=True))
    return [row for row in rows if row]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> openpyxl.Workbook:
    columns = [
        Column("ID", "uuid"),
        Column("Агрегирована", "bool"),
        Column("Дата агрегации", "datetime"),
        Column("Дата", "date"),
        Column("Штук", "int"),
        Column("Цена", "number"),
        Column("Доля", "percent"),
        Column("№", "id"),
    ]
    row = (UUID(int=7), True, NOON, date(2025, 3, 2), -5, Decimal("962120.00"), 0.855, 22222)
    odd = (1, "да", "вчера", "x", 10**20, float("inf"), "y", "z")
    totals = ("Итого", None, None, None, 12, Decimal("10.50"), Percent(0.5), None)
    brief = [Column("Статус"), Column("Сумма", "number")]
    return render_to(
        tmp_path_factory.mktemp("xlsx") / "report.xlsx",
        Facts("Статистика", [("Всего", 12345), ("Процент", Percent(0.855)), ("Сумма", Decimal("10.00"))]),
        Facts("О партии", [("Дата", date(2025, 3, 1)), ("Код", "=1"), ("Номер", Id(22222))]),
        Chart("По часам", "bar", ["08:00", "09:00"], [("Штук", [1, 2]), ("План", [2, 2])]),
        Chart("=1+1", "pie", ["Готово", "Осталось", "Пусто"], [("=Штук", [1, 2, 0])]),
        Table("По статусам", brief, [("новый", Decimal("1.50"))], ("Итого", Decimal("1.50")), brief=True),
        Table("Продукция", columns, [row, (None,) * 8, odd], totals, note="только за март"),
    )


def test_cells_are_typed(book: openpyxl.Workbook) -> None:
    heading, first, empty, odd, total = list(book["Продукция"].iter_rows(min_row=HEAD + 1))
    assert [cell.value for cell in heading][:3] == ["ID", "Агрегирована", "Дата агрегации"]
    moment, day = datetime(2025, 3, 1, 15), datetime(2025, 3, 2)
    assert [cell.value for cell in first] == [str(UUID(int=7)), "Да", moment, day, -5, 962120, 0.855, 22222]
    formats = ["dd.mm.yyyy hh:mm", "dd.mm.yyyy", "#,##0", "#,##0.00", "0.0%", "0"]
    assert [cell.number_format for cell in first[2:]] == formats
    assert {cell.value for cell in empty} == {None}
    assert [cell.value for cell in odd] == ["1", "да", "вчера", "x", str(10**20), "inf", "y", "z"]
    assert [cell.value for cell in total] == ["Итого", None, None, None, 12, 10.5, 0.5, None]
    assert [cell.number_format for cell in total[4:7]] == ["#,##0", "#,##0.00", "0.0%"]


def test_what_stands_at_the_right_and_at_the_left_does_not_run_together(book: openpyxl.Workbook) -> None:
    alignments = [cell.alignment for cell in book["Продукция"][HEAD + 2][4:]]
    assert [(cell.horizontal, cell.indent) for cell in alignments] == [*[("right", 1)] * 3, ("left", 0)]


def test_facts_and_brief_tables_are_typed_and_share_the_first_sheet(book: openpyxl.Workbook) -> None:
    rows = {row[0].value: row[1] for row in book["Сводка"].iter_rows(max_col=2)}
    assert [rows[name].value for name in ("Всего", "Процент", "Номер", "новый", "Итого")] == [
        12345, 0.855, 22222, 1.5, 1.5,
    ]  # fmt: skip
    assert [rows[name].alignment.horizontal for name in ("Всего", "Сумма", "Номер")] == ["right", "right", "left"]
    assert rows["Сумма"].number_format == "#,##0.00"
    assert rows["Дата"].value == datetime(2025, 3, 1)
    assert (rows["Код"].value, rows["Код"].data_type) == ("=1", "s")


def test_each_sheet_says_which_report_it_is_and_how_it_is_printed(book: openpyxl.Workbook) -> None:
    assert book.sheetnames == ["Сводка", "Продукция", "Данные диаграмм"]
    for sheet in book:
        top = [str(row[0]) for row in values_of(sheet)[:4]]
        assert "Отчет" in top
        assert any("01.03.2025 15:00" in line and "Период: март 2025" in line for line in top), sheet.title
        assert "&P из &N" in str(sheet.oddFooter.right.text)
        assert sheet.page_setup.paperSize == 9
    assert "только за март" in str(book["Продукция"]["A3"].value)


def test_a_list_has_a_frozen_repeated_heading_a_filter_and_widths(book: openpyxl.Workbook) -> None:
    sheet = book["Продукция"]
    assert sheet.freeze_panes == f"A{HEAD + 2}"
    assert sheet.auto_filter.ref == f"A{HEAD + 1}:H{HEAD + 4}"
    assert sheet.print_title_rows == f"${HEAD + 1}:${HEAD + 1}"
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.page_setup.fitToHeight == 0
    assert sheet.column_dimensions["A"].width > 36
    assert 15 < sheet.column_dimensions["C"].width < 30


@pytest.mark.parametrize(("columns", "orientation"), [(2, "portrait"), (8, "landscape")])
def test_a_wide_list_lies(columns: int, orientation: str, tmp_path: Path) -> None:
    table = Table("T", [Column(f"Столбец {index}") for index in range(columns)], [("текст " * 3,) * columns])
    assert (render_to(tmp_path / "r.xlsx", table)["T"].page_setup.orientation or "portrait") == orientation


def test_a_long_text_is_wrapped_in_a_row_of_its_height(tmp_path: Path) -> None:
    rows = [("слово " * 40, 1), ("слово", 2)]
    sheet = render_to(tmp_path / "r.xlsx", Table("T", [Column("Текст"), Column("Штук", "int")], rows))["T"]
    width, height = sheet.column_dimensions["A"].width, sheet.row_dimensions[HEAD + 1].height
    assert width < 60
    assert height * width > 15 * 240
    assert sheet.row_dimensions[HEAD + 2].height is None


def test_texts_of_digits_are_no_errors_for_excel(tmp_path: Path) -> None:
    render_to(tmp_path / "r.xlsx", Facts("О", [("Код", "007")]), Table("T", [Column("Код")], [("001",)]))
    with ZipFile(tmp_path / "r.xlsx") as archive:
        sheets = [archive.read(name) for name in archive.namelist() if "worksheets/sheet" in name]
    assert all(b'numberStoredAsText="1"' in sheet for sheet in sheets)
    assert len(sheets) == 2


# -- charts -----------------------------------------------------------------------------------------------------------


def test_charts_are_native_over_the_numbers_of_the_last_sheet(book: openpyxl.Workbook) -> None:
    charts = book["Сводка"]._charts
    assert [type(chart).__name__ for chart in charts] == ["BarChart", "PieChart"]
    assert len(charts[0].series) == 2
    rows = values_of(book["Данные диаграмм"])
    assert ["09:00", "09:00", 2, 2] in rows
    assert [row[2] for row in rows if row[0] in ("Готово", "Осталось", "Пусто")] == [1, 2]


LONG = [f"LINE-{line} Линия розлива №{line} (стеклотара, негазированная), смена {s}" for line in range(5) for s in "12"]


def charts_of(tmp_path: Path, chart: Chart) -> tuple[openpyxl.Workbook, list[Any]]:
    book = render_to(tmp_path / "r.xlsx", chart)
    return book, book["Сводка"]._charts


def size_of(chart: Any) -> tuple[int, int]:
    """Return how many columns and rows a chart covers."""
    start, end = chart.anchor._from, chart.anchor.to
    return end.col - start.col, end.row - start.row


def test_bars_with_long_labels_lie_below_each_other_and_tell_them_apart(tmp_path: Path) -> None:
    book, (chart,) = charts_of(tmp_path, Chart("По сменам", "bar", LONG, [("Штук", [1.0] * 10)], unit="шт."))
    assert chart.barDir == "bar"
    assert "шт." in str(chart.y_axis.title.tx.rich.p[0].r[0].t)
    rows = [row for row in values_of(book["Данные диаграмм"]) if row[0] in LONG]
    assert len({row[1] for row in rows}) == 10
    assert max(len(str(row[1])) for row in rows) <= 34


def test_more_lying_bars_make_a_higher_chart_and_then_several(tmp_path: Path) -> None:
    heights = []
    for count in (2, 10):
        _, (chart,) = charts_of(tmp_path, Chart("", "bar", LONG[:count], [("Штук", [1.0] * count)]))
        heights.append(size_of(chart)[1])
    assert heights[0] + 5 < heights[1] < 31
    many = [f"{label} {number}" for number in range(5) for label in LONG]
    _, charts = charts_of(tmp_path, Chart("", "bar", many, [("Штук", [float(number) for number in range(50)])]))
    assert len(charts) > 1
    assert {chart.y_axis.scaling.max for chart in charts} == {49}  # so that their bars can be compared
    assert max(size_of(chart)[1] for chart in charts) < 31


def test_a_single_bar_does_not_fill_the_chart(tmp_path: Path) -> None:
    _, (one,) = charts_of(tmp_path, Chart("", "bar", ["20.11"], [("Штук", [5.0])]))
    _, (many,) = charts_of(tmp_path, Chart("", "bar", [f"{day:02}.11" for day in range(1, 31)], [("Ш", [5.0] * 30)]))
    assert one.gapWidth >= 300
    assert size_of(one)[0] < size_of(many)[0]


def test_no_page_of_the_first_sheet_ends_in_a_chart(tmp_path: Path) -> None:
    sections: list[object] = []
    for number in range(6):
        sections.append(Facts(f"Итоги {number}", [(f"Показатель {row}", row) for row in range(7)]))
        sections.append(Chart(f"Диаграмма {number}", "bar", LONG, [("Штук", [1.0] * 10)]))
    book = render_to(tmp_path / "r.xlsx", *sections)
    breaks = [entry.id for entry in book["Сводка"].row_breaks.brk]
    covered = [(chart.anchor._from.row, chart.anchor.to.row) for chart in book["Сводка"]._charts]
    assert len(breaks) > 2
    assert not [row for row in breaks for first, last in covered if first < row <= last]


# -- hostile texts, limits --------------------------------------------------------------------------------------------


def test_no_text_becomes_a_formula_or_a_link(tmp_path: Path) -> None:
    rows = [(text, text) for text in DANGEROUS]
    table = Table("=Лист", [Column("=A1"), Column("Число", "int")], rows)
    book = render_to(tmp_path / "report.xlsx", table, title="=1+1")
    sheet = book["=Лист"]
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.hyperlink for cell in cells} == {None}
    assert [row[0] for row in listed(sheet)] == [text.replace("\r", "\n") for text in DANGEROUS]
    assert sheet.cell(HEAD + 1, 1).quotePrefix
    with ZipFile(tmp_path / "report.xlsx") as archive:
        assert not any(b"<f>" in archive.read(name) for name in archive.namelist() if "worksheets" in name)


def test_text_that_looks_like_markup_is_text(tmp_path: Path) -> None:
    texts = ["<r><t>x</t></r>", "<r></sheetData></r>", "a&b<c>", "_x0041_", "  края  "]
    table = Table("T", [Column("Текст")], [(text,) for text in texts])
    read = [row[0] for row in listed(render_to(tmp_path / "report.xlsx", table)["T"])]
    assert [unescape(value).rstrip() for value in read] == [text.rstrip() for text in texts]  # type: ignore[arg-type]


def test_sheet_names_are_valid_in_excel(tmp_path: Path) -> None:
    titles = ["Сводка", "[a]:*?/\\b", "x" * 40, "X" * 40, "", "'", "History", "😀 смайл"]
    book = render_to(tmp_path / "r.xlsx", *[Table(title, [Column("A")], []) for title in titles])
    names = book.sheetnames
    assert len({name.casefold() for name in names}) == len(titles) + 1
    assert all(0 < len(name) <= 31 for name in names)
    assert names[1:3] == ["Сводка (2)", "a b"]
    assert "history" not in {name.casefold() for name in names}


def test_sheet_names_are_not_cut_in_a_word() -> None:
    long = "По товарам (без отмененных заказов)"
    assert short_name(long) == "По товарам"
    assert short_name("Список отложенных и повторяющихся задач") == "Список отложенных"
    assert short_name("Партии по рабочим центрам и сменам") == "Партии по рабочим центрам"


def test_rows_over_the_limit_of_a_sheet_continue_on_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_ROWS", 10)
    table = Table("T", [Column("N", "int"), Column("A")], ((n, None) for n in range(25)), (25, "Итого"))
    book = render_to(tmp_path / "r.xlsx", table)
    assert book.sheetnames == ["Сводка", "T", "T (2)", "T (3)"]
    read = [row[0] for name in book.sheetnames[1:] for row in values_of(book[name], HEAD)[1:]]
    assert read == [*range(25), 25]


def test_a_list_without_sums_ends_in_its_number_of_rows(tmp_path: Path) -> None:
    sheet = render_to(tmp_path / "r.xlsx", Table("T", [Column("A"), Column("B")], [("a", "b")] * 3))["T"]
    assert values_of(sheet)[-1] == ["Всего: 3"]
    assert not sheet.cell(sheet.max_row, 1).alignment.wrap_text  # the first column is often a narrow one of numbers
    empty = render_to(tmp_path / "r.xlsx", Table("T", [Column("A")], []))["T"]
    assert values_of(empty)[-1] == ["Нет данных"]


def test_a_brief_table_with_many_rows_has_a_sheet_of_its_own(tmp_path: Path) -> None:
    rows = [(number,) for number in range(41)]
    assert render_to(tmp_path / "r.xlsx", Table("T", [Column("N", "int")], rows[:40], brief=True)).sheetnames == [
        "Сводка"
    ]
    book = render_to(tmp_path / "r.xlsx", Table("T", [Column("N", "int")], rows, brief=True))
    assert [tuple(row) for row in listed(book["T"])] == rows


def test_long_text_fits_into_a_cell(tmp_path: Path) -> None:
    rows = [("Ж" * 40_000,), ("😀" * 20_000,)]
    sheet = render_to(tmp_path / "r.xlsx", Table("T", [Column("A")], rows))["T"]
    read = [str(row[0]) for row in listed(sheet)]
    assert [len(text.encode("utf-16-le")) // 2 for text in read] == [32_001, 32_001]
