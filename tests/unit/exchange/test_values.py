"""What the cells of a sheet mean: every form in which programs of the two languages write days, times and numbers."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from chalicelib.batches.exchange import sheets
from chalicelib.batches.exchange.rows import Reader, RowError
from chalicelib.batches.exchange.values import Unclear, Usage, moment, number, order_of
from tests.exchange import csv_file, row


@pytest.fixture
def in_moscow(site_in: Callable[[str], None]) -> None:
    """A site in Moscow."""
    site_in("Europe/Moscow")


def batches(folder: Path, rows: list[Any], delimiter: str = ";") -> list[Any]:
    """The batches of rows that are fine."""
    (folder / "source").write_bytes(csv_file(rows, delimiter))
    found = list(Reader(sheets.read(folder / "source", "csv", folder)))
    assert [one.errors for one in found] == [()] * len(rows)
    return [one.batch for one in found]


def error(folder: Path, delimiter: str = ";", **fields: Any) -> RowError:
    """The only error of a row."""
    (folder / "source").write_bytes(csv_file([row(**fields)], delimiter))
    (found,) = Reader(sheets.read(folder / "source", "csv", folder))
    (problem,) = found.errors
    return problem


@pytest.mark.parametrize(
    "text",
    [
        "2025-01-20", "2025-1-20", "2025/01/20", "2025.01.20", "20250120", "20.01.2025", "20.1.25", "20/01/2025",
        "20/1/25", "20-01-2025", "45677", "45677.0", "45677,00",
        "2025-01-20T00:00:00", "2025-01-20 00:00:00", "20.01.2025 0:00", "20.01.2025 00:00:00", "1/20/2025 12:00 AM",
        "2025-01-20T00:00:00.000Z", "2025-01-20T00:00:00+05:00", "2025-01-20 00:00:00.000000+00:00",
        "20 января 2025 г.", "20 января 2025", "20 янв. 2025", "20-янв-25", "20.янв.2025",
        "понедельник, 20 января 2025 г.", "Пн 20.01.2025", "20-Jan-25", "20 Jan 2025", "Jan 20, 2025",
        "January 20, 2025", "Monday, January 20, 2025", "20\xa0января\xa02025\xa0г.", " 20.01.2025 ",
    ],
)  # fmt: skip
def test_days(tmp_path: Path, text: str) -> None:
    (found,) = batches(tmp_path, [row(batch_date=text)])
    assert found.batch_date == date(2025, 1, 20)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("20.01/2025", "date_format"), ("2025-01-20T10:00", "date_format"), ("20-01-25", "date_format"),
        ("20.01", "date_format"), ("20 мартобря", "date_format"), ("1001", "date_format"), ("99999", "date_format"),
        ("завтра", "date_format"), ("31.02.2025", "no_such_day"), ("20.13.2025", "no_such_day"),
        ("20250230", "no_such_day"), ("30 февраля 2025", "no_such_day"), ("01.01.1800", "date_range"),
    ],
)  # fmt: skip
def test_texts_that_are_no_days(tmp_path: Path, text: str, code: str) -> None:
    found = error(tmp_path, batch_date=text)
    assert (found.column, found.code, found.value) == ("batch_date", code, text)
    if code == "date_format":
        assert found.error == "ожидается дата, например 04.03.2026 или 2026-03-04"


@pytest.mark.parametrize(
    "text",
    [
        "2025-01-20T08:00:00Z", "2025-01-20T11:00:00+03:00", "2025-01-20T11:00+0300", "2025-01-20 11:00:00 +03",
        "2025-01-20 08:00", "2025-01-20 08:00:00", "2025-01-20T08:00:00.000Z", "2025-01-20 08:00:00 UTC",
        "2025-01-20 08:00:00+00:00", "20.01.2025 8:00", "20.01.2025 08:00:00", "20.01.2025, 08:00:00",
        "20.01.25 8:00", "20/01/2025 08:00:00", "20.01.2025T08:00", "20.01.2025 08:00 +00:00", "45677.3333333333",
        "45677,33333333333", "20 января 2025 г. 8:00", "20-Jan-25 8:00 AM", "20/01/2025 8:00 AM",
        "20/01/2025, 8:00:00\u202fAM", "1/20/2025 8:00 a.m.", "Jan 20, 2025 8:00 AM", "Jan 20, 2025, 8:00:00 AM",
        "20.01.2025  08:00", "20.01.2025\xa008:00",
    ],
)  # fmt: skip
def test_instants(tmp_path: Path, text: str) -> None:
    (found,) = batches(tmp_path, [row(shift_start=text)])
    assert found.shift_start == datetime(2025, 1, 20, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "hour"), [("12:00 AM", 0), ("12:30 PM", 12), ("1:00 PM", 13), ("11:59 pm", 23), ("20:00", 20)]
)
def test_hours_of_the_english_clock(text: str, hour: int) -> None:
    assert moment(f"20.01.2025 {text}", Usage())[11:13] == f"{hour:02}"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("08:00", "date_format"), ("20.01.2025 24:00", "no_such_time"), ("20.01.2025 8:60", "no_such_time"),
        ("20.01.2025 13:00 PM", "no_such_time"), ("20.01.2025 8", "date_format"), ("в восемь", "date_format"),
        ("20.01.2025 08:00 мск", "date_format"),
    ],
)  # fmt: skip
def test_texts_that_are_no_instants(tmp_path: Path, text: str, code: str) -> None:
    found = error(tmp_path, shift_start=text)
    assert (found.column, found.code) == ("shift_start", code)
    if code == "date_format":
        assert "04.03.2026 08:00" in found.error


def test_a_day_alone_is_its_midnight(tmp_path: Path) -> None:
    (found,) = batches(tmp_path, [row(shift_start="20.01.2025")])
    assert found.shift_start == datetime(2025, 1, 20, tzinfo=UTC)


def test_a_time_without_an_offset_is_that_of_the_site(tmp_path: Path, in_moscow: None) -> None:
    texts = ["20.01.2025 8:00", "2025-01-20T08:00:00", "45677.3333333333", "20 января 2025 8:00"]
    found = batches(tmp_path, [row(shift_start=text) for text in texts])
    assert {one.shift_start for one in found} == {datetime(2025, 1, 20, 5, tzinfo=UTC)}
    (other,) = batches(tmp_path, [row(shift_start="20.01.2025 08:00 +05:00")])
    assert other.shift_start == datetime(2025, 1, 20, 3, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2027-03-03T21:00:00.000Z", "2027-03-04T00:00:00.000Z", "2027-03-04T00:00:00"])
def test_a_midnight_at_the_site_or_in_utc_is_a_day(tmp_path: Path, in_moscow: None, text: str) -> None:
    (found,) = batches(tmp_path, [row(batch_date=text)])
    assert found.batch_date == date(2027, 3, 4)


# -- the order of day and month --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "months"),
    [
        (["3/4/2025", "20/4/2025"], [4, 4]),
        (["3/4/2025"], [4]),
        (["3/4/2025", "3/20/2025"], [3, 3]),
        (["3/4/25", "12/31/25"], [3, 12]),
        (["03.04.2025", "3/20/2025"], [4, 3]),
        (["Wed 3/4/2026", "Fri, 3/13/2026"], [3, 3]),
        (["3/4/2026", "\u200e3/13/2026"], [3, 3]),
    ],
)
def test_the_order_of_a_file_is_that_in_which_all_its_dates_exist(
    tmp_path: Path, texts: list[str], months: list[int]
) -> None:
    assert [one.batch_date.month for one in batches(tmp_path, [row(batch_date=text) for text in texts])] == months


def test_dates_in_two_orders_are_refused(tmp_path: Path) -> None:
    rows = [row(batch_date=text) for text in ("20/3/2025", "3/20/2025", "3/4/2025", "04.03.2025")]
    (tmp_path / "source").write_bytes(csv_file(rows))
    sheet = sheets.read(tmp_path / "source", "csv", tmp_path)
    found = list(Reader(sheet))
    assert sheet.usage.order == "mixed"
    assert [[problem.code for problem in one.errors] for one in found] == [["date_order"]] * 3 + [[]]
    assert "ГГГГ-ММ-ДД" in found[0].errors[0].error


def test_the_order_is_found_in_columns_of_dates_only(tmp_path: Path) -> None:
    (found,) = batches(tmp_path, [row(batch_date="3/4/2025", team="3/20/2025", task_description="3/20/2025")])
    assert found.batch_date == date(2025, 4, 3)
    assert order_of(["2025/03/20", "1/2/3/2025", "x"]) == "day_first"


# -- serials ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "from_1904", "found"),
    [
        ("45677", False, "2025-01-20"), ("44215", True, "2025-01-20"), ("45677.25", False, "2025-01-20T06:00:00"),
        ("45677.333333333336", False, "2025-01-20T08:00:00"), ("36526", False, "2000-01-01"),
        ("36525", False, "36525"), ("73051", False, "73051"), ("45677.99999999999", False, "2025-01-21"),
    ],
)  # fmt: skip
def test_serials_of_excel(text: str, from_1904: bool, found: str) -> None:
    assert moment(text, Usage(from_1904=from_1904)) == found


# -- numbers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("7", 7), ("007", 7), ("7.0", 7), ("7,0", 7), ("1001.00", 1001), ("1001,00", 1001), ("1001.000", 1001),
        ("1 001", 1001), ("1\xa0001", 1001), ("1\u202f001", 1001), ("1\u2009001", 1001), ("1'001", 1001),
        ("1’001", 1001), ("1 001 002", 1001002), ("1 001,00", 1001), ("1 001.0", 1001), ("1,001", 1001),
        ("12,345", 12345), ("1,001,002", 1001002), ("1,000,000", 1000000), ("1,001.0", 1001),
        (" 1000000000000000 ", 10**15),
    ],
)  # fmt: skip
def test_numbers(text: str, found: int) -> None:
    assert number(text.strip(), Usage()) == found


@pytest.mark.parametrize(
    ("text", "comma", "found"),
    [
        ("1,000", "thousands", 1000), ("1,001", "thousands", 1001), ("1,0", "thousands", 1),
        ("1,001,002", "decimal", 1001002),
    ],
)  # fmt: skip
def test_a_comma_means_what_the_separator_of_the_file_leaves(text: str, comma: Any, found: int) -> None:
    assert number(text, Usage(comma)) == found


@pytest.mark.parametrize(
    ("text", "comma", "code"),
    [
        ("1,000", "unknown", "ambiguous_number"),
        ("1,000", "decimal", "ambiguous_number"),
        ("1.000", "thousands", "ambiguous_number"),
        ("1,001", "decimal", "fraction"),
    ],
)
def test_a_number_that_can_mean_two_things_is_refused(text: str, comma: Any, code: str) -> None:
    with pytest.raises(Unclear) as unclear:
        number(text, Usage(comma))
    assert unclear.value.code == code
    assert unclear.value.values["large"] in ("1000", "1001")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1,5", "int_type"), ("1.5", "int_type"), ("1e3", "int_type"), ("0", "greater_than"), ("-1", "int_type"),
        ("10000000000000000", "less_than_equal"), ("9" * 31, "int_type"), ("٣", "int_type"),
        ("1 00", "int_type"), ("10 01", "int_type"), ("№ 1001", "int_type"), ("1001 шт", "int_type"),
        ("4.6E+18", "digits_lost"), ("1,001", "fraction"), ("1.000", "ambiguous_number"),
    ],
)  # fmt: skip
def test_texts_that_are_no_numbers(tmp_path: Path, text: str, code: str) -> None:
    found = error(tmp_path, batch_number=text)
    assert (found.column, found.code, found.value) == ("batch_number", code, text)
    if code == "int_type":
        assert found.error == "ожидается целое число, например 1001"


@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_thousands_of_an_english_file(tmp_path: Path, delimiter: str) -> None:
    (found,) = batches(tmp_path, [row(batch_number="1,001", planned_quantity="2,500")], delimiter)
    assert (found.batch_number, found.planned_quantity) == (1001, 2500)


# -- flags ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "flag"),
    [("TRUE", True), ("Да", True), ("1", True), ("ИСТИНА", True), ("Закрыта", True), ("closed", True),
     ("ложь", False), ("no", False), ("0,0", False), ("Открыта", False)],
)  # fmt: skip
def test_flags(tmp_path: Path, text: str, flag: bool) -> None:
    assert [one.is_closed for one in batches(tmp_path, [row(is_closed=text)])] == [flag]


def test_another_word_is_no_flag(tmp_path: Path) -> None:
    assert error(tmp_path, is_closed="возможно").error == "ожидается да или нет"


# -- codes and texts ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code", ["007", "0", "00123", "1001.0", "1e5", "1,001", "12/03", "+7", "=A1", "-5", "<a&b>", '"x"']
)
def test_texts_stay_as_they_are_written(tmp_path: Path, code: str) -> None:
    fields = {"ekn_code": code, "shift": code, "team": code, "work_center_identifier": code}
    (found,) = batches(tmp_path, [row(**fields)])
    assert {name: getattr(found, name) for name in fields} == fields


def test_an_error_names_its_place_in_the_file_and_what_would_be_right(tmp_path: Path) -> None:
    rows = [{"Дата партии": "20.01.2025", **row(), "batch_number": "x"}]
    del rows[0]["batch_date"]
    content = "Партии участка;;\r\n\r\n".encode() + csv_file(rows, ";", "utf-8")
    (tmp_path / "source").write_bytes(content)
    sheet = sheets.read(tmp_path / "source", "csv", tmp_path)
    ((problem,),) = (one.errors for one in Reader(sheet))
    assert sheet.header_row == 3
    assert problem == RowError(
        row=1, column="batch_number", code="int_type", error="ожидается целое число, например 1001", file_row=4,
        file_column="batch_number", value="x",
    )  # fmt: skip
