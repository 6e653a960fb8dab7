"""The language of texts: chosen by a request, carried into threads, announced by the answer."""

import subprocess
import sys

import pytest

from chalicelib.core import texts
from chalicelib.core.errors import NotFound
from chalicelib.core.texts import text
from chalicelib.core.threads import map_in_parallel, own_threads


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "ru"),
        ("", "ru"),
        ("en", "en"),
        ("EN-us", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        ("en;q=0.5, ru;q=0.7", "ru"),
        ("en;q=0.7, ru;q=0.5", "en"),
        ("de, fr;q=0.9", "ru"),
        ("de, en;q=0.3", "en"),
        ("*", "ru"),
        ("en;q=0.5, *;q=0.8", "ru"),
        ("*;q=0.1, en;q=0.5", "en"),
        ("en;q=0", "ru"),
        ("en;q=0, *", "ru"),
        ("en, ru", "en"),
        (";;,,=;q", "ru"),
        ("english", "ru"),
    ],
)
def test_language_is_chosen_by_quality(header: str | None, code: str) -> None:
    assert texts.preferred(header) == code


def test_text_is_in_the_language_of_the_block() -> None:
    with texts.language("en"):
        assert text("Не найдено") == str(NotFound()) == "Not found"
        with texts.language("ru"):
            assert text("Не найдено") == "Не найдено"
        assert texts.current() == "en"
    assert text("Не найдено") == "Не найдено" and texts.current() == "ru"


def test_values_are_put_in_once() -> None:
    with texts.language("en"):
        assert text("должно быть больше {gt}", gt="{le}") == "must be greater than {le}"
        assert text("Партия «{x}»") == "Партия «{x}»"  # a text of a user is no template


@pytest.mark.parametrize("code", [None, "de"])
def test_unknown_language_is_russian(code: str | None) -> None:
    with texts.language(code):
        assert text("Не найдено") == "Не найдено"


def test_threads_speak_the_language_of_who_starts_them() -> None:
    with texts.language("en"):
        assert set(map_in_parallel(text, ["Не найдено"] * 3)) == {"Not found"}
        with own_threads(1) as pool:
            assert pool.submit(text, "Не найдено").result() == "Not found"
    assert set(map_in_parallel(text, ["Не найдено"] * 3)) == {"Не найдено"}


def test_answer_names_its_language_only_if_it_has_a_text() -> None:
    with texts.language("en"):
        assert texts.headers() == {}
        text("Не найдено")
        assert texts.headers() == {"Content-Language": "en", "Vary": "Accept-Language"}
    with texts.language("ru"):
        text("Не найдено")
        assert texts.headers() == {"Vary": "Accept-Language"}


def test_translations_are_read_when_english_is_asked_for() -> None:
    program = """
import sys
from chalicelib.core import texts
with texts.language("ru"):
    texts.text("Не найдено")
assert "tomllib" not in sys.modules
with texts.language("en"):
    assert texts.text("Не найдено") == "Not found"
"""
    subprocess.run([sys.executable, "-c", program], check=True)
