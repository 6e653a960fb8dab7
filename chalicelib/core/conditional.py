"""Conditional requests (RFC 9110, section 13): `ETag` and 304 on single things, `If-Match` and 412 on their changes.

The tag is the hash of the answer to GET, so whoever has seen what is there now may change it, and nobody else. Between
the look at the tag and the write somebody else may be quicker: the reads of a request with `If-Match` are pinned, that
is, what was read for the tag is what the use case works on, and its condition that nothing has changed since then fails
for all but the first. Such a request is not tried again behind the client's back: it is answered 412.
"""

import hashlib
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

Pins = dict[tuple[Any, ...], Any]

_pins: ContextVar[Pins | None] = ContextVar("pins", default=None)


def tag_of(body: bytes) -> str:
    """The strong entity tag of a representation."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def names(header: str, tag: str, *, weak: bool = False) -> bool:
    """Whether `If-Match` or, compared weakly, `If-None-Match` names the tag; `*` names any."""
    given = [part.strip() for part in header.split(",")]
    if weak:
        given = [part.removeprefix("W/") for part in given]
    return "*" in given or tag in given


@contextmanager
def pinned() -> Generator[None, None, None]:
    """What is read inside is read once, until something is written."""
    token = _pins.set({})
    try:
        yield
    finally:
        _pins.reset(token)


def pins() -> Pins | None:
    """What has been read under `pinned`; None outside of it."""
    return _pins.get()


def unpin() -> None:
    """Something was written: from now on reads are fresh."""
    held = _pins.get()
    if held is not None:
        held.clear()
