"""Table `defect_records`: what belongs to a defect: history, comments, attachments.

Key: the defect, then kind and number (attachments: kind and id). Entries of the history and comments are numbered by
the defect without gaps, so any page of them is a handful of keys, and the defect knows how many there are.
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
    """An entry of the history (`action`, `changes` as JSON, `text` the comment) or a comment (`text`)."""

    class Meta:
        pass

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
    """A file that may be uploaded until `upload_until`, `size` as announced; `etag` and `stored_size`: files.py."""

    class Meta:
        pass

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
    """Write the entry with that number."""
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
    """Write the comment with that number."""
    key = _key("comment", number)
    item = RecordItem(defect_id, key, number=number, at=clock.to_text(at), by_id=by.id, by_name=by.name, text=text)
    tx.put_new(item, error=Changed())


def comment(defect_id: str, number: int) -> RecordItem:
    """A comment that is there."""
    (found,) = batch_get(RecordItem, [(defect_id, _key("comment", number))])
    return found


def page(kind: Kind, defect_id: str, total: int, query: ListQuery) -> PageOf[RecordItem]:
    """A page of the `total` records of a kind."""
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
    found = {int(item.number): item for item in batch_get(RecordItem, [(defect_id, _key(kind, one)) for one in shown])}
    there = [number for number in shown if number in found]

    def cursor_after(count: int) -> str:
        return request.next_cursor(name, str(there[count - 1]))

    cursor = request.next_cursor(name, str(shown[-1])) if len(numbers) > len(shown) else None
    items = [found[number] for number in there]
    return PageOf(items, total, request.limit, request.offset, cursor, cursor_after=cursor_after)


def attachments(defect_id: str) -> list[AttachmentItem]:
    """The attachments of a defect, oldest first. Their keys sort before those of the other kinds."""
    found = query(AttachmentItem, defect_id, sort=("<", "comment"))
    return sorted(found, key=lambda item: item.at)


def attachment(defect_id: str, attachment_id: str) -> AttachmentItem | None:
    """One attachment."""
    return fetch(AttachmentItem, defect_id, f"{ATTACHMENT}#{attachment_id}")


def attachment_now(defect_id: str, attachment_id: str) -> AttachmentItem | None:
    """The same as it is now, also within a conditional request."""
    return next(iter(batch_get(AttachmentItem, [(defect_id, f"{ATTACHMENT}#{attachment_id}")])), None)


def add_attachment(tx: Transaction, item: AttachmentItem) -> None:
    """Write a new attachment."""
    tx.put_new(item, error=Changed())


def note_upload(item: AttachmentItem, etag: str) -> bool:
    """Note what is uploaded when it is first seen; False when another has noted that, or the attachment is gone."""
    before: Condition = Path("etag") == item.etag if item.etag else Path("etag").does_not_exist()
    unseen = Path("pk").exists() & Path("stored_size").does_not_exist() & before
    return update_if(item, [Path("etag").set(etag)], unseen)


def note_stored(item: AttachmentItem, size: int) -> bool:
    """Note that the file is kept; False when the attachment is gone."""
    return update_if(item, [Path("stored_size").set(size)], Path("pk").exists())


def known_attachments(keys: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of these pairs of defect and attachment that exist."""
    found = batch_get(AttachmentItem, [(defect_id, f"{ATTACHMENT}#{one}") for defect_id, one in keys])
    return {(item.pk, item.uuid) for item in found}


def remove_attachment(tx: Transaction, item: AttachmentItem) -> None:
    """Delete an attachment; the file is removed apart."""
    tx.delete(item, condition=Path("pk").exists(), error=Changed())


def all_of(defect_id: str) -> Iterator[RecordItem]:
    """Everything that belongs to a defect."""
    return query(RecordItem, defect_id)


def purge(defect_id: str) -> int:
    """Delete everything that belongs to a defect that is gone; returns how much there was."""
    found = list(all_of(defect_id))
    for item in found:
        erase(item)
    return len(found)


def _key(kind: Kind, number: int) -> str:
    return f"{kind}#{number:08d}"
