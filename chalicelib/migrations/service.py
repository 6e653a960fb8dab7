"""Applying migrations: by which calls, and what they show. How a migration changes items: passes.py.

A migration begins when no call of the earlier release can write any more (`SETTLE_SECONDS` after the start). It then
reads every item of its tables once. Writers of the new release write what its code reads, so at the end of the pass
every item is as the code reads it, and the migration is applied.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

from chalicelib.core import clock
from chalicelib.core.aws import client
from chalicelib.core.errors import AppError
from chalicelib.core.logs import log, note
from chalicelib.core.settings import settings
from chalicelib.core.transactions import Changed, optimistic
from chalicelib.migrations import model, passes, store
from chalicelib.migrations.model import Migration, State
from chalicelib.migrations.numbered import migrations
from chalicelib.migrations.passes import RemainingMs, WorkingTime


def migrate(event: Mapping[str, Any], remaining_ms: RemainingMs) -> dict[str, Any]:
    """Apply migrations for a time and return their state. All lists have to be declared.

    `start`: let those of a new release begin. `again`: apply all once more. `dry`: change nothing, return what would
    change, from `cursor` on. `seconds`: how long to work, without it as long as the function may.
    """
    working_time = WorkingTime(remaining_ms, event.get("seconds"))
    if event.get("dry"):
        return passes.dry_run(_pending(store.find() or State()), event.get("cursor"), working_time)
    state = _take(bool(event.get("start")), bool(event.get("again")))
    if state and not state.is_done:
        _work(state, working_time)
    return describe()


def sweep() -> int:
    """Call the function for what is started and has no worker, on a stack without a record, which a new one needs, and
    where a later release was started.
    """
    state = store.find()
    is_earlier = state is not None and state.target > _latest()  # CloudFormation went back to this release by itself
    if state and not is_earlier and (state.is_done or state.is_taken(clock.to_text(clock.now()))):
        return 0
    payload = json.dumps({"start": is_earlier}).encode()
    client("lambda").invoke(FunctionName=f"{settings().stack_name}-migrate", InvocationType="Event", Payload=payload)
    return 1


def describe() -> dict[str, Any]:
    """Return every migration with its status, for `make migrate` and the system page."""
    state = store.find() or State()
    is_done = state.applied >= _latest()
    return {
        "items": [_row(migration, state) for migration in migrations()],
        "is_done": is_done,
        "settled_at": None if is_done else state.settled_at or None,
        "error": (state.run.error if state.run else "") or None,
    }


def _row(migration: Migration, state: State) -> dict[str, Any]:
    record = next((each for each in state.history if each.number == migration.number), None)
    current = state.run if state.run and state.run.number == migration.number else None
    is_applied, counts = migration.number <= state.applied, current or record
    return {
        "number": migration.number,
        "title": migration.title,
        "status": "done" if is_applied else "running" if current else "waiting",
        "percent": 100 if is_applied else current.percent if current else 0,
        "read": counts.read if counts else 0,
        "changed": counts.changed if counts else 0,
        "applied_at": record.applied_at if record and is_applied else None,
    }


def _latest() -> int:
    return len(migrations())


def _pending(state: State) -> list[Migration]:
    return [migration for migration in migrations() if migration.number > state.applied]


@optimistic
def _take(starts: bool, again: bool) -> State | None:
    """Take the lease on the state, after starting what is new; None when another worker has it, or nothing may begin.

    Only a stack without any item needs no start.
    """
    now = clock.now()
    found = store.find()
    state = found or (model.all_applied(_latest()) if store.is_new_stack() else State())
    before = replace(state) if found else None
    if starts:
        seconds = model.LOCAL_SETTLE_SECONDS if settings().stage == "local" else model.SETTLE_SECONDS
        state.start(_latest(), clock.to_text(now + timedelta(seconds=seconds)))
    if again:
        state.start_again()
    is_mine = not state.is_done and not state.is_taken(clock.to_text(now))
    if is_mine:
        state.due_at = clock.to_text(now + timedelta(seconds=model.LEASE_SECONDS))
    if state != before and (state.target or found):
        store.save(state)
    return state if is_mine else None


def _work(state: State, working_time: WorkingTime) -> None:
    """Apply what is pending until the time is over; then, and after an error, release the lease."""
    try:
        for migration in _pending(state)[: state.target - state.applied]:
            if not passes.apply(state, migration, working_time):
                break
    except Changed:
        log.warning("another worker has taken the migrations over")
    except Exception as error:
        if state.run:
            state.run.error = f"{type(error).__name__}: {error}"[:500]
        _release(state, model.PAUSE_AFTER_ERROR_SECONDS)
        if not isinstance(error, AppError) or not error.temporary:
            raise
        log.warning("a migration goes on later", extra={"reason": str(error)})
    else:
        _release(state, 0)
    note(applied=state.applied)


def _release(state: State, pause: int) -> None:
    state.due_at = clock.to_text(clock.now() + timedelta(seconds=pause)) if pause else ""
    with suppress(Changed):
        store.save(state)
