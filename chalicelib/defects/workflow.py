"""Defect workflow: the transitions between statuses, who may make them, and who may edit and assign.

The functions are pure: they return the changed defect, or raise.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Literal

from chalicelib.core.actor import ADMIN, Actor
from chalicelib.core.errors import AppError, Conflict, Forbidden
from chalicelib.core.texts import text
from chalicelib.defects.model import ENDED, STATUSES, Defect, Person, Status

Relation = Literal["manager", "reporter", "assignee", "engineer"]

RELATION_NAMES: Mapping[Relation, str] = {
    "manager": "менеджер", "reporter": "автор", "assignee": "исполнитель", "engineer": "инженер",
}  # fmt: skip
EDITORS: frozenset[Relation] = frozenset({"manager", "assignee", "reporter"})
FIXED: frozenset[Status] = frozenset({"fixed", "verified", "closed"})

TRANSITIONS: Mapping[tuple[Status, Status], frozenset[Relation]] = {
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
"""All transitions, and the relations to the defect that allow each. An administrator counts as a manager."""

VERIFICATION_TRANSITIONS: frozenset[tuple[Status, Status]] = frozenset({("fixed", "verified"), ("fixed", "rejected")})
"""Transitions that the user who fixed the defect may not make, unless the user is an administrator."""


def is_manager(actor: Actor) -> bool:
    """Whether the actor directs all defects."""
    return not {"manager", ADMIN}.isdisjoint(actor.roles)


def relations_to(defect: Defect, actor: Actor) -> set[Relation]:
    """Return what the actor is to a defect. Only an engineer can be its assignee or reporter."""
    found: set[Relation] = {"manager"} if is_manager(actor) else set()
    if "engineer" in actor.roles:
        found.add("engineer")
        if defect.assignee and defect.assignee.id == actor.uuid:
            found.add("assignee")
        if defect.reporter.id == actor.uuid:
            found.add("reporter")
    return found


# -- status ---------------------------------------------------------------------------------------------------------


def change_status(defect: Defect, to: Status, actor: Actor, at: datetime) -> Defect:
    """Return the defect in another status; Conflict for an unknown transition, Forbidden for an unallowed one."""
    if refusal := _refusal(defect, to, actor):
        raise refusal
    stays_fixed = to in FIXED
    return replace(
        defect,
        status=to,
        fixed_at=at if to == "fixed" else defect.fixed_at if stays_fixed else None,
        fixed_by=actor.uuid if to == "fixed" else defect.fixed_by if stays_fixed else None,
        closed_at=at if to == "closed" else None,
        times_reopened=defect.times_reopened + (to == "reopened"),
    )


def allowed_transitions(defect: Defect, actor: Actor) -> list[Status]:
    """Return the statuses that the actor may give the defect now."""
    return [to for to in STATUSES if _refusal(defect, to, actor) is None]


def _refusal(defect: Defect, to: Status, actor: Actor) -> AppError | None:
    """Return why the actor may not give the defect that status; None when it may."""
    transition = (defect.status, to)
    if transition not in TRANSITIONS:
        possible = ", ".join(after for before, after in TRANSITIONS if before == defect.status)
        return Conflict(
            text(
                "Переход из {status} в {to} невозможен; возможны: {possible}",
                status=defect.status,
                to=to,
                possible=possible,
            )
        )
    allowed = TRANSITIONS[transition]
    if allowed.isdisjoint(relations_to(defect, actor)):
        names = ", ".join(text(name) for relation, name in RELATION_NAMES.items() if relation in allowed)
        return Forbidden(
            text("Перевести дефект из {status} в {to} может: {names}", status=defect.status, to=to, names=names)
        )
    if transition in VERIFICATION_TRANSITIONS and ADMIN not in actor.roles and _worked_on(defect, actor):
        return Forbidden("Исправление проверяет не тот, кто его выполнил")
    if to == "assigned" and defect.assignee is None:
        return Conflict("Исполнитель не назначен: PUT /api/v1/defects/{id}/assignee")
    return None


def _worked_on(defect: Defect, actor: Actor) -> bool:
    return actor.uuid in {defect.fixed_by, defect.assignee.id if defect.assignee else None}


# -- assignee and fields --------------------------------------------------------------------------------------------


def may_assign(defect: Defect, actor: Actor) -> bool:
    """Whether the actor may assign the defect now."""
    return defect.is_open and is_manager(actor)


def assign(defect: Defect, assignee: Person, due_date: date | None) -> Defect:
    """Return the defect with an assignee; a new one starts from `assigned`. Conflict when the defect is not open."""
    if not defect.is_open:
        raise Conflict(
            text(
                "Дефект в статусе {status}: назначить исполнителя нельзя, сначала переоткройте его",
                status=defect.status,
            )
        )
    is_same = defect.assignee is not None and defect.assignee.id == assignee.id
    return replace(
        defect,
        assignee=defect.assignee if is_same else assignee,
        status="in_progress" if is_same and defect.status == "in_progress" else "assigned",
        due_date=due_date or defect.due_date,
    )


def may_edit(defect: Defect, actor: Actor) -> bool:
    """Whether the actor may change fields of the defect now."""
    return defect.status not in ENDED and not EDITORS.isdisjoint(relations_to(defect, actor))


def edit(defect: Defect, changes: Mapping[str, Any], actor: Actor) -> Defect:
    """Return the defect with changed fields: for managers, the assignee and the reporter; the due date for managers."""
    if EDITORS.isdisjoint(relations_to(defect, actor)):
        raise Forbidden("Изменить дефект может менеджер, исполнитель или автор")
    after = replace(defect, **changes)
    if after.due_date != defect.due_date and not is_manager(actor):
        raise Forbidden("due_date: срок меняет менеджер")
    if after != defect and defect.status in ENDED:
        raise Conflict(
            text("Дефект в статусе {status}: изменить его нельзя, сначала переоткройте его", status=defect.status)
        )
    return after
