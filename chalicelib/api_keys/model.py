"""The text of an API key, and the errors of keys."""

import binascii
import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta
from uuid import UUID

from chalicelib.core.actor import KEY_PREFIX
from chalicelib.core.errors import Invalid, NotFound, Unauthorized, bad_credentials, invalid_field

SECRET_BYTES = 32
ID_BYTES = 16
SHOWN_CHARACTERS = len(KEY_PREFIX) + 8
LAST_USE_PRECISION = timedelta(minutes=1)


def key_text(key_id: UUID, secret: bytes) -> str:
    """Return a key: it contains its id, which finds the record, and its secret."""
    return KEY_PREFIX + urlsafe_b64encode(key_id.bytes + secret).decode()


def id_of(key: str) -> str | None:
    """Return the id in a key; None when the text has not the form of a key."""
    try:
        content = urlsafe_b64decode(key.removeprefix(KEY_PREFIX).encode())
    except (binascii.Error, ValueError):
        return None
    return str(UUID(bytes=content[:ID_BYTES])) if len(content) == ID_BYTES + SECRET_BYTES else None


def hashed(key: str) -> str:
    """Return the hash of a key. A fast hash is enough: a key has 32 random bytes."""
    return hashlib.sha256(key.encode()).hexdigest()


def shown_prefix(key: str) -> str:
    """Return the beginning of a key, part of its id, which identifies it to its owner."""
    return key[:SHOWN_CHARACTERS]


def check_expiry(expires_at: datetime | None, at: datetime) -> None:
    """Raise Invalid for an expiry in the past."""
    if expires_at is not None and expires_at <= at:
        raise in_the_past()


def in_the_past() -> Invalid:
    """The expiry of a new key is in the past."""
    return invalid_field("expires_at", "должно быть в будущем")


def not_found() -> NotFound:
    """No key has that id."""
    return NotFound("Ключ API не найден")


def unknown_key() -> Unauthorized:
    """The key is unknown or revoked, or its secret is wrong; the message does not say which."""
    return bad_credentials("Недействительный ключ API: такого нет, или он отозван")


def expired_key() -> Unauthorized:
    """The key has expired; only its owner gets this message."""
    return bad_credentials("Срок действия ключа API истек")
