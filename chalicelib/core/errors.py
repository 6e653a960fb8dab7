"""Errors that a client can expect: each has a stable code, a message and an HTTP status. Messages are given in
Russian, and are in the language of the request (texts.py).

Pure: no HTTP, no AWS. `model.py` and `service.py` raise them, the edge (application.py) answers them in the shape of
the API area. No error with status 500 is raised for a client: it means a bug.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, TypedDict

from chalicelib.core.texts import text


class FieldProblem(TypedDict):
    """A problem of one field: its location, the reason, and the name of the rule (pydantic's or ours)."""

    loc: Sequence[str | int]
    msg: str
    type: str


class AppError(Exception):
    """The base of every expected error. `status` None means the validation status of the API area (422 or 400)."""

    code: ClassVar[str] = "ERROR"
    default_message: ClassVar[str] = "Запрос не выполнен"
    default_status: ClassVar[int | None] = 400
    default_headers: ClassVar[Mapping[str, str]] = {}
    temporary: ClassVar[bool] = False  # for background work: a retry may succeed

    def __init__(
        self,
        message: str | None = None,
        *,
        code: str | None = None,
        fields: Sequence[FieldProblem] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.message = text(message or self.default_message)
        self.error_code = code or self.code
        self.status = self.default_status
        self.fields = list(fields)
        self.headers = {**self.default_headers, **(headers or {})}
        super().__init__(self.message)


class BadRequest(AppError):
    """400 in every API area: the request is malformed (not JSON, unknown file type, ...)."""

    code = "BAD_REQUEST"
    default_message = "Некорректный запрос"


class Invalid(AppError):
    """A value breaks a rule: 422 in the area of production, 400 in the others. `fields` has the location and reason of
    each.
    """

    code = "VALIDATION_ERROR"
    default_message = "Ошибка валидации запроса"
    default_status = None


def invalid_field(name: str, reason: str, *, where: str = "body") -> Invalid:
    """Return the error of one field of the body (or `query`, `path`); `reason` is in Russian."""
    return Invalid(fields=[{"loc": [where, name], "msg": text(reason), "type": "value_error"}])


class Unauthorized(AppError):
    """401: a token is missing or not valid."""

    code = "UNAUTHORIZED"
    default_message = "Требуется авторизация"
    default_status = 401


def bad_credentials(message: str, error: str = "invalid_token") -> Unauthorized:
    """Return the 401 of a token or API key that is not valid."""
    return Unauthorized(message, headers={"WWW-Authenticate": f'Bearer error="{error}"'})


class Forbidden(AppError):
    """403: the role does not allow this."""

    code = "FORBIDDEN"
    default_message = "Недостаточно прав"
    default_status = 403


class NotFound(AppError):
    """404: it does not exist, or belongs to another user."""

    code = "NOT_FOUND"
    default_message = "Не найдено"
    default_status = 404


class MethodNotAllowed(AppError):
    """405, with the `Allow` header."""

    code = "METHOD_NOT_ALLOWED"
    default_message = "Метод не поддерживается"
    default_status = 405


class Conflict(AppError):
    """409: the state of the data or a uniqueness rule does not allow this."""

    code = "CONFLICT"
    default_message = "Конфликт состояния"
    default_status = 409


class Gone(AppError):
    """410: it existed and has expired."""

    code = "GONE"
    default_message = "Срок хранения истек"
    default_status = 410


class PreconditionFailed(AppError):
    """412: `If-Match` names an outdated ETag."""

    code = "PRECONDITION_FAILED"
    default_message = "Данные изменились с тех пор, как вы их получили: прочитайте их снова"
    default_status = 412


class TooLarge(AppError):
    """413: the body or the file exceeds its limit."""

    code = "PAYLOAD_TOO_LARGE"
    default_message = "Тело запроса слишком велико"
    default_status = 413


class UnsupportedMedia(AppError):
    """415: the endpoint does not read the declared content type."""

    code = "UNSUPPORTED_MEDIA_TYPE"
    default_message = "Неподдерживаемый тип содержимого"
    default_status = 415


class Unprocessable(AppError):
    """422 in every API area: valid, but it contradicts an earlier request (a reused Idempotency-Key)."""

    code = "UNPROCESSABLE"
    default_message = "Запрос не может быть обработан"
    default_status = 422


class RateLimited(AppError):
    """429, with `Retry-After`."""

    code = "RATE_LIMITED"
    default_message = "Слишком много запросов"
    default_status = 429


class Unavailable(AppError):
    """503, with `Retry-After`: a dependency does not work or is overloaded; the same request may succeed later."""

    code = "SERVICE_UNAVAILABLE"
    default_message = "Сервис временно недоступен"
    default_status = 503
    default_headers: ClassVar[Mapping[str, str]] = {"Retry-After": "2"}
    temporary = True


class Busy(Unavailable):
    """503: too many concurrent writers, or a throttled table. Contention is no outage: no circuit counts it."""

    default_message = "Слишком много одновременных изменений, повторите запрос"


def internal_error(request_id: str) -> AppError:
    """Return the error of a bug, 500: the client gets the request id, the log the stack trace."""
    error = AppError(text("Внутренняя ошибка сервера, запрос {id}", id=request_id), code="INTERNAL_ERROR")
    error.status = 500
    return error


class TimedOut(AppError):
    """504: the request has used up its time."""

    code = "TIMEOUT"
    default_message = "Превышено время обработки запроса"
    default_status = 504
