"""The keys that sign tokens: the current one, and older ones until their last token has expired.

They are in one secret of Secrets Manager, newest first. The template generates a plain text, which is one key. A
rotation (`make rotate-key`) makes it `{"keys": [{"kid", "key", "signs_from"}, ...]}`. A token names its key by `kid`; a
token without one, of the first release, is tried with every key.

A rotation refuses no valid token. An instance reads the secret again every minute, and at once for an unknown `kid` (at
most every few seconds, since a client can invent one). A new key signs two minutes after it was written, when every
instance has it. The key before it stays valid until the last token that it signed has expired. A rotation with `revoke`
drops all other keys and signs at once.
"""

import hashlib
import json
import re
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import cache
from itertools import pairwise
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.core import clock
from chalicelib.core.aws import client
from chalicelib.core.outages import is_outage
from chalicelib.core.settings import settings

TOKEN_SECONDS = 24 * 3600  # lifetime of a token
REFRESH_SECONDS = 60  # after which an instance reads the secret again
SIGNS_AFTER_SECONDS = 120  # between writing a key and signing with it: by then every instance has read it
RETRY_SECONDS = 5  # between two reads for an unknown kid, and after a failed read
KEY_BYTES = 48


@dataclass(frozen=True)
class SigningKey:
    """A key, its name in the header of tokens, and the second from which it signs."""

    kid: str
    key: str = field(repr=False)
    signs_from: int = 0


@dataclass(frozen=True)
class KeyRing:
    """The keys of the secret, newest first."""

    keys: tuple[SigningKey, ...]

    @classmethod
    def parse(cls, secret: str) -> "KeyRing":
        """Return the keys in the text of the secret: JSON with `keys`, or a plain key, which may begin with `{` too."""
        if not re.match(r'\s*\{.*"keys"\s*:', secret, re.DOTALL):
            return cls((SigningKey(hashlib.sha256(f"kid {secret}".encode()).hexdigest()[:8], secret),))
        return cls(tuple(SigningKey(**fields) for fields in json.loads(secret)["keys"]))

    def text(self) -> str:
        """Return the text of the secret."""
        return json.dumps({"keys": [asdict(key) for key in self.keys]})

    def signing(self, at: float) -> SigningKey:
        """Return the newest key that signs already."""
        return next((key for key in self.keys if key.signs_from <= at), self.keys[-1])

    def valid(self, at: float) -> tuple[SigningKey, ...]:
        """Return the keys of valid tokens: a replaced key is one of them until the last token that it signed has
        expired.
        """
        lasting = TOKEN_SECONDS + REFRESH_SECONDS
        older = (old for new, old in pairwise(self.keys) if at < new.signs_from + lasting)
        return (self.keys[0], *older)

    def rotated(self, at: float, *, revoke: bool = False) -> "KeyRing":
        """Return the keys with a new one; with `revoke` it is the only one."""
        new = SigningKey(secrets.token_hex(4), secrets.token_urlsafe(KEY_BYTES), int(at))
        if revoke:
            return KeyRing((new,))
        return KeyRing((SigningKey(new.kid, new.key, new.signs_from + SIGNS_AFTER_SECONDS), *self.valid(at)))


class Keys:
    """The keys of an instance, read again when they are old. `read` returns the text of the secret."""

    def __init__(self, read: Callable[[], str]) -> None:
        self._read = read
        self._ring: KeyRing | None = None
        self._refresh_at = self._search_at = 0.0

    def signing(self) -> SigningKey:
        """Return the key that signs tokens."""
        at = clock.now().timestamp()
        return self._current(at).signing(at)

    def verifying(self, kid: str | None) -> tuple[SigningKey, ...]:
        """Return the keys that may have signed a token with this `kid`; all of them for a token without one."""
        at = clock.now().timestamp()
        found = _named(self._current(at), kid, at)
        if not found and at >= self._search_at:
            self._search_at = at + RETRY_SECONDS
            found = _named(self._fetch(at), kid, at)
        return found

    def _current(self, at: float) -> KeyRing:
        """Return the keys, at most a minute old, or older ones while Secrets Manager does not answer."""
        if self._ring and at < self._refresh_at:
            return self._ring
        try:
            return self._fetch(at)
        except (BotoCoreError, ClientError) as error:
            if self._ring is None or not is_outage(error):
                raise
            self._refresh_at = at + RETRY_SECONDS
            return self._ring

    def _fetch(self, at: float) -> KeyRing:
        self._ring, self._refresh_at = KeyRing.parse(self._read()), at + REFRESH_SECONDS
        return self._ring


def _named(ring: KeyRing, kid: str | None, at: float) -> tuple[SigningKey, ...]:
    return tuple(key for key in ring.valid(at) if kid in (None, key.kid))


@cache
def keys_of(arn: str) -> Keys:
    """Return the keys of a secret; one object per process."""
    return Keys(lambda: str(client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]))


def signing() -> SigningKey:
    """Return the key that signs tokens."""
    return keys_of(settings().jwt_secret_arn).signing()


def verifying(kid: str | None) -> tuple[SigningKey, ...]:
    """Return the keys that may have signed a token with this `kid`."""
    return keys_of(settings().jwt_secret_arn).verifying(kid)


def rotate(event: dict[str, Any]) -> dict[str, Any]:
    """Write a new key into the secret (`make rotate-key`); with `revoke` all other keys become invalid.

    Of two rotations at the same time one is lost, before its key has signed a token.
    """
    manager, arn, at = client("secretsmanager"), settings().jwt_secret_arn, clock.now().timestamp()
    old = KeyRing.parse(manager.get_secret_value(SecretId=arn)["SecretString"])
    ring = old.rotated(at, revoke=bool(event.get("revoke")))
    manager.put_secret_value(SecretId=arn, SecretString=ring.text())
    starts = datetime.fromtimestamp(ring.keys[0].signs_from, UTC)
    return {"kid": ring.keys[0].kid, "signs_from": clock.to_json(starts), "kept": [key.kid for key in ring.keys[1:]]}
