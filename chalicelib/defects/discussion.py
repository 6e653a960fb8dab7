"""Use cases of comments and history of defects."""

import json
from dataclasses import replace
from uuid import UUID

from chalicelib.core import clock, ids
from chalicelib.core.auth import Actor
from chalicelib.core.fields import Page
from chalicelib.core.transactions import optimistic, transaction
from chalicelib.defects import records, store, writing
from chalicelib.defects.model import person_of
from chalicelib.defects.records import RecordItem
from chalicelib.defects.schemas import Change, CommentCreate, CommentView, HistoryEntry, Participant, RecordQuery


@optimistic
def comment(actor: Actor, *, defect_id: UUID, body: CommentCreate) -> CommentView:
    """Add a comment to a defect in any status; the customer of its site may comment too."""
    before, at = writing.visible(actor, defect_id), clock.now()
    if number := ids.made_before():
        return _comment(records.comment(before.id, int(number)))
    by = person_of(actor)
    with transaction() as tx:
        after = writing.add_comment(tx, before, by, at, body.text)
        tx.note_made(str(after.comments))
        store.save(tx, before, replace(after, updated_at=at))
    author = Participant.model_validate(by)
    return CommentView(number=after.comments, author=author, text=body.text, created_at=at)


def comments(actor: Actor, *, defect_id: UUID, query: RecordQuery) -> Page[CommentView]:
    """Return a page of the comments of a defect."""
    defect = writing.visible(actor, defect_id)
    page = records.page("comment", defect.id, defect.comments, query)
    return Page.of(page, [_comment(item) for item in page.items])


def history(actor: Actor, *, defect_id: UUID, query: RecordQuery) -> Page[HistoryEntry]:
    """Return a page of the history of a defect."""
    defect = writing.visible(actor, defect_id)
    page = records.page("history", defect.id, defect.changes, query)
    return Page.of(page, [_entry(item) for item in page.items])


def _comment(item: RecordItem) -> CommentView:
    at = clock.from_text(item.at)
    return CommentView(number=int(item.number), author=_author(item), text=str(item.text), created_at=at)


def _entry(item: RecordItem) -> HistoryEntry:
    stored = json.loads(item.changes or "[]")
    changes = [Change(field=change["field"], old=change["from"], new=change["to"]) for change in stored]
    fields = {"number": int(item.number), "at": clock.from_text(item.at), "by": _author(item)}
    return HistoryEntry.model_validate(fields | {"action": item.action, "changes": changes, "comment": item.text})


def _author(item: RecordItem) -> Participant:
    return Participant(id=UUID(item.by_id), name=item.by_name)
