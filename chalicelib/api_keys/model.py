"""An API key as a text, and the errors about keys."""

import binascii
import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta
from uuid import UUID

from chalicelib.core.actor import KEY_PREFIX
from chalicelib.core.errors import Invalid, NotFound, Unauthorized, bad_credentials, invalid_field

SECRET_BYTES = 32
ID_BYTES = 16
SHOWN = len(KEY_PREFIX) + 8
LAST_USE_PRECISION = timedelta(minutes=1)


def key_text(key_id: UUID, secret: bytes) -> str:
    """The key: its id, so that it is found by one read, and its secret."""
    return KEY_PREFIX + urlsafe_b64encode(key_id.bytes + secret).decode()


def id_of(key: str) -> str | None:
    """The id in a key; None when it is not of that form."""
    try:
        content = urlsafe_b64decode(key.removeprefix(KEY_PREFIX).encode())
    except (binascii.Error, ValueError):
        return None
    return str(UUID(bytes=content[:ID_BYTES])) if len(content) == ID_BYTES + SECRET_BYTES else None


def hashed(key: str) -> str:
    """What is kept of a key. A fast hash will do: nobody guesses 32 random bytes."""
    return hashlib.sha256(key.encode()).hexdigest()


def shown(key: str) -> str:
    """The beginning of a key, by which its owner knows it again; it is part of the id."""
    return key[:SHOWN]


def check_expiry(expires_at: datetime | None, at: datetime) -> None:
    """A key that has expired already would be of no use."""
    if expires_at is not None and expires_at <= at:
        raise in_the_past()


def in_the_past() -> Invalid:
    """The end of a key lies behind us."""
    return invalid_field("expires_at", "должно быть в будущем")


def not_found() -> NotFound:
    """No key with that id."""
    return NotFound("Ключ API не найден")


def unknown_key() -> Unauthorized:
    """No such key, a wrong secret, or one that was revoked: the answer does not tell which."""
    return bad_credentials("Недействительный ключ API: такого нет, или он отозван")


def expired_key() -> Unauthorized:
    """The key was good until its end; only who has it is told."""
    return bad_credentials("Срок действия ключа API истек")
