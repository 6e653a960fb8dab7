"""A defect: its fields, statuses, severities and errors. The transitions between statuses are in workflow.py.

`Defect` is immutable. Days are days of the site.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, get_args

from chalicelib.core.actor import Actor
from chalicelib.core.errors import Conflict, Forbidden, Invalid, NotFound, invalid_field
from chalicelib.core.texts import text

Status = Literal["new", "reopened", "assigned", "in_progress", "fixed", "verified", "closed", "rejected"]
Severity = Literal["low", "medium", "high", "critical"]
Action = Literal["created", "updated", "assigned", "status_changed", "attachment_added", "attachment_removed"]

STATUSES: tuple[Status, ...] = get_args(Status)
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
OPEN: frozenset[Status] = frozenset({"new", "reopened", "assigned", "in_progress"})
ENDED: frozenset[Status] = frozenset({"closed", "rejected"})

ASSIGNABLE_ROLES = frozenset({"engineer", "manager", "admin"})
NO_DUE_DATE = "9999-12-31"  # sorts after every day
HISTORY_FIELDS = ("title", "description", "location", "severity", "status", "assignee", "due_date")


@dataclass(frozen=True)
class Person:
    """A user with the name at the time of the record."""

    id: str
    name: str


def person_of(actor: Actor) -> Person:
    """Return the actor as records name it."""
    return Person(actor.uuid, actor.name)


@dataclass(frozen=True)
class Defect:
    """A defect. `version` counts changes of the fields, `rev` counts all writes.

    `overdue_for`: the due date that was announced as overdue. `fixed_by`: id of the user who set the status `fixed`.
    """

    id: str
    number: int
    site_id: str
    customer_id: str | None
    title: str
    description: str
    location: str | None
    severity: Severity
    reporter: Person
    created_at: datetime
    updated_at: datetime
    status: Status = "new"
    assignee: Person | None = None
    due_date: date | None = None
    fixed_at: datetime | None = None
    fixed_by: str | None = None
    closed_at: datetime | None = None
    overdue_for: date | None = None
    times_reopened: int = 0
    comments: int = 0
    changes: int = 0
    version: int = 1
    rev: int = 1

    @property
    def is_open(self) -> bool:
        """Whether the defect still needs work."""
        return self.status in OPEN

    def is_overdue(self, today: date) -> bool:
        """Whether the defect is open and its due date is before `today`."""
        return self.is_open and self.due_date is not None and self.due_date < today

    @property
    def open_due(self) -> str:
        """The due date of an open defect; `NO_DUE_DATE` otherwise."""
        return self.due_date.isoformat() if self.is_open and self.due_date else NO_DUE_DATE

    @property
    def unannounced(self) -> str | None:
        """The due date of an open defect that is not announced as overdue yet."""
        return self.due_date.isoformat() if self.is_open and self.due_date not in (None, self.overdue_for) else None


def differences(before: Defect | None, after: Defect) -> list[dict[str, Any]]:
    """Return the changed fields as `field`, `from` and `to`; without `before`, all fields that have a value."""
    pairs = ((name, _as_json(getattr(before, name, None)), _as_json(getattr(after, name))) for name in HISTORY_FIELDS)
    return [{"field": name, "from": old, "to": new} for name, old, new in pairs if old != new]


def _as_json(value: Any) -> Any:
    if isinstance(value, Person):
        return {"id": value.id, "name": value.name}
    return value.isoformat() if isinstance(value, date) else value or None


# -- checks and errors ----------------------------------------------------------------------------------------------


def check_version(defect: Defect, version: int | None) -> None:
    """Raise Conflict when the client sends a version that is not the current one."""
    if version is not None and version != defect.version:
        raise Conflict(
            text(
                "Дефект изменен другим запросом: сейчас версия {version}, прочитайте его заново", version=defect.version
            )
        )


def check_assignable(roles: Collection[str]) -> None:
    """Raise Invalid when no role of a user allows to fix defects."""
    if ASSIGNABLE_ROLES.isdisjoint(roles):
        raise not_assignable()


def not_found() -> NotFound:
    """No defect has that id, or the actor may not see its site."""
    return NotFound("Дефект не найден")


def not_assignable() -> Invalid:
    """The future assignee is no engineer, manager or administrator."""
    return invalid_field("assignee_id", "исполнителем может быть инженер, менеджер или администратор")


def managers_assign() -> Forbidden:
    """Only a manager registers a defect with an assignee."""
    return Forbidden("assignee_id: исполнителя назначает менеджер")
