"""The files of attachments: uploaded past us by a form, and kept as they were when they were first seen.

The form is good for a quarter of an hour, so what it writes may be replaced. It writes under `work/`, which the bucket
empties by itself. Who asks for the file first notes the ETag of what is there, and copies just that to its place under
`defects/`, where nothing but this module writes: from then on everybody gets the same file.
"""

import uuid
from datetime import timedelta

from chalicelib.core import clock, objects
from chalicelib.defects import records
from chalicelib.defects.records import AttachmentItem

PREFIX, UPLOADS = "defects/", "work/attachments/"
SWEPT = 100  # files that are held against the records every minute
YOUNG = timedelta(hours=1)  # a file that may still get its record


def key_of(defect_id: str, attachment_id: str) -> str:
    """Where the file is kept."""
    return f"{PREFIX}{defect_id}/{attachment_id}"


def upload_key(attachment_id: str) -> str:
    """Where the form puts it."""
    return f"{UPLOADS}{attachment_id}"


def size_of(item: AttachmentItem) -> int | None:
    """The size of the file, which is kept from now on; None while it is not uploaded."""
    uploaded, kept = upload_key(item.uuid), key_of(item.pk, item.uuid)
    current: AttachmentItem | None = item
    while current and current.stored_size is None:
        found = objects.details(uploaded)
        if found is None:
            return objects.size_of(kept)  # of an upload that the bucket has forgotten since it was kept
        if current.etag != found.etag and not records.note_upload(current, found.etag):
            current = records.attachment_now(item.pk, item.uuid)  # another request has noted another file
        elif objects.copy_unchanged(uploaded, kept, found.etag) and not records.note_stored(current, found.size):
            objects.remove([kept])  # the attachment was removed meanwhile
            return None
    return int(current.stored_size) if current else None


def remove(defect_id: str, attachment_ids: list[str]) -> None:
    """Delete the files of attachments."""
    objects.remove([key for one in attachment_ids for key in (key_of(defect_id, one), upload_key(one))])


def sweep() -> int:
    """Delete files that have no record: of attachments that were removed while their file was being kept.

    It looks at some of them every minute, from a random place on: keys begin with random ids, so all get their turn.
    """
    before = clock.now() - YOUNG
    found = objects.list_keys(PREFIX, f"{PREFIX}{uuid.uuid4()}", SWEPT) or objects.list_keys(PREFIX, PREFIX, SWEPT)
    old = {_ids(key): key for key, written_at in found if written_at < before}
    orphans = [old[ids] for ids in old.keys() - records.known_attachments(list(old))]
    objects.remove(orphans)
    return len(orphans)


def _ids(key: str) -> tuple[str, str]:
    defect_id, _, attachment_id = key.removeprefix(PREFIX).partition("/")
    return defect_id, attachment_id
