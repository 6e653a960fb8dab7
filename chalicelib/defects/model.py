"""Rules and errors of defects: the way of a defect, who may take it which step, what counts as overdue.

A `Defect` is never changed: the functions give the defect as it is afterwards, or raise. Days are those of UTC.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal, get_args

from chalicelib.core.errors import AppError, Conflict, Forbidden, Invalid, NotFound, invalid_field

Status = Literal["new", "reopened", "assigned", "in_progress", "fixed", "verified", "closed", "rejected"]
Severity = Literal["low", "medium", "high", "critical"]
Part = Literal["manager", "engineer", "assignee", "reporter"]
Action = Literal["created", "updated", "assigned", "status_changed", "attachment_added", "attachment_removed"]

STATUSES: tuple[Status, ...] = get_args(Status)
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
OPEN: frozenset[Status] = frozenset({"new", "reopened", "assigned", "in_progress"})
ENDED: frozenset[Status] = frozenset({"closed", "rejected"})
FIXED: frozenset[Status] = frozenset({"fixed", "verified", "closed"})

MANAGERS = frozenset({"manager", "admin"})
ASSIGNABLE = frozenset({"engineer", "manager", "admin"})
NEVER = "9999-12-31"  # sorts after every day
FIELDS = ("title", "description", "location", "severity", "status", "assignee", "due_date")  # of the history

WORDS: Mapping[Part, str] = {
    "manager": "менеджер", "reporter": "автор", "assignee": "исполнитель", "engineer": "инженер",
}  # fmt: skip

MOVES: Mapping[tuple[Status, Status], frozenset[Part]] = {
    ("new", "assigned"): frozenset({"manager"}),
    ("new", "rejected"): frozenset({"manager", "reporter"}),
    ("assigned", "in_progress"): frozenset({"manager", "assignee"}),
    ("assigned", "rejected"): frozenset({"manager", "reporter"}),
    ("in_progress", "assigned"): frozenset({"manager", "assignee"}),
    ("in_progress", "fixed"): frozenset({"manager", "assignee"}),
    ("in_progress", "rejected"): frozenset({"manager", "reporter"}),
    ("fixed", "verified"): frozenset({"manager", "reporter"}),
    ("fixed", "rejected"): frozenset({"manager", "reporter"}),
    ("fixed", "reopened"): frozenset({"manager", "reporter"}),
    ("verified", "closed"): frozenset({"manager"}),
    ("verified", "reopened"): frozenset({"manager", "engineer"}),
    ("closed", "reopened"): frozenset({"manager", "engineer"}),
    ("rejected", "reopened"): frozenset({"manager", "reporter"}),
    ("reopened", "assigned"): frozenset({"manager"}),
    ("reopened", "in_progress"): frozenset({"manager", "assignee"}),
    ("reopened", "rejected"): frozenset({"manager", "reporter"}),
}
"""Every move there is, and whose it is. An administrator is a manager."""

JUDGED: frozenset[tuple[Status, Status]] = frozenset({("fixed", "verified"), ("fixed", "rejected")})
"""Moves that judge the work: not for the one who did it, administrators excepted."""


@dataclass(frozen=True)
class Person:
    """A user, by the name he had then."""

    id: str
    name: str


@dataclass(frozen=True)
class Who:
    """The one who acts."""

    person: Person
    roles: tuple[str, ...]

    @property
    def manages(self) -> bool:
        """Whether all defects are his to direct."""
        return not MANAGERS.isdisjoint(self.roles)


@dataclass(frozen=True)
class Defect:
    """A defect. `version` grows with every change of the fields, `rev` with every write.

    `overdue_for` is the due date that was announced as overdue; `fixed_by` the id of who said it is fixed.
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
        """Whether something is still to be done about it."""
        return self.status in OPEN

    def is_overdue(self, today: date) -> bool:
        """Whether it should have been fixed by yesterday."""
        return self.is_open and self.due_date is not None and self.due_date < today

    @property
    def open_due(self) -> str:
        """The due date while it counts; `NEVER` when there is none, or nothing is to be done any more."""
        return self.due_date.isoformat() if self.is_open and self.due_date else NEVER

    @property
    def unannounced(self) -> str | None:
        """The due date that is still to be announced when it has passed."""
        return self.due_date.isoformat() if self.is_open and self.due_date not in (None, self.overdue_for) else None


# -- changes --------------------------------------------------------------------------------------------------------


def moved(defect: Defect, to: Status, who: Who, at: datetime) -> Defect:
    """The defect in another status; Conflict for a move there is not, Forbidden for one that is not his."""
    if refusal := _refusal(defect, to, who):
        raise refusal
    kept = to in FIXED
    return replace(
        defect,
        status=to,
        fixed_at=at if to == "fixed" else defect.fixed_at if kept else None,
        fixed_by=who.person.id if to == "fixed" else defect.fixed_by if kept else None,
        closed_at=at if to == "closed" else None,
        times_reopened=defect.times_reopened + (to == "reopened"),
    )


