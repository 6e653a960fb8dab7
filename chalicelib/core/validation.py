"""Validation of parameters and bodies by pydantic models, with reasons for people. No other module validates them.

A reason never repeats what the client sent. A known query parameter that occurs twice is an error. Unknown names:
unknown_names.py.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, LiteralString, get_origin
from uuid import UUID

from pydantic_core import PydanticCustomError, ValidationError

from chalicelib.core import unknown_names
from chalicelib.core.errors import FieldProblem
from chalicelib.core.request import bad_characters, has_bad_characters
from chalicelib.core.texts import text

if TYPE_CHECKING:
    from pydantic import TypeAdapter

MAX_PROBLEMS = 50
MAX_PATH_TEXT_LENGTH = 200
MAX_REASON_LENGTH = 2_000  # characters; lists of allowed values are long
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_ID = re.compile(r"[0-9]{1,18}")

OWN_REASON = "reason"  # in the context of an error of one of our own rules

_DECIMAL = re.compile(r"Decimal\('([^']*)'\)")

_UNKNOWN = "недопустимое значение"
_OBJECT = "ожидается объект JSON"
_STRING = "ожидается строка"
_INTEGER = "ожидается целое число"
_NUMBER = "ожидается число"
_BOOLEAN = "ожидается true или false"
_LIST = "ожидается список"
_DATE = "ожидается дата в формате ГГГГ-ММ-ДД"
_MOMENT = "ожидаются дата и время в формате ISO 8601"
_TIME = "ожидается время в формате ISO 8601"
_URL = "ожидается корректный URL"
_UUID_TEXT = "ожидается UUID"
_ENCODING = "содержит недопустимые символы"

REASONS: Mapping[str, str] = {
    "missing": "обязательное поле",
    "extra_forbidden": "неизвестное поле",
    "none_required": "значение не допускается",
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "dict_type": _OBJECT,
    "mapping_type": _OBJECT,
    "dataclass_type": _OBJECT,
    "string_type": _STRING,
    "string_sub_type": _STRING,
    "string_unicode": _ENCODING,
    "string_too_short": "длина не меньше {min_length}",
    "string_too_long": "длина не больше {max_length}",
    "string_pattern_mismatch": "не соответствует формату",
    "string_not_ascii": "допустимы только символы ASCII",
    "int_type": _INTEGER,
    "int_parsing": _INTEGER,
    "int_from_float": _INTEGER,
    "int_parsing_size": "слишком большое число",
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "decimal_type": _NUMBER,
    "decimal_parsing": _NUMBER,
    "decimal_max_digits": "не больше {max_digits} цифр",
    "decimal_max_places": "не больше {decimal_places} знаков после запятой",
    "decimal_whole_digits": "не больше {whole_digits} цифр до запятой",
    "finite_number": "ожидается конечное число",
    "greater_than": "должно быть больше {gt}",
    "greater_than_equal": "должно быть не меньше {ge}",
    "less_than": "должно быть меньше {lt}",
    "less_than_equal": "должно быть не больше {le}",
    "multiple_of": "должно быть кратно {multiple_of}",
    "bool_type": _BOOLEAN,
    "bool_parsing": _BOOLEAN,
    "list_type": _LIST,
    "tuple_type": _LIST,
    "set_type": _LIST,
    "iterable_type": _LIST,
    "too_short": "элементов не меньше {min_length}",
    "too_long": "элементов не больше {max_length}",
    "enum": "допустимые значения: {expected}",
    "literal_error": "допустимые значения: {expected}",
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": _DATE,
    "date_past": "дата должна быть в прошлом",
    "date_future": "дата должна быть в будущем",
    "datetime_type": _MOMENT,
    "datetime_parsing": _MOMENT,
    "datetime_object_invalid": _MOMENT,
    "datetime_from_date_parsing": _MOMENT,
    "datetime_past": "время должно быть в прошлом",
    "datetime_future": "время должно быть в будущем",
    "timezone_aware": "укажите смещение часового пояса или Z",
    "timezone_naive": "часовой пояс не допускается",
    "timezone_offset": "недопустимое смещение часового пояса",
    "time_type": _TIME,
    "time_parsing": _TIME,
    "uuid_type": _UUID_TEXT,
    "uuid_parsing": _UUID_TEXT,
    "uuid_version": _UUID_TEXT,
    "url_type": _URL,
    "url_parsing": _URL,
    "url_syntax_violation": _URL,
    "url_scheme": "недопустимая схема URL, ожидается {expected_schemes}",
    "url_too_long": "URL длиннее {max_length}",
    "union_tag_invalid": "допустимые значения: {expected_tags}",
    "union_tag_not_found": "не указан тип",
    "json_invalid": "ожидается JSON",
    "json_type": "ожидается строка с JSON",
    "bytes_type": _STRING,
}


def broken_rule(kind: LiteralString, russian: str, /, **values: object) -> PydanticCustomError:
    """Return the error that a validator raises for a rule of our own, with its reason for the client."""
    return PydanticCustomError(kind, "{reason}", {OWN_REASON: text(russian, **values)})


def reason(kind: str, context: Mapping[str, Any]) -> str:
    """Return why a value is refused: the reason of our own rule, or one by pydantic's error type and its limits."""
    own = context.get(OWN_REASON)
    if own is not None or kind in ("value_error", "assertion_error"):
        return shortened(str(own or context.get("error") or text(_UNKNOWN)))
    try:
        limits = {name: _readable_limit(value) for name, value in context.items()}
        return shortened(text(REASONS.get(kind, _UNKNOWN), **limits))
    except KeyError:
        return text(_UNKNOWN)


