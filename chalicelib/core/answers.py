"""The values that an endpoint may return, and the answers that they become."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import Any, Generic, Protocol, Self, TypeVar, runtime_checkable
from urllib.parse import quote

from pydantic_core import to_json

from chalicelib.core.accept import PROBLEM_JSON, wants_problem
from chalicelib.core.areas import Area
from chalicelib.core.errors import AppError
from chalicelib.core.paging import CursorAfter, PageOf

JSON = "application/json"
MAX_BODY_BYTES = 4_500_000  # in base64 and with its headers such an answer fits into Lambda's 6 MB
FRAME_BYTES = 20_000  # reserved in MAX_BODY_BYTES for a list without its items: its other fields and cursors
T = TypeVar("T")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

# Headers of every answer, unless the endpoint has its own: answers are data for programs, not for caches or frames.
COMMON_HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
STRICT_TRANSPORT = "max-age=31536000"  # a browser that has been here calls this host by https only, for a year


@dataclass(frozen=True)
class Raw:
    """Bytes or text that are sent unchanged, e.g. `Raw("OK", "text/plain; charset=utf-8")`."""

    body: bytes | str
    content_type: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class JsonOf(Generic[T]):
    """The JSON of a T as a text, made without the model: for the most frequent answers."""

    text: str


class JsonPart(JsonOf[T]):
    """The JSON of a T without a part that GET answers. So it has no ETag."""


@runtime_checkable
class ListPage(Protocol):
    """A page of a list, which is cut when it is too large for an answer."""

    @property
    def shown(self) -> Sequence[Any]:
        """The items."""

    def cut_to(self, count: int) -> Self:
        """Return the page with its first `count` items, and the cursor of the item after them."""


@dataclass(frozen=True)
class JsonPage(JsonOf[T]):
    """A page of a list as a text, made without the model: `frame` makes it from the page and the texts of its items."""

    page: PageOf[Any]
    shown: Sequence[str]
    frame: Callable[[PageOf[Any], Sequence[str]], str]

    @classmethod
    def of(cls, page: PageOf[Any], shown: Sequence[str], frame: Callable[[PageOf[Any], Sequence[str]], str]) -> Self:
        """Return the page with these items."""
        return cls(frame(page, shown), page, shown, frame)

    def cut_to(self, count: int) -> Self:
        """Return the page with its first `count` items."""
        page = replace(self.page, next_cursor=self.page.cursor_after(count))
        return type(self).of(page, self.shown[:count], self.frame)


class BareList(list[T]):
    """A page of a list whose body is a bare array; its cursor is in the header `Link` only."""

    def __init__(self, items: Iterable[T], next_cursor: str | None, cursor_after: CursorAfter) -> None:
        super().__init__(items)
        self.next_cursor, self.cursor_after = next_cursor, cursor_after

    @property
    def shown(self) -> Sequence[T]:
        """The items."""
        return self

    def cut_to(self, count: int) -> Self:
        """Return the page with its first `count` items."""
        return type(self)(self[:count], self.cursor_after(count), self.cursor_after)


class RemainingSize:
    """The bytes that an answer can still take, for a reader that stops when it is full."""

    def __init__(self) -> None:
        self._left = MAX_BODY_BYTES - FRAME_BYTES

    @property
    def all_fit(self) -> bool:
        """Whether all items so far fit."""
        return self._left >= 0

    def fits(self, item: Any) -> bool:
        """Return whether an item fits beside those before it."""
        self._left -= _item_bytes(item)
        return self.all_fit


@dataclass(frozen=True)
class Redirect:
    """A redirect to another address, 302."""

    url: str
    status: int = 302


@dataclass(frozen=True)
class Answer:
    """A complete answer: status, headers, bytes."""

    status: int
    headers: dict[str, str]
    body: bytes = b""
    page: Any = field(default=None, compare=False)  # the page of a list as it is sent: for the links
    stable_body: bytes | None = None  # the body without fields that change by themselves: for the tag


def answer_of(result: Any, status: int) -> Answer:
    """Return the answer for the result of an endpoint; `status` is the endpoint's usual one."""
    if isinstance(result, Answer):
        return result
    if result is None:
        return Answer(204, {})
    if isinstance(result, Redirect):
        return Answer(result.status, {"Location": quote(result.url, safe="%/:=&?~#+!$,;'@()*[]")})
    if isinstance(result, Raw):
        body = result.body.encode() if isinstance(result.body, str) else result.body
        return _checked(
            Answer(result.status, {"Content-Type": result.content_type, **_safe_headers(result.headers)}, body)
        )
    body = json_bytes(result)
    if len(body) > MAX_BODY_BYTES and isinstance(result, ListPage):
        result = _cut_to_fit(result)
        body = json_bytes(result)
    return _checked(Answer(status, {"Content-Type": JSON}, body, result, _stable_body(result)))


def _stable_body(result: Any) -> bytes | None:
    changing = getattr(type(result), "CHANGES_BY_ITSELF", None)
    return result.model_dump_json(by_alias=True, exclude=changing).encode() if changing else None


def _cut_to_fit(page: ListPage) -> ListPage:
    """Return a page that is too large for an answer with as many of its first items as fit."""
    remaining = RemainingSize()
    return page.cut_to(max(1, sum(1 for _ in takewhile(remaining.fits, page.shown))))


def error_answer(error: AppError, area: Area, accept: str | None, instance: str) -> Answer:
    """Return the answer to an error: in the shape of the API area, or as problem details if the client accepts them."""
    as_problem = wants_problem(accept)
    value = area.problem(error, instance) if as_problem else area.body(error)
    headers = {"Content-Type": PROBLEM_JSON if as_problem else JSON, **_safe_headers(error.headers)}
    return Answer(area.status(error), headers, json_bytes(value))


def json_bytes(value: Any) -> bytes:
    """Return JSON in UTF-8: models, datetimes (`...Z`) and UUIDs as pydantic writes them; NaN and infinity are null."""
    if isinstance(value, JsonOf):
        return value.text.encode()
    return to_json(value, by_alias=True, inf_nan_mode="null")


def _safe_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return headers without control characters, so that no value can start another header."""
    return {name: _CONTROL.sub(" ", value) for name, value in headers.items()}


def _item_bytes(item: Any) -> int:
    """Return the bytes of an item of a list, with the comma after it."""
    return len(item.encode() if isinstance(item, str) else json_bytes(item)) + 1


def _checked(answer: Answer) -> Answer:
    if len(answer.body) > MAX_BODY_BYTES:
        raise ValueError(f"an answer of {len(answer.body)} bytes exceeds what Lambda carries")
    return answer
