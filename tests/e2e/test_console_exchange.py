"""The screen of files: one with an error is checked, mended and imported; batches come back as a file."""

from pathlib import Path
from typing import Any

import pytest

from tests.browser import Page
from tests.e2e.console import PHONE, Console
from tests.e2e.crew import attaches
from tests.e2e.production import ok
from tests.e2e.stack import Stack
from tests.e2e.test_exchange import new_row, result_of, send
from tests.exchange import Row, csv_file, read, xlsx_rows
from tests.waiting import wait_for

INPUT = "main input[type=file]"
CHECK, IMPORT, DOWNLOAD = "checks", "database-import", "download"


def chooses(page: Page, folder: Path, name: str, content: bytes) -> None:
    """Choose a file, as by a click on the place for it."""
    path = folder / name
    path.write_bytes(content)
    attaches(page, path, INPUT)


def pushes(page: Page, icon: str) -> None:
    """Push the button with an icon, once it can be."""
    page.clicks(f"main button .tabler-icon-{icon}")


def saved(page: Page, folder: Path) -> bytes:
    """The file that the first button for it downloads."""
    folder.mkdir()
    page.send("Page.setDownloadBehavior", behavior="allow", downloadPath=str(folder))
    pushes(page, DOWNLOAD)
    file = wait_for(lambda: next((one for one in folder.iterdir() if one.suffix in (".csv", ".xlsx")), None))
    content: bytes = wait_for(file.read_bytes)
    return content


def found(stack: Stack, row: Row) -> list[dict[str, Any]]:
    """The batches with the number of a row."""
    batches: list[dict[str, Any]] = ok(stack, "GET", f"/api/batches?batch_number={row['batch_number']}")["items"]
    return batches


def errors_shown(page: Page) -> list[list[str]]:
    """The table of errors: row, column, what stands there."""
    page.sees("main td code")
    rows = "[...document.querySelectorAll('main tbody tr')].map(row => [...row.cells].map(cell => cell.innerText))"
    return [cells[:3] for cells in page.js(rows)]


def test_a_file_with_an_error_is_checked_imported_mended_and_sent_again(
    stack: Stack, console: Console, tmp_path: Path
) -> None:
    good, bad = rows = [new_row(products=["A"]), new_row(shift_end="вечером", products=["C"])]
    page = console.opens("/exchange", INPUT)
    chooses(page, tmp_path, "Смена.csv", csv_file(rows, ";"))
    page.sees("main h2", "Смена.csv")
    page.sees("main td", bad["batch_number"])  # looked into before anything was sent
    console.is_well(page, "console-exchange-file")
    pushes(page, CHECK)
    assert errors_shown(page) == [["2", "shift_end", "вечером"]]
    assert found(stack, good) == []
    console.is_well(page, "console-exchange-check")
    pushes(page, IMPORT)
    page.sees("main [role=status] a")
    assert [len(found(stack, row)) for row in rows] == [1, 0]
    (failed,) = read(saved(page, tmp_path / "saved"))
    assert [one.name for one in (tmp_path / "saved").iterdir()] == ["Смена-errors.csv"]
    assert (failed["batch_number"], "shift_end" in failed["error"]) == (bad["batch_number"], True)
    chooses(page, tmp_path, "Исправлено.csv", csv_file([failed | {"shift_end": "20.01.2025 20:00"}], ";"))
    page.sees("main h2", "Исправлено.csv")
    pushes(page, CHECK)
    pushes(page, IMPORT)
    page.sees("main [role=status] a")
    (made,) = found(stack, bad)
    assert [product["unique_code"] for product in made["products"]] == ["C"]
    page.js("location.hash = '#/exchange?tab=history'")
    page.sees("main td", "Исправлено.csv")
    page.sees("main td", "Смена.csv")
    page.clicks("main td a")
    page.sees("[role=dialog] h2", "Исправлено.csv")
    console.is_well(page, "console-exchange-history")


def test_existing_batches_are_updated_only_on_request(stack: Stack, console: Console, tmp_path: Path) -> None:
    row = new_row(team="Бригада А")
    result_of(stack, send(stack, csv_file([row]), "a.csv"))
    page = console.opens("/exchange", INPUT)
    file = xlsx_rows([row | {"team": "Бригада Б"}])
    chooses(page, tmp_path, "Правка.xlsx", file)
    pushes(page, CHECK)
    page.sees("main td", "уже существует")
    chooses(page, tmp_path, "Правка.xlsx", file)
    page.clicks("main input[type=checkbox]")
    pushes(page, CHECK)
    pushes(page, IMPORT)
    page.sees("main [role=status] a")
    assert [batch["team"] for batch in found(stack, row)] == ["Бригада Б"]
    console.is_well(page)


def test_invalid_file_is_explained(console: Console, tmp_path: Path) -> None:
    page = console.opens("/exchange", INPUT)
    chooses(page, tmp_path, "Книга.xlsb", b"old")
    page.sees("main [role=alert]", "Книга.xlsb")
    chooses(page, tmp_path, "Письмо.csv", "Партия;Дата\n12;сегодня\n".encode("cp1251"))
    page.sees("main [role=alert]", "work_center_identifier")  # of the columns that are missing, before it is sent
    page.sees("main td", "сегодня")
    page.sees(f"main button[disabled] .tabler-icon-{CHECK}")
    page.sees("main", "Добавьте в файл столбцы, которых не хватает")
    console.is_well(page, "console-exchange-refused")
    page.chooses("Другой файл")
    chooses(page, tmp_path, "Пароль.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"))
    page.sees("main h2", "Пароль.xlsx")
    pushes(page, CHECK)
    page.sees("main [role=alert]", "защищен паролем")


def test_large_workbook_has_a_preview(console: Console, tmp_path: Path) -> None:
    page = console.opens("/exchange", INPUT)
    chooses(page, tmp_path, "Месяц.xlsx", xlsx_rows([new_row(team=f"Бригада {place}") for place in range(2_500)]))
    page.sees("main td", "Бригада 9")
    console.is_well(page)  # what its parts are unpacked by is allowed by the policy of the page


@pytest.mark.parametrize("format", ["xlsx", "csv"])
def test_batches_come_out_as_a_file(stack: Stack, console: Console, tmp_path: Path, format: str) -> None:
    day = {"xlsx": "2032-03-01", "csv": "2032-03-02"}[format]
    row = new_row(batch_date=day, products=["A"])
    result_of(stack, send(stack, csv_file([row]), "a.csv"))
    page = console.opens(f"/exchange?tab=export&batch_date={day}", f"main input[value={format}]")
    page.clicks(f"main input[value={format}]")
    page.clicks("main .mantine-Card-root button")
    assert [one["batch_number"] for one in read(saved(page, tmp_path / "saved"), format)] == [row["batch_number"]]
    console.is_well(page, f"console-exchange-export-{format}")
    page.opens(f"{console.url}/console#/exchange?tab=history&type=export", f"main td .tabler-icon-{DOWNLOAD}")
    again = read(saved(page, tmp_path / "again"), format)
    assert [one["batch_number"] for one in again] == [row["batch_number"]]


@pytest.mark.parametrize("tab", ["import", "export", "history"])
def test_it_fits_a_phone_and_axe_finds_nothing(console: Console, tab: str) -> None:
    page = console.opens(f"/exchange?tab={tab}", "main [role=tabpanel] button", PHONE)
    console.is_accessible(page)
    console.is_well(page, f"console-exchange-phone-{tab}")
