"""Use cases of files. Making one is three moves: `new`, `put` when it is written, `register` with what announces it."""

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
    """A file about to be made for a user: its place and address are known before it is there."""
    return File(file_id or ids.new(), name, format, days, at, user_id)


def put(file: File, path: Path) -> Stored:
    """Store the content."""
    return objects.upload(path, file.key, objects.CONTENT_TYPES[file.format])


def register(tx: Transaction, file: File) -> None:
    """Make a stored file known."""
    store.add(tx, file)


def find(file_id: str) -> File | None:
    """A file that is known."""
    return store.find(file_id)


def get(file_id: str) -> File:
    """A file that can be had; NotFound or Gone."""
    file = store.find(file_id)
    if file is None:
        raise model.not_found()
    if file.expires_at <= clock.now():
        raise model.expired(file.expires_at)
    return file


def link(actor: Actor, *, file_id: UUID) -> str:
    """A presigned address of a file one may see, under its readable name."""
    file = get(str(file_id))
    if file.user_id != actor.user_id and not actor.sees_all:
        raise model.not_found()
    return objects.link(file.key, file.name, file.format, plain=file.id)
