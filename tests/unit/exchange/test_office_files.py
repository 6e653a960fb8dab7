"""Workbooks of other programs: the old Excel format, OpenDocument, and habits that no library here imitates."""

import struct
import zipfile
from contextlib import suppress
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from chalicelib.batches.exchange import sheets
from chalicelib.batches.exchange.file_types import check_type
from chalicelib.batches.exchange.rows import Reader, Row
from chalicelib.batches.exchange.sheets import Sheet, Unreadable
from chalicelib.core.errors import BadRequest
from tests.exchange import zipped
from tests.unit.exchange.workbooks import batch_rows, raw_workbook, sheet_of, text

FILES = Path(__file__).parent / "files"
OFFICE = pytest.mark.parametrize("name", ["batches.xls", "batches1904.xls", "batches.ods", "batches1904.ods"])


def sheet(folder: Path, content: bytes, format: Any) -> Sheet:
    """What is read of a workbook."""
    (folder / "source").write_bytes(content)
    return sheets.read(folder / "source", format, folder)


def rows(folder: Path, name: str) -> list[Row]:
    """The rows of a stored file, as an import reads them."""
    content = (FILES / name).read_bytes()
    return list(Reader(sheet(folder, content, check_type(name, content))))


@OFFICE
def test_a_sheet_of_another_format_is_read_as_an_xlsx_is(tmp_path: Path, name: str) -> None:
    first, second, third, last = rows(tmp_path, name)
    source = first.sheet.source
    assert (source.format, source.sheet, source.from_1904) == (name[-3:], "Партии", "1904" in name)
    assert (first.sheet.header_row, first.number, second.number) == (4, 1, 3)
    batch = first.batch
    assert batch
    assert (batch.batch_number, batch.batch_date, batch.ekn_code, batch.shift) == (
        1001,
        date(2026, 3, 4),
        "00007",
        "01",
    )
    assert batch.shift_start == datetime(2026, 3, 4, 8, tzinfo=UTC)
    assert batch.shift_end == datetime(2026, 3, 4, 20, 30, tzinfo=UTC)
    assert (batch.is_closed, batch.products) == (True, ["0104\x1d91EE", 'A<&">'])
    assert [(one.column, one.code, one.value) for one in second.errors] == [("products", "cell_error", "#DIV/0!")]
    assert [(one.column, one.code) for one in third.errors] == [("ekn_code", "cell_error"), ("closed_at", "cell_error")]
    assert last.batch and (last.batch.batch_number, last.batch.products) == (46085, [])


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("sheetjs-date.xlsx", None), ("dimension.xlsx", None), ("backslashes.xlsx", None),
        pytest.param("blank-at-the-bottom.xlsx", None, marks=pytest.mark.slow), ("19-digits.xlsx", "digits_lost"),
    ],
)  # fmt: skip
def test_habits_of_other_programs(tmp_path: Path, name: str, code: str | None) -> None:
    (found,) = rows(tmp_path, name)
    assert [one.code for one in found.errors] == ([code] if code else [])
    assert code or (found.batch and found.batch.batch_date == date(2027, 3, 4))


def test_a_workbook_with_macros_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["a"])
    target = BytesIO()
    book.save(target)
    assert check_type("b.XLSM", target.getvalue()) == "xlsx"


@pytest.mark.parametrize("name", ["batches.xls", "batches.ods", "dimension.xlsx"])
def test_the_content_of_a_workbook_decides_and_not_its_ending(name: str) -> None:
    content = (FILES / name).read_bytes()
    assert {check_type(f"b.{ending}", content) for ending in ("xls", "xlsx", "xlsm", "ods")} == {
        name.rpartition(".")[2]
    }


# -- passwords and damage ---------------------------------------------------------------------------------------------


def test_an_xlsx_with_a_password_is_called_so_at_once() -> None:
    with pytest.raises(BadRequest, match="защищен паролем"):
        check_type("a.xlsx", (FILES / "password.xlsx").read_bytes())


def test_an_xls_with_a_password_is_called_so(tmp_path: Path) -> None:
    content = bytearray((FILES / "batches.xls").read_bytes())
    start = content.index(b"\x09\x08\x10\x00")  # the first record; the one behind it becomes FILEPASS
    struct.pack_into("<H", content, start + 4 + 16, 0x2F)
    with pytest.raises(Unreadable, match="защищен паролем"):
        sheet(tmp_path, bytes(content), "xls")


