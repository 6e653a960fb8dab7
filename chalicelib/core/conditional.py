"""Conditional requests (RFC 9110, section 13): `ETag` and 304 on what GET answers, `If-Match` and 412 on changes.

The tag is the hash of the answer to GET, so whoever has seen what is there now may change it, and nobody else. What
changes by itself, such as the health of a webhook, has a part of the tag for itself, which `If-Match` does not compare.

Between the comparison of the tag and the write somebody else may be quicker. So the items that were read for the tag
are a snapshot: the use case reads them from it, and whatever it writes is written only while each of them is, attribute
by attribute, as it was read. That condition is added to every transaction and single write of the request, until one of
them has changed an item of the snapshot: then this writer has won, and reads are fresh again. Writes to other items
(breakers, rate limits, counters, leases that say so) leave the snapshot alone.

Where an item is not as it was read, `Outdated` takes the request back to the comparison of the tag: 412 when the
representation is another one, another attempt when only something changed that the client does not see.
"""

import hashlib
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from pynamodb.models import Model

Key = tuple[type[Model], str, str | None]  # model, hash key, range key
Raw = dict[str, Any]  # an item, as DynamoDB answers it


class Outdated(Exception):
    """An item of the snapshot is not as it was read. Not an AppError: no use case may take it for an answer."""


class Snapshot:
    """The items that were read for the tag; while `is_open` further reads are added to them.

    `is_confirmed` once a write has found them as they were read: from then on the request may not be refused.
    """

    def __init__(self) -> None:
        self.items: dict[Key, Raw | None] = {}
        self.is_open = True
        self.is_confirmed = False

    def record(self, key: Key, raw: Raw | None) -> None:
        """Keep what was read, if it is read for the tag."""
        if self.is_open:
            self.items[key] = raw


_snapshot: ContextVar[Snapshot | None] = ContextVar("snapshot", default=None)


def tag_of(body: bytes, lasting: bytes | None = None) -> str:
    """The strong entity tag of a representation; `lasting` is it without what changes by itself, where that is less."""
    if lasting is None:
        return f'"{_hash(body)}"'
    return f'"{_hash(lasting)}.{_hash(body)}"'


def _hash(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()[:32]


def etag_matches(header: str, tag: str, *, weak: bool = False) -> bool:
    """Whether `If-Match` or, compared weakly, `If-None-Match` names the tag; `*` names any."""
    given = [part.strip() for part in header.split(",")]
    if weak:
        given = [part.removeprefix("W/") for part in given]
    else:
        given, tag = [_lasting_part(part) for part in given], _lasting_part(tag)
    return "*" in given or tag in given


def _lasting_part(tag: str) -> str:
    lasting, dot, _ = tag.partition(".")
    return f'{lasting}"' if dot else tag


@contextmanager
def read_snapshot() -> Generator[Snapshot, None, None]:
    """What is read inside belongs to the snapshot until its `is_open` is set to False; what is written, see above."""
    snapshot = Snapshot()
    token = _snapshot.set(snapshot)
    try:
        yield snapshot
    finally:
        _snapshot.reset(token)


def current() -> Snapshot | None:
    """The snapshot of the request; None when it is not conditional, or has changed the thing already."""
    snapshot = _snapshot.get()
    return snapshot if snapshot and (snapshot.is_open or snapshot.items) else None


def release() -> None:
    """The request has won, or gives up: from now on reads are fresh and nothing is added to writes."""
    snapshot = _snapshot.get()
    if snapshot is not None:
        snapshot.items.clear()
        snapshot.is_open = False
