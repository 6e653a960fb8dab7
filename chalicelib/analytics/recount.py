"""The recount of everything that the writes count. See core/recount.py."""

from collections.abc import Callable
from typing import Any

from chalicelib.batches import recount as batches
from chalicelib.core import readiness
from chalicelib.core.listing import LISTINGS
from chalicelib.core.logs import note
from chalicelib.core.recount import ListCounters, Recount, Recountable, run_rounds
from chalicelib.defects import recount as defects
from chalicelib.orders import recount as orders

MAX_ROWS = 500  # differences in the result; the log has all of them


def run(remaining_ms: Callable[[], int]) -> dict[str, Any]:
    """Compare until nothing is open, or the rounds or the time are used up; returns what was found. NotReady while an
    index lacks items.
    """
    readiness.require(max(listing.newest_migration for listing in LISTINGS.values()))
    recounts = [Recount(counts) for counts in _everything_counted()]
    run_rounds(recounts, remaining_ms)
    return _result(recounts)


def _everything_counted() -> list[Recountable]:
    return [*map(ListCounters, LISTINGS.values()), *batches.RECOUNTS, *defects.RECOUNTS, *orders.RECOUNTS]


def _result(recounts: list[Recount]) -> dict[str, Any]:
    rows = [row for recount in recounts for row in recount.rows()]
    moving = {recount.counts.title: len(recount.moved) for recount in recounts if recount.moved}
    note(differences=len(rows), moving=sum(moving.values()))
    return {
        "checked": {recount.counts.title: recount.checked for recount in recounts},
        "differences": rows[:MAX_ROWS],
        "total": len(rows),
        "moving": moving,
    }
