"""Use cases of defects: register, read, edit, change the status, delete. Others: assignment.py, discussion.py."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from chalicelib.core import clock, ids
from chalicelib.core.auth import Actor
from chalicelib.core.counters import next_id
from chalicelib.core.fields import Page
from chalicelib.core.transactions import optimistic, transaction
from chalicelib.defects import model, schemas, store, workflow, writing
from chalicelib.defects.model import Defect, Person, person_of
from chalicelib.defects.schemas import DefectCreate, DefectPatch, DefectQuery, StatusChange
from chalicelib.sites import model as site_model
from chalicelib.sites import service as sites
from chalicelib.users import service as users

NULLABLE = ("location", "due_date")


def create(actor: Actor, *, body: DefectCreate) -> schemas.Defect:
    """Register a defect on an active site; a manager may assign it at once."""
    if body.assignee_id and not workflow.is_manager(actor):
        raise model.managers_assign()
    assignee = assignable(body.assignee_id) if body.assignee_id else None
    return _create(actor, body, next_id("defects"), assignee)


@optimistic
def _create(actor: Actor, body: DefectCreate, number: int, assignee: Person | None) -> schemas.Defect:
    site, at = sites.visible(actor, str(body.site_id)), clock.now()
    if site.status == "finished":
        raise site_model.finished()
    new = Defect(
        id=ids.new(),
        number=number,
        site_id=site.uuid,
        customer_id=site.customer_id,
        title=body.title,
        description=body.description or "",
        location=body.location,
        severity=body.severity,
        reporter=person_of(actor),
        due_date=body.due_date,
        created_at=at,
        updated_at=at,
    )
    defect = workflow.assign(new, assignee, None) if assignee else new
    with transaction() as tx:
        sites.require_unchanged(tx, site)
        defect = writing.log(tx, defect, new.reporter, at, "created", model.differences(None, defect))
        store.add(tx, defect)
        due = new.due_date.isoformat() if new.due_date else None
        about: dict[str, Any] = {"title": new.title, "severity": new.severity, "reporter_id": new.reporter.id}
        writing.record(tx, "defect.created", defect, at, **about, due_date=due)
        if assignee:
            writing.record_assignment(tx, actor, new, defect, at)
    return view(actor, store.get(defect.id) if ids.is_repeated() else defect)


def assignable(user_id: UUID) -> Person:
    """Return a future assignee; NotFound, or Invalid when the roles of the user do not allow to fix defects."""
    user = users.by_id(user_id)
    model.check_assignable(user.roles)
    return Person(user.id, user.name)


def get(actor: Actor, *, defect_id: UUID) -> schemas.Defect:
    """Return a defect."""
    return view(actor, writing.visible(actor, defect_id))


def list_page(actor: Actor, *, query: DefectQuery) -> Page[schemas.Defect]:
    """Return a page of defects; for a customer, of those of the own sites."""
    request = query.request()
    if actor.sees_all:
        page = store.page(request, clock.site_today())
        return Page.of(page, [view(actor, store.defect_of(item)) for item in page.items])
    page = store.page(replace(request, filters={**request.filters, "customer_id": actor.uuid}), clock.site_today())
    # When a site gets another customer, its defects follow within seconds: until then the old customer sees none.
    shown = sites.visible_among(actor, {item.site_id for item in page.items})
    page = page.filter(lambda item: item.site_id in shown)
    return Page.of(page, [view(actor, store.defect_of(item)) for item in page.items])


@optimistic
def update(actor: Actor, *, defect_id: UUID, body: DefectPatch) -> schemas.Defect:
    """Change the given fields of a defect."""
    before, at = writing.visible(actor, defect_id), clock.now()
    model.check_version(before, body.version)
    given = body.model_dump(exclude_unset=True, exclude={"version"})
    changes = {name: value for name, value in given.items() if value is not None or name in NULLABLE}
    after = workflow.edit(before, changes, actor)
    if after == before:
        return view(actor, before)
    with transaction() as tx:
        after = writing.write(tx, actor, before, after, at, "updated")
        changed = [change["field"] for change in model.differences(before, after)]
        writing.record(tx, "defect.updated", after, at, changed=changed, changed_by=actor.uuid)
    return view(actor, after)


@optimistic
def change_status(actor: Actor, *, defect_id: UUID, body: StatusChange) -> schemas.Defect:
    """Change the status of a defect."""
    before, at = writing.visible(actor, defect_id), clock.now()
    model.check_version(before, body.version)
    after = workflow.change_status(before, body.status, actor, at)
    with transaction() as tx:
        after = writing.write(tx, actor, before, after, at, "status_changed", body.comment)
        writing.record_status_change(tx, actor, before, after, at, body.comment)
    return view(actor, after)


@optimistic
def delete(actor: Actor, *, defect_id: UUID) -> None:
    """Delete a defect; its records and files follow (follow_up.py)."""
    defect = writing.visible(actor, defect_id)
    with transaction() as tx:
        store.remove(tx, defect)
        writing.record(tx, "defect.deleted", defect, clock.now())


def view(actor: Actor, defect: Defect) -> schemas.Defect:
    """Return a defect as the actor sees it."""
    fields = {name: getattr(defect, name) for name in schemas.Defect.model_fields if hasattr(defect, name)}
    fields |= {
        "is_overdue": defect.is_overdue(clock.site_today()),
        "allowed_moves": workflow.allowed_transitions(defect, actor),
        "can_edit": workflow.may_edit(defect, actor),
        "can_assign": workflow.may_assign(defect, actor),
    }
    return schemas.Defect.model_validate(fields)


# -- for reports ----------------------------------------------------------------------------------------------------


def between(start: datetime, end: datetime, customer_id: str | None = None) -> Iterator[Defect]:
    """Yield the defects registered in a period, both ends included, oldest first; all, or those of a customer."""
    return store.every(clock.site_today(), created_from=start, created_to=end, customer_id=customer_id)


def count_between(start: datetime, end: datetime, customer_id: str | None = None) -> int:
    """Count the defects registered in a period, both ends included."""
    return store.count(created_from=start, created_to=end, customer_id=customer_id)


def latest_overdue(limit: int, max_counted: int) -> tuple[int, bool, list[Defect]]:
    """Count overdue defects up to about `max_counted`; return the count, whether it is complete, and the `limit`
    defects that became overdue last.
    """
    return store.latest_overdue(clock.site_today(), limit, max_counted)
