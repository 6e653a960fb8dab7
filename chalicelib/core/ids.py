"""New ids. A request with an Idempotency-Key gets the same ids when it is repeated.

A run that is killed after its transaction and before its answer is stored has done its work. Its repetition must return
the same result and do nothing twice. So the key has a seed (idempotency.py), from which ids follow in the order of
their draws, and drawn numbers are stored with the key. A transaction that would create an item that exists under such
an id counts as done (transactions.py). `Transaction.note_made` notes results that have no id of their own.
"""

import hashlib
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass
class RequestIds:
    """The ids of one key. `numbers`: those drawn so far, by position; `made`: the result that an earlier run has noted;
    `has_changed`: an earlier run has changed the resource that `If-Match` names.

    `keep` stores a number with the key before it is used.
    """

    key: str
    seed: str
    numbers: dict[str, int]
    keep: Callable[[str, int], None]
    made: str | None = None
    is_repeated: bool = False
    has_changed: bool = False
    position: int = 0
    drawn: set[str] = field(default_factory=set)

    def draw_uuid(self) -> str:
        """Return the next id."""
        self.position += 1
        digest = hashlib.sha256(f"{self.seed}/{self.position}".encode()).digest()
        value = str(uuid.UUID(bytes=digest[:16], version=4))
        self.drawn.add(value)
        return value

    def has_drawn(self, key: str) -> bool:
        """Return whether the key of an item is, or ends in, a drawn id."""
        return key.rpartition("#")[2] in self.drawn or key.lstrip("0") in self.drawn

    def draw_number(self, draw: Callable[[], int]) -> int:
        """Return the next number: that of an earlier run, or a new one."""
        self.position += 1
        name = f"n{self.position}"
        if name not in self.numbers:
            self.numbers[name] = draw()
            self.keep(name, self.numbers[name])
        self.drawn.add(str(self.numbers[name]))
        return self.numbers[name]


_request_ids: ContextVar[RequestIds | None] = ContextVar("request_ids", default=None)


def new() -> str:
    """Return a new UUID as text."""
    request_ids = _request_ids.get()
    return request_ids.draw_uuid() if request_ids else str(uuid.uuid4())


def number(draw: Callable[[], int]) -> int:
    """Return a new number of a sequence."""
    request_ids = _request_ids.get()
    return request_ids.draw_number(draw) if request_ids else draw()


def made_before() -> str | None:
    """Return the result that a killed run of the same request has noted."""
    request_ids = _request_ids.get()
    return request_ids.made if request_ids else None


def is_repeated() -> bool:
    """Return whether an earlier run of the request has ended without a stored answer."""
    request_ids = _request_ids.get()
    return request_ids.is_repeated if request_ids else False


def has_changed() -> bool:
    """Return whether an earlier run of the request has changed the resource that its `If-Match` names."""
    request_ids = _request_ids.get()
    return request_ids.has_changed if request_ids else False


def current() -> RequestIds | None:
    """Return the ids of the request's key; None without a key."""
    return _request_ids.get()


@contextmanager
def use(request_ids: RequestIds) -> Iterator[None]:
    """Draw the ids in the block from those of a key."""
    token = _request_ids.set(request_ids)
    try:
        yield
    finally:
        _request_ids.reset(token)


def position() -> int:
    """Return the number of ids drawn under the key."""
    request_ids = _request_ids.get()
    return request_ids.position if request_ids else 0


def rewind(to: int) -> None:
    """Draw again from a position on, so that all attempts of a use case have the same ids."""
    if request_ids := _request_ids.get():
        request_ids.position = to
