"""What a reader of the printed reports meets: whole words, readable charts, results first, no words of programmers."""

import re
import string
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from chalicelib.core import texts
from chalicelib.reports.render import Chart, Column, Document, Facts, Table, render
from chalicelib.reports.render.hyphens import breaks
from chalicelib.reports.render.pdf_paper import Paper
from tests.unit.reports.month import MADE, REPORTS, SHIFTS
from tests.unit.reports.positions import Piece, cells, pieces

NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)
LINE_POINTS = 3.5 * 72 / 25.4 + 0.5  # from line to line of a cell
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-", re.I)
CODE_NAME = re.compile(r"\b[a-z]+_[a-z_]+\b|\b[A-Z]\w+(Error|Exception)\b")
OF_USERS = "print_label_for_warehouse"  # the type of a task that a user has invented


@cache
def drawn(name: str, language: str = "ru") -> tuple[list[Piece], list[tuple[float, float]]]:
    """Return the texts of a report of the month, and the sizes of its pages."""
    with TemporaryDirectory() as folder, texts.language(language):
        target = Path(folder) / "report.pdf"
        render(REPORTS[name](), "pdf", target)
        sizes = [(float(page.mediabox.width), float(page.mediabox.height)) for page in PdfReader(target).pages]
        return pieces(target), sizes


def table_of(rows: list[tuple[str, ...]]) -> list[Piece]:
    """Return the texts of a report with one table."""
    columns = [Column(f"Колонка {number}") for number in range(len(rows[0]))]
    report = Document(title="Отчет", created_at=NOON, sections=[Table("Таблица", columns, rows)])
    with TemporaryDirectory() as folder:
        render(report, "pdf", Path(folder) / "report.pdf")
        return pieces(Path(folder) / "report.pdf")


def is_whole(original: str, lines: list[str]) -> bool:
    """Return whether the lines are the original, parted at blanks, in words with hyphens and in codes without any."""
    at = 0
    for number, line in enumerate(lines):
        rest = original[at:]
        last = number == len(lines) - 1
        if rest.startswith(line):
            at += len(line)
            parted = at < len(original) and original[at] == " "
            if not last and not parted and word_at(original, at).islower() and word_at(original, at).isalpha():
                return False
            at += parted
        elif line.endswith("-") and rest.startswith(line[:-1]) and not last:
            at += len(line) - 1
            if has_digit(word_at(original, at)) or not (original[at - 1].isalpha() and original[at].isalpha()):
                return False
        else:
            return False
    return at == len(original)


def word_at(text: str, index: int) -> str:
    """Return the word with that character."""
    return text[text.rfind(" ", 0, index) + 1 :].split(" ")[0]


def has_digit(word: str) -> bool:
    return any(character.isdigit() for character in word)


russian = st.text("абвгдеёжзийклмнопрстуфхцчшщъыьэюя", min_size=1, max_size=45)
english = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=45)
code = st.text("0123456789ABC-/.", min_size=1, max_size=60)
cell = st.lists(st.one_of(russian, english, code), min_size=1, max_size=3).map(" ".join)


