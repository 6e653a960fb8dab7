"""Table `defect_records`: history, comments and attachments of defects.

Key: the defect, then kind and number (attachments: kind and id). History entries and comments are numbered without gaps
and the defect has their counts, so the keys of a page are computed and read by BatchGetItem.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Literal

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.models import Model

from chalicelib.core import clock
from chalicelib.core.dynamo import batch_get, erase, fetch, query, table, update_if
from chalicelib.core.fields import ListQuery
from chalicelib.core.paging import PageOf, foreign_cursor
from chalicelib.core.transactions import Changed, Transaction
from chalicelib.defects.model import Action, Person

Kind = Literal["history", "comment"]
ATTACHMENT = "attachment"


@table("defect_records")
class RecordItem(Model):
    """A history entry (`action`, `changes` as JSON, `text`: the comment) or a comment (`text`)."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    number = NumberAttribute(default=0)
    at = UnicodeAttribute()
    by_id = UnicodeAttribute()
    by_name = UnicodeAttribute()
    action = UnicodeAttribute(null=True)
    changes = UnicodeAttribute(null=True)
    text = UnicodeAttribute(null=True)


@table("defect_records")
class AttachmentItem(Model):
    """An attachment. `size`: as requested; `upload_until`: expiry of the form; `etag`, `stored_size`: files.py."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    uuid = UnicodeAttribute()
    name = UnicodeAttribute()
    content_type = UnicodeAttribute()
    size = NumberAttribute()
    at = UnicodeAttribute()
    by_id = UnicodeAttribute()
    by_name = UnicodeAttribute()
    upload_until = UnicodeAttribute()
    etag = UnicodeAttribute(null=True)
    stored_size = NumberAttribute(null=True)


def add_history(
    tx: Transaction,
    defect_id: str,
    number: int,
    by: Person,
    at: datetime,
    action: Action,
    changes: Sequence[dict[str, Any]],
    comment: str | None,
) -> None:
    """Write a history entry."""
    tx.put_new(
        RecordItem(
            defect_id,
            _key("history", number),
            number=number,
            at=clock.to_text(at),
            by_id=by.id,
            by_name=by.name,
            action=action,
            changes=json.dumps(list(changes), ensure_ascii=False),
            text=comment,
        ),
        error=Changed(),
    )


def add_comment(tx: Transaction, defect_id: str, number: int, by: Person, at: datetime, text: str) -> None:
    """Write a comment."""
    key = _key("comment", number)
    item = RecordItem(defect_id, key, number=number, at=clock.to_text(at), by_id=by.id, by_name=by.name, text=text)
    tx.put_new(item, error=Changed())


def comment(defect_id: str, number: int) -> RecordItem:
    """Return an existing comment."""
    (found,) = batch_get(RecordItem, [(defect_id, _key("comment", number))])
    return found


def page(kind: Kind, defect_id: str, total: int, query: ListQuery) -> PageOf[RecordItem]:
    """Return a page of the `total` records of a kind."""
    request, name = query.request(), f"{kind}#{defect_id}"
    after = request.position(name)
    step = -1 if request.descending else 1
    first = total - request.offset if request.descending else 1 + request.offset
    if after is not None:
        if not after.isdecimal() or not 0 < int(after) <= total:
            raise foreign_cursor()
        first = int(after) + step
    numbers = range(first, 0, -1) if request.descending else range(first, total + 1)
    shown = numbers[: request.limit]
    found = {
        int(item.number): item for item in batch_get(RecordItem, [(defect_id, _key(kind, number)) for number in shown])
    }
    existing = [number for number in shown if number in found]

    def cursor_after(count: int) -> str:
        return request.next_cursor(name, str(existing[count - 1]))

    cursor = request.next_cursor(name, str(shown[-1])) if len(numbers) > len(shown) else None
    items = [found[number] for number in existing]
    return PageOf(items, total, request.limit, request.offset, cursor, cursor_after=cursor_after)


def attachments(defect_id: str) -> list[AttachmentItem]:
    """Return the attachments of a defect, oldest first. Their keys sort before those of the other kinds."""
    found = query(AttachmentItem, defect_id, sort=("<", "comment"))
    return sorted(found, key=lambda item: item.at)


def attachment(defect_id: str, attachment_id: str) -> AttachmentItem | None:
    """Return an attachment; None when there is none."""
    return fetch(AttachmentItem, defect_id, f"{ATTACHMENT}#{attachment_id}")


def current_attachment(defect_id: str, attachment_id: str) -> AttachmentItem | None:
    """Return an attachment as it is now, without the read snapshot of a conditional request."""
    return next(iter(batch_get(AttachmentItem, [(defect_id, f"{ATTACHMENT}#{attachment_id}")])), None)


def add_attachment(tx: Transaction, item: AttachmentItem) -> None:
    """Write a new attachment."""
    tx.put_new(item, error=Changed())


def record_upload(item: AttachmentItem, etag: str) -> bool:
    """Record the ETag of an upload; False when another request has, or the attachment is deleted."""
    before: Condition = Path("etag") == item.etag if item.etag else Path("etag").does_not_exist()
    unseen = Path("pk").exists() & Path("stored_size").does_not_exist() & before
    return update_if(item, [Path("etag").set(etag)], unseen)


def record_stored(item: AttachmentItem, size: int) -> bool:
    """Record the size of the stored file; False when the attachment is deleted."""
    return update_if(item, [Path("stored_size").set(size)], Path("pk").exists())


def known_attachments(keys: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return the existing ones of these pairs of defect and attachment ids."""
    found = batch_get(AttachmentItem, [(defect_id, f"{ATTACHMENT}#{file_id}") for defect_id, file_id in keys])
    return {(item.pk, item.uuid) for item in found}


def remove_attachment(tx: Transaction, item: AttachmentItem) -> None:
    """Delete an attachment without its file."""
    tx.delete(item, condition=Path("pk").exists(), error=Changed())


def all_of(defect_id: str) -> Iterator[RecordItem]:
    """Yield all records of a defect."""
    return query(RecordItem, defect_id)


def purge(defect_id: str) -> int:
    """Delete all records of a deleted defect; return how many."""
    found = list(all_of(defect_id))
    for item in found:
        erase(item)
    return len(found)


def _key(kind: Kind, number: int) -> str:
    return f"{kind}#{number:08d}"
