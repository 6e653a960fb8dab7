"""The request as the edge sees it, and strict parsing of its body."""

import base64
import binascii
import json
import math
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.core.errors import BadRequest, FieldProblem, Invalid, TooLarge, UnsupportedMedia
from chalicelib.core.settings import settings
from chalicelib.core.texts import text

IDEMPOTENCY_KEY = "idempotency-key"  # the name of the header
MAX_JSON_BYTES = 1024 * 1024
MAX_RAW_BYTES = 6 * 1024 * 1024
MAX_REQUEST_BYTES = 10 * 1024 * 1024 + 64 * 1024  # of a request: a form with a file of 10 MB, which the gateway accepts
MAX_DEPTH = 64
MAX_NUMBER_LENGTH = 300  # characters; a longer float overflows, and int() takes quadratic time
MAX_EXACT_FLOAT = 2**53  # below it a float represents every integer
_SPECIAL_ESCAPES = re.compile(r"\\u(d[89ab]|dc|dd|de|df|0000)", re.IGNORECASE)
_BAD_CHARACTERS = re.compile("[\x00\ud800-\udfff]")
_REQUEST_ID = re.compile(r"[\x21-\x7e]{1,128}")


@dataclass(frozen=True, slots=True)
class Request:
    """One call through API Gateway, read-only. The names of headers are in lower case. `outer_path` is the path in the
    client's address, with the stage before `path` where the address has one.
    """

    id: str
    method: str
    path: str
    outer_path: str
    headers: Mapping[str, str]
    query: Mapping[str, list[str]]
    client_ip: str
    raw: str | None
    is_base64: bool
    context: Any

    @classmethod
    def from_event(cls, event: Mapping[str, Any], context: Any) -> "Request":
        """Return the request of a proxy event (REST API, payload 1.0); what is missing is empty."""
        gateway = event.get("requestContext") or {}
        multi = event.get("multiValueQueryStringParameters") or {}
        single = event.get("queryStringParameters") or {}
        body, is_base64 = event.get("body"), bool(event.get("isBase64Encoded"))
        if isinstance(body, bytes):  # from Chalice's test client
            body, is_base64 = base64.b64encode(body).decode("ascii"), True
        return cls(
            id=_request_id(gateway, context),
            method=str(event.get("httpMethod") or gateway.get("httpMethod") or "GET").upper(),
            path=_without_base(str(event.get("path") or gateway.get("path") or "/"), gateway),
            outer_path=str(gateway.get("path") or event.get("path") or "/"),
            headers={str(name).lower(): str(value) for name, value in (event.get("headers") or {}).items()},
            query={**{name: [value] for name, value in single.items()}, **multi},
            client_ip=str((gateway.get("identity") or {}).get("sourceIp") or ""),
            raw=None if body in (None, "") else str(body),
            is_base64=is_base64,
            context=context,
        )

    def header(self, name: str) -> str | None:
        """Return the value of a header; the case of its name does not matter."""
        return self.headers.get(name.lower())

    def body(self, limit: int = MAX_RAW_BYTES) -> bytes:
        """Return the body as it was sent; TooLarge over `limit` bytes."""
        if self.raw is None:
            return b""
        encoding = (self.header("content-encoding") or "identity").strip().lower()
        if encoding != "identity":
            raise UnsupportedMedia(
                text("Content-Encoding {encoding} не поддерживается: отправьте тело без сжатия", encoding=encoding[:50])
            )
        if len(self.raw) > (limit * 4 // 3 + 4 if self.is_base64 else limit):
            raise TooLarge(text("Тело запроса больше {limit} байт", limit=limit))
        data = _from_base64(self.raw) if self.is_base64 else _to_bytes(self.raw)
        if len(data) > limit:
            raise TooLarge(text("Тело запроса больше {limit} байт", limit=limit))
        return data

    def json(self, *, absent: Any = None) -> Any:
        """Return the body as JSON (see `parse_json`); `absent` when there is no body."""
        data = self.body(MAX_JSON_BYTES)
        if not data:
            return absent
        declared = self.header("content-type")
        if declared and not _is_json(declared):
            raise UnsupportedMedia("Поддерживается только Content-Type: application/json")
        return parse_json(data)

    def remaining_ms(self) -> int:
        """Return the milliseconds that the function has left; 30 s where Lambda's context is missing."""
        ask = getattr(self.context, "get_remaining_time_in_millis", None)
        return int(ask()) if ask else 30_000


def _request_id(gateway: Mapping[str, Any], context: Any) -> str:
    for found in (gateway.get("requestId"), getattr(context, "aws_request_id", None)):
        if isinstance(found, str) and _REQUEST_ID.fullmatch(found):
            return found
    return str(uuid.uuid4())


def _without_base(path: str, gateway: Mapping[str, Any]) -> str:
    """Return a path without the base path of a domain of one's own, which the gateway leaves in it.

    The address of the gateway itself begins with the id of the API, and its paths have no base path:
    https://github.com/aws-powertools/powertools-lambda-python/pull/579 shows events of both.
    """
    base = settings().base_path
    own_address = gateway.get("domainPrefix") == gateway.get("apiId")
    if base and not own_address and f"{path}/".startswith(f"/{base}/"):
        return path[len(base) + 1 :] or "/"
    return path


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadRequest("Тело запроса повреждено: неверный base64") from None


def _to_bytes(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise BadRequest("Тело запроса не в кодировке UTF-8") from None


def _is_json(content_type: str) -> bool:
    media = content_type.partition(";")[0].strip().lower()
    return media == "application/json" or (media.startswith("application/") and media.endswith("+json"))


def parse_json(data: bytes) -> Any:
    """Return strict JSON.

    BadRequest: not UTF-8, not JSON, NaN or Infinity (also as 1e999), a name twice in one object, a number over 300
    characters, more than 64 levels. Invalid: NUL or a lone surrogate in a text, which no table, file or email can
    store.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise BadRequest("Тело запроса не в кодировке UTF-8") from None
    try:
        value = json.loads(
            text, object_pairs_hook=_unique, parse_constant=_no_constant, parse_int=_integer, parse_float=_float
        )
    except ValueError:
        raise BadRequest("Тело запроса не является корректным JSON") from None
    except RecursionError:
        raise BadRequest("Слишком глубокая вложенность JSON") from None
    if text.count("[") + text.count("{") > MAX_DEPTH and any(depth > MAX_DEPTH for depth, _, _ in _walk(value)):
        raise BadRequest("Слишком глубокая вложенность JSON")
    if _SPECIAL_ESCAPES.search(text):
        _refuse_bad_characters(value)
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise BadRequest("Имя поля в JSON повторяется")
    return found


def _no_constant(name: str) -> float:
    raise BadRequest(text("Недопустимое значение в JSON: {name}", name=name))


def _integer(digits: str) -> int:
    if len(digits) > MAX_NUMBER_LENGTH:
        raise BadRequest("Слишком длинное число в JSON")
    return int(digits)


def _float(digits: str) -> float:
    """Return a number; `1.0` and `1e3` are integers, as in JSON Schema."""
    value = float(digits)
    if len(digits) > MAX_NUMBER_LENGTH or not math.isfinite(value):
        raise BadRequest("Слишком большое число в JSON")
    return int(value) if value.is_integer() and abs(value) < MAX_EXACT_FLOAT else value


def _walk(value: Any) -> Iterator[tuple[int, tuple[str | int, ...], Any]]:
    """Yield a value and all values in it, each with its depth and path; without recursion."""
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), value)]
    while waiting:
        path, item = waiting.pop()
        yield len(path), path, item
        if isinstance(item, dict):
            waiting.extend(((*path, name), inner) for name, inner in item.items())
        elif isinstance(item, list):
            waiting.extend(((*path, index), inner) for index, inner in enumerate(item))


def has_bad_characters(text: str) -> bool:
    """Return whether a text has NUL or half of a surrogate pair, which cannot be stored."""
    return bool(_BAD_CHARACTERS.search(text))


def _refuse_bad_characters(value: Any) -> None:
    problems: list[FieldProblem] = []
    for _, path, item in _walk(value):
        names = item if isinstance(item, dict) else ()
        if any(map(has_bad_characters, names)) or (isinstance(item, str) and has_bad_characters(item)):
            problems.append(bad_characters("body", *path))
    if problems:
        raise Invalid(fields=problems)


def bad_characters(*path: str | int) -> FieldProblem:
    """Return the problem of a text with NUL or a lone surrogate."""
    return {"loc": list(path), "msg": text("содержит недопустимые символы"), "type": "string_unicode"}
