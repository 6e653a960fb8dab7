"""The template of an import: a sheet with the headings, examples, notes, and lists to choose from.

The example row is no batch: an import passes it over (rows.py). Cells of codes are texts, so that a spreadsheet keeps
their zeros. XlsxWriter is imported with the first template.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from chalicelib.batches.exchange import columns, headings, output
from chalicelib.batches.exchange.headings import Language, current_language
from chalicelib.core.texts import text

COLUMNS = tuple(name for name in headings.HEADINGS if name != columns.ERROR)
FLAGS: Mapping[Language, tuple[str, str]] = {"ru": ("да", "нет"), "en": ("yes", "no")}
SHIFTS = ("1", "2", "3")
LISTS = "Списки"
ROWS = 10_000  # that have lists and checks
_FIRST, _NOTE_WIDTH, _NOTE_HEIGHT = 2, 260, 110
_WIDTH = {"text": 20, "number": 16, "day": 13, "moment": 18, "flag": 11, "products": 28}
_EXAMPLE = "Пример {number}"
_NOTES = {
    "batch_number": "Номер партии: целое число, единственное в пределах даты",
    "batch_date": "Дата партии, например 04.03.2026",
    "nomenclature": "Что выпускается, до 200 символов",
    "ekn_code": "Код номенклатуры, как он принят на предприятии; нули в начале сохраняются",
    "shift": "Номер или название смены",
    "team": "Название бригады",
    "task_description": "Что нужно сделать за смену",
    "shift_start": "Начало смены: дата и время площадки, например 04.03.2026 08:00",
    "shift_end": "Конец смены, позже начала",
    "work_center_identifier": "Код рабочего центра; если такого нет, он будет создан",
    "work_center_name": "Название нового рабочего центра; у существующего не меняется",
    "is_closed": "Закрыта ли партия: да или нет; пусто: новая партия открыта, прежняя остается как есть",
    "closed_at": "Когда закрыта, дата и время; только для закрытой партии",
    "planned_quantity": "Сколько продуктов запланировано: целое число; пусто: не меняется",
    columns.PRODUCTS: 'Коды продуктов списком: ["A-1", "A-2"]; уже добавленные остаются',
}
_REQUIRED, _OPTIONAL = "Обязательный столбец. {note}", "Необязательный столбец. {note}"


@dataclass(frozen=True)
class Center:
    """A work centre to choose."""

    identifier: str
    name: str


def make(format: output.Format, centers: Sequence[Center]) -> bytes:
    """Return the template in the current language."""
    with TemporaryDirectory() as folder:
        target = Path(folder) / "template"
        if format == "csv":
            _csv(target, current_language(), _example(centers))
        else:
            _xlsx(target, current_language(), _example(centers), centers)
        return target.read_bytes()


def _example(centers: Sequence[Center]) -> dict[str, Any]:
    center = centers[0] if centers else Center("WC-001", text("Цех №1"))
    return {
        "batch_number": text(_EXAMPLE, number=1001),
        "batch_date": date(2026, 3, 4),
        "nomenclature": text("Болт М8×40"),
        "ekn_code": columns.EXAMPLE_CODE,
        "shift": SHIFTS[0],
        "team": text("Бригада А"),
        "task_description": text("Изготовить болты"),
        "shift_start": datetime(2026, 3, 4, 8),  # noqa: DTZ001 - of the site
        "shift_end": datetime(2026, 3, 4, 20),  # noqa: DTZ001
        "work_center_identifier": center.identifier,
        "work_center_name": center.name,
        "is_closed": FLAGS[current_language()][1],
        "closed_at": "",
        "planned_quantity": 1000,
        columns.PRODUCTS: json.dumps(["A-1", "A-2"]),
    }


def _csv(target: Path, language: Language, example: dict[str, Any]) -> None:
    """Write the template with the separator that spreadsheets of the language expect."""
    header = [headings.title(name, language) for name in COLUMNS]
    row = [_as_text(example[name], language) for name in COLUMNS]
    output.write(target, "csv", header, [row], 1, ";" if language == "ru" else ",")


def _as_text(value: Any, language: Language) -> Any:
    if isinstance(value, datetime):
        return f"{value:%d.%m.%Y %H:%M}" if language == "ru" else f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}" if language == "ru" else value.isoformat()
    return value


def _xlsx(target: Path, language: Language, example: dict[str, Any], centers: Sequence[Center]) -> None:
    import xlsxwriter

    options = {"strings_to_urls": False, "strings_to_formulas": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(str(target), options)
    sheet, lists = book.add_worksheet(text(output.SHEET)), book.add_worksheet(text(LISTS))
    lists.hide()
    kinds = _formats(language)
    heading = {required: book.add_format(_heading_style(required)) for required in (True, False)}
    grey = {"italic": True, "font_color": "#808080"}
    for place, name in enumerate(COLUMNS):
        column = columns.BY_NAME[name]
        note = text(_REQUIRED if column.required else _OPTIONAL, note=text(_NOTES[name]))
        sheet.write_string(0, place, headings.title(name, language), heading[column.required])
        sheet.write_comment(0, place, note, {"width": _NOTE_WIDTH, "height": _NOTE_HEIGHT})
        sheet.set_column(place, place, _WIDTH[column.kind], book.add_format(kinds[column.kind]))
        if example[name] != "":
            sheet.write(1, place, example[name], book.add_format(kinds[column.kind] | grey))
    _add_choices(sheet, lists, centers)
    sheet.set_row(0, 32)
    sheet.freeze_panes(1, 1)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    book.close()


def _formats(language: Language) -> dict[str, dict[str, Any]]:
    """Return the formats of cells by kind; texts are texts, also of digits alone."""
    day = "dd.mm.yyyy" if language == "ru" else "yyyy-mm-dd"
    formats = {"text": "@", "number": "0", "day": day, "moment": f"{day} hh:mm", "flag": "General", "products": "@"}
    return {kind: {"num_format": number_format} for kind, number_format in formats.items()}


def _heading_style(required: bool) -> dict[str, Any]:
    return {
        "bold": True,
        "text_wrap": True,
        "valign": "top",
        "bottom": 1,
        "bg_color": "#DCE6F1" if required else "#F2F2F2",
    }


def _add_choices(sheet: Any, lists: Any, centers: Sequence[Center]) -> None:
    """Add the lists to choose from; other values are allowed, but of yes and no."""
    choices = {
        "work_center_identifier": [center.identifier for center in centers],
        "work_center_name": list(dict.fromkeys(center.name for center in centers)),
        "shift": list(SHIFTS),
        "is_closed": list(FLAGS[current_language()]),
    }
    for place, (name, values) in enumerate(choices.items()):
        lists.write_column(0, place, values)
        if values:
            column, strict = COLUMNS.index(name), name == "is_closed"
            source = {"validate": "list", "source": _range(text(LISTS), place, len(values)), "show_error": strict}
            sheet.data_validation(_FIRST, column, ROWS, column, source)
    for name in ("batch_number", "planned_quantity"):
        column = COLUMNS.index(name)
        whole = {
            "validate": "integer",
            "criteria": ">=",
            "value": 1,
            "error_title": headings.title(name, current_language()),
        }
        sheet.data_validation(_FIRST, column, ROWS, column, whole | {"error_message": text("Целое число от 1")})


def _range(sheet: str, column: int, count: int) -> str:
    from xlsxwriter.utility import xl_rowcol_to_cell

    first, last = (xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True) for row in (0, count - 1))
    return f"='{sheet}'!{first}:{last}"
