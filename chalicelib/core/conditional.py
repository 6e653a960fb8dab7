"""Conditional requests (RFC 9110, section 13): `ETag` and 304 for GET, `If-Match` and 412 for changes.

The tag is the hash of the answer to GET. Fields that change by themselves, such as the health of a webhook, have a part
of the tag of their own, which `If-Match` does not compare.

Another writer may write between the comparison of the tag and the write of the request. So the items that are read for
the tag by `fetch` and as the first item of `fetch_together` are a snapshot; reads of many items and of indexes are not
recorded. The use case reads the items from the snapshot. A transaction gets the condition that each of them still has
the attributes that were read, a write of a single item the condition on that item only, until one write has changed an
item of the snapshot. After that reads are fresh again. Writes to other items (breakers, rate limits, counters, some
leases) get no condition and do not end the snapshot. A request none of whose writes had conditions on the snapshot
compares the snapshot with the table at its end.

When an item has changed, `Outdated` repeats the request from the comparison of the tag: 412 when the representation has
changed, another attempt when only attributes have changed that the client does not see.
"""

import hashlib
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from pynamodb.models import Model

ItemKey = tuple[type[Model], str, str | None]  # model, hash key, range key
RawItem = dict[str, Any]  # an item in DynamoDB's JSON


class Outdated(Exception):
    """An item of the snapshot has changed. Not an AppError, so that no use case handles it."""


class Snapshot:
    """The items that are read for the tag; while `is_recording`, reads are added to them.

    `is_confirmed`: a write has found them unchanged. The check at the end of the request is left out then.
    """

    def __init__(self) -> None:
        self.items: dict[ItemKey, RawItem | None] = {}
        self.is_recording = True
        self.is_confirmed = False

    def record(self, key: ItemKey, raw: RawItem | None) -> None:
        """Add an item that was read, while the snapshot is open."""
        if self.is_recording:
            self.items[key] = raw


_snapshot: ContextVar[Snapshot | None] = ContextVar("snapshot", default=None)


def tag_of(body: bytes, stable_body: bytes | None = None) -> str:
    """Return the strong entity tag of a body; `stable_body` has no fields that change by themselves."""
    if stable_body is None:
        return f'"{_hash(body)}"'
    return f'"{_hash(stable_body)}.{_hash(body)}"'


def _hash(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()[:32]


def etag_matches(header: str, tag: str, *, weak: bool = False) -> bool:
    """Return whether `If-Match` names the tag, or with `weak` whether `If-None-Match` does; `*` matches any tag."""
    tags = [part.strip() for part in header.split(",")]
    if weak:
        tags = [part.removeprefix("W/") for part in tags]
    else:
        tags, tag = [_stable_part(part) for part in tags], _stable_part(tag)
    return "*" in tags or tag in tags


def _stable_part(tag: str) -> str:
    stable, dot, _ = tag.partition(".")
    return f'{stable}"' if dot else tag


@contextmanager
def read_snapshot() -> Generator[Snapshot, None, None]:
    """Add what is read in the block to a new snapshot, until its `is_recording` is set to False."""
    snapshot = Snapshot()
    token = _snapshot.set(snapshot)
    try:
        yield snapshot
    finally:
        _snapshot.reset(token)


def current() -> Snapshot | None:
    """Return the snapshot of the request; None for one without `If-Match`, and after its snapshot has ended."""
    snapshot = _snapshot.get()
    return snapshot if snapshot and (snapshot.is_recording or snapshot.items) else None


def release() -> None:
    """End the snapshot: from now on reads are fresh and writes get no conditions."""
    snapshot = _snapshot.get()
    if snapshot is not None:
        snapshot.items.clear()
        snapshot.is_recording = False