def shortened(why: str) -> str:
    """Return a reason of at most MAX_REASON_LENGTH characters, cut between two names of its list."""
    if len(why) <= MAX_REASON_LENGTH:
        return why
    head, comma, _ = why[:MAX_REASON_LENGTH].rpartition(", ")
    return f"{head}{comma}…" if comma else why[: MAX_REASON_LENGTH - 1] + "…"


def _readable_limit(value: Any) -> Any:
    """Return a limit without the Python around it: pydantic shows decimals as `Decimal('1')`."""
    return _DECIMAL.sub(r"\1", value.replace(" or ", ", ")) if isinstance(value, str) else value


def problems_of(error: ValidationError, *where: str) -> list[FieldProblem]:
    """Return the problems that pydantic found, with `where` ("body", "query") before the location of each."""
    found = error.errors(include_url=False, include_input=False)[:MAX_PROBLEMS]
    return [
        {
            "loc": [*where, *map(_printable, item["loc"])],
            "msg": reason(item["type"], item.get("ctx") or {}),
            "type": item["type"],
        }
        for item in found
    ]


def _printable(part: str | int) -> str | int:
    return part if isinstance(part, int) else part[:100].encode(errors="replace").decode()


@cache
def _adapter(model: Any) -> "TypeAdapter[Any]":
    from pydantic import TypeAdapter  # the start of the function `api` needs no models

    return TypeAdapter(model)


def read_body(model: Any, value: Any, problems: list[FieldProblem]) -> Any:
    """Return the body as `model`; None and entries in `problems` when it does not fit."""
    unknown_names.inspect_body(model, value, problems)
    return validate(model, value, problems, "body")


def read_query(model: Any, query: Mapping[str, list[str]], problems: list[FieldProblem]) -> Any:
    """Return the known query parameters as `model`; None and entries in `problems` when they do not fit."""
    values: dict[str, Any] = {}
    before = len(problems)
    for name, field in model.model_fields.items():
        name = field.alias or name
        sent = query.get(name)
        if not sent:
            continue
        values[name] = sent if get_origin(field.annotation) is list else sent[-1]
        if any(map(has_bad_characters, sent)):
            problems.append(bad_characters("query", name))
        elif len(sent) > 1 and isinstance(values[name], str):
            problems.append({"loc": ["query", name], "msg": text("параметр указан несколько раз"), "type": "repeated"})
    return None if len(problems) > before else validate(model, values, problems, "query")


def validate(model: Any, value: Any, problems: list[FieldProblem], where: str) -> Any:
    """Return a value as `model`; None and entries in `problems` when it does not fit. It may have any other fields."""
    try:
        return _adapter(model).validate_python(value)
    except ValidationError as error:
        problems.extend(problems_of(error, where))
    except RecursionError:
        problems.append({"loc": [where], "msg": text("слишком глубокая вложенность"), "type": "recursion_loop"})
    return None


def _parse_uuid(sent: str) -> UUID:
    if not _UUID.fullmatch(sent):
        raise ValueError(text(_UUID_TEXT))
    return UUID(sent)


def _parse_id(sent: str) -> int:
    if not _ID.fullmatch(sent) or int(sent) < 1:
        raise ValueError(text("ожидается целое число больше нуля"))
    return int(sent)


def _parse_text(sent: str) -> str:
    if has_bad_characters(sent) or len(sent) > MAX_PATH_TEXT_LENGTH:
        raise ValueError(text(_ENCODING))
    return sent


PATH_TYPES: Mapping[Any, tuple[Callable[[str], Any], str]] = {
    UUID: (_parse_uuid, "uuid_parsing"),
    int: (_parse_id, "int_parsing"),
    str: (_parse_text, "string_type"),
}


def read_path(kinds: Mapping[str, Any], texts: Mapping[str, str], problems: list[FieldProblem]) -> dict[str, Any]:
    """Return the path parameters as UUID, id (an integer from 1) or text."""
    values: dict[str, Any] = {}
    for name, kind in kinds.items():
        parse, rule = PATH_TYPES[kind]
        try:
            values[name] = parse(texts[name])
        except ValueError as error:
            problems.append({"loc": ["path", name], "msg": str(error), "type": rule})
    return values


def sentence(problems: Sequence[FieldProblem]) -> str:
    """Return problems as one text, `name: обязательное поле; limit: ожидается число`, for areas without a list of
    fields.
    """
    parts = []
    for problem in problems[:10]:
        name = ".".join(str(part) for part in problem["loc"][1:])
        parts.append(f"{name}: {problem['msg']}" if name else problem["msg"])
    return "; ".join(parts)
