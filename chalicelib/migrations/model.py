"""The rules of migrations: their order, when one may begin, how far it has come. Pure.

Moments are texts, which sort as the moments do.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

Raw = dict[str, Any]  # an item, or a key, as DynamoDB has it
Change = Callable[[Raw], Mapping[str, Any] | None]  # an item -> the attributes to set; nothing: it stays as it is
Changes = Mapping[str, Change]  # by the table of the items

SETTLE_SECONDS = 16 * 60  # longer than any call of a function, so that no call of the earlier release still writes
LOCAL_SETTLE_SECONDS = 2  # the local stack is restarted; calls of a deployed-over one end in this time
LEASE_SECONDS = 60
PAUSE_AFTER_ERROR_SECONDS = 30


def _nothing() -> Changes:
    return {}


@dataclass(frozen=True)
class Migration:
    """A migration. `changes` returns those beside the lists that name its number in `filled_by`; it is called when all
    lists are declared. A change is made to an item that nobody has written since it was read, and may be tried again.
    """

    number: int
    title: str
    changes: Callable[[], Changes] = _nothing


@dataclass
class Run:
    """The current migration: the table that is read and the key of its last item; the items read and changed, in all
    tables; of the items of lists those read and all there are. `is_counting`: only counters are left.
    """

    number: int
    started_at: str
    table: str = ""
    cursor: Raw | None = None
    read: int = 0
    changed: int = 0
    listed: int = 0
    total: int = 0
    is_counting: bool = False
    error: str = ""

    @property
    def percent(self) -> int:
        """How much of it is done. The end is never shown before it is reached: new items are read as well."""
        return 99 if self.is_counting else min(99, 100 * self.listed // self.total) if self.total else 0


@dataclass(frozen=True)
class Applied:
    """The record of a migration that was applied, by which version of the software."""

    number: int
    title: str
    started_at: str
    applied_at: str
    read: int
    changed: int
    version: str


@dataclass
class State:
    """All migrations up to `applied` are applied; those up to `target` may begin at `settled_at`. A worker has the
    state until `due_at`. `version` grows with each write.
    """

    applied: int = 0
    target: int = 0
    settled_at: str = ""
    run: Run | None = None
    history: list[Applied] = field(default_factory=list)
    due_at: str = ""
    version: int = 0

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to apply."""
        return self.applied >= self.target

    def start(self, latest: int, settled_at: str) -> None:
        """Let all migrations that the code knows begin at that moment, when calls of the earlier release have ended.

        Code that knows fewer than are applied is an earlier release: it writes items as before the others, so these
        have to be applied again after the next upgrade.
        """
        if latest > self.target:
            self.settled_at = settled_at
        self.applied, self.target = min(self.applied, latest), latest
        if self.run and self.run.number > latest:
            self.run = None

    def start_again(self) -> None:
        """Apply all again: items of an earlier release were restored."""
        self.applied, self.run = 0, None

    def is_taken(self, now: str) -> bool:
        """Whether a worker has it, or its time has not come."""
        return max(self.due_at, self.settled_at) > now

    def finish(self, migration: Migration, now: str, version: str) -> None:
        """Record the current migration as applied."""
        run, self.run, self.applied = self.run, None, migration.number
        assert run
        counts = (run.started_at, now, run.read, run.changed, version)
        record = Applied(migration.number, migration.title, *counts)
        self.history = [*(each for each in self.history if each.number != migration.number), record]


def all_applied(latest: int) -> State:
    """Return the state of a new stack: it has no items of an earlier release."""
    return State(applied=latest, target=latest)


def advanced(run: Run, table: str, cursor: Raw | None, **counts: int) -> Run:
    """Return a run after a page of a table."""
    sums = {name: getattr(run, name) + count for name, count in counts.items()}
    return replace(run, table=table, cursor=cursor, error="", **sums)
