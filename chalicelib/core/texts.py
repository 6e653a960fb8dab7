"""Texts for people in the language of the request or task that runs: Russian, or English where it is asked for.

As with gettext, the Russian text in the code is the id of a message. The English is in `chalicelib/translations/en`,
which is read when English is asked for first. Text that is not in it stays as it is: what people have written.
"""

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import cache, wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

from chalicelib.core.accept import accepted_languages

DEFAULT = "ru"
ENGLISH = "en"
LANGUAGES = (DEFAULT, ENGLISH)
FOLDER = Path(__file__).parent.parent / "translations" / ENGLISH
DOCUMENT = "openapi"  # the files that begin so have the texts of the OpenAPI document, which no other text needs
P = ParamSpec("P")
R = TypeVar("R")


class _Choice:
    """The language of one request or task, and whether a text was asked for in it."""

    __slots__ = ("code", "is_used")

    def __init__(self, code: str) -> None:
        self.code, self.is_used = code, False


_choice: ContextVar[_Choice | None] = ContextVar("language", default=None)


def text(russian: str, /, **values: object) -> str:
    """Return a text in the current language, with the values in place of its `{names}`."""
    choice = _choice.get()
    if choice is not None:
        choice.is_used = True
        if choice.code == ENGLISH:
            russian = _english().get(russian, russian)
    return russian.format_map(values) if values else russian


class _Block:
    """A block that speaks a language. A class, since every request enters one and a generator costs twice as much."""

    __slots__ = ("_choice", "_token")

    def __init__(self, choice: _Choice) -> None:
        self._choice = choice

    def __enter__(self) -> None:
        self._token = _choice.set(self._choice)

    def __exit__(self, *_error: object) -> None:
        _choice.reset(self._token)


def language(code: str | None) -> _Block:
    """Make the block speak a language; Russian for None and for what is not one of LANGUAGES."""
    return _Block(_Choice(code if code in LANGUAGES else DEFAULT))


def in_this_language(work: Callable[P, R]) -> Callable[P, R]:
    """Return `work` for another thread, where it speaks the language of this one. Nothing else of the context goes
    with it: what the thread reads is no part of a read snapshot.
    """
    choice = _choice.get()
    if choice is None:
        return work

    @wraps(work)
    def speaking(*args: P.args, **kwargs: P.kwargs) -> R:
        token = _choice.set(choice)
        try:
            return work(*args, **kwargs)
        finally:
            _choice.reset(token)

    return speaking


def current() -> str:
    """Return the current language, to be stored with a task that goes on later."""
    choice = _choice.get()
    return choice.code if choice else DEFAULT


def preferred(accept_language: str | None) -> str:
    """Return the language of LANGUAGES that an Accept-Language header prefers (RFC 9110, 12.5.4); Russian where it
    names neither of them. Of two with one quality it is the first.
    """
    if not accept_language:
        return DEFAULT
    names = (name for name in accepted_languages(accept_language) if name in (*LANGUAGES, "*"))
    found = next(names, DEFAULT)
    return found if found in LANGUAGES else DEFAULT


def headers() -> dict[str, str]:
    """Return the headers of an answer whose texts have been made in the current language; none without a text."""
    choice = _choice.get()
    if choice is None or not choice.is_used:
        return {}
    vary = {"Vary": "Accept-Language"}
    return {"Content-Language": ENGLISH, **vary} if choice.code == ENGLISH else vary


def entries(*, document: bool) -> Mapping[str, str]:
    """Return the English by the Russian: of the OpenAPI document, or of all other texts."""
    import tomllib  # who asks for no English does without it

    found: dict[str, str] = {}
    for path in sorted(FOLDER.glob("*.toml")):
        if path.name.startswith(DOCUMENT) == document:
            found |= tomllib.loads(path.read_text("utf-8"))
    return found


@cache
def _english() -> Mapping[str, str]:
    return entries(document=False)
