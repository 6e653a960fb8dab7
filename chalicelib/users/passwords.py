"""Passwords: Argon2id, loaded by the requests that hash only.

19 MiB and two passes, as OWASP recommends for one lane: a fraction of the 512 MB of the api function, and about 0.1 s
of its share of a processor. A hash tells its own parameters: raise them here, and every password is hashed anew at its
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
# What the password of somebody who has none is held against, for as long as it takes: the hash of nobody's password.
NOBODYS = "$argon2id$v=19$m=19456,t=2,p=1$X0oVnefN7zMray5hpCJ93w$A1/V/kVO0dXMSnx+bs9Wugq8mpG/7TfO86bR8aYpHVY"


@cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)


def hashed(password: str) -> str:
    """The hash of a password, which differs each time."""
    return _hasher().hash(_text(password))


def matches(password: str, password_hash: str | None) -> bool:
    """Whether it is that password; False, after the same time, where there is none."""
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        _hasher().verify(password_hash or NOBODYS, _text(password))
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def outdated(password_hash: str) -> bool:
    """Whether it was made with other parameters than those of now."""
    return _hasher().check_needs_rehash(password_hash)


def _text(password: str) -> bytes:
    """One form for what different keyboards send as the same characters."""
    return unicodedata.normalize("NFKC", password).encode()
