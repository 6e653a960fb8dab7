"""Shared by the use cases of defects: read a defect for an actor, write a change with its history and events."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from chalicelib.core.auth import Actor
from chalicelib.core.errors import NotFound
from chalicelib.core.transactions import Transaction
from chalicelib.defects import model, records, store
from chalicelib.defects.model import Action, Defect, Person, person_of
from chalicelib.events import service as events
from chalicelib.sites import service as sites


def visible(actor: Actor, defect_id: UUID) -> Defect:
    """Return a defect that the actor may see; NotFound. A customer sees the defects of the sites that are his now."""
    defect = store.get(str(defect_id))
    if not actor.sees_all:
        try:
            sites.visible(actor, defect.site_id)
        except NotFound:
            raise model.not_found() from None
    return defect


def write(
    tx: Transaction,
    actor: Actor,
    before: Defect,
    after: Defect,
    at: datetime,
    action: Action,
    comment: str | None = None,
) -> Defect:
    """Write a change of fields with its history entry; `comment` is added to the comments too. Return the defect."""
    done = replace(after, updated_at=at, version=before.version + 1)
    done = log(tx, done, person_of(actor), at, action, model.differences(before, after), comment)
    if comment:
        done = add_comment(tx, done, person_of(actor), at, comment)
    store.save(tx, before, done)
    return replace(done, rev=before.rev + 1)


def log(
    tx: Transaction,
    defect: Defect,
    by: Person,
    at: datetime,
    action: Action,
    changes: list[dict[str, Any]],
    comment: str | None = None,
) -> Defect:
    """Write a history entry; return the defect with the entry counted, for the caller to save."""
    counted = replace(defect, changes=defect.changes + 1)
    records.add_history(tx, defect.id, counted.changes, by, at, action, changes, comment)
    return counted


def add_comment(tx: Transaction, defect: Defect, by: Person, at: datetime, text: str) -> Defect:
    """Write a comment and its event; return the defect with the comment counted, for the caller to save."""
    counted = replace(defect, comments=defect.comments + 1)
    records.add_comment(tx, defect.id, counted.comments, by, at, text)
    about: dict[str, Any] = {"comment_number": counted.comments, "author_id": by.id, "text": text}
    record(tx, "defect.commented", defect, at, **about)
    return counted


def record(tx: Transaction, name: str, defect: Defect, at: datetime, **data: Any) -> None:
    """Record an event of a defect, with the fields that all its events have."""
    about: dict[str, Any] = {"defect_id": defect.id, "defect_number": defect.number, "site_id": defect.site_id}
    events.record(tx, name, f"defect#{defect.id}", at, **about, **data)


def record_assignment(tx: Transaction, actor: Actor, before: Defect, after: Defect, at: datetime) -> None:
    """Record the events of an assignment, and of the change of status that comes with it."""
    assert after.assignee is not None
    due = after.due_date.isoformat() if after.due_date else None
    about: dict[str, Any] = {"assignee_id": after.assignee.id, "assigned_by": actor.uuid, "due_date": due}
    record(tx, "defect.assigned", after, at, **about)
    if after.status != before.status:
        record_status_change(tx, actor, before, after, at)


def record_status_change(
    tx: Transaction,
    actor: Actor,
    before: Defect,
    after: Defect,
    at: datetime,
    comment: str | None = None,
) -> None:
    """Record the event of a change of status."""
    about: dict[str, Any] = {"old_status": before.status, "new_status": after.status, "changed_by": actor.uuid}
    record(tx, "defect.status_changed", after, at, **about, comment=comment)
