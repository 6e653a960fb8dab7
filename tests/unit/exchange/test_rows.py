"""Columns and rows: what cells mean, whole files through both formats, and the speed that makes it worth while."""

import json
import tracemalloc
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.batches.exchange import columns, output, sheets
from chalicelib.batches.exchange.columns import products_cells
from chalicelib.batches.exchange.importing import Checkpoint
from chalicelib.batches.exchange.rows import Reader, Row
from tests.exchange import csv_file, row

FULL_CODE = "010460123456789021abcDEF1234567\x1d91EE11\x1d92" + "Ab+/" * 11  # as a scanner gives it, 88 characters
TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), min_size=1, max_size=40
).filter(str.strip)  # fmt: skip
CODE = TEXT.map(str.strip) | st.just(FULL_CODE)
FORMULAS = st.tuples(st.sampled_from(["=", "+", "-", "@", "'", "''="]), TEXT).map("".join)


def read(content: bytes) -> list[Row]:
    """The rows of a csv file."""
    with TemporaryDirectory() as folder:
        source = Path(folder) / "source"
        source.write_bytes(content)
        return list(Reader(sheets.read(source, "csv", Path(folder))))


def only(**fields: Any) -> Any:
    """The batch of a row that is fine."""
    (one,) = read(csv_file([row(**fields)]))
    assert one.batch, one.errors
    return one.batch


def error(**fields: Any) -> tuple[str | None, str]:
    """Column and text of what is wrong with a row."""
    (one,) = read(csv_file([row(**fields)]))
    (problem,) = one.errors
    return problem.column, problem.error


@pytest.mark.parametrize(
    ("text", "codes"),
    [("", []), ("[]", []), ('["A", {"unique_code": "B", "x": 1}]', ["A", "B"]), ('[" A "]', ["A"])],
)
def test_products(text: str, codes: list[str]) -> None:
    assert only(products=text).products == codes


@pytest.mark.parametrize("escaped", [True, False])
def test_a_full_marking_code_is_kept_as_it_was_scanned(escaped: bool) -> None:
    text = json.dumps([FULL_CODE, f" \t{FULL_CODE}\r\n"[:-2] + "2"])
    assert only(products=text if escaped else text.replace("\\u001d", "\x1d")).products == [FULL_CODE, f"{FULL_CODE}2"]


@pytest.mark.parametrize("control", ["\x00", "\x1c", "\x1e", "\x1f", "\x7f", "\x85", "a\tb", "a\nb"])
def test_other_control_characters_in_a_code_are_refused(control: str) -> None:
    column, reason = error(products=["A", f"A{control}B"])
    assert column == "products"
    assert reason.startswith("элемент 2: ")


def test_a_list_of_errors_is_checked_up_to_the_number_that_is_shown() -> None:
    file = csv_file([row(products=json.dumps([""] * 99_999))])
    tracemalloc.start()
    try:
        (one,) = read(file)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(one.errors) == 50
    assert peak < 25_000_000
    assert error(products=json.dumps([str(number) for number in range(100_001)])) == (
        "products", "элементов не больше 100000",
    )  # fmt: skip


@pytest.mark.parametrize(
    "text", ["A", "{}", '"A"', "[1]", "[null]", "[{}]", '["A", "A"]', '["A", " A"]', "[", "[" * 5_000, '["\\ud800"]']
)
def test_texts_that_are_no_products(text: str) -> None:
    assert error(products=text)[0] == "products"


def test_empty_cells_of_optional_columns_are_ignored() -> None:
    found = only(work_center_name=" ", is_closed="", closed_at="")
    assert (found.work_center_name, found.is_closed, found.closed_at) == (None, None, None)


def test_columns_are_found_by_name_in_any_case_and_order() -> None:
    one = row()
    (found,) = read(csv_file([{f" {name.upper()} ": one[name] for name in reversed(one)} | {"note": "x", "": "y"}]))
    assert found.batch and str(found.batch.batch_number) == one["batch_number"]


@pytest.mark.parametrize(
    ("blank_headings", "more"), [(0, None), (0, ""), (0, ",,,"), (0, ",,,x"), (2, ",,x"), (2, ",x,y"), (2, ",,,,x")]
)
def test_a_row_may_be_shorter_than_the_header_or_have_notes_beside_it(blank_headings: int, more: str | None) -> None:
    header, line, _ = csv_file([row() | {"closed_at": ""}]).decode().split("\r\n")
    line = line.rstrip(",") if more is None else line + more
    (found,) = read(f"{header}{',' * blank_headings}\r\n{line}".encode())
    assert found.batch


