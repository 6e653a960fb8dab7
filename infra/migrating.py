"""Asking the function `migrate` of a stack for work until all migrations are applied.

It works some seconds a call. When the caller ends, the stack goes on by itself (the sweep). The module imports little,
because the launcher of the local stack uses it.
"""

import json
import time
from collections.abc import Callable, Collection, Iterator

from infra.names import Json

WORK_SECONDS = 5  # of one call
POLL_SECONDS = 2.0

Call = Callable[[Json], Json]  # calls the function with an event; MigrationFailed
Say = Callable[[str], None]


class MigrationFailed(Exception):
    """The function has failed; the sweep calls it again."""

    def __init__(self, result: Json) -> None:
        super().__init__(
            f"{result.get('errorType')}: {result.get('errorMessage')}; see the log of the function migrate"
        )


def migrate(call: Call, say: Say, *, poll: float = POLL_SECONDS, again: bool = False) -> None:
    """Apply the migrations of the deployed release and return when all are applied; prints nothing if all were."""
    result = call({"start": True, "again": again, "seconds": WORK_SECONDS})
    pending = {row["number"] for row in result["items"] if row["status"] != "done"}
    printed = list[str]()
    while pending:
        now = list(lines(result, pending))
        for line in now:
            if line not in printed:
                say(line)
        if result["is_done"]:
            break
        if now == printed:
            time.sleep(poll)
        printed, result = now, call({"seconds": WORK_SECONDS})


def dry_run(call: Call, say: Say) -> None:
    """Print what the pending migrations would change."""
    cursor: Json | None = None
    counts: dict[int, list[int]] = {}
    while True:
        result = call({"dry": True, "cursor": cursor, "seconds": WORK_SECONDS})
        for part in result["dry"]:
            sums = counts.setdefault(part["number"], [0, 0])
            counts[part["number"]] = [sums[0] + part["read"], sums[1] + part["changed"]]
            for example in part["examples"] if not sums[1] else ():
                say(f"{part['number']:04d} for example {json.dumps(example, ensure_ascii=False)}")
        if (cursor := result["cursor"]) is None:
            break
    for number, (read, changed) in counts.items():
        say(f"{number:04d} would change {changed:,} of {read:,} items")
    say("nothing was changed" if counts else "nothing to apply")


def lines(result: Json, pending: Collection[int]) -> Iterator[str]:
    """Yield one line for each of these migrations, then what they wait for."""
    for row in result["items"]:
        if row["number"] not in pending:
            continue
        counts = f"{row['read']:,} items read, {row['changed']:,} changed"
        what = {"done": "applied", "running": f"{row['percent']} %"}.get(row["status"], "waiting")
        yield f"{row['number']:04d} {row['title']}: {what}" + (f", {counts}" if row["read"] else "")
    if result["error"]:
        yield f"it goes on after an error: {result['error']}"
    elif not result["is_done"] and all(row["status"] != "running" for row in result["items"]):
        yield f"begins at {result['settled_at']}, when calls of the earlier release have ended"
