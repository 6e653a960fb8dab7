"""Rules of all formats: progress, one pass over the rows, no incomplete files, and any input."""

import ast
import csv
import random
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from io import TextIOWrapper
from pathlib import Path
from uuid import UUID

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

import chalicelib
from chalicelib.core.objects import CONTENT_TYPES
from chalicelib.reports.render import (
    FORMATS,
    Chart,
    Column,
    Document,
    Facts,
    Percent,
    Table,
    render,
)
from chalicelib.reports.render.values import clean, display_text, to_cell

CODE = Path(chalicelib.__file__).parent
NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)


def table(rows: object, *kinds: str) -> Table:
    columns = [Column(f"Столбец {index}", kind) for index, kind in enumerate(kinds)]  # type: ignore[arg-type]
    return Table("Продукция", columns, rows)  # type: ignore[arg-type]


def document(*sections: object, title: str = "Отчет") -> Document:
    return Document(title=title, created_at=NOON, sections=sections)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", FORMATS)
def test_rows_are_read_once_and_progress_ends_at_their_number(name: str, tmp_path: Path) -> None:
    read: list[int] = []

    def rows(count: int) -> Iterator[tuple[int, str]]:
        for number in range(count):
            read.append(number)
            yield number, f"код {number}"

    told: list[int] = []
    lists = [rows(777)] if name == "csv" else [rows(700), rows(77)]  # a CSV has one table
    report = document(*(table(one, "int", "text") for one in lists))
    assert render(report, name, tmp_path / "report", told.append) is None
    assert len(read) == 777
    assert told == [250, 500, 750, 777]


@pytest.mark.parametrize("name", FORMATS)
def test_empty_document_is_written_in_every_format(name: str, tmp_path: Path) -> None:
    told: list[int] = []
    empty = document(Facts("", []), table([], "text"), Chart("", "bar", [], []), Chart("", "pie", ["a"], [("", [0])]))
    for number, report in enumerate((empty, document())):
        render(report, name, tmp_path / str(number), told.append)
        assert (tmp_path / str(number)).stat().st_size > 0
    assert told == [0, 0]


@pytest.mark.parametrize("name", FORMATS)
def test_error_in_the_progress_callback_deletes_the_incomplete_file(name: str, tmp_path: Path) -> None:
    class Cancelled(Exception):
        pass

    def stop(done: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        render(document(table(((n,) for n in range(1000)), "int")), name, tmp_path / "report", stop)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_equal_reports_are_equal_files_in_any_process(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from bench.render import report\n"
        "from chalicelib.reports.render import FORMATS, render\n"
        "for name in FORMATS: render(report(50), name, Path(sys.argv[1]) / name)"
    )
    for seed in ("1", "2"):
        (tmp_path / seed).mkdir()
        command = [sys.executable, "-c", script, str(tmp_path / seed)]
        subprocess.run(command, check=True, env={"PYTHONHASHSEED": seed}, cwd=Path(__file__).parents[3])
    for name in FORMATS:
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="docx"):
        render(document(), "docx", tmp_path / "report")
    assert set(CONTENT_TYPES) == set(FORMATS)


def test_each_spreadsheet_library_is_imported_for_one_purpose() -> None:
    """Workbooks for people are written by XlsxWriter: reports, and the template of an import; plain rows by
    rustpy-xlsxwriter; calamine reads; openpyxl is for tests.
    """
    libraries = {"xlsxwriter", "rustpy_xlsxwriter", "python_calamine", "openpyxl"}
    found: dict[str, set[str]] = {}
    for path in CODE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            for name in libraries.intersection(names):
                found.setdefault(name, set()).add(path.relative_to(CODE).as_posix())
    assert found == {
        "xlsxwriter": {"reports/render/xlsx.py", "batches/exchange/template.py"},
        "rustpy_xlsxwriter": {"batches/exchange/output.py"},
        "python_calamine": {"batches/exchange/workbook.py"},
    }


def test_heavy_libraries_are_imported_by_the_format_that_needs_them() -> None:
    script = (
        "import sys, chalicelib.reports.render; print([m for m in ('fpdf', 'xlsxwriter', 'PIL') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (None, "text", "—"),
        (True, "bool", "Да"),
        (False, "bool", "Нет"),
        (12345, "int", "12\u00a0345"),
        (1234.5, "number", "1\u00a0234,50"),
        (Decimal("10.00"), "number", "10,00"),
        (10.0, "int", "10"),
        (Percent(0.855), "percent", "85,5\u00a0%"),
        (1.0, "percent", "100,0\u00a0%"),
        (date(2025, 3, 1), "date", "01.03.2025"),
        (NOON, "datetime", "01.03.2025 15:00"),
        (datetime(2025, 3, 1, 22), "date", "02.03.2025"),
        (datetime.max, "datetime", "31.12.9999 23:59"),
        ("не число", "int", "не число"),
        (float("nan"), "number", "nan"),
        (10**20, "int", "100000000000000000000"),
        pytest.param(-(10**9000), "int", "-2^29897…", id="huge"),
        (UUID(int=5), "text", "00000000-0000-0000-0000-000000000005"),
    ],
)
def test_values_are_shown_as_a_russian_reader_expects(value: object, kind: str, text: str) -> None:
    moscow = timezone(timedelta(hours=3))
    assert display_text(to_cell(value, kind, moscow), kind) == text  # type: ignore[arg-type]


