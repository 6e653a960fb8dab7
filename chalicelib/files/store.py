"""Table `files`."""

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from chalicelib.core import clock
from chalicelib.core.actor import ADMINISTRATOR
from chalicelib.core.dynamo import fetch, table
from chalicelib.core.transactions import Transaction
from chalicelib.files import model
from chalicelib.files.model import File


@table("files", ttl="forget_at")
class FileItem(Model):
    """The record of a file."""

    file_id = UnicodeAttribute(hash_key=True)
    name = UnicodeAttribute()
    format = UnicodeAttribute()
    days = NumberAttribute()
    created_at = UnicodeAttribute()
    user_id = NumberAttribute(default=ADMINISTRATOR.user_id)  # of records from before files had owners
    forget_at = NumberAttribute()


def add(tx: Transaction, file: File) -> None:
    """Write the record of a file."""
    item = FileItem(file.id, name=file.name, format=file.format, days=file.days, user_id=file.user_id)
    item.created_at = clock.to_text(file.created_at)
    item.forget_at = int((file.expires_at + model.RECORD_RETENTION).timestamp())
    tx.put(item)


def find(file_id: str) -> File | None:
    """Return the file of an id, or None."""
    item = fetch(FileItem, file_id)
    if item is None:
        return None
    at = clock.from_text(item.created_at)
    return File(item.file_id, item.name, item.format, int(item.days), at, int(item.user_id))
