"""The keys that sign tokens: the current one, and those before it until the tokens that they signed have run out.

They lie in one secret of Secrets Manager, newest first. What the template generates is plain text, which is one key; a
rotation (`make rotate-key`) turns it into `{"keys": [{"kid", "key", "signs_from"}, ...]}`. A token names its key by
`kid`; one without, of the first release, is tried with each.

How a rotation refuses nobody: an instance reads the secret anew every minute, and at once for a `kid` that it does not
know (that at most every few seconds, since strangers can make one up). A new key signs two minutes after it was
written, when every instance has it; the one before it stays valid for as long as the last token that it signed. A
rotation with `revoke` drops all other keys and signs at once.
"""

import hashlib
import json
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

TOKEN_SECONDS = 24 * 3600  # that a token lives
REFRESH_SECONDS = 60  # after which an instance reads the secret again
SIGNS_AFTER_SECONDS = 120  # between writing a key and signing with it: longer than any instance is without it
RETRY_SECONDS = 5  # between two readings for an unknown kid, and after one that failed
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
        """The keys in the text of the secret."""
        if not secret.startswith("{"):
            return cls((SigningKey(hashlib.sha256(f"kid {secret}".encode()).hexdigest()[:8], secret),))
        return cls(tuple(SigningKey(**one) for one in json.loads(secret)["keys"]))

    def text(self) -> str:
        """The text of the secret."""
        return json.dumps({"keys": [asdict(key) for key in self.keys]})

    def signing(self, at: float) -> SigningKey:
        """The newest key that signs already."""
        return next((key for key in self.keys if key.signs_from <= at), self.keys[-1])

    def valid(self, at: float) -> tuple[SigningKey, ...]:
        """The keys that a token may be signed with: a replaced one until the last token that it signed has run out."""
        lasting = TOKEN_SECONDS + REFRESH_SECONDS
        older = (old for new, old in pairwise(self.keys) if at < new.signs_from + lasting)
        return (self.keys[0], *older)

    def rotated(self, at: float, *, revoke: bool = False) -> "KeyRing":
        """The ring with a new key; with `revoke` it is the only one."""
        new = SigningKey(secrets.token_hex(4), secrets.token_urlsafe(KEY_BYTES), int(at))
        if revoke:
            return KeyRing((new,))
        return KeyRing((SigningKey(new.kid, new.key, new.signs_from + SIGNS_AFTER_SECONDS), *self.valid(at)))


class Keys:
    """The ring as an instance knows it, read when it is needed. `read` gives the text of the secret."""

    def __init__(self, read: Callable[[], str]) -> None:
        self._read = read
        self._ring: KeyRing | None = None
        self._refresh_at = self._search_at = 0.0

    def signing(self) -> SigningKey:
        """The key to sign a token with."""
        at = clock.now().timestamp()
        return self._current(at).signing(at)

    def verifying(self, kid: str | None) -> tuple[SigningKey, ...]:
        """The keys that may have signed a token that names this `kid`; all of them for one that names none."""
        at = clock.now().timestamp()
        found = _named(self._current(at), kid, at)
        if not found and at >= self._search_at:
            self._search_at = at + RETRY_SECONDS
            found = _named(self._fetch(at), kid, at)
        return found

    def _current(self, at: float) -> KeyRing:
        """The ring, at most a minute old; an older one while Secrets Manager does not answer."""
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
def _keys_of(arn: str) -> Keys:
    return Keys(lambda: str(client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]))


def signing() -> SigningKey:
    """The key to sign a token with."""
    return _keys_of(settings().jwt_secret_arn).signing()


def verifying(kid: str | None) -> tuple[SigningKey, ...]:
    """The keys that may have signed a token that names this `kid`."""
    return _keys_of(settings().jwt_secret_arn).verifying(kid)


def forget() -> None:
    """Know no key, as a new instance."""
    _keys_of.cache_clear()


def rotate(event: dict[str, Any]) -> dict[str, Any]:
    """The Lambda function behind `make rotate-key`: writes a new key into the secret; with `revoke` all others end.

    Two rotations at once: the key of one is lost before it signs anything.
    """
    manager, arn, at = client("secretsmanager"), settings().jwt_secret_arn, clock.now().timestamp()
    old = KeyRing.parse(manager.get_secret_value(SecretId=arn)["SecretString"])
    ring = old.rotated(at, revoke=bool(event.get("revoke")))
    manager.put_secret_value(SecretId=arn, SecretString=ring.text())
    starts = datetime.fromtimestamp(ring.keys[0].signs_from, UTC)
    return {"kid": ring.keys[0].kid, "signs_from": clock.to_json(starts), "kept": [key.kid for key in ring.keys[1:]]}
