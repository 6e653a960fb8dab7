"""Use cases of attachments. Clients upload and download the files by signed forms and links of the bucket.

An attachment whose file was never uploaded is listed until its form has expired.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from chalicelib.core import clock, ids, objects
from chalicelib.core.auth import Actor
from chalicelib.core.errors import Conflict, Forbidden, NotFound
from chalicelib.core.texts import text
from chalicelib.core.threads import map_in_parallel
from chalicelib.core.transactions import Transaction, optimistic, transaction
from chalicelib.defects import files, records, store, workflow, writing
from chalicelib.defects.attachment_schemas import (
    Attachment,
    AttachmentCreate,
    Attachments,
    NewAttachment,
    UploadForm,
)
from chalicelib.defects.model import Action, Defect, person_of
from chalicelib.defects.records import AttachmentItem
from chalicelib.defects.schemas import Participant
from chalicelib.quotas import service as quotas

MAX_ATTACHMENTS = 20  # of one defect
UPLOAD_SECONDS = 900
UPLOAD_GRACE = timedelta(minutes=5)  # for an upload that starts before its form expires


@optimistic
def add(actor: Actor, *, defect_id: UUID, body: AttachmentCreate) -> NewAttachment:
    """Create an attachment and return its upload form; Conflict when the defect has twenty."""
    before, at, attachment_id = writing.visible(actor, defect_id), clock.now(), ids.new()
    existing = _with_sizes(records.attachments(before.id))
    listed = {item.uuid for item, size in existing if _is_listed(item, size, at)}
    if len(listed - {attachment_id}) >= MAX_ATTACHMENTS:
        raise Conflict(text("У дефекта может быть не более {limit} вложений", limit=MAX_ATTACHMENTS))
    by, until = person_of(actor), at + timedelta(seconds=UPLOAD_SECONDS)
    item = AttachmentItem(
        before.id,
        f"{records.ATTACHMENT}#{attachment_id}",
        uuid=attachment_id,
        name=body.name,
        content_type=body.content_type,
        size=body.size,
        at=clock.to_text(at),
        by_id=by.id,
        by_name=by.name,
        upload_until=clock.to_text(until),
    )
    with transaction() as tx:
        quotas.take(tx, actor, uploads=1)
        records.add_attachment(tx, item)
        for old in [old for old, _ in existing if old.uuid not in listed]:
            records.remove_attachment(tx, old)
        _write(tx, actor, before, item, at, added=True)
    url, fields = objects.upload_form(files.upload_key(attachment_id), body.size, UPLOAD_SECONDS, {})
    form = UploadForm(url=url, fields=fields, expires_at=until)
    return NewAttachment(**_view(item, None).model_dump(), upload=form)


def list_all(actor: Actor, *, defect_id: UUID) -> Attachments:
    """Return the attachments of a defect."""
    defect, at = writing.visible(actor, defect_id), clock.now()
    found = _with_sizes(records.attachments(defect.id))
    items = [_view(item, size) for item, size in found if _is_listed(item, size, at)]
    return Attachments(items=items, total=len(items))


def link(actor: Actor, *, defect_id: UUID, attachment_id: UUID) -> str:
    """Return a link to download the file; Conflict while it is not uploaded."""
    defect = writing.visible(actor, defect_id)
    item = _get(defect, attachment_id)
    if files.size_of(item) is None:
        raise Conflict("Файл еще не загружен")
    return objects.link_as(files.stored_key(defect.id, item.uuid), item.name, item.content_type, plain="attachment")


@optimistic
def remove(actor: Actor, *, defect_id: UUID, attachment_id: UUID) -> None:
    """Delete an attachment of the actor, for a manager of any user. follow_up.py deletes the file."""
    before, at = writing.visible(actor, defect_id), clock.now()
    item = _get(before, attachment_id)
    if item.by_id != actor.uuid and not workflow.is_manager(actor):
        raise Forbidden("Удалить вложение может его автор или менеджер")
    with transaction() as tx:
        records.remove_attachment(tx, item)
        _write(tx, actor, before, item, at, added=False)


def _write(tx: Transaction, actor: Actor, before: Defect, item: AttachmentItem, at: datetime, *, added: bool) -> None:
    """Record in the history and the event log that an attachment was added or removed."""
    old, new = (None, item.name) if added else (item.name, None)
    action: Action = "attachment_added" if added else "attachment_removed"
    change = {"field": "attachment", "from": old, "to": new}
    after = writing.log(tx, before, person_of(actor), at, action, [change])
    store.save(tx, before, replace(after, updated_at=at))
    writing.record(tx, f"defect.{action}", after, at, attachment_id=item.uuid, file_name=item.name)


def _get(defect: Defect, attachment_id: UUID) -> AttachmentItem:
    item = records.attachment(defect.id, str(attachment_id))
    if item is None:
        raise NotFound("Вложение не найдено")
    return item


def _with_sizes(items: list[AttachmentItem]) -> list[tuple[AttachmentItem, int | None]]:
    """Return attachments with the sizes of their files in bytes; None without a file."""
    return list(zip(items, map_in_parallel(files.size_of, items), strict=True))


def _is_listed(item: AttachmentItem, size: int | None, at: datetime) -> bool:
    """Whether the file is uploaded, or its form is still valid."""
    return size is not None or at < clock.from_text(item.upload_until) + UPLOAD_GRACE


def _view(item: AttachmentItem, size: int | None) -> Attachment:
    return Attachment(
        id=UUID(item.uuid),
        name=item.name,
        content_type=item.content_type,
        size=int(item.size) if size is None else size,
        uploaded=size is not None,
        author=Participant(id=UUID(item.by_id), name=item.by_name),
        created_at=clock.from_text(item.at),
    )
