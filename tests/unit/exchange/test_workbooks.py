"""Workbooks: cells without a value, which sheet is taken, and the process that reads them."""

from pathlib import Path
from typing import Any

import pytest

from chalicelib.batches.exchange import sheets, workbook
from chalicelib.batches.exchange.rows import Reader, Row
from chalicelib.batches.exchange.sheets import Unreadable
from tests.exchange import xlsx_file
from tests.unit.exchange.workbooks import HEADER, batch_rows, raw_workbook, sheet_of, text

RECALCULATED = '<calcPr calcId="1" fullCalcOnLoad="1"/>'
WITHOUT_VALUE = {
    "error": '<c t="e"><v>#VALUE!</v></c>',
    "error of a formula": '<c t="e"><f>A1/0</f><v>#DIV/0!</v></c>',
    "error without a name": '<c t="e"></c>',
    "error as text": text("#N/A"),
    "error of a Russian program": text("#ЗНАЧ!"),
    "error of LibreOffice": text("Err:502"),
    "a column that was too narrow": text("########"),
    "formula": "<c><f>A1&amp;B1</f></c>",
    "formula with an empty value": "<c><f>A1</f><v></v></c>",
    "formula with a blank element": "<c><f>A1</f><v/></c>",
    "shared formula": '<c><f t="shared" si="0"/></c>',
}


def rows_of(folder: Path, content: bytes) -> list[Row]:
    return list(Reader(sheet_of(folder, content)))


def problems(folder: Path, content: bytes) -> list[tuple[str | None, str]]:
    """Column and code of what is wrong with the only row."""
    (found,) = rows_of(folder, content)
    assert found.batch is None
    return [(error.column, error.code) for error in found.errors]


@pytest.mark.parametrize("name", WITHOUT_VALUE)
@pytest.mark.parametrize("column", ["products", "is_closed", "closed_at", "work_center_name", "team", "batch_number"])
def test_a_cell_without_a_value_is_an_error_in_every_column(tmp_path: Path, column: str, name: str) -> None:
    found = problems(tmp_path, raw_workbook(batch_rows({column: WITHOUT_VALUE[name]})))
    assert found == [(column, "formula" if "formula" in name and "error" not in name else "cell_error")]


@pytest.mark.parametrize("team", ["#1", "#ОТК!", "#", "##", "Err", "Ошибка", "5E+", "E+10", "1E+5 мм"])
def test_texts_that_only_look_like_errors_are_texts(tmp_path: Path, team: str) -> None:
    (found,) = rows_of(tmp_path, raw_workbook(batch_rows(team=team)))
    assert found.batch and found.batch.team == team


@pytest.mark.parametrize("value", ["<v>0</v>", "<v></v>", ""])
def test_zeros_of_uncalculated_formulas_are_no_values(tmp_path: Path, value: str) -> None:
    cell = {"is_closed": f"<c><f>A1</f>{value}</c>"}
    assert problems(tmp_path, raw_workbook(batch_rows(cell), settings=RECALCULATED)) == [("is_closed", "formula")]


@pytest.mark.parametrize(
    ("cell", "closed"),
    [
        ('<c t="b"><f>TRUE()</f><v>1</v></c>', True),
        ("<c><f>1-1</f><v>0</v></c>", False),
        ('<c t="str"><f>""</f><v></v></c>', None),
        ('<c t="str"><f>""</f></c>', None),
    ],
)
def test_the_value_of_a_calculated_formula_is_read(tmp_path: Path, cell: str, closed: bool | None) -> None:
    (found,) = rows_of(tmp_path, raw_workbook(batch_rows({"is_closed": cell})))
    assert found.batch and found.batch.is_closed is closed


