"""Expected outcomes that are not success: each has a stable code, a Russian message and an HTTP status.

Pure: no HTTP, no AWS. `model.py` and `service.py` raise these, the edge (core/http.py) shows them in the shape of the
area the request came through. A status of 500 is never raised on purpose, it means a bug.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypedDict


class FieldProblem(TypedDict):
    """What is wrong with one field: where it stands, why in Russian, and pydantic's or our own name of the rule."""

    loc: Sequence[str | int]
    msg: str
    type: str


class AppError(Exception):
    """The base of every expected refusal. `status` None means: the validation status of the area (422 or 400)."""

    code: ClassVar[str] = "ERROR"
    default_message: ClassVar[str] = "Запрос не выполнен"
    default_status: ClassVar[int | None] = 400
    default_headers: ClassVar[Mapping[str, str]] = {}
    temporary: ClassVar[bool] = False  # for work in the background: the same may succeed later

    def __init__(
        self,
        message: str | None = None,
        *,
        code: str | None = None,
        fields: Sequence[FieldProblem] = (),
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        self.message = message or self.default_message
        self.error_code = code or self.code
        self.status = self.default_status
        self.fields = list(fields)
        self.headers = {**self.default_headers, **(headers or {})}
        self.extra = extra  # for the log line, never shown to the client
        super().__init__(self.message)


class BadRequest(AppError):
    """400 in every API area: the request as such is not understood (not JSON, no such file type, ...)."""

    code = "BAD_REQUEST"
    default_message = "Некорректный запрос"


class Invalid(AppError):
    """A value breaks a rule: 422 on production control, 400 on the other areas. `fields` say which and why."""

    code = "VALIDATION_ERROR"
    default_message = "Ошибка валидации запроса"
    default_status = None


def invalid_field(name: str, reason: str, *, where: str = "body", rule: str = "value_error") -> Invalid:
    """The usual case: one field of the body (or `query`, `path`) is wrong, `reason` says why in Russian."""
    return Invalid(fields=[{"loc": [where, name], "msg": reason, "type": rule}])


class Unauthorized(AppError):
    """401: no token where one is needed, or one that is not good."""

    code = "UNAUTHORIZED"
    default_message = "Требуется авторизация"
    default_status = 401


def bad_credentials(message: str, error: str = "invalid_token") -> Unauthorized:
    """401 for a token or an API key that was sent and is not good."""
    return Unauthorized(message, headers={"WWW-Authenticate": f'Bearer error="{error}"'})


class Forbidden(AppError):
    """403: the role may not do this."""

    code = "FORBIDDEN"
    default_message = "Недостаточно прав"
    default_status = 403


class NotFound(AppError):
    """404: no such thing, or not yours."""

    code = "NOT_FOUND"
    default_message = "Не найдено"
    default_status = 404


class MethodNotAllowed(AppError):
    """405, with the `Allow` header."""

    code = "METHOD_NOT_ALLOWED"
    default_message = "Метод не поддерживается"
    default_status = 405


class Conflict(AppError):
    """409: the state or a uniqueness rule forbids it."""

    code = "CONFLICT"
    default_message = "Конфликт состояния"
    default_status = 409


class Gone(AppError):
    """410: it was there and has expired."""

    code = "GONE"
    default_message = "Срок хранения истек"
    default_status = 410


class PreconditionFailed(AppError):
    """412: `If-Match` names what is no longer there."""

    code = "PRECONDITION_FAILED"
    default_message = "Данные изменились с тех пор, как вы их получили: прочитайте их снова"
    default_status = 412


class TooLarge(AppError):
    """413: the body or the file is over its limit."""

    code = "PAYLOAD_TOO_LARGE"
    default_message = "Тело запроса слишком велико"
    default_status = 413


class UnsupportedMedia(AppError):
    """415: the declared content type is not one the endpoint reads."""

    code = "UNSUPPORTED_MEDIA_TYPE"
    default_message = "Неподдерживаемый тип содержимого"
    default_status = 415


class Unprocessable(AppError):
    """422 in every API area: understood, but contradicts something done before (a reused Idempotency-Key)."""

    code = "UNPROCESSABLE"
    default_message = "Запрос не может быть обработан"
    default_status = 422


class RateLimited(AppError):
    """429, with `Retry-After`."""

    code = "RATE_LIMITED"
    default_message = "Слишком много запросов"
    default_status = 429


class Unavailable(AppError):
    """503, with `Retry-After`: a dependency is down or overloaded, the same request may work later."""

    code = "SERVICE_UNAVAILABLE"
    default_message = "Сервис временно недоступен"
    default_status = 503
    default_headers: ClassVar[Mapping[str, str]] = {"Retry-After": "2"}
    temporary = True


class Busy(Unavailable):
    """503: too many write the same at once, or a table is throttled. Contention, which is no outage and soon gone."""

    default_message = "Слишком много одновременных изменений, повторите запрос"


def failure(request_id: str) -> AppError:
    """500, a bug: the client gets the number to report, the log the stack trace."""
    error = AppError(f"Внутренняя ошибка сервера, запрос {request_id}", code="INTERNAL_ERROR")
    error.status = 500
    return error


class TimedOut(AppError):
    """504: the request used up its time."""

    code = "TIMEOUT"
    default_message = "Превышено время обработки запроса"
    default_status = 504
