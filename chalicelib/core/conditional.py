"""Conditional requests (RFC 9110, section 13): `ETag` and 304 for GET, `If-Match` and 412 for changes.

The tag is the hash of the answer to GET. Fields that change by themselves, such as the health of a webhook, have a part
of the tag of their own, which `If-Match` does not compare.

Another writer may write between the comparison of the tag and the write of the request. So the items that are read for
the tag are a snapshot. The use case reads them from the snapshot, and every transaction and single write of the request
gets the condition that each of them still has the attributes that were read, until one write has changed an item of the
snapshot. After that reads are fresh again. Writes to other items (breakers, rate limits, counters, some leases) do not
end the snapshot.

When an item has changed, `Outdated` repeats the request from the comparison of the tag: 412 when the representation has
changed, another attempt when only attributes have changed that the client does not see.
"""

import hashlib
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from pynamodb.models import Model

Key = tuple[type[Model], str, str | None]  # model, hash key, range key
Raw = dict[str, Any]  # an item in DynamoDB's JSON


class Outdated(Exception):
    """An item of the snapshot has changed. Not an AppError, so that no use case handles it."""


class Snapshot:
    """The items that are read for the tag; while `is_open`, reads are added to them.

    `is_confirmed`: a write has found them unchanged. From then on the request may not be refused.
    """

    def __init__(self) -> None:
        self.items: dict[Key, Raw | None] = {}
        self.is_open = True
        self.is_confirmed = False

    def record(self, key: Key, raw: Raw | None) -> None:
        """Add an item that was read, while the snapshot is open."""
        if self.is_open:
            self.items[key] = raw


_snapshot: ContextVar[Snapshot | None] = ContextVar("snapshot", default=None)


def tag_of(body: bytes, lasting: bytes | None = None) -> str:
    """Return the strong entity tag of a body; `lasting` is the body without the fields that change by themselves."""
    if lasting is None:
        return f'"{_hash(body)}"'
    return f'"{_hash(lasting)}.{_hash(body)}"'


def _hash(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()[:32]


def etag_matches(header: str, tag: str, *, weak: bool = False) -> bool:
    """Return whether `If-Match` names the tag, or with `weak` whether `If-None-Match` does; `*` matches any tag."""
    tags = [part.strip() for part in header.split(",")]
    if weak:
        tags = [part.removeprefix("W/") for part in tags]
    else:
        tags, tag = [_lasting_part(part) for part in tags], _lasting_part(tag)
    return "*" in tags or tag in tags


def _lasting_part(tag: str) -> str:
    lasting, dot, _ = tag.partition(".")
    return f'{lasting}"' if dot else tag


@contextmanager
def read_snapshot() -> Generator[Snapshot, None, None]:
    """Add what is read in the block to a new snapshot, until its `is_open` is set to False."""
    snapshot = Snapshot()
    token = _snapshot.set(snapshot)
    try:
        yield snapshot
    finally:
        _snapshot.reset(token)


def current() -> Snapshot | None:
    """Return the snapshot of the request; None for one without `If-Match`, and after its snapshot has ended."""
    snapshot = _snapshot.get()
    return snapshot if snapshot and (snapshot.is_open or snapshot.items) else None


def release() -> None:
    """End the snapshot: from now on reads are fresh and writes get no conditions."""
    snapshot = _snapshot.get()
    if snapshot is not None:
        snapshot.items.clear()
        snapshot.is_open = False
