"""Responses that operations share: headers, and errors in the shape of their API area."""

from typing import Any

from chalicelib.core.accept import PROBLEM_JSON
from chalicelib.core.answers import JSON
from chalicelib.core.areas import Area
from chalicelib.core.endpoint import WRITES, Endpoint
from chalicelib.core.errors import (
    AppError,
    BadRequest,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    PreconditionFailed,
    RateLimited,
    TimedOut,
    TooLarge,
    Unauthorized,
    Unavailable,
    Unprocessable,
    UnsupportedMedia,
    internal_error,
)
from chalicelib.core.texts import text
from chalicelib.openapi.wording import said

Json = dict[str, Any]
ALWAYS = ("X-Request-Id",)
REFUSAL_HEADERS = {
    401: ("WWW-Authenticate",),
    429: ("Retry-After", "RateLimit-Policy", "RateLimit"),
    503: ("Retry-After",),
}
ERRORS = {"production": "ErrorDetail", "users": "ErrorEnvelope"}  # every other area: ErrorText
_FIELD_PROBLEM: Json = {
    "type": "object",
    "properties": {
        "loc": {"type": "array", "items": {"type": ["string", "integer"]}},
        "msg": {"type": "string"},
        "type": {"type": "string"},
    },
    "required": ["loc", "msg", "type"],
}
_PROBLEMS: Json = {"type": "array", "items": {"$ref": "#/components/schemas/FieldProblem"}}
ERROR_SCHEMAS: dict[str, Json] = {
    "FieldProblem": _FIELD_PROBLEM,
    "ErrorDetail": {
        "type": "object",
        "properties": {"detail": {"type": "string"}, "errors": _PROBLEMS},
        "required": ["detail"],
    },
    "ErrorText": {"type": "object", "properties": {"error": {"type": "string"}}, "required": ["error"]},
    "ErrorEnvelope": {
        "type": "object",
        "properties": {
            "success": {"const": False},
            "error": {
                "type": "object",
                "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
                "required": ["code", "message"],
            },
        },
        "required": ["success", "error"],
    },
    "Problem": {
        "type": "object",
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "instance": {"type": "string"},
            "code": {"type": "string"},
            "errors": _PROBLEMS,
        },
        "required": ["type", "title", "status", "detail", "instance", "code"],
    },
}
HEADERS = {
    "X-Request-Id": "Номер запроса, он же в журнале",
    "Location": "Куда перейти",
    "Retry-After": "Через сколько секунд повторить запрос",
    "RateLimit-Policy": "Сколько запросов (`q`) за сколько секунд (`w`) допустимо",
    "RateLimit": "Сколько запросов осталось (`r`) и через сколько секунд можно следующий (`t`)",
    "ETag": "Метка этого состояния данных, для `If-Match` и `If-None-Match`",
    "Link": "Адреса соседних страниц: `rel=next`, `rel=prev`",
    "WWW-Authenticate": "Чем войти",
    "X-Ignored-Fields": "Имена полей тела, которых операция не знает: они пропущены",
    "Preference-Applied": "`handling=strict`, если об этом просили",
}


def _errors(endpoint: Endpoint) -> list[AppError]:
    """Return one error of every kind that an endpoint may raise."""
    found: list[AppError] = [Unauthorized(), RateLimited(), Unavailable(), TimedOut(), internal_error("<X-Request-Id>")]
    found.append(Invalid(fields=[{"loc": ["body", "name"], "msg": text("обязательное поле"), "type": "missing"}]))
    if not endpoint.public:
        found.append(Forbidden())
    if endpoint.method in WRITES:
        found += [BadRequest(), NotFound(), Conflict(), TooLarge(), UnsupportedMedia()]
    elif endpoint.path_types:
        found.append(NotFound())
    if endpoint.replays:
        found.append(Unprocessable())
    if endpoint.changes_resource:
        found.append(PreconditionFailed())
    return [*found, *(kind() for kind in endpoint.refuses)]


class Refusals:
    """The responses to errors: each kind once for each area, referred to by all endpoints that may raise it."""

    def __init__(self) -> None:
        self.responses: dict[str, Json] = {}

    def of(self, endpoint: Endpoint) -> Json:
        """Return the responses by status; two errors may have the same status."""
        by_status: dict[int, list[AppError]] = {}
        for error in _errors(endpoint):
            by_status.setdefault(endpoint.area.status(error), []).append(error)
        return {str(status): self._shared(endpoint.area, errors) for status, errors in sorted(by_status.items())}

    def _shared(self, area: Area, errors: list[AppError]) -> Json:
        name = "-".join([area.name, *(error.error_code for error in errors)])
        self.responses.setdefault(name, _refusal(area, errors))
        return {"$ref": f"#/components/responses/{name}"}


def _refusal(area: Area, errors: list[AppError]) -> Json:
    shape = {"$ref": f"#/components/schemas/{ERRORS.get(area.name, 'ErrorText')}"}
    plain = {error.error_code: {"value": area.body(error)} for error in errors}
    problems = {error.error_code: {"value": area.problem(error, "/")} for error in errors}
    status = area.status(errors[0])
    return {
        "description": "; ".join(dict.fromkeys(text(error.default_message) for error in errors)),
        "headers": header_references(*ALWAYS, *REFUSAL_HEADERS.get(status, ())),
        "content": {
            JSON: {"schema": shape, "examples": plain},
            PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": problems},
        },
    }


def headers() -> Json:
    """Return all headers of responses, by name."""
    return {name: {"description": said(about), "schema": {"type": "string"}} for name, about in HEADERS.items()}


def header_references(*names: str) -> Json:
    """Return references to headers, by name."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
