"""Field types: texts, days and instants of requests."""

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from chalicelib.core.fields import Code, Day, LongText, Moment, Name, PositiveInt, check_email
from chalicelib.core.paging import encode

NAME, TEXT, DAY, MOMENT, CODE = (TypeAdapter[Any](kind) for kind in (Name, LongText, Day, Moment, Code))


@given(st.text())
def test_name_is_one_visible_line_and_trimmed(text: str) -> None:
    try:
        name = NAME.validate_python(text)
    except ValidationError:
        return
    assert name == text.strip()
    assert 1 <= len(name) <= 200
    assert not any(ord(char) < 32 for char in name)


@example("0\x85")  # a control character that Python strips as a blank
@example("\xa0\n0\r\xa0")
@given(st.text(st.characters() | st.just("\x1d"), max_size=220))
def test_code_keeps_group_separators_and_loses_outer_blanks(text: str) -> None:
    try:
        code = CODE.validate_python(text)
    except ValidationError:
        return
    assert code.strip(" \t\r\n\x0b\x0c") == code
    assert code in text
    assert code.count("\x1d") == text.count("\x1d")
    assert not any(ord(char) < 32 and char != "\x1d" for char in code)
    assert re.search(CODE.json_schema()["pattern"], text)


@pytest.mark.parametrize("text", ["\x1d01A\x1d", "01A\x1d93B\r\n", "\t01A "])
def test_scanned_codes_are_accepted(text: str) -> None:
    assert CODE.validate_python(text) == text.strip(" \t\r\n")


@pytest.mark.parametrize("text", ["", " ", "\x1d", "a\tb", "a\nb", "a\x1eb", "a\x00b", "a\x85b", "a\ufffeb", "x" * 201])
def test_texts_that_are_no_code_are_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        CODE.validate_python(text)


@pytest.mark.parametrize("bad", ["\ufffe", "a\uffff", "\ufdd0b"])
def test_noncharacters_are_refused(bad: str) -> None:
    for kind in (NAME, TEXT, CODE):
        with pytest.raises(ValidationError):
            kind.validate_python(f"x{bad}")


def test_free_text_may_have_lines() -> None:
    assert TEXT.validate_python(" a\n\tb ") == "a\n\tb"
    for bad in ("\u0007", "a\u0085b", "\u200b\u200b", "\u3164\u061c", "x" * 10_001):
        with pytest.raises(ValidationError):
            TEXT.validate_python(bad)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2025-01-20T08:00:00Z", datetime(2025, 1, 20, 8, tzinfo=UTC)),
        ("2025-01-20T08:00:00+03:00", datetime(2025, 1, 20, 5, tzinfo=UTC)),
        ("2025-01-20 08:00", datetime(2025, 1, 20, 8, tzinfo=UTC)),
        ("2025-01-20T00:30:00.5-01:30", datetime(2025, 1, 20, 2, 0, 0, 500_000, tzinfo=UTC)),
        ("1900-01-01T00:00:00+14:00", datetime(1899, 12, 31, 10, tzinfo=UTC)),
    ],
)
def test_instant_is_converted_to_utc(text: str, moment: datetime) -> None:
    assert MOMENT.validate_python(text) == moment
    assert MOMENT.validate_python(text).tzinfo is UTC


@pytest.mark.parametrize(
    "value", ["1737331200", "20250120", "2025-1-20", "20.01.2025", "", 1737331200, 1.5, True, None]
)
def test_digits_are_no_date(value: object) -> None:
    for kind in (DAY, MOMENT):
        with pytest.raises(ValidationError):
            kind.validate_python(value)


def test_day_has_no_time() -> None:
    assert DAY.validate_python("2024-02-29") == date(2024, 2, 29)
    for bad in ("2025-02-29", "2025-01-20T00:00:00Z", "2025-01-20 ", "1899-12-31", "3000-01-01"):
        with pytest.raises(ValidationError):
            DAY.validate_python(bad)


@given(st.integers(1, 10**15), st.integers(1, 10**15))
def test_numbers_sort_as_texts_as_they_do_as_numbers(one: int, other: int) -> None:
    assert TypeAdapter(PositiveInt).validate_python(one) == one
    assert (encode(one) < encode(other)) == (one < other)


@pytest.mark.parametrize(
    ("address", "reason"),
    [("a@пример.рф", "xn--"), ("иван@example.com", "перед @"), ("нет", "ожидается адрес"), ("a@b", "ожидается адрес")],
)
def test_an_address_in_other_letters_is_refused_with_what_would_be_right(address: str, reason: str) -> None:
    with pytest.raises(PydanticCustomError, match=reason):
        check_email(address)
    assert check_email(" a@xn--e1afmkfd.xn--p1ai ") == "a@xn--e1afmkfd.xn--p1ai"
