"""Headings: which texts name a column, and where a header is."""

import json
from itertools import chain

import pytest

from chalicelib.batches.exchange import columns, headings
from localstack.config import ROOT

IN_1C = (
    "НомерПартии", "ДатаПартии", "Номенклатура", "КодЕКН", "Смена", "Бригада", "ПредставлениеЗаданияНаСмену",
    "ДатаВремяНачалаСмены", "ДатаВремяОкончанияСмены", "РабочийЦентр", "ИдентификаторРЦ",
)  # fmt: skip
IN_RUSSIAN = (
    "№ партии", "Дата", "Изделие", "ЕКН", "Смена №", "Бригада", "Сменное задание", "Начало", "Окончание",
    "Рабочий центр",
)  # fmt: skip
IN_ENGLISH = ("Lot No.", "Date", "Item", "EKN", "Shift", "Crew", "Task", "Start", "End", "Work center")


@pytest.mark.parametrize("header", [columns.REQUIRED, IN_1C, IN_RUSSIAN, IN_ENGLISH])
def test_headings_of_programs_and_people_name_the_columns(header: tuple[str, ...]) -> None:
    for cells in (header, [f" {cell.upper()}: " for cell in header], [f"{cell}*\n(обязательно)" for cell in header]):
        assert not headings.read(cells).missing
        assert not headings.read(cells).ignored


@pytest.mark.parametrize(
    ("cell", "column"),
    [
        ("НОМЕР_ПАРТИИ", "batch_number"), ("Номер  партии", "batch_number"), ("batchNumber", "batch_number"),
        ("План, шт.", "planned_quantity"), ("План (шт)", "planned_quantity"), ("Продукты 2", "products_2"),
        ("Products_10", "products_10"), ("Закрыта?", "is_closed"), ("Бригaда", None), ("№", None), ("№ п/п", None),
        ("Номер", None), ("Продукты 1", None), ("", None), ("Наименовани\u0435", "nomenclature"),
        ("Наи\u0306менование", None), ("Отчётная дата", None), ("Ошибка", "error"),
    ],
)  # fmt: skip
def test_a_heading_is_compared_by_its_letters_and_digits(cell: str, column: str | None) -> None:
    assert list(headings.read([cell]).positions) == ([column] if column else [])


def test_the_work_centre_is_the_code_unless_another_column_is() -> None:
    assert headings.read(["Рабочий центр"]).positions == {"work_center_identifier": 0}
    assert headings.read(["Рабочий центр", "Код РЦ"]).positions == {"work_center_name": 0, "work_center_identifier": 1}
    both = headings.read(["work_center_identifier", "work_center_name", "Рабочий центр"])
    assert both.ignored == ["Рабочий центр"]


def test_of_several_headings_the_nearest_is_taken() -> None:
    found = headings.read(["Партия", "batch_number", "Дата", "Дата партии", "Примечание"])
    assert (found.positions, found.repeated) == ({"batch_number": 1, "batch_date": 3}, [])
    assert found.ignored == ["Партия", "Дата", "Примечание"]
    assert headings.read(["Смена", "СМЕНА"]).repeated == ["shift"]


def test_the_header_is_the_first_row_with_the_required_columns() -> None:
    title, header, data = ["Отчет за март"], list(IN_RUSSIAN), ["1", "2"]
    assert headings.find([title, ["Дата", "01.03.2026"], header, data, header]) == (2, header)
    assert headings.find([["a", "b"], data])[0] == 0
    assert headings.find([title, list(IN_RUSSIAN[:5]), data])[0] == 1


def test_the_first_row_of_data_is_no_part_of_the_header() -> None:
    header = ["Группа" if name == "Бригада" else name for name in (*IN_RUSSIAN[:-1], "Код РЦ")]
    data = ["1001", "04.03.2026", "Болт", "1", "1", "Бригада", "Сборка", "08:00", "20:00", "WC"]
    assert headings.find([header, data, data]) == (0, header)
    assert headings.read(headings.find([header, data, data])[1]).missing == ["team"]


def test_texts_of_headings_name_one_column_each() -> None:
    owners: dict[str, str] = {}
    for name, by_language in headings.HEADINGS.items():
        for heading in (*by_language["ru"], *by_language["en"]):
            assert owners.setdefault(headings.key_of(heading), name) == name, heading
    assert {name for name in headings.HEADINGS if name != columns.ERROR} == {
        column.name for column in columns.COLUMNS if not column.export_only
    }


def test_the_guide_has_all_headings() -> None:
    guide = (ROOT / "docs" / "files.md").read_text()
    for name, by_language in headings.HEADINGS.items():
        assert f"| `{name}` | {', '.join(by_language['ru'])} | {', '.join(by_language['en'])} |" in guide


def test_the_console_knows_the_same_headings() -> None:
    known = {column.name: [headings.key_of(column.name)] for column in columns.COLUMNS}
    for name, texts in headings.HEADINGS.items():
        known.setdefault(name, []).extend(map(headings.key_of, chain(texts["ru"], texts["en"])))
    known["work_center_identifier"] += map(headings.key_of, chain(*headings.CENTRES.values()))
    file = ROOT / "console/src/screens/exchange/headings.json"
    expected = {name: list(dict.fromkeys(keys)) for name, keys in known.items()}
    assert json.loads(file.read_text()) == expected, json.dumps(expected, ensure_ascii=False)


def test_headings_of_a_file_of_errors_differ() -> None:
    assert headings.distinct(["A", "A", "A (2)", "B"]) == ["A", "A (2)", "A (2) (2)", "B"]
    assert headings.error_title(["batch_number"]) == "error"
    assert headings.error_title(["Номер партии"]) == "Ошибка"