def test_rows_that_hold_nothing_but_errors_are_not_lost(tmp_path: Path) -> None:
    data = batch_rows() + '<row r="5"><c r="F5" t="e"><v>#REF!</v></c></row>'
    good, bad = rows_of(tmp_path, raw_workbook(data))
    assert good.batch
    assert [one.number for one in rows_of(tmp_path, raw_workbook(data + f'<row r="7">{text("x")}</row>'))] == [1, 4, 6]
    assert bad.number == 4
    assert ("team", "cell_error") in [(error.column, error.code) for error in bad.errors]
    assert [error.column for error in bad.errors].count("team") == 1


def test_errors_in_columns_that_are_not_read_do_not_matter(tmp_path: Path) -> None:
    header, cells = batch_rows().split("</row>")[:2]
    data = f"{header}{text('note')}</row>{cells}{WITHOUT_VALUE['error']}</row>"
    (found,) = rows_of(tmp_path, raw_workbook(data))
    assert found.batch


def test_cells_are_found_in_a_sheet_that_does_not_begin_at_its_corner(tmp_path: Path) -> None:
    def cells(number: int, values: dict[str, str]) -> str:
        given = zip("CDEFGHIJKLMNOP", HEADER, strict=False)
        placed = [values[name].replace("<c", f'<c r="{letter}{number}"', 1) for letter, name in given]
        return f'<row r="{number}">{"".join(placed)}</row>'

    texts = dict(zip(HEADER, batch_rows().split("</row>")[1].removeprefix("<row>").split("</c>"), strict=False))
    texts = {name: f"{cell}</c>" for name, cell in texts.items()} | {"products": WITHOUT_VALUE["formula"]}
    content = raw_workbook(cells(3, {name: text(name) for name in HEADER}) + cells(4, texts))
    assert problems(tmp_path, content) == [("products", "formula")]


@pytest.mark.parametrize("column", ["ekn_code", "work_center_identifier", "nomenclature"])
def test_a_number_that_lost_its_digits_is_refused(tmp_path: Path, column: str) -> None:
    cell = {column: "<c><v>4.60123456789012e+18</v></c>"}
    assert problems(tmp_path, raw_workbook(batch_rows(cell))) == [(column, "digits_lost")]
    (found,) = rows_of(tmp_path, raw_workbook(batch_rows({column: "<c><v>460123456789012</v></c>"})))
    assert found.batch and getattr(found.batch, column) == "460123456789012"


# -- sheets -----------------------------------------------------------------------------------------------------------

COVER, OURS, LOOKUP = "<row>" + text("Отчет") + "</row>", batch_rows(), "<row>" + text("x") + "</row>"


@pytest.mark.parametrize(
    ("data", "states", "name"),
    [
        ((OURS,), ("visible",), "Лист1"),
        ((OURS, OURS), ("hidden", "visible"), "Лист2"),
        ((OURS, OURS), ("veryHidden", "visible"), "Лист2"),
        ((LOOKUP, OURS), ("hidden", "visible"), "Лист2"),
        ((COVER, OURS, LOOKUP), ("visible",) * 3, "Лист2"),
        (("", OURS), ("visible",) * 2, "Лист2"),
        ((OURS, OURS), ("visible", "hidden"), "Лист1"),
        ((COVER, OURS, OURS), ("visible",) * 3, "Лист2"),
    ],
)
def test_the_visible_sheet_with_the_columns_is_read(
    tmp_path: Path, data: tuple[str, ...], states: tuple[str, ...], name: str
) -> None:
    found = sheet_of(tmp_path, raw_workbook(*data, states=states))
    assert (found.source.sheet, found.count) == (name, 1)


@pytest.mark.parametrize(
    ("data", "states", "reason"),
    [
        ((COVER, OURS), ("visible", "hidden"), "скрыт: «Лист2»"),
        ((OURS,), ("veryHidden",), "скрыт: «Лист1»"),
        ((LOOKUP,), ("hidden",), "нет ни одного видимого листа"),
    ],
)
def test_a_workbook_without_a_matching_sheet_is_refused_with_the_reason(
    tmp_path: Path, data: tuple[str, ...], states: tuple[str, ...], reason: str
) -> None:
    with pytest.raises(Unreadable, match=reason):
        sheet_of(tmp_path, raw_workbook(*data, states=states))


