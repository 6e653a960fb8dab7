"""The headings of a sheet of batches: which texts name a column, and which row of a sheet is its header.

A heading is compared without case, blanks, punctuation and what stands in brackets; `ё` is `е`, `№` is "номер". The
first text of each language is the title of the column in the template. Where several headings of a sheet name one
column, that of the text that stands first here is taken.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, count
from typing import Literal

from chalicelib.batches.exchange import columns
from chalicelib.core import texts

Language = Literal["ru", "en"]
MAX_COLUMNS = 200  # of a sheet
MAX_SHOWN = 20  # headings that a result names
MAX_SHOWN_LENGTH = 60
_FEW = 2  # columns by which a row without the required ones shows that it is meant as a header

HEADINGS: Mapping[str, Mapping[Language, tuple[str, ...]]] = {
    "batch_number": {
        "ru": ("Номер партии", "№ партии", "Партия №", "Партия номер", "Партия"),
        "en": ("Batch number", "Batch no", "Batch #", "Lot number", "Lot no", "Lot"),
    },
    "batch_date": {
        "ru": ("Дата партии", "Партия дата", "Дата выпуска", "Дата производства", "Дата"),
        "en": ("Batch date", "Lot date", "Production date", "Date"),
    },
    "nomenclature": {
        "ru": ("Номенклатура", "Наименование номенклатуры", "Изделие", "Наименование"),
        "en": ("Item name", "Nomenclature", "Item"),
    },
    "ekn_code": {
        "ru": ("Код ЕКН", "ЕКН", "Код EKN", "Код номенклатуры"),
        "en": ("EKN code", "EKN", "Item code"),
    },
    "shift": {"ru": ("Смена", "Номер смены", "№ смены", "Смена №"), "en": ("Shift", "Shift number", "Shift no")},
    "team": {"ru": ("Бригада", "Номер бригады", "№ бригады", "Бригада №"), "en": ("Team", "Crew", "Brigade")},
    "task_description": {
        "ru": (
            "Сменное задание", "Описание задачи", "Описание задания", "Задание на смену",
            "Представление задания на смену", "Задание",
        ),
        "en": ("Shift task", "Task description", "Task", "Description"),
    },
    "shift_start": {
        "ru": (
            "Начало смены", "Дата и время начала смены", "Дата время начала смены", "Время начала смены",
            "Смена начало", "Начало",
        ),
        "en": ("Shift start", "Start of shift", "Shift start time", "Start"),
    },
    "shift_end": {
        "ru": (
            "Конец смены", "Окончание смены", "Дата и время окончания смены", "Дата время окончания смены",
            "Время окончания смены", "Смена конец", "Смена окончание", "Конец", "Окончание",
        ),
        "en": ("Shift end", "End of shift", "Shift end time", "End"),
    },
    "work_center_identifier": {
        "ru": (
            "Код рабочего центра", "Идентификатор рабочего центра", "Обозначение рабочего центра",
            "Идентификатор РЦ", "Код РЦ", "РЦ",
        ),
        "en": ("Work centre code", "Work center code", "Work centre identifier", "Work centre ID", "Work center ID"),
    },
    "work_center_name": {
        "ru": ("Название рабочего центра", "Наименование рабочего центра", "Название РЦ", "Наименование РЦ"),
        "en": ("Work centre name", "Work center name"),
    },
    "is_closed": {
        "ru": ("Закрыта", "Партия закрыта", "Статус закрытия", "Статус партии", "Статус"),
        "en": ("Closed", "Batch status", "Status"),
    },
    "closed_at": {
        "ru": ("Дата закрытия", "Время закрытия", "Дата и время закрытия"),
        "en": ("Closed at", "Closing date", "Date closed"),
    },
    "planned_quantity": {
        "ru": ("План", "План, шт", "Плановое количество", "Количество по плану"),
        "en": ("Plan", "Planned quantity", "Planned"),
    },
    columns.PRODUCTS: {
        "ru": ("Продукты", "Коды продуктов", "Коды маркировки", "Уникальные коды", "Коды"),
        "en": ("Products", "Product codes", "Unique codes", "Codes"),
    },
    columns.ERROR: {"ru": ("Ошибка", "Ошибки"), "en": ("Error", "Errors")},
}  # fmt: skip
# The name of a work centre where another column has its code, otherwise the code.
CENTRES: Mapping[Language, tuple[str, ...]] = {"ru": ("Рабочий центр",), "en": ("Work centre", "Work center")}
# The column of codes in a file of products.
CODES = (
    "unique_code",
    "Уникальный код",
    "Код маркировки",
    "Код продукта",
    "Unique code",
    "Marking code",
    "Product code",
)
_CENTRE_COLUMNS = ("work_center_identifier", "work_center_name")

SPELLINGS = (("№", "номер"), ("ё", "е"))
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
_NEITHER_LETTER_NOR_DIGIT = re.compile(r"[\W_]+")


def key_of(text: str) -> str:
    """Return a heading as it is compared."""
    text = _BRACKETS.sub("", text[:300]).casefold()
    for written, meant in SPELLINGS:
        text = text.replace(written, meant)
    return _NEITHER_LETTER_NOR_DIGIT.sub("", unicodedata.normalize("NFKC", text))


def current_language() -> Language:
    """Return the language of the request or task, of the titles that it is shown."""
    return "en" if texts.current() == texts.ENGLISH else "ru"


def title(name: str, language: Language) -> str:
    """Return the title of a column."""
    return HEADINGS[name][language][0]


@cache
def _known() -> Mapping[str, tuple[str, int]]:
    """Return the column and the rank of each heading; rank 0 is the name of the column."""
    found = {key_of(column.name): (column.name, 0) for column in columns.COLUMNS}
    for name, titles in HEADINGS.items():
        for rank, text in enumerate(chain(titles["ru"], titles["en"]), start=1):
            found.setdefault(key_of(text), (name, rank))
    return found


@cache
def _centres() -> frozenset[str]:
    return frozenset(map(key_of, chain(*CENTRES.values())))


@cache
def _products() -> re.Pattern[str]:
    """Return the pattern of the headings of a further column of products, `products_2` or `Продукты 2`."""
    titles = HEADINGS[columns.PRODUCTS]
    keys = {key_of(columns.PRODUCTS), *map(key_of, chain(titles["ru"], titles["en"]))}
    return re.compile(f"(?:{'|'.join(sorted(keys))})([2-9]|[1-9][0-9]{{1,4}})")


@cache
def _codes() -> frozenset[str]:
    return frozenset(map(key_of, CODES))


def names_code(cell: str) -> bool:
    """Return whether a cell of a header names the column of codes in a file of products."""
    return key_of(cell) in _codes()


@dataclass(frozen=True)
class Header:
    """The columns of a header: where each is, which are repeated, and the headings that name none."""

    cells: Sequence[str]
    positions: Mapping[str, int]
    repeated: Sequence[str] = ()
    ignored: Sequence[str] = ()

    @property
    def missing(self) -> list[str]:
        """The required columns that it lacks."""
        return [name for name in columns.REQUIRED if name not in self.positions]


def read(cells: Sequence[str]) -> Header:
    """Return what a row says as a header."""
    offers: dict[str, list[tuple[int, int]]] = {}  # rank and position of the headings of each column
    ignored, centres = list[int](), list[int]()
    for position, cell in enumerate(cells[:MAX_COLUMNS]):
        found = _column(cell)
        if found:
            offers.setdefault(found[0], []).append((found[1], position))
        elif key_of(cell) in _centres():
            centres.append(position)
        elif cell.strip():
            ignored.append(position)
    if centres:
        vacant = [name for name in _CENTRE_COLUMNS if name not in offers]
        offers |= {vacant[0]: [(1, position) for position in centres]} if vacant else {}
        ignored += [] if vacant else centres
    positions, repeated = dict[str, int](), list[str]()
    for name, places in offers.items():
        ranks = Counter(rank for rank, _ in places)
        best = min(ranks)
        positions[name] = next(position for rank, position in places if rank == best)
        repeated += [name] if ranks[best] > 1 else []
        ignored += [position for _, position in places if position != positions[name]]
    return Header(cells, positions, sorted(repeated), _shown(cells, ignored))


def _column(cell: str) -> tuple[str, int] | None:
    key = key_of(cell)
    if known := _known().get(key):
        return known
    more = _products().fullmatch(key)
    return (f"{columns.PRODUCTS}_{more[1]}", 0) if more else None


def _shown(cells: Sequence[str], positions: Iterable[int]) -> list[str]:
    """Return the headings at these positions that a result names."""
    return [" ".join(cells[position].split())[:MAX_SHOWN_LENGTH] for position in sorted(positions)[:MAX_SHOWN]]


def error_title(header: Sequence[str]) -> str:
    """Return the title of the column of errors beside a header: Russian where the header is."""
    return title(columns.ERROR, "ru") if _CYRILLIC.search("".join(header)) else columns.ERROR


def distinct(header: Sequence[str]) -> list[str]:
    """Return a header whose cells differ: one that is repeated gets a number, which `key_of` leaves out."""
    found = dict[str, None]()
    for cell in header:
        numbered = (cell if number == 1 else f"{cell} ({number})" for number in count(1))
        found[next(title for title in numbered if title not in found)] = None
    return list(found)


def find(rows: Sequence[Sequence[str]]) -> tuple[int, Sequence[str]]:
    """Return the position of the header in the first rows of a sheet, and its cells.

    It is the first row with the required columns, or a row and the one below it, as merged cells give them; without
    them the row with the most known columns; without any, the first row.
    """
    scores = []
    for position, row in enumerate(rows):
        header = read(row)
        if not header.missing:
            return position, row
        scores.append(len(header.positions))
    for position, (above, below) in enumerate(zip(rows, rows[1:], strict=False)):
        joined = _joined(above, below)
        if scores[position] + scores[position + 1] > _FEW and _is_header(read(joined), below):
            return position + 1, joined
    best = max(range(len(scores)), key=lambda position: scores[position])
    best = best if scores[best] >= _FEW else 0
    return best, rows[best]


def _is_header(header: Header, below: Sequence[str]) -> bool:
    """Return whether two rows are a header; with a number of a batch, the row below is one of data."""
    place = header.positions.get("batch_number", len(below))
    return not header.missing and not (place < len(below) and any(map(str.isdigit, below[place])))


def _joined(above: Sequence[str], below: Sequence[str]) -> list[str]:
    """Return a header of two rows as one: a merged cell has its text at its first column or row only."""
    joined, group = list[str](), ""
    for position in range(max(len(above), len(below))):
        upper = above[position].strip() if position < len(above) else ""
        lower = below[position].strip() if position < len(below) else ""
        group = upper or (group if lower else "")
        both = f"{group} {lower}"
        joined.append(next((text for text in (both, lower, upper) if _column(text)), both).strip())
    return joined
