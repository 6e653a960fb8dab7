"""The recount of everything that the writes count. See core/recount.py."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from chalicelib.batches import recount as batches
from chalicelib.core.listing import LISTINGS
from chalicelib.core.logs import log, note
from chalicelib.core.recount import ListCounters, Mismatch, Recountable, compare
from chalicelib.defects import recount as defects
from chalicelib.orders import recount as orders

MAX_ROUNDS = 6
PAUSE_SECONDS = 3.0  # between two rounds
MIN_REMAINING_MS = 60_000  # beside the time of the longest round, for another one to begin
MAX_ROWS = 500  # differences in the result; the log has all of them


@dataclass
class _Recount:
    """The recount of one kind of counts, and what its comparisons have found."""

    counts: Recountable
    checked: int = 0
    found: dict[str, Mismatch] = field(default_factory=dict)
    moved: set[str] = field(default_factory=set)
    corrected: list[tuple[str, Mismatch]] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether another comparison is needed."""
        return bool(self.found or self.moved)

    def compare(self) -> None:
        """Compare, and correct the mismatches that the comparison before has found as well."""
        wrong, self.moved, self.checked = compare(self.counts)
        agreed = {name: mismatch for name, mismatch in wrong.items() if self.found.get(name) == mismatch}
        for name, mismatch in agreed.items():
            log.warning("recount", extra=_row(self.counts, name, mismatch))
            if self.counts.add(name, mismatch):
                self.corrected.append((name, mismatch))
                del wrong[name]
        self.found = wrong

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield the mismatches."""
        for outcome, mismatches in (("corrected", self.corrected), ("left", self.found.items())):
            for name, mismatch in mismatches:
                yield {**_row(self.counts, name, mismatch), "outcome": outcome}


def run(remaining_ms: Callable[[], int]) -> dict[str, Any]:
    """Compare until nothing is open, or the rounds or the time are used up; returns what was found."""
    recounts = [_Recount(counts) for counts in _everything_counted()]
    longest = 0.0
    for number in range(MAX_ROUNDS):
        waiting = [recount for recount in recounts if recount.is_open or number == 0]
        if not waiting or (number and remaining_ms() < MIN_REMAINING_MS + 1000 * longest):
            break
        started = time.monotonic()
        if number:
            time.sleep(PAUSE_SECONDS)
        for recount in waiting:
            recount.compare()
        longest = max(longest, time.monotonic() - started)
    return _result(recounts)


def _everything_counted() -> list[Recountable]:
    return [*map(ListCounters, LISTINGS.values()), *batches.RECOUNTS, *defects.RECOUNTS, *orders.RECOUNTS]


def _result(recounts: list[_Recount]) -> dict[str, Any]:
    rows = [row for recount in recounts for row in recount.rows()]
    moving = {recount.counts.title: len(recount.moved) for recount in recounts if recount.moved}
    note(differences=len(rows), moving=sum(moving.values()))
    return {
        "checked": {recount.counts.title: recount.checked for recount in recounts},
        "differences": rows[:MAX_ROWS],
        "total": len(rows),
        "moving": moving,
    }


def _row(counts: Recountable, name: str, mismatch: Mismatch) -> dict[str, Any]:
    both = mismatch.stored.amounts, mismatch.actual
    stored, actual = (dict(zip(counts.amounts, amounts, strict=True)) for amounts in both)
    return {"where": counts.title, "what": name, "kept": stored, "actual": actual}