def test_a_chart_sheet_is_no_table(tmp_path: Path) -> None:
    import io

    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(HEADER)
    book.create_chartsheet("График", 0)
    target = io.BytesIO()
    book.save(target)
    assert sheet_of(tmp_path, target.getvalue()).source.sheet == "Sheet"


@pytest.mark.parametrize("dimension", ['ref="1:2"', 'ref=""', 'ref="A"'])
def test_the_declared_size_of_a_sheet_is_ignored(tmp_path: Path, dimension: str) -> None:
    (found,) = rows_of(tmp_path, raw_workbook(OURS, before=f"<dimension {dimension}/>"))
    assert found.batch


# -- the process ------------------------------------------------------------------------------------------------------


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lets another program read the workbooks."""

    def replace(source: str) -> None:
        path = tmp_path / "program.py"
        path.write_text(source)
        monkeypatch.setattr(workbook, "__file__", str(path))

    return replace


def test_the_process_keeps_the_environment_of_lambda_and_no_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: Any
) -> None:
    kept = {"LD_LIBRARY_PATH": "/var/lang/lib", "PATH": "/bin", "LANG": "C.UTF-8", "TZ": ":UTC"}
    secrets = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "JWT_SECRET", "SMTP_PASSWORD"]
    for name, value in {**kept, **dict.fromkeys(secrets, "x")}.items():
        monkeypatch.setenv(name, value)
    program("import json, os, sys; open(sys.argv[3], 'w').write(json.dumps([1, [*os.environ.items()]]) + '\\n[]\\n');"
            "print(json.dumps({'sheet': 'a', 'count': 0}))")  # fmt: skip
    found = dict(sheet_of(tmp_path, b"").header)
    assert kept.items() <= found.items()
    assert not set(secrets) & set(found)


@pytest.mark.parametrize(
    "source",
    [
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "raise SystemExit(4)",
        "import os, sys; sys.stderr.write('memory allocation of 9 bytes failed'); sys.stderr.flush(); os.abort()",
    ],
)
def test_only_a_process_out_of_memory_or_time_makes_a_file_too_large(tmp_path: Path, program: Any, source: str) -> None:
    program(source)
    with pytest.raises(Unreadable, match="слишком велика"):
        sheet_of(tmp_path, b"")


@pytest.mark.parametrize(
    "source",
    ["import sys; sys.stderr.write('no libpython'); sys.exit(127)", "raise ValueError('no libpython')",
     "import os, sys; sys.stderr.write('no libpython'); sys.stderr.flush(); os.abort()"],
)  # fmt: skip
def test_another_failure_of_the_process_is_an_internal_error(
    tmp_path: Path, program: Any, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[dict[str, Any]] = []
    monkeypatch.setattr(sheets.log, "error", lambda message, extra: said.append(extra))
    program(source)
    with pytest.raises(RuntimeError):
        sheet_of(tmp_path, b"")
    assert "no libpython" in said[0]["stderr"]


def test_the_lease_is_renewed_while_a_workbook_is_read_and_a_run_that_lost_it_stops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: Any
) -> None:
    class Lost(Exception):
        """Another run has taken over."""

    ticks: list[int] = []

    def tick() -> None:
        ticks.append(1)
        if len(ticks) == 3:
            raise Lost

    monkeypatch.setattr(sheets, "SECONDS_PER_TICK", 0.01)
    program("import threading; threading.Event().wait(300)")
    (tmp_path / "source").write_bytes(b"")
    with pytest.raises(Lost):
        sheets.read(tmp_path / "source", "xlsx", tmp_path, tick)


def test_cells_that_programs_wrote_are_texts(tmp_path: Path) -> None:
    content = xlsx_file([["a"], ["01\x1d93".replace("\x1d", "_x001D_")]])
    assert list(sheet_of(tmp_path, content).rows()) == [["01\x1d93"]]
