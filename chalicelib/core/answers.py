"""What an endpoint may return, and the bytes it becomes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from pydantic_core import to_json

from chalicelib.core.doors import PROBLEM_JSON, Door, wants_problem
from chalicelib.core.errors import AppError

JSON = "application/json"
LARGEST_ANSWER = 5 * 1024 * 1024  # Lambda carries 6 MB, in which every quote of the text is escaped once more
T = TypeVar("T")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

# What stands on every answer unless the endpoint says otherwise: data for programs, never for a cache or a frame.
COMMON_HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


@dataclass(frozen=True)
class Raw:
    """Bytes or text as they are, e.g. `Raw("OK", "text/plain; charset=utf-8")`."""

    body: bytes | str
    content_type: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Json:
    """JSON with a status or headers that differ from the endpoint's usual ones."""

    value: Any
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class JsonOf(Generic[T]):
    """The JSON of a T as a text that was put together without the model: for what is asked for most.

    `page` is the page of a list that it is, for the links.
    """

    text: str
    page: Any = None


@dataclass(frozen=True)
class Redirect:
    """302 to another address."""

    url: str
    status: int = 302


@dataclass(frozen=True)
class Answer:
    """A finished answer: status, headers, bytes."""

    status: int
    headers: dict[str, str]
    body: bytes = b""


def answer_of(result: Any, status: int) -> Answer:
    """The answer for what an endpoint returned; `status` is the endpoint's usual one."""
    if isinstance(result, Answer):
        return result
    if result is None:
        return Answer(204, {})
    if isinstance(result, JsonOf):
        return _sized(Answer(status, {"Content-Type": JSON}, result.text.encode()))
    if isinstance(result, Redirect):
        return Answer(result.status, {"Location": quote(result.url, safe="%/:=&?~#+!$,;'@()*[]")})
    if isinstance(result, Raw):
        body = result.body.encode() if isinstance(result.body, str) else result.body
        return _sized(Answer(result.status, {"Content-Type": result.content_type, **_clean(result.headers)}, body))
    if isinstance(result, Json):
        return _sized(Answer(result.status, {"Content-Type": JSON, **_clean(result.headers)}, json_bytes(result.value)))
    return _sized(Answer(status, {"Content-Type": JSON}, json_bytes(result)))


def error_answer(error: AppError, door: Door, accept: str | None, instance: str) -> Answer:
    """An error in the shape of the door, or as problem details when the client asks for those."""
    as_problem = wants_problem(accept)
    value = door.problem(error, instance) if as_problem else door.body(error)
    headers = {"Content-Type": PROBLEM_JSON if as_problem else JSON, **_clean(error.headers)}
    return Answer(door.status(error), headers, json_bytes(value))


def json_bytes(value: Any) -> bytes:
    """JSON in UTF-8: models, datetimes (`...Z`) and UUIDs as pydantic writes them, no NaN."""
    return to_json(value, by_alias=True, inf_nan_mode="null")


def _clean(headers: Mapping[str, str]) -> dict[str, str]:
    """No header value can start another header."""
    return {name: _CONTROL.sub(" ", value) for name, value in headers.items()}


def _sized(answer: Answer) -> Answer:
    if len(answer.body) > LARGEST_ANSWER:
        raise ValueError(f"an answer of {len(answer.body)} bytes does not fit through Lambda")
    return answer
