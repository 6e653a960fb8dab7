"""Use cases of files. To make one: `new`, then `put`, then `register` in the transaction that records its event."""

from datetime import datetime
from pathlib import Path
from uuid import UUID

from chalicelib.core import clock, ids, objects
from chalicelib.core.auth import Actor
from chalicelib.core.objects import Stored
from chalicelib.core.transactions import Transaction
from chalicelib.files import model, store
from chalicelib.files.model import Days, File


def new(name: str, format: str, days: Days, at: datetime, *, user_id: int, file_id: str | None = None) -> File:
    """Return a file that is to be made for a user; its key and path are known already."""
    return File(file_id or ids.new(), name, format, days, at, user_id)


def put(file: File, path: Path) -> Stored:
    """Store the content in S3."""
    return objects.upload(path, file.key, objects.CONTENT_TYPES[file.format])


def register(tx: Transaction, file: File) -> None:
    """Write the record of a stored file."""
    store.add(tx, file)


def find(file_id: str) -> File | None:
    """Return the file of an id, or None."""
    return store.find(file_id)


def get(file_id: str) -> File:
    """Return a file that can be downloaded; NotFound when it does not exist, Gone when it has expired."""
    file = store.find(file_id)
    if file is None:
        raise model.not_found()
    if file.expires_at <= clock.now():
        raise model.expired(file.expires_at)
    return file


def link(actor: Actor, *, file_id: UUID) -> str:
    """Return a presigned URL of a file, with its readable name."""
    file = get(str(file_id))
    if file.user_id != actor.user_id and not actor.sees_all:
        raise model.not_found()
    return objects.link(file.key, file.name, file.format, plain=file.id)
