"""Reading sheets: formats, encodings, limits, and files that mean harm."""

import io
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from chalicelib.batches.exchange import row_file, sheets, workbook
from chalicelib.batches.exchange.file_types import check_type
from chalicelib.batches.exchange.sheets import Unreadable
from chalicelib.core.errors import BadRequest
from tests.exchange import xlsx_file, zipped
from tests.unit.exchange.workbooks import raw_workbook


def read(tmp_path: Path, content: bytes, format: Any) -> tuple[list[str], list[list[str]]]:
    source = tmp_path / "source"
    source.write_bytes(content)
    sheet = sheets.read(source, format, tmp_path)
    rows = list(sheet.rows())
    assert sheet.count == len(rows)
    return sheet.header, rows


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
def test_csv_is_read_as_spreadsheets_write_it(tmp_path: Path, encoding: str, delimiter: str) -> None:
    text = f'номер{delimiter}имя\r\n1{delimiter}"Цех ""№1""{delimiter}\r\nлевый"\r\n'
    assert read(tmp_path, text.encode(encoding), "csv") == (
        ["номер", "имя"],
        [["1", f'Цех "№1"{delimiter}\r\nлевый']],
    )


def test_cells_of_a_workbook_become_the_texts_a_csv_has(tmp_path: Path) -> None:
    moment = datetime(2025, 1, 20, 8, 30, 0, 999_600)
    values = ["текст", 1001, 1.5, 10**15, True, date(2025, 1, 20), moment, None, "=1+1"]
    content = xlsx_file([["a"] * 9, values])
    texts = ["текст", "1001", "1.5", "1000000000000000", "true", "2025-01-20", "2025-01-20T08:30:01", ""]
    assert read(tmp_path, content, "xlsx")[1][0][:8] == texts


def test_blank_rows_keep_their_place(tmp_path: Path) -> None:
    header, rows = read(tmp_path, xlsx_file([[], ["a", "b"], [None, None], ["1", "2"]]), "xlsx")
    assert (header, rows) == (["a", "b"], [[], ["1", "2"]])
    assert read(tmp_path, b"\r\na,b\r\n\r\n1,2\r\n", "csv") == (["a", "b"], [[], ["1", "2"]])


@pytest.mark.parametrize(
    ("content", "format", "reason"),
    [
        (b"", "csv", "нет ни одной строки"),
        (b"\r\n  \r\n", "csv", "нет ни одной строки"),
        (b'a,b\r\n1,"2\r\n3,4\r\n', "csv", "проверьте кавычки"),
        (b'a,b\r\n1,"2"x\r\n', "csv", "проверьте кавычки"),
        (b"\xff\xfe" + "a\r\n\ud83d".encode("utf-16-le", "surrogatepass"), "csv", "оборван посреди буквы: UTF-16"),
        (b"\x98\xff", "csv", "UTF-8"),
        (b"PK\x03\x04 xl/workbook.xml", "xlsx", "поврежден"),
        (zipped({"xl/workbook.xml": b"<workbook"}), "xlsx", "поврежден"),
        (zipped({"a.txt": b"a"}), "xlsx", "поврежден"),
        (xlsx_file([["a"], ["1"]])[:-200], "xlsx", "поврежден"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_a_reason(tmp_path: Path, content: bytes, format: Any, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        read(tmp_path, content, format)


def test_too_many_rows_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_file, "MAX_ROWS", 3)
    assert len(read(tmp_path, b"a\n1\n2\n3\n", "csv")[1]) == 3
    with pytest.raises(Unreadable, match="В файле больше 3 строк"):
        read(tmp_path, b"a\n1\n2\n3\n4\n", "csv")


def backslashed(content: bytes) -> bytes:
    """The same workbook, its parts named as some programs of Windows do."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return zipped({name.replace("/", "\\"): parts.read(name) for name in parts.namelist()})


BOMBS = {
    "a cell far away": raw_workbook('<row r="1"><c r="A1"><v>1</v></c><c r="XFD1048576"><v>1</v></c></row>'),
    "declared too large": zipped({"xl/workbook.xml": b" " * (workbook.MAX_UNPACKED_BYTES + 1)}),
    "wide and high": raw_workbook(f"<row>{'<c><v>1</v></c>' * 16_000}</row>" + "<row><c><v>1</v></c></row>" * 5_000),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_zip_bomb_is_refused_and_the_worker_survives(tmp_path: Path, name: str) -> None:
    assert len(BOMBS[name]) < 1_000_000
    with pytest.raises(Unreadable, match="слишком велика"):
        read(tmp_path, BOMBS[name], "xlsx")


@pytest.mark.parametrize(
    ("name", "content", "format"),
    [
        ("b.csv", b"a,b", "csv"),
        ("B.CSV", "партия".encode("cp1251"), "csv"),
        ("b.csv", "a".encode("utf-16"), "csv"),
        ("b.xlsx", xlsx_file([["a"]]), "xlsx"),
        ("C:\\x\\отчет.XLSX", xlsx_file([["a"]]), "xlsx"),
        ("b.xlsx", backslashed(xlsx_file([["a"]])), "xlsx"),
        ("b.xlsx", zipped({"[Content_Types].xml": b"", "xl/workbook22.xml": b""}), "xlsx"),
    ],
)
def test_a_file_is_known_by_name_and_content(name: str, content: bytes, format: str) -> None:
    assert check_type(name, content) == format


def test_a_workbook_with_backslashes_is_read(tmp_path: Path) -> None:
    assert read(tmp_path, backslashed(xlsx_file([["a"], ["1"]])), "xlsx") == (["a"], [["1"]])


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (OLE + "EncryptedPackage".encode("utf-16-le"), "защищен паролем"),
        (OLE, "не является xlsx"),
        (zipped({"[Content_Types].xml": b"", "xl/workbook.bin": b""}), "xlsb"),
    ],
)
def test_an_encrypted_or_foreign_workbook_is_refused_with_the_reason(content: bytes, reason: str) -> None:
    with pytest.raises(BadRequest, match=reason):
        check_type("b.xlsx", content)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("b.xls", b"\xd0\xcf\x11\xe0"),
        ("b.csv", b"\xd0\xcf\x11\xe0\x00"),
        ("b.csv", b""),
        ("b.csv", xlsx_file([["a"]])),
        ("b.csv", b"%PDF-1.7"),
        ("b.xlsx", b"a,b"),
        ("b.xlsx", zipped({"word/document.xml": b""})),
        ("b.xlsx", b""),
        ("csv", b"a,b"),
        ("b", b"a,b"),
        ("", b"a,b"),
        ("b.csv.exe", b"a,b"),
    ],
)
def test_other_files_are_refused(name: str, content: bytes) -> None:
    with pytest.raises(BadRequest):
        check_type(name, content)
