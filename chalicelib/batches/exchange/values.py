"""What the text of a cell means, by the kind of its column.

A text that can mean only one thing is converted to what the API accepts; of one that can mean two things, `Unclear`
says what would be right; any other stays unchanged, and validation refuses it with the name of its column. How a file
writes dates and numbers is its `Usage`: where one order of day and month fits all of its dates, it is that order,
otherwise the day is first.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal

from chalicelib.batches.exchange.columns import Kind
from chalicelib.batches.exchange.marks import ERRORS, UNCALCULATED
from chalicelib.core import clock

Comma = Literal["thousands", "decimal", "unknown"]
Order = Literal["day_first", "month_first", "mixed"]


class Unclear(Exception):
    """A text that can mean several things, or is broken; the message (Russian) says what would be right."""

    def __init__(self, code: str, template: str, **values: str) -> None:
        super().__init__(template)
        self.code, self.template, self.values = code, template, values


@dataclass(frozen=True)
class Usage:
    """How a file writes values: what a comma in a number is, the order of day and month, the first day of serials."""

    comma: Comma = "unknown"
    order: Order = "day_first"
    from_1904: bool = False


EXPECTED: Mapping[Kind, str] = {  # what would be right
    "text": "ожидается текст",
    "number": "ожидается целое число, например 1001",
    "day": "ожидается дата, например 04.03.2026 или 2026-03-04",
    "moment": "ожидаются дата и время, например 04.03.2026 08:00 или 2026-03-04T08:00:00+03:00",
    "flag": "ожидается да или нет",
    "products": 'ожидается список кодов в JSON, например ["A-1", "A-2"]',
}


def reader(kind: Kind, usage: Usage) -> Callable[[str], Any]:
    """Return the function that converts a stripped cell to a value of the API; it may raise Unclear."""
    match kind:
        case "number":
            return partial(number, usage=usage)
        case "moment":
            return partial(moment, usage=usage)
        case "day":
            return partial(day, usage=usage)
        case "flag":
            return flag
        case "products":
            return products
        case "text":
            return str


# -- cells without a value --------------------------------------------------------------------------------------------

_ERROR = re.compile(r"#{3,}|(?:Err|Ош|Ошибка):[0-9]{3}")  # ####: the column was too narrow; Err:502: LibreOffice
_FIRST = "#EО"  # characters of these errors
_ROUNDED = re.compile(r"-?[0-9](?:[.,][0-9]+)?[Ee]\+[0-9]{1,3}")


def fault(text: str, kind: Kind) -> Unclear | None:
    """Return the fault of a spreadsheet error, or of a number that lost digits; None for a value.

    In csv an error is the text that its program shows, in the language of the program.
    """
    if text[:1] in _FIRST and (text in ERRORS or _ERROR.fullmatch(text)):
        if text == UNCALCULATED:
            return Unclear("formula", "формула без значения: откройте файл в Excel, пересчитайте его и сохраните")
        return Unclear("cell_error", "в ячейке ошибка {error}: исправьте формулу или введите значение", error=text[:30])
    if kind in ("text", "number") and "+" in text and _ROUNDED.fullmatch(text):
        return Unclear("digits_lost", "число потеряло цифры: сделайте ячейку текстовой и введите его снова")
    return None


def fault_starts(kind: Kind) -> frozenset[str]:
    """Return the first characters of the texts that `fault` reports."""
    return frozenset(f"{_FIRST}-0123456789" if kind in ("text", "number") else _FIRST)


# -- numbers ----------------------------------------------------------------------------------------------------------

_MAX_DIGITS = 30  # of a number that validation refuses as too large
_BLANK = r"[\s\xa0\u2000-\u200a\u202f\u205f\u2019']"
_WHOLE = re.compile(r"([0-9]{1,16})[.,]0+")
_THOUSAND_OR_ONE = re.compile(r"([0-9]{1,3})[.,]000")
_GROUPED = re.compile(rf"[0-9]{{1,3}}(?:{_BLANK}[0-9]{{3}})+(?:[.,]0+)?")
_COMMAS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.0+)?")
_AMBIGUOUS = "можно прочесть и как {small}, и как {large}: запишите число без разделителей"
_FRACTION = "ожидается целое число; {large} пишется без запятой"


def number(text: str, usage: Usage) -> int | str:
    """Convert `1001`, `1001.0`, `1 001` and, where commas divide thousands, `1,001`."""
    if text.isdigit() and text.isascii():
        return int(text) if len(text) <= _MAX_DIGITS else text
    if _GROUPED.fullmatch(text):
        return int(re.sub(r"[^0-9]", "", re.split("[.,]", text)[0]))
    if (found := _THOUSAND_OR_ONE.fullmatch(text)) and not ("," in text and usage.comma == "thousands"):
        raise Unclear("ambiguous_number", _AMBIGUOUS, small=found[1], large=f"{found[1]}000")
    if _COMMAS.fullmatch(text):
        digits = text.partition(".")[0].replace(",", "")
        if usage.comma != "decimal" or text.count(",") > 1:
            return int(digits)
        if not _WHOLE.fullmatch(text):
            raise Unclear("fraction", _FRACTION, large=digits)
    whole = _WHOLE.fullmatch(text)
    return int(whole[1]) if whole else text


# -- days and instants ------------------------------------------------------------------------------------------------

_ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:Z|[+-][0-9]{2}:[0-9]{2})?)?"
)
_MONTHS = {
    word: number
    for number, words in enumerate(
        ("янв jan", "фев feb", "мар mar", "апр apr", "май мая may", "июн jun", "июл jul", "авг aug", "сен sep",
         "окт oct", "ноя nov", "дек dec"), start=1,
    )
    for word in words.split()
}  # fmt: skip
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun|пон|вто|сре|чет|пят|суб|вос|пн|вт|ср|чт|пт|сб|вс)[a-zа-я]*\.?,? )?"
_WORD = r"(?P<word>[a-zа-я]{3,9})\.?"
_DAYS = (
    r"(?P<y>[0-9]{4})(?P<sign>[-./])(?P<m>[0-9]{1,2})(?P=sign)(?P<d>[0-9]{1,2})",
    r"(?P<y>(?:19|20)[0-9]{2})(?P<m>[0-9]{2})(?P<d>[0-9]{2})",
    r"(?P<d>[0-9]{1,2})(?P<sign>[./])(?P<m>[0-9]{1,2})(?P=sign)(?P<y>[0-9]{4}|[0-9]{2})",
    r"(?P<d>[0-9]{1,2})-(?P<m>[0-9]{1,2})-(?P<y>[0-9]{4})",
    rf"(?P<d>[0-9]{{1,2}})[-. ]{_WORD}[-., ]{{0,2}}(?P<y>[0-9]{{4}}|[0-9]{{2}})",
    rf"{_WORD} (?P<d>[0-9]{{1,2}})(?:st|nd|rd|th)?,? (?P<y>[0-9]{{4}})",
)
_TIME = (
    r"(?:[t, ]{1,2}(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,9}))?)?"
    r" ?(?P<half>[ap]\.?m\.?)? ?(?P<offset>z|utc|gmt|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)
_MOMENTS = tuple(re.compile(rf"{_WEEKDAY}{day}(?: ?г\.?)?{_TIME}", re.IGNORECASE) for day in _DAYS)
_BLANKS = re.compile(r"[\s\xa0\u2000-\u200a\u200e\u200f\u202f\u205f]+")
_SERIAL = re.compile(r"([0-9]{5})(?:[.,]([0-9]{1,17}))?")
_SERIAL_YEARS = range(2000, 2100)  # other numbers are no dates
_PIVOT = 80  # years of two digits below it are after 2000
_DAY_LENGTH, _MAX_LENGTH = 10, 60
_MIDNIGHT = re.compile(r"T00:00(?::00(?:\.0+)?)?(?:Z|[+-][0-9]{2}:[0-9]{2})?")
_OTHER_ORDER = "в файле есть даты месяц/день и день/месяц: запишите дату как ГГГГ-ММ-ДД или ДД.ММ.ГГГГ"
_SLASHES = re.compile(rf"{_WEEKDAY}([0-9]{{1,2}})/([0-9]{{1,2}})/(?:[0-9]{{4}}|[0-9]{{2}})(?![0-9/])", re.IGNORECASE)


def moment(text: str, usage: Usage) -> str:
    """Convert an instant as programs of the two languages write it to ISO 8601; another text stays unchanged."""
    if text[4:5] == "-" and text[10:11] == "T" and text[19:] == "Z":  # as an export writes it
        return text
    if _ISO.fullmatch(text) or len(text) > _MAX_LENGTH:
        return text
    plain = _BLANKS.sub(" ", text).strip()
    if serial := _SERIAL.fullmatch(plain):
        return _of_serial(serial[1], serial[2] or "0", usage) or text
    found = next(filter(None, (pattern.fullmatch(plain) for pattern in _MOMENTS)), None)
    if found is None:
        return text
    parts = found.groupdict()
    first, second = parts["d"], parts.get("m") or str(_MONTHS.get(parts["word"][:3].lower(), ""))
    if not second:
        return text
    if parts.get("sign") == "/" and found.start("d") < found.start("y"):
        if usage.order == "mixed":
            raise Unclear("date_order", _OTHER_ORDER)
        first, second = (second, first) if usage.order == "month_first" else (first, second)
    return f"{_year(parts['y'])}-{second:0>2}-{first:0>2}{_time(parts)}"


def day(text: str, usage: Usage) -> str:
    """Convert a day, without the midnight that spreadsheets add; a midnight at the site may be written in UTC."""
    if len(text) == _DAY_LENGTH and text[4] == "-" == text[7]:
        return text
    found = moment(text, usage).replace(" ", "T")
    if len(found) > _DAY_LENGTH and _ISO.fullmatch(found):
        if _MIDNIGHT.fullmatch(found[10:]):
            return found[:10]
        return _local_midnight(found) or text
    return found


def _local_midnight(text: str) -> str | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    local = at.astimezone(clock.site_zone()) if at.tzinfo else at
    return local.date().isoformat() if local.time() == datetime.min.time() else None


def _year(text: str) -> str:
    return text if len(text) > 2 else f"{'20' if int(text) < _PIVOT else '19'}{text}"


def _time(parts: Mapping[str, str | None]) -> str:
    """Return the time of a day with its offset, as in ISO 8601."""
    if parts["hour"] is None:
        return ""
    hour = int(parts["hour"])
    if half := parts["half"]:
        hour = hour % 12 + (12 if half[0] in "pP" else 0) if 1 <= hour <= 12 else 99  # no such time
    fraction = f".{parts['fraction'][:6]}" if parts["fraction"] else ""
    offset = (parts["offset"] or "").upper()
    if offset[:1] in ("+", "-"):
        offset = f"{offset[:3]}:{offset[3:].lstrip(':') or '00'}"
    return f"T{hour:02}:{parts['minute']}:{parts['second'] or '00'}{fraction}{'Z' if offset.isalpha() else offset}"


def _of_serial(days: str, fraction: str, usage: Usage) -> str | None:
    """Return the instant of a serial of Excel, the days since its first one."""
    start = datetime(1904, 1, 1) if usage.from_1904 else datetime(1899, 12, 30)  # noqa: DTZ001
    at = start + timedelta(days=int(days), milliseconds=round(float(f"0.{fraction}") * 86_400_000))
    if at.year not in _SERIAL_YEARS:
        return None
    return at.isoformat() if at.time() != datetime.min.time() else at.date().isoformat()


def order_of(texts: Iterable[str]) -> Order:
    """Return the order of day and month that fits all dates with slashes; the day is first where both do."""
    day_first = month_first = False
    for text in texts:
        if "/" in text and (found := _SLASHES.match(_BLANKS.sub(" ", text[:_MAX_LENGTH]).strip())):
            day_first |= int(found[1]) > 12
            month_first |= int(found[2]) > 12
    if month_first:
        return "mixed" if day_first else "month_first"
    return "day_first"


# -- flags and products -----------------------------------------------------------------------------------------------

_FLAGS = {
    **dict.fromkeys(("true", "1", "да", "yes", "y", "истина", "закрыта", "закрыто", "закрыт", "closed"), True),
    **dict.fromkeys(("false", "0", "нет", "no", "n", "ложь", "открыта", "открыто", "открыт", "open"), False),
    "1.0": True, "0.0": False, "1,0": True, "0,0": False,
}  # fmt: skip
_JSON = json.JSONDecoder(strict=False)  # a marking code may contain unescaped separators


def flag(text: str) -> bool | str:
    """Convert yes and no in the words of both languages."""
    return _FLAGS.get(text.lower(), text)


def products(text: str) -> Any:
    """Convert a JSON list of codes, or of objects with a code."""
    try:
        found = _JSON.decode(text)
    except (ValueError, RecursionError):
        return text
    if not isinstance(found, list):
        return text
    return [item.get("unique_code") if isinstance(item, dict) else item for item in found]
