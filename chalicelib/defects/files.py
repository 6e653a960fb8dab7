"""Files of attachments: uploaded by a form, copied to their final key by the first request that reads them.

The form is valid for 15 minutes and writes under `work/`, where the bucket deletes objects by itself; until it expires
the client can replace the upload. The first request for the file records the ETag of the upload and copies exactly that
object under `defects/`, where only this module writes: all later requests get the same file.
"""

import uuid
from datetime import timedelta

from chalicelib.core import clock, objects
from chalicelib.defects import records
from chalicelib.defects.records import AttachmentItem

PREFIX, UPLOADS = "defects/", "work/attachments/"
FILES_PER_SWEEP = 100
MIN_AGE = timedelta(hours=1)  # of a file without a record: a younger one may still get its record


def stored_key(defect_id: str, attachment_id: str) -> str:
    """Return the final key of a file."""
    return f"{PREFIX}{defect_id}/{attachment_id}"


def upload_key(attachment_id: str) -> str:
    """Return the key that the upload form writes."""
    return f"{UPLOADS}{attachment_id}"


def size_of(item: AttachmentItem) -> int | None:
    """Return the size of the file in bytes and store the file; None while it is not uploaded."""
    upload, stored = upload_key(item.uuid), stored_key(item.pk, item.uuid)
    current: AttachmentItem | None = item
    while current and current.stored_size is None:
        found = objects.details(upload)
        if found is None:
            return objects.size_of(stored)  # stored earlier; the bucket has deleted the upload
        if current.etag != found.etag and not records.record_upload(current, found.etag):
            current = records.current_attachment(item.pk, item.uuid)  # another request has recorded another upload
        elif objects.copy_unchanged(upload, stored, found.etag) and not records.record_stored(current, found.size):
            objects.remove([stored])  # the attachment was deleted meanwhile
            return None
    return int(current.stored_size) if current else None


def remove(defect_id: str, attachment_ids: list[str]) -> None:
    """Delete the files of attachments."""
    objects.remove([key for file_id in attachment_ids for key in (stored_key(defect_id, file_id), upload_key(file_id))])


def sweep() -> int:
    """Delete files without a record, of attachments that were deleted while their file was copied; return how many.

    Each run checks some files, from a random key on: keys start with random ids, so all files are checked in time.
    """
    before = clock.now() - MIN_AGE
    found = objects.list_keys(PREFIX, f"{PREFIX}{uuid.uuid4()}", FILES_PER_SWEEP) or objects.list_keys(
        PREFIX, PREFIX, FILES_PER_SWEEP
    )
    old = {_ids(key): key for key, written_at in found if written_at < before}
    orphans = [old[ids] for ids in old.keys() - records.known_attachments(list(old))]
    objects.remove(orphans)
    return len(orphans)


def _ids(key: str) -> tuple[str, str]:
    defect_id, _, attachment_id = key.removeprefix(PREFIX).partition("/")
    return defect_id, attachment_id