@pytest.mark.slow
@settings(max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(st.integers(2, 10).flatmap(lambda width: st.lists(st.tuples(*[cell] * width), min_size=1, max_size=3)))
def test_no_word_of_a_table_is_broken_without_a_hyphen(rows: list[tuple[str, ...]]) -> None:
    shown = [lines for lines in cells(table_of(rows), 7.5, LINE_POINTS) if not lines[0].startswith("Колонка")]
    for text in (text for row in rows for text in row):
        found = [lines for lines in shown if is_whole(text, lines) or is_cut(text, lines)]
        assert found, (text, shown)


def is_cut(text: str, lines: list[str]) -> bool:
    """Return whether the lines are as many as a cell may have, and the last says that there was more."""
    return len(lines) == 8 and lines[-1].endswith("…") and is_whole_start(text, lines[:-1])


def is_whole_start(text: str, lines: list[str]) -> bool:
    ends = range(len("".join(lines)) - len(lines), len(text) + 1)
    return any(is_whole(text[:end].rstrip(" "), lines) for end in ends)


@pytest.mark.parametrize(
    ("word", "parted"),
    [
        ("стеклотара", "стек-ло-та-ра"),
        ("негазированная", "не-га-зи-ро-ван-ная"),
        ("маркировка", "мар-ки-ров-ка"),
        ("Агрегировано", "Аг-ре-ги-ро-ва-но"),
        ("подъезд", "подъ-езд"),
        ("Исправлен", "Ис-прав-лен"),
        ("connection", "con-nec-tion"),
        ("matches", "matches"),
        ("ось", "ось"),
    ],
)
def test_a_word_is_parted_between_syllables(word: str, parted: str) -> None:
    places = dict(breaks(word, in_code=False))
    assert "".join(places.get(index, "") + letter for index, letter in enumerate(word)) == parted


@cache
def paper() -> Paper:
    return Paper(Document(title="Отчет", created_at=NOON, sections=[]))


WIDTHS = (8.0, 13.0, 21.0, 40.0)  # millimetres


@settings(max_examples=200, deadline=None, database=None)
@given(
    st.text(string.ascii_letters + string.digits + "абвеийклмнорстуАБЕ@_/\\<>=-.+:", max_size=80).filter(has_digit),
    st.sampled_from(WIDTHS),
)
def test_a_word_with_a_digit_is_broken_without_a_mark(word: str, width: float) -> None:
    assert "".join(paper().wrap(word, width, 100)) == word


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    "word",
    [
        "eyJhbGciOiJIUzI1NiJ92dGVzdHRlc3RrZXlhbGciOiJub25lIiwidHlwIjoiSldUIn",
        "constantin.petropavlovsky@example-company.com",
        "example.company.internal",
        "connection_information_of_department",
        "documents/information/connection",
        r"documents\information\connection",
        "<connection>information=department",
        "PROD-ABCDEFGHIJKLMNOPABCDEFGHIJ-KLMNOP",
        "prod-ABCDEFGHIJKLMNOPABCDEFGHIJ",
        "PROD-A-CONNECTION",
        "getConnectionInformationOfDepartment",
        "сериялиния12345оборудование",
    ],
)
def test_a_code_is_broken_without_a_mark_wherever_its_signs_are(word: str, width: float) -> None:
    assert "".join(paper().wrap(word, width, 100)) == word


@pytest.mark.parametrize("word", ["негазированная/газированная", "САНКТ-ПЕТЕРБУРГСКОГО", "научно-производственное"])
def test_words_joined_by_a_slash_or_a_hyphen_are_parted_between_syllables(word: str) -> None:
    lines = paper().wrap(word, WIDTHS[0], 100)
    assert len(lines) > 3 and all(line[-1] in "-/" for line in lines[:-1])


@pytest.mark.parametrize("name", REPORTS)
def test_results_come_before_lists_and_every_section_has_a_title_of_its_own(name: str) -> None:
    sections = REPORTS[name]().sections
    is_list = [isinstance(section, Table) and not section.brief for section in sections]
    assert is_list == sorted(is_list) and any(is_list)
    titles = [section.title for section in sections]
    assert len(set(titles)) == len(titles)
    assert all(isinstance(section, Facts | Table) or section.unit for section in sections)


def names_of(document: Document) -> Iterator[str]:
    for section in document.sections:
        yield section.title
        if isinstance(section, Table):
            yield from (column.title for column in section.columns)
        elif isinstance(section, Facts):
            yield from (name for name, _ in section.pairs)
        else:
            yield from (name for name, _ in section.series)


@pytest.mark.parametrize("name", REPORTS)
def test_headings_are_written_in_one_style_and_one_word_has_one_spelling(name: str) -> None:
    names = list(names_of(REPORTS[name]()))
    assert all(title[:1].isupper() or title[:1] == "№" for title in names)
    assert not [title for title in names if "ё" in title.lower() or title.endswith(".") and "руб." not in title]


@pytest.mark.parametrize("language", texts.LANGUAGES)
@pytest.mark.parametrize("name", REPORTS)
def test_paper_has_no_uuid_and_no_names_of_programmers(name: str, language: str) -> None:
    shown = "\n".join(piece.text for piece in drawn(name, language)[0]).replace(OF_USERS, "")
    assert not UUID.search(shown) and not CODE_NAME.search(shown)


@pytest.mark.parametrize("name", REPORTS)
def test_no_page_but_the_last_is_mostly_empty(name: str) -> None:
    found, sizes = drawn(name)
    for page, (_, height) in enumerate(sizes[:-1]):
        lowest = min(piece.y for piece in found if piece.page == page and piece.y > 40)
        assert lowest < height * 0.45, (name, page + 1)


