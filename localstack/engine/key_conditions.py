"""Key conditions of Query, as intervals of texts. Used by the fast path `query`."""

import re
from dataclasses import dataclass
from functools import lru_cache

_NAME = r"(#\w+|[A-Za-z_]\w*)"
_VALUE = r"(:\w+)"
_KEY_CONDITION = re.compile(
    rf" *{_NAME} *= *{_VALUE}"
    rf"(?: +AND +(?:{_NAME} *(<=|>=|=|<|>) *{_VALUE}"
    rf"|{_NAME} +BETWEEN +{_VALUE} +AND +{_VALUE}"
    rf"|begins_with *\( *{_NAME} *, *{_VALUE} *\)))? *",
    re.ASCII,
)


@dataclass(frozen=True)
class KeyCondition:
    """A key condition as it is written: names may be placeholders."""

    hash_name: str
    hash_value: str
    range_name: str | None
    operator: str | None  # of the range: =, <, <=, >, >=, BETWEEN, begins_with
    values: tuple[str, ...]


@lru_cache(1024)
def key_condition(text: str) -> KeyCondition | None:
    """A key condition of a form that is read here."""
    match = _KEY_CONDITION.fullmatch(text)
    if match is None:
        return None
    hash_name, hash_value, compared, operator, value, between, low, high, begun, prefix = match.groups()
    if compared:
        return KeyCondition(hash_name, hash_value, compared, operator, (value,))
    if between:
        return KeyCondition(hash_name, hash_value, between, "BETWEEN", (low, high))
    if begun:
        return KeyCondition(hash_name, hash_value, begun, "begins_with", (prefix,))
    return KeyCondition(hash_name, hash_value, None, None, ())


def bounds(operator: str | None, values: list[str]) -> tuple[str, str | None]:
    """The interval of a condition: from the first text on, before the second (None: to the end)."""
    value = values[0] if values else ""
    match operator:
        case "=":
            return value, value + "\0"
        case "<":
            return "", value
        case "<=":
            return "", value + "\0"
        case ">":
            return value + "\0", None
        case ">=":
            return value, None
        case "BETWEEN":
            return value, values[1] + "\0"
        case "begins_with":
            return value, _after_prefix(value)
    return "", None


def _after_prefix(prefix: str) -> str | None:
    """The first text above all that begin with `prefix`."""
    kept = prefix.rstrip("\U0010ffff")
    return kept[:-1] + chr(ord(kept[-1]) + 1) if kept else None
