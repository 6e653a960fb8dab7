"""Hashes of passwords: Argon2id, imported only by requests that hash.

19 MiB and two passes, as OWASP recommends for one lane: a small part of the 512 MB of the api function, and about 0.1 s
of its share of a processor. A hash contains its parameters: after a change here each password is hashed again at its
next login.
"""

import unicodedata
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argon2 import PasswordHasher

MEMORY_KIB = 19 * 1024
PASSES = 2
LANES = 1
# Compared where an account has no password, so that the check takes the same time: the hash of a random password.
UNKNOWN_PASSWORD_HASH = (
    "$argon2id$v=19$m=19456,t=2,p=1$X0oVnefN7zMray5hpCJ93w$A1/V/kVO0dXMSnx+bs9Wugq8mpG/7TfO86bR8aYpHVY"
)


@cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)


def hashed(password: str) -> str:
    """Return the hash of a password, with a random salt."""
    return _hasher().hash(_text(password))


def matches(password: str, password_hash: str | None) -> bool:
    """Whether the password has that hash; False, after the same time, without a hash."""
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        _hasher().verify(password_hash or UNKNOWN_PASSWORD_HASH, _text(password))
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Whether the hash has other parameters than the current ones."""
    return _hasher().check_needs_rehash(password_hash)


def _text(password: str) -> bytes:
    """Return a password in Unicode form NFKC: keyboards encode the same characters differently."""
    return unicodedata.normalize("NFKC", password).encode()