@pytest.mark.parametrize("blank_headings", [0, 2])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_rest_of_a_text_without_quotes_is_not_cut_off(delimiter: str, blank_headings: int) -> None:
    header, line, _ = csv_file([row()], delimiter).decode().split("\r\n")
    cells = f"{line}{f'{delimiter}y' * (blank_headings + 1)}"
    (found,) = read(f"{header}{delimiter * blank_headings}\r\n{cells}".encode())
    assert [(one.column, one.code, one.value) for one in found.errors] == [(None, "too_many_cells", "y")]


# -- through a file and back ------------------------------------------------------------------------------------------


def through(format: sheets.Format, header: list[str], rows: list[list[Any]]) -> list[list[str]]:
    """What is read of what was written."""
    with TemporaryDirectory() as folder:
        target = Path(folder) / "file"
        output.write(target, format, header, rows, len(rows))
        sheet = sheets.read(target, format, Path(folder))
        assert sheet.header == header
        return list(sheet.rows())


@pytest.mark.parametrize("format", ["csv", pytest.param("xlsx", marks=pytest.mark.slow)])
@settings(max_examples=25, deadline=None)
@given(texts=st.lists(TEXT | FORMULAS, min_size=1, max_size=8), lines=st.lists(st.sampled_from("a\r\n\t")))
def test_texts_come_back_as_they_were(format: Any, texts: list[str], lines: list[str]) -> None:
    cells = [*texts, f"a{''.join(lines)}b"]
    assert through(format, ["name", "team"], [[cell, "x"] for cell in cells]) == [[cell, "x"] for cell in cells]


@pytest.mark.parametrize("format", ["csv", pytest.param("xlsx", marks=pytest.mark.slow)])
@settings(max_examples=25, deadline=None)
@given(
    number=st.integers(1, 10**15), day=st.dates(date(1900, 1, 1), date(2999, 12, 31)), flag=st.booleans(), team=TEXT,
    codes=st.lists(CODE, unique=True, max_size=5),
)  # fmt: skip
def test_a_batch_comes_back_as_it_was(
    format: Any, number: int, day: date, flag: bool, team: str, codes: list[str]
) -> None:
    one = row(batch_number=number, batch_date=day, team=team, is_closed=flag, products=codes)
    typed = {"batch_number": number, "batch_date": day, "is_closed": flag}
    (cells,) = through(format, list(one), [[typed.get(name, cell) for name, cell in one.items()]])
    found = dict(zip(one, cells, strict=True))
    assert json.loads(found.pop("products")) == codes
    assert found == {name: cell for name, cell in one.items() if name != "products"} | {"is_closed": str(flag).lower()}


@given(codes=st.lists(CODE, max_size=30), limit=st.integers(250, 400))
def test_lists_of_products_fit_their_cells_and_lose_nothing(codes: list[str], limit: int) -> None:
    cells = products_cells(codes, limit)
    assert [code for cell in cells for code in json.loads(cell)] == codes
    assert all(len(cell.encode("utf-16-le")) // 2 <= limit for cell in cells)
    assert products_cells(codes, None) == [json.dumps(codes, ensure_ascii=False)]


def test_a_cell_that_excel_could_not_hold_is_cut() -> None:
    assert columns.fitting("я" * 40_000) == "я" * 32_767
    assert columns.fitting("😀" * 20_000) == "😀" * 16_383
    assert columns.fitting("a" * 32_767) == "a" * 32_767


def test_too_many_rows_for_excel_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="выберите формат csv"):
        output.write(tmp_path / "a", "xlsx", ["a"], [], 1_048_576)


def test_formulas_stay_texts_when_they_are_edited(tmp_path: Path) -> None:
    import openpyxl

    output.write(tmp_path / "a.xlsx", "xlsx", ["team", "batch_number"], [["=1+1", -5]], 1)
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert (sheet["A2"].data_type, sheet["A2"].value, sheet["A2"].quotePrefix) == ("s", "=1+1", True)
    assert (sheet["B2"].data_type, sheet["B2"].value) == ("n", -5)


def test_a_checkpoint_is_saved_while_another_thread_adds_names_to_it() -> None:
    class Name(str):
        """A name that another thread adds one after, in the middle of the copy."""

        def __deepcopy__(self, _: Any) -> str:
            done.renamed["WC-3"] = ["А", "Б"]
            return str(self)

    done = Checkpoint(renamed={"WC-1": [Name("А"), "Б"], "WC-2": ["А", "Б"]})
    assert list(done.saved()["renamed"]) == ["WC-1", "WC-2"]
    assert list(done.saved()["renamed"]) == ["WC-1", "WC-2", "WC-3"]