def test_characters_that_files_cannot_have_are_removed_from_texts() -> None:
    assert clean("а\x00б\x1b[31m\ufffe\x85в\r\nг\td \ud800") == "аб[31m\nв\nг\td \ufffd"


def opened(name: str, target: Path) -> int:
    """Return how many pages, sheets or records a reader of the format finds."""
    if name == "pdf":
        return len(PdfReader(target).pages)
    with target.open("rb") as file:
        if name == "xlsx":
            return len(openpyxl.load_workbook(file).sheetnames)
        return len(list(csv.reader(TextIOWrapper(file, encoding="utf-8", newline=""))))


hostile = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=60),
    st.text(st.characters(categories=("Cs", "Cc", "Cf", "Co", "Cn", "So", "Mn")), max_size=20),
    st.sampled_from(
        [
            "=1+1",
            "+7",
            "-1",
            "@SUM(A1)",
            "\t=1",
            "<r><x></r>",
            "]]>",
            "<b>жирный</b>",
            "**bold**",
            "{nb}",
            "_x0041_",
            "'",
            "((\\",
            "שלום",
            "👩‍👩‍👧‍👦",
            "Ж" * 5000,
            "слово " * 900,
            "[]:*?/\\",
        ]
    ),
)
anything = st.one_of(
    hostile, st.none(), st.booleans(), st.integers(), st.floats(), st.datetimes(), st.dates(), st.decimals()
)
kinds = st.sampled_from(["text", "int", "number", "percent", "date", "datetime", "bool"])
rows = st.lists(st.tuples(anything, anything, anything, anything), max_size=6)


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMATS)
@given(
    texts=st.lists(hostile, min_size=8, max_size=8),
    rows=rows,
    kinds=st.tuples(kinds, kinds, kinds, kinds),
    data=st.data(),
)
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), database=None)
def test_any_values_are_written_in_every_format(
    name: str, texts: list[str], rows: object, kinds: tuple[str, ...], data: st.DataObject, tmp_path_factory: object
) -> None:
    numbers = data.draw(st.lists(st.floats() | st.integers(-5, 5), max_size=5))
    columns = [Column(text, kind) for text, kind in zip(texts, kinds, strict=False)]  # type: ignore[arg-type]
    report = Document(
        title=texts[0],
        subtitle=texts[1],
        created_at=NOON,
        meta={texts[2]: texts[3]},
        sections=[
            Facts(texts[4], [(texts[5], value) for value in numbers] or [(texts[6], texts[7])]),
            Table(texts[6], columns, rows),  # type: ignore[arg-type]
            Chart(texts[7], "bar", texts[:4], [(texts[4], numbers), (texts[5], numbers[::-1])]),
            Chart(texts[0], "pie", texts[:5], [(texts[1], numbers)]),
        ],
    )
    target = tmp_path_factory.getbasetemp() / f"hostile.{name}"  # type: ignore[attr-defined]
    render(report, name, target)
    assert opened(name, target)


@pytest.mark.parametrize("text", ["<r><x></r>", "=1+1", "{name}", "\x00", "\ud800"])
@pytest.mark.parametrize("name", FORMATS)
def test_a_strange_text_may_stand_anywhere(name: str, text: str, tmp_path: Path) -> None:
    columns, rows = [Column(text), Column(text, "uuid"), Column(text, "id")], [(text, text, text)] * 2
    sections = [
        Facts(text, [(text, text), (text, 2)]),
        Table(text, columns, rows, [text, None, None], text, brief=True),
        Chart(text, "bar", [text, text], [(text, [1, 2]), (text, [2, 1])], text),
        Chart(text, "pie", [text, text], [(text, [1, 2])], text, time=True),
        Table(text, columns, rows, [text, None, None], text),
    ]
    report = Document(text, NOON, sections, text, {text: text}, signatures=[text], company=text)
    render(report, name, tmp_path / "report")
    assert opened(name, tmp_path / "report")


@pytest.mark.parametrize("name", FORMATS)
def test_a_thousand_hostile_cells_are_written(name: str, tmp_path: Path) -> None:
    random_source = random.Random(20250301)
    ranges = [
        (0, 0x2FF),
        (0x400, 0x4FF),
        (0x590, 0x6FF),
        (0x2000, 0x2BFF),
        (0xD800, 0xFFFF),
        (0x1F300, 0x1FAFF),
        (0, 0x10FFFF),
    ]

    def text() -> str:
        low, high = random_source.choice(ranges)
        return "".join(chr(random_source.randint(low, high)) for _ in range(random_source.choice([0, 1, 5, 40])))

    report = document(table([(text(), text()) for _ in range(500)], "text", "text"))
    told: list[int] = []
    render(report, name, tmp_path / "report", told.append)
    assert told[-1] == 500
    assert opened(name, tmp_path / "report")
