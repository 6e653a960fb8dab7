"""The PDF as a reader program sees it."""

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from pypdf import PdfReader

from chalicelib.reports.render import Chart, Column, Document, Facts, Percent, Table, render

NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)
DESCRIPTION = "Собрать и упаковать изделия по заданию, проверить маркировку, передать на склад. " * 3


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> PdfReader:
    target = tmp_path_factory.mktemp("pdf") / "report.pdf"
    rows = ((f"код-{number:04}", number % 2 == 0, NOON if number % 2 == 0 else None, number) for number in range(200))
    columns = [
        Column("Уникальный код"),
        Column("Агрегирована", "bool"),
        Column("Дата агрегации", "datetime"),
        Column("Номер", "int"),
    ]
    report = Document(
        title="Отчет о партии 22222",
        subtitle="Болт М8×40",
        created_at=NOON,
        timezone=timezone(timedelta(hours=3), "МСК"),
        meta={"Создал": "Администратор"},
        sections=[
            Facts("Информация о партии", [("Дата партии", date(2025, 3, 1)), ("Описание задачи", DESCRIPTION)]),
            Facts("Статистика", [("Всего продукции", 12345), ("Процент выполнения", Percent(0.855))]),
            Chart("По часам", "bar", ["08:00", "09:00"], [("Агрегировано", [120, 80]), ("План", [100, 100])]),
            Chart("Состав партии", "pie", ["Агрегировано", "Осталось"], [("Продукты", [100, 100])]),
            Table("Продукция", columns, rows),
        ],
    )
    render(report, "pdf", target)
    return PdfReader(target)


@pytest.fixture(scope="module")
def pages(reader: PdfReader) -> list[str]:
    return [page.extract_text().replace("\u00a0", " ") for page in reader.pages]


def test_every_page_is_a4_portrait(reader: PdfReader) -> None:
    sizes = {(round(page.mediabox.width), round(page.mediabox.height)) for page in reader.pages}
    assert sizes == {(595, 842)}


def test_facts_are_written_in_cyrillic(pages: list[str]) -> None:
    for text in ("Отчет о партии 22222", "Болт М8×40", "Создал: Администратор", "Информация о партии", "01.03.2025"):
        assert text in pages[0]
    for text in ("12 345", "85,5 %", "Сформирован 01.03.2025 15:00 (МСК)"):
        assert text in pages[0]
    assert " ".join(pages[0].split()).count("передать на склад.") == 3  # wrapped, not cut


def test_headings_and_numbers_are_on_each_page_of_the_table(pages: list[str]) -> None:
    assert len(pages) > 5
    for number, text in enumerate(pages, start=1):
        assert f"Стр. {number} из {len(pages)}" in text
    with_rows = [text for text in pages if "код-" in text]
    assert len(with_rows) > 3
    assert all("Уникальный код" in text and "Дата агрегации" in text for text in with_rows)
    assert all("Отчет о партии 22222" in text for text in pages)


def test_every_row_is_written_once(pages: list[str]) -> None:
    everything = "\n".join(pages)
    assert all(everything.count(f"код-{number:04}") == 1 for number in range(200))


def test_charts_are_drawn_with_vectors(reader: PdfReader) -> None:
    assert not any(page.images for page in reader.pages)
    drawn = [page.get_contents().get_data() for page in reader.pages[:2]]  # type: ignore[union-attr]
    assert sum(content.count(b" re f") + content.count(b" re\nf") for content in drawn) >= 8
    assert sum(content.count(b" l") for content in drawn) > 100  # the outline of the ring


def test_file_has_its_properties(reader: PdfReader) -> None:
    assert reader.metadata is not None
    assert reader.metadata.title == "Отчет о партии 22222"
    assert reader.metadata.author == "Shopfloor"
    assert reader.metadata.creation_date == NOON
    assert reader.trailer["/Root"]["/Lang"] == "ru"


def test_markup_in_a_text_is_not_interpreted(tmp_path: Path) -> None:
    texts = ["**жирный** __x__ {nb}", "<b>html</b>", "(\\) Tj ET", "Ж" * 5000, "эмодзи 👍 есть"]
    render(
        Document(title="{nb}", created_at=NOON, sections=[Table("T", [Column("Текст")], [(text,) for text in texts])]),
        "pdf",
        tmp_path / "report.pdf",
    )
    text = PdfReader(tmp_path / "report.pdf").pages[0].extract_text()
    for literal in (*texts[:3], "…", "эмодзи [эмодзи] есть"):
        assert literal in text
    assert 100 < text.count("Ж") < 5000


@pytest.mark.parametrize("value", [5e-324, 1e-323, 3e-310, 1e-300, 1e300])
def test_a_chart_of_the_smallest_and_largest_numbers_is_drawn(value: float, tmp_path: Path) -> None:
    chart = Chart("По часам", "bar", ["08:00"], [("Штук", [value])])
    report = Document(title="Отчет", created_at=NOON, sections=[chart])
    render(report, "pdf", tmp_path / "report.pdf")
    assert "08:00" in PdfReader(tmp_path / "report.pdf").pages[0].extract_text()
