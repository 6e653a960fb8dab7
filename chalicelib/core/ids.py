"""New ids; those of a request with an Idempotency-Key are the same when it is sent again.

A run that is killed after its transaction, before its answer is kept, has done its work: the repetition has to answer
and to do nothing twice. So the key has a seed (idempotency.py), from which ids follow in the order they are asked for,
and numbers that were drawn are kept with it. A transaction that would make what is there under such an id has been
made before, and counts as done (transactions.py). What has no id of its own is noted by `Transaction.note_made`.
"""

import hashlib
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass
class Names:
    """The ids of one key: `numbers` are those drawn by position, `made` is what an earlier run has noted.

    `keep` notes a number with the key before it is used.
    """

    key: str
    seed: str
    numbers: dict[str, int]
    keep: Callable[[str, int], None]
    made: str | None = None
    is_repeated: bool = False
    position: int = 0
    drawn: set[str] = field(default_factory=set)

    def draw_uuid(self) -> str:
        """The next id."""
        self.position += 1
        digest = hashlib.sha256(f"{self.seed}/{self.position}".encode()).digest()
        value = str(uuid.UUID(bytes=digest[:16], version=4))
        self.drawn.add(value)
        return value

    def has_drawn(self, key: str) -> bool:
        """Whether a key of an item is, or ends in, an id that was drawn."""
        return key.rpartition("#")[2] in self.drawn or key.lstrip("0") in self.drawn

    def draw_number(self, draw: Callable[[], int]) -> int:
        """The next number: the one an earlier run had, or a new one."""
        self.position += 1
        name = f"n{self.position}"
        if name not in self.numbers:
            self.numbers[name] = draw()
            self.keep(name, self.numbers[name])
        self.drawn.add(str(self.numbers[name]))
        return self.numbers[name]


_names: ContextVar[Names | None] = ContextVar("names", default=None)


def new() -> str:
    """A new UUID as text."""
    names = _names.get()
    return names.draw_uuid() if names else str(uuid.uuid4())


def number(draw: Callable[[], int]) -> int:
    """A new number of a sequence."""
    names = _names.get()
    return names.draw_number(draw) if names else draw()


def made_before() -> str | None:
    """What a run of the same request that was killed has made, if it noted that."""
    names = _names.get()
    return names.made if names else None


def is_repeated() -> bool:
    """Whether the request has been sent before, and has had no answer that was kept."""
    names = _names.get()
    return names.is_repeated if names else False


def current() -> Names | None:
    """The names of the request's key; None without one."""
    return _names.get()


@contextmanager
def following(names: Names) -> Iterator[None]:
    """Inside, ids are those of a key."""
    token = _names.set(names)
    try:
        yield
    finally:
        _names.reset(token)


def position() -> int:
    """How many ids were drawn under the key."""
    names = _names.get()
    return names.position if names else 0


def go_back(to: int) -> None:
    """Draw again from a position on: the attempts of a use case have the same ids."""
    if names := _names.get():
        names.position = to
