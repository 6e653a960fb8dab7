"""Adding and aggregating many products on the deployed local stack: `python -m bench.bulk`.

From the request to SUCCESS of the task, as a client sees it that asks twice a second. A line a batch; the last column
says whether it is linear.
"""

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Event
from typing import Any

from tests.e2e.production import new_batch, ok
from tests.e2e.stack import Stack, start

SIZES = [1_000, 10_000, 100_000]
EVERY = 0.5
_never = Event()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        stack = start(Path(folder), {"AUTH": "false"})
        try:
            measure(stack, chosen.sizes)
        finally:
            stack.stop()


def measure(stack: Stack, sizes: Sequence[int]) -> None:
    """A batch of each size, after a small one that starts the workers."""
    fill(stack, 100)
    print(f"{'products':>10}{'add, s':>10}{'aggregate, s':>14}{'together, s':>13}{'s per 1,000':>13}")
    for size in sizes:
        adding, aggregating = fill(stack, size)
        together = adding + aggregating
        line = f"{size:>10,}{adding:>10.1f}{aggregating:>14.1f}{together:>13.1f}"
        print(f"{line}{together * 1000 / size:>13.2f}", flush=True)


def fill(stack: Stack, size: int) -> tuple[float, float]:
    """Seconds of adding that many products to a new batch, and of aggregating them."""
    place = f"/api/batches/{new_batch(stack)['uuid']}"
    codes = [f"0104600439931256215{number:012d}" for number in range(size)]
    adding = seconds(stack, "POST", f"{place}/products/bulk", {"unique_codes": codes}, {"added": size})
    return adding, seconds(stack, "PATCH", f"{place}/aggregate_async", {}, {"aggregated": size})


def seconds(stack: Stack, method: str, path: str, body: Any, expected: dict[str, int]) -> float:
    """How long a task takes, from the request on."""
    started = time.perf_counter()
    task = f"/api/background_tasks/{ok(stack, method, path, body)['task_id']}"
    while (state := ok(stack, "GET", task))["status"] in ("PENDING", "PROGRESS"):
        _never.wait(EVERY)
    assert state["status"] == "SUCCESS" and expected.items() <= state["result"].items(), state
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