def _refusal(defect: Defect, to: Status, who: Who) -> AppError | None:
    """Why a user may not move a defect to a status; None if he may."""
    move = (defect.status, to)
    if move not in MOVES:
        return no_such_move(defect.status, to)
    if MOVES[move].isdisjoint(parts(defect, who)):
        words = ", ".join(WORDS[part] for part in WORDS if part in MOVES[move])
        return Forbidden(f"Перевести дефект из {defect.status} в {to} может: {words}")
    if move in JUDGED and "admin" not in who.roles and who.person.id in _workers(defect):
        return Forbidden("Исправление проверяет не тот, кто его выполнил")
    if to == "assigned" and defect.assignee is None:
        return Conflict("Исполнитель не назначен: PUT /api/v1/defects/{id}/assignee")
    return None


def allowed_moves(defect: Defect, who: Who) -> list[Status]:
    """The statuses that a user may move a defect to now."""
    return [to for to in STATUSES if _refusal(defect, to, who) is None]


def may_edit(defect: Defect, who: Who) -> bool:
    """Whether a user may change its fields now."""
    return defect.status not in ENDED and _has_part(defect, who)


def may_assign(defect: Defect, who: Who) -> bool:
    """Whether a user may assign it now."""
    return defect.is_open and who.manages


def assigned(defect: Defect, assignee: Person, due_date: date | None) -> Defect:
    """The defect in the hands of somebody; work that another one had begun begins anew. Conflict when it is done."""
    if not defect.is_open:
        raise Conflict(f"Дефект в статусе {defect.status}: назначить исполнителя нельзя, сначала переоткройте его")
    same = defect.assignee is not None and defect.assignee.id == assignee.id
    begun = same and defect.status == "in_progress"
    status: Status = "in_progress" if begun else "assigned"
    return replace(
        defect,
        assignee=defect.assignee if same else assignee,
        status=status,
        due_date=due_date or defect.due_date,
    )


def edited(defect: Defect, changes: Mapping[str, Any], who: Who) -> Defect:
    """The defect with other fields: for managers, and for engineers who found it or are to fix it."""
    if not _has_part(defect, who):
        raise Forbidden("Изменить дефект может менеджер, исполнитель или автор")
    after = replace(defect, **changes)
    if after.due_date != defect.due_date and not who.manages:
        raise Forbidden("due_date: срок меняет менеджер")
    if after != defect and defect.status in ENDED:
        raise Conflict(f"Дефект в статусе {defect.status}: изменить его нельзя, сначала переоткройте его")
    return after


def parts(defect: Defect, who: Who) -> set[Part]:
    """What somebody is to a defect. Only engineers are its assignee or reporter: others have no part in its way."""
    found: set[Part] = {"manager"} if who.manages else set()
    if "engineer" in who.roles:
        found.add("engineer")
        if defect.assignee and defect.assignee.id == who.person.id:
            found.add("assignee")
        if defect.reporter.id == who.person.id:
            found.add("reporter")
    return found


def _has_part(defect: Defect, who: Who) -> bool:
    return not {"manager", "assignee", "reporter"}.isdisjoint(parts(defect, who))


def differences(before: Defect | None, after: Defect) -> list[dict[str, Any]]:
    """What is new, as the history keeps it: field, from, to. Without `before` everything that is there."""
    pairs = ((name, _plain(getattr(before, name, None)), _plain(getattr(after, name))) for name in FIELDS)
    return [{"field": name, "from": old, "to": new} for name, old, new in pairs if old != new]


def _plain(value: Any) -> Any:
    if isinstance(value, Person):
        return {"id": value.id, "name": value.name}
    return value.isoformat() if isinstance(value, date) else value or None


def _workers(defect: Defect) -> set[str | None]:
    return {defect.fixed_by, defect.assignee.id if defect.assignee else None}


# -- checks and errors ----------------------------------------------------------------------------------------------


def check_version(defect: Defect, seen: int | None) -> None:
    """Conflict when a client that says which version it has seen has not seen the last one."""
    if seen is not None and seen != defect.version:
        raise Conflict(f"Дефект изменен другим запросом: сейчас версия {defect.version}, прочитайте его заново")


def check_assignable(roles: Collection[str]) -> None:
    """Invalid for somebody who fixes nothing."""
    if ASSIGNABLE.isdisjoint(roles):
        raise not_assignable()


def not_found() -> NotFound:
    """No defect with that id, or on another customer's site."""
    return NotFound("Дефект не найден")


def no_such_move(old: Status, new: Status) -> Conflict:
    """The way of a defect has no such step."""
    possible = [to for come_from, to in MOVES if come_from == old]
    return Conflict(f"Переход из {old} в {new} невозможен; возможны: {', '.join(possible)}")


def not_assignable() -> Invalid:
    """The user who is to fix it is no engineer, manager or administrator."""
    return invalid_field("assignee_id", "исполнителем может быть инженер, менеджер или администратор")


def managers_assign() -> Forbidden:
    """Others register defects without an assignee."""
    return Forbidden("assignee_id: исполнителя назначает менеджер")