def test_an_ods_with_a_password_is_called_so(tmp_path: Path) -> None:
    with zipfile.ZipFile(FILES / "batches.ods") as parts:
        content = {name: parts.read(name) for name in parts.namelist()}
    data = b'<manifest:encryption-data manifest:checksum-type="x"/></manifest:file-entry>'
    manifest = content["META-INF/manifest.xml"]
    entry = manifest[manifest.index(b"<manifest:file-entry", manifest.index(b"content.xml") - 60) :]
    entry = entry[: entry.index(b"/>") + 2]
    content["META-INF/manifest.xml"] = manifest.replace(entry, entry[:-2] + b">" + data)
    content["content.xml"] = b"\x17\x04\x99"
    with pytest.raises(Unreadable, match="защищен паролем"):
        sheet(tmp_path, zipped(content), "ods")


@pytest.mark.parametrize("name", ["batches.xls", "batches.ods"])
@pytest.mark.parametrize("kept", [300, 1_500, 4_000, 7_000])
def test_a_damaged_file_is_refused_and_the_worker_survives(tmp_path: Path, name: str, kept: int) -> None:
    content = (FILES / name).read_bytes()
    with pytest.raises(Unreadable):
        sheet(tmp_path, content[:kept], name[-3:])


@pytest.mark.parametrize("seed", range(40))
def test_an_xls_with_wrong_bytes_is_read_or_refused(tmp_path: Path, seed: int) -> None:
    import random

    chance, content = random.Random(seed), bytearray((FILES / "batches.xls").read_bytes())
    for _ in range(30):
        content[chance.randrange(512, len(content))] = chance.randrange(256)
    with suppress(Unreadable):
        list(sheet(tmp_path, bytes(content), "xls").rows())


def test_a_repeated_cell_of_an_ods_cannot_fill_the_memory(tmp_path: Path) -> None:
    with zipfile.ZipFile(FILES / "batches.ods") as parts:
        content = {name: parts.read(name) for name in parts.namelist()}
    cell = '<table:table-cell office:value-type="string" table:number-columns-repeated="16384"><text:p>x</text:p>'
    row = f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-cell></table:table-row>'
    content["content.xml"] = content["content.xml"].replace(b"</table:table>", f"{row}</table:table>".encode())
    with pytest.raises(Unreadable, match="слишком велика|поврежден"):
        sheet(tmp_path, zipped(content), "ods")


# -- values of cells --------------------------------------------------------------------------------------------------


def styled(format_code: str) -> bytes:
    """A workbook with one code whose cell has this number format."""
    book = openpyxl.Workbook()
    book.active.append(["ekn_code", "team"])
    book.active.append([7, "x"])
    book.active["A2"].number_format = format_code
    target = BytesIO()
    book.save(target)
    return target.getvalue()


ZEROS = [
    ("00000", "00007"), ("000", "007"), ("0", "7"), ("0.00", "7"), ("00000;-00000", "00007"),
    ("00000_);(00000)", "00007"), ('000;[Red]-000;"-"', "007"), ("0;-00000", "7"),
]  # fmt: skip


@pytest.mark.parametrize(("format_code", "shown"), ZEROS)
def test_leading_zeros_that_a_format_shows_belong_to_a_code(tmp_path: Path, format_code: str, shown: str) -> None:
    assert list(sheet_of(tmp_path, styled(format_code)).rows()) == [[shown, "x"]]


def test_serials_of_a_workbook_begin_where_it_says(tmp_path: Path) -> None:
    for number, settings in ((46085, ""), (44623, '<workbookPr date1904="1"/>')):
        content = raw_workbook(batch_rows({"batch_date": f"<c><v>{number}</v></c>"}), settings=settings)
        (found,) = Reader(sheet_of(tmp_path, content))
        assert found.batch and found.batch.batch_date == date(2026, 3, 4)


def test_a_header_of_two_rows_below_titles(tmp_path: Path) -> None:
    top = ["Партия", "", "Номенклатура", "Код ЕКН", "№ смены", "Бригада", "Задание", "Смена", "", "РЦ"]
    below = ["номер", "дата", "", "", "", "", "", "начало", "окончание", ""]
    values = ["5", "4.3.2026", "Болт", "1", "1", "А", "Сборка", "4.3.2026 8:00", "4.3.2026 20:00", "WC"]
    lines = [["Отчет за март"], [], top, below, values, ["", *values[1:]]]
    data = "".join(f"<row>{''.join(map(text, line))}</row>" for line in lines)
    good, bad = Reader(sheet_of(tmp_path, raw_workbook(data)))
    assert good.batch and good.batch.batch_number == 5
    (problem,) = bad.errors
    assert (problem.row, problem.file_row, problem.column, problem.file_column) == (
        2,
        6,
        "batch_number",
        "Партия номер",
    )
