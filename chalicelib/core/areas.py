"""The API areas: the path prefixes of each, and the shape of its errors."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from chalicelib.core.errors import AppError
from chalicelib.core.validation import sentence

Shape = Callable[[str, str, list[dict[str, Any]]], dict[str, Any]]


def _detail(_code: str, message: str, errors: list[dict[str, Any]]) -> dict[str, Any]:
    return {"detail": message, "errors": errors} if errors else {"detail": message}


def _error(_code: str, message: str, _errors: list[dict[str, Any]]) -> dict[str, Any]:
    return {"error": message}


def _envelope(code: str, message: str, _errors: list[dict[str, Any]]) -> dict[str, Any]:
    known = "VALIDATION_ERROR" if code == "BAD_REQUEST" else code  # the contract has one code for every 400
    return {"success": False, "error": {"code": known, "message": message}}


@dataclass(frozen=True)
class Area:
    """One API area (one contract document): its name in logs, the shape of its errors, the status of a validation
    error.
    """

    name: str
    shape: Shape
    invalid_status: int = 400
    lists_fields: bool = False

    def status(self, error: AppError) -> int:
        """Return the HTTP status of an error in this area."""
        return error.status or self.invalid_status

    def message(self, error: AppError) -> str:
        """Return the text of an error. Areas without a list of fields name the fields in the text."""
        if error.fields and not self.lists_fields:
            return sentence(error.fields)
        return error.message

    def body(self, error: AppError) -> dict[str, Any]:
        """Return the body of an error in this area."""
        return self.shape(error.error_code, self.message(error), [dict(field) for field in error.fields])

    def problem(self, error: AppError, instance: str) -> dict[str, Any]:
        """Return the error as problem details (RFC 9457)."""
        status = self.status(error)
        problem: dict[str, Any] = {
            "type": f"urn:shopfloor:problem:{error.error_code.lower().replace('_', '-')}",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "detail": error.message,
            "instance": quote(instance.encode(errors="replace")[:200], safe="/%"),
            "code": error.error_code,
        }
        return {**problem, "errors": error.fields} if error.fields else problem


PRODUCTION = Area("production", _detail, invalid_status=422, lists_fields=True)
REPORTS = Area("reports", _error)
TASKS = Area("tasks", _error)
USERS = Area("users", _envelope)
LONG_TASKS = Area("long_tasks", _error)
CONSTRUCTION = Area("construction", _error)
SYSTEM = Area("system", _error)
OTHER = Area("outside", _error)

# The longest prefix of whole segments applies.
PREFIXES: Mapping[str, Area] = {
    "/api": PRODUCTION,
    "/api/v1": OTHER,
    "/api/v1/reports": REPORTS,
    "/api/v1/sagas": REPORTS,
    "/api/v1/templates": REPORTS,
    "/api/v1/tasks": TASKS,
    "/api/v1/schedules": TASKS,
    "/api/v1/operations": TASKS,
    "/api/v1/health": TASKS,
    "/api/v1/sites": CONSTRUCTION,
    "/api/v1/defects": CONSTRUCTION,
    "/api/v1/system": SYSTEM,
    "/users": USERS,
    "/orders": USERS,
    "/health": USERS,
    "/status": USERS,
    "/v1/users": USERS,
    "/v1/quotas": USERS,
    "/v1/api-keys": USERS,
    "/user": LONG_TASKS,
    "/task": LONG_TASKS,
    "/tasks": LONG_TASKS,
}


def area_of_path(path: str) -> Area:
    """Return the area of a path, whether or not the path exists."""
    segments = path.split("/")[:4]
    while len(segments) > 1:
        area = PREFIXES.get("/".join(segments))
        if area:
            return area
        segments.pop()
    return OTHER
