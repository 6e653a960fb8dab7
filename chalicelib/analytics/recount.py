"""The recount: everything that the writes count, held against the items and put right. See core/recount.py."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from chalicelib.batches.recount import BatchLedger, TotalsLedger
from chalicelib.core.listing import LISTINGS
from chalicelib.core.logs import log, note
from chalicelib.core.recount import Finding, Ledger, ListingLedger, look
from chalicelib.defects.recount import DefectTotalsLedger
from chalicelib.orders.recount import OrderTotalsLedger

LOOKS = 6
PAUSE = 3.0  # seconds between two looks
RESERVE_MS = 60_000  # no further look begins without this much time beside what the longest one took
SHOWN = 500  # differences in the answer; all of them are in the log


@dataclass
class _Case:
    """One ledger, and what the looks at it have shown so far."""

    ledger: Ledger
    checked: int = 0
    seen: dict[str, Finding] = field(default_factory=dict)
    moved: set[str] = field(default_factory=set)
    corrected: list[tuple[str, Finding]] = field(default_factory=list)

    @property
    def open(self) -> bool:
        """Whether another look is needed."""
        return bool(self.seen or self.moved)

    def look(self) -> None:
        """Look, and correct what the look before has shown as well."""
        wrong, self.moved, self.checked = look(self.ledger)
        agreed = {name: finding for name, finding in wrong.items() if self.seen.get(name) == finding}
        for name, finding in agreed.items():
            log.warning("recount", extra=_row(self.ledger, name, finding))
            if self.ledger.add(name, finding):
                self.corrected.append((name, finding))
                del wrong[name]
        self.seen = wrong

    def rows(self) -> Iterator[dict[str, Any]]:
        """What was different."""
        for outcome, findings in (("corrected", self.corrected), ("left", self.seen.items())):
            for name, finding in findings:
                yield {**_row(self.ledger, name, finding), "outcome": outcome}


def run(remaining_ms: Callable[[], int]) -> dict[str, Any]:
    """Look until nothing is open any more, or time or patience end; tells what was found."""
    cases = [_Case(ledger) for ledger in _ledgers()]
    longest = 0.0
    for turn in range(LOOKS):
        waiting = [case for case in cases if case.open or turn == 0]
        if not waiting or (turn and remaining_ms() < RESERVE_MS + 1000 * longest):
            break
        started = time.monotonic()
        if turn:
            time.sleep(PAUSE)
        for case in waiting:
            case.look()
        longest = max(longest, time.monotonic() - started)
    return _told(cases)


def _ledgers() -> list[Ledger]:
    totals: list[Ledger] = [BatchLedger(), TotalsLedger(), DefectTotalsLedger(), OrderTotalsLedger()]
    return [*map(ListingLedger, LISTINGS.values()), *totals]


def _told(cases: list[_Case]) -> dict[str, Any]:
    rows = [row for case in cases for row in case.rows()]
    moving = {case.ledger.title: len(case.moved) for case in cases if case.moved}
    note(differences=len(rows), moving=sum(moving.values()))
    return {
        "checked": {case.ledger.title: case.checked for case in cases},
        "differences": rows[:SHOWN],
        "total": len(rows),
        "moving": moving,
    }


def _row(ledger: Ledger, name: str, finding: Finding) -> dict[str, Any]:
    kept, actual = (dict(zip(ledger.amounts, each, strict=True)) for each in (finding.kept.amounts, finding.actual))
    return {"where": ledger.title, "what": name, "kept": kept, "actual": actual}