@pytest.mark.parametrize("name", REPORTS)
def test_a_table_of_ten_columns_makes_the_pages_wide_and_nothing_leaves_the_page(name: str) -> None:
    found, sizes = drawn(name)
    most = max(len(section.columns) for section in REPORTS[name]().sections if isinstance(section, Table))
    assert {width > height for width, height in sizes} == {most > 7}
    assert all(42 <= piece.x < sizes[piece.page][0] - 42 for piece in found)


def test_every_bar_of_the_shifts_is_named_in_full() -> None:
    (chart,) = [one for one in REPORTS["shift"]().sections if isinstance(one, Chart) and not one.time]
    shown = [" ".join(lines) for lines in cells(drawn("shift")[0], 7.0, 9.5)]
    assert len(chart.labels) == 12 and set(chart.labels) <= set(shown)
    assert all(label.startswith(SHIFTS) for label in chart.labels)


@pytest.mark.slow
@settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.text("абвгд №1,", min_size=1, max_size=200), min_size=1, max_size=40), st.booleans())
def test_labels_of_a_chart_are_all_drawn_and_differ(labels: list[str], is_pair: bool) -> None:
    series = [("Всего", [1.0] * len(labels)), ("Готово", [0.5] * len(labels))][: 1 + is_pair]
    report = Document(title="Отчет", created_at=NOON, sections=[Chart("График", "bar", labels, series, "шт.")])
    with TemporaryDirectory() as folder:
        render(report, "pdf", Path(folder) / "report.pdf")
        found = pieces(Path(folder) / "report.pdf")
    figures = [piece.text for piece in found if piece.text in ("1", "0,5", "0,50")]
    assert len(figures) >= len(labels) * len(series)


def test_the_head_names_period_parameters_zone_author_and_company() -> None:
    head = " ".join(piece.text for piece in drawn("shift")[0] if piece.page == 0 and piece.y > 440)
    for words in (
        "АО «Завод минеральных вод»", "Период: 01.11.2026–30.11.2026", "Рабочий центр: все",
        "Часовой пояс: Europe/Moscow (UTC+03:00)", "Отчет: № 12", "Создал: Константинопольский",
        "Сформирован 01.12.2026 09:30 (MSK)",
    ):  # fmt: skip
        assert words in head
    assert MADE.hour == 6


@pytest.mark.parametrize("name", ["shift", "batch"])
def test_a_signed_report_ends_with_lines_to_sign_beside_its_last_rows(name: str) -> None:
    found, sizes = drawn(name)
    last = [piece.text for piece in found if piece.page == len(sizes) - 1]
    assert last.count("подпись") == last.count("дата") == 2
    assert {"Подписи", "Мастер", "Начальник смены"} <= set(last)
    assert sum(bool(re.match(r"0104|30\.11", text)) for text in last) >= 3


def test_no_number_of_a_tile_is_cut() -> None:
    facts = [("Сумма", 10**11), *[(f"Число {number}", 123_456_789) for number in range(5)]]
    report = Document(title="Отчет", created_at=NOON, sections=[Facts("Итоги", facts)])
    with TemporaryDirectory() as folder:
        render(report, "pdf", Path(folder) / "report.pdf")
        shown = [piece.text for piece in pieces(Path(folder) / "report.pdf")]
    assert "100 000 000 000" in shown and shown.count("123 456 789") == 5


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Вода 中文 测试", "Вода [иероглифы]"),
        ("👍🏽 готово 👩‍👩‍👧‍👦", "[эмодзи] готово [эмодзи]"),
        ("мир, שלום", "мир, םולש"),
        ("سلام мир", "[арабское письмо] мир"),
        ("สวัสดี", "[тайское письмо]"),
        ("नमस्ते", "[индийское письмо]"),
        ("ひらがな", "[японское письмо]"),
        ("м² ≤ 5 °C № 1 → ✓", "м² ≤ 5 °C № 1 → ✓"),
    ],
)
def test_a_script_without_letters_is_named(text: str, shown: str) -> None:
    lines = [piece.text for piece in table_of([(text, "1")]) if piece.size == 7.5]
    drawn_text = "".join(lines[2:-1])
    assert sorted(drawn_text.replace(" ", "")) == sorted(shown.replace(" ", ""))
