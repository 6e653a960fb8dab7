"""One pass of a migration over its tables: page by page, at a bounded rate, with a checkpoint after each page.

An item is changed on the condition that it is as it was read. If another writer was faster it is read again: that
writer may have changed another part of it. A pass that was killed goes on from its checkpoint; what it had changed
behind that needs no change any more.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import chalicelib
from chalicelib.core import clock
from chalicelib.core.errors import Busy
from chalicelib.core.listing import LISTINGS
from chalicelib.core.recount import ListCounters, Recount, run_rounds
from chalicelib.core.repeats import back_off
from chalicelib.core.retries import USE_CASE
from chalicelib.core.settings import settings
from chalicelib.core.threads import map_in_parallel
from chalicelib.migrations import store
from chalicelib.migrations.model import LEASE_SECONDS, Change, Migration, Raw, Run, State, advanced

RemainingMs = Callable[[], int]
MIN_REMAINING_MS = 30_000  # of the function: a page of items takes less
MAX_PAGE = 100  # items
READS_PER_WRITE = 10  # items that are only read count less: they cost a fraction of a write with its indexes
MAX_EXAMPLES = 3  # of changes, in the result of a dry run


class WorkingTime:
    """The time that a call may work: until the function's own end is near, or for so many `seconds`."""

    def __init__(self, remaining_ms: RemainingMs, seconds: float | None) -> None:
        self.remaining_ms = remaining_ms
        self._end = time.monotonic() + seconds if seconds is not None else float("inf")

    @property
    def is_over(self) -> bool:
        """Whether no further page is to be begun."""
        return time.monotonic() >= self._end or self.remaining_ms() < MIN_REMAINING_MS


def apply(state: State, migration: Migration, working_time: WorkingTime) -> bool:
    """Apply a migration, or go on with it; return False when the time is over. Changed when the lease is lost."""
    changes = changes_of(migration)
    tables = sorted(changes)
    if state.run is None:
        state.run = Run(migration.number, clock.to_text(clock.now()), total=store.count_items(tables))
        _keep_lease(state, LEASE_SECONDS)
    run = state.run
    while not run.is_counting:
        if working_time.is_over:
            return False
        run = state.run = _page(run, tables, changes)
        _keep_lease(state, LEASE_SECONDS)
    if recounts := _recounts(migration):
        _keep_lease(state, working_time.remaining_ms() // 1000)
        run_rounds(recounts, working_time.remaining_ms)
        if any(recount.is_open for recount in recounts):
            raise Busy("counters change all the time")
    state.finish(migration, clock.to_text(clock.now()), chalicelib.VERSION)
    store.save(state)
    return True


def changes_of(migration: Migration) -> dict[str, Change]:
    """Return what a migration changes, by table: the lists that it fills, and what it names itself."""
    filled: dict[str, Change] = {
        name: listing.missing for name, listing in LISTINGS.items() if listing.is_filled_by(migration.number)
    }
    return {**filled, **migration.changes()}


def dry_run(pending: list[Migration], cursor: Raw | None, working_time: WorkingTime) -> dict[str, Any]:
    """Return what the pending migrations would change, as far as the time allows; `cursor` is where to go on.

    Each is compared with the items as they are, so one that builds on another may show less than it will change.
    """
    number, table, key = (cursor["number"], cursor["table"], cursor["key"]) if cursor else (0, "", None)
    found = []
    for migration in pending:
        if migration.number < number:
            continue
        run = Run(migration.number, "", *((table, key) if migration.number == number else ()))
        changes, examples = changes_of(migration), list[dict[str, Any]]()
        try_change = partial(_example, examples)
        while not run.is_counting and not working_time.is_over:
            run = _page(run, sorted(changes), changes, try_change)
        found.append({"number": run.number, "read": run.read, "changed": run.changed, "examples": examples})
        if not run.is_counting:
            return {"dry": found, "cursor": {"number": run.number, "table": run.table, "key": run.cursor}}
    return {"dry": found, "cursor": None}


def _example(examples: list[dict[str, Any]], table: str, change: Change, item: Raw) -> bool:
    values = change(item)
    if values and len(examples) < MAX_EXAMPLES:
        examples.append({"table": table, "key": store.key_of(table, item), "set": dict(values)})
    return bool(values)


TryChange = Callable[[str, Change, Raw], bool]


def _page(run: Run, tables: list[str], changes: Mapping[str, Change], try_change: TryChange | None = None) -> Run:
    """Read and change the next page, not faster than the rate; the run that returns is counting after the last one."""
    if not tables:
        return replace(run, is_counting=True)
    table, started = run.table or tables[0], time.monotonic()
    items, cursor = store.read_page(table, run.cursor, min(MAX_PAGE, settings().migration_rate))
    changed = sum(map_in_parallel(partial(try_change or _bring_up, table, changes[table]), items))
    listed = sum("lshard" in item for item in items) if table in LISTINGS else 0
    run = advanced(run, table, cursor, read=len(items), changed=changed, listed=listed)
    if cursor is None:
        following = [name for name in tables if name > table]
        run = replace(run, table=following[0]) if following else replace(run, is_counting=True)
    _pause(changed + (len(items) - changed) / READS_PER_WRITE, started)
    return run


def _bring_up(table: str, change: Change, item: Raw) -> bool:
    """Change an item until nothing is left to change; return whether this has changed it."""
    for attempt in range(USE_CASE.max_attempts):
        values = change(item)
        if not values:
            return False
        if store.change(table, item, values):
            return True
        back_off(attempt)
        found = store.read_item(table, item)
        if found is None:
            return False
        item = found
    raise Busy


def _pause(items: float, started: float) -> None:
    seconds = items / settings().migration_rate - (time.monotonic() - started)
    if seconds > 0:
        time.sleep(seconds)


def _recounts(migration: Migration) -> list[Recount]:
    """Return what counts the items by the values of the fields that are counted from this migration on."""
    counted = {
        listing: [field for field in listing.counted if listing.filled_by.get(field) == migration.number]
        for listing in LISTINGS.values()
    }
    return [Recount(ListCounters(listing, fields)) for listing, fields in counted.items() if fields]


def _keep_lease(state: State, seconds: int) -> None:
    state.due_at = clock.to_text(clock.now() + timedelta(seconds=seconds))
    store.save(state)
