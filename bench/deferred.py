"""What deferred tasks cost on the deployed local stack, to a real receiver: `make bench-deferred`.

40 clients make 4,000 tasks as fast as they can: a quarter due in 10 s, a quarter in 30 s, half in 1 to 60 s, in random
order. Each calls the receiver once, which notes the time: nothing may come early or twice, and all has to come. In the
end the API is asked what it holds: all tasks completed, after one attempt.

Lateness is measured from `execute_at` to the moment the receiver has read the request, so it includes the start of the
attempt, the connection and what else the machine does.
"""

import argparse
import random
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.http import Caller
from tests.e2e.receiver import Receiver, receiver
from tests.e2e.stack import Stack, start
from tests.waiting import wait_for

CLIENTS = 40
MAX_WAIT_SECONDS = 300
WARM, WARM_ROUNDS, WARM_SECONDS = 40, 10, 3.0


@dataclass
class Made:
    """An answer to a request for a task: its number when there is one, and how long it took."""

    status: int
    seconds: float
    number: int | None
    execute_at: datetime


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=4_000)
    parser.add_argument("--clients", type=int, default=CLIENTS)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, receiver() as outside:
        stack = start(Path(folder), {"AUTH": "false"})
        try:
            caller = Caller(stack.url)
            warm_up(caller, chosen.clients)
            run(stack, caller, outside, "/warm", [15.0] * WARM, chosen.clients)
            quarter = chosen.tasks // 4
            offsets = [10.0] * quarter + [30.0] * quarter
            offsets += [random.uniform(1, 60) for _ in range(chosen.tasks - len(offsets))]
            random.shuffle(offsets)
            started = time.monotonic()
            made = run(stack, caller, outside, "/task", offsets, chosen.clients)
            show(stack, outside, made, time.monotonic() - started)
        finally:
            stack.stop()


def warm_up(caller: Caller, clients: int) -> None:
    """Have the emulator start a worker for each client, which takes it a while."""
    for _ in range(WARM_ROUNDS):
        started = time.monotonic()
        with ThreadPoolExecutor(clients) as pool:
            list(pool.map(lambda _: caller.ok("GET", "/api/v1/tasks"), range(clients)))
        if time.monotonic() - started < WARM_SECONDS:
            return


def run(
    stack: Stack, caller: Caller, outside: Receiver, path: str, offsets: Sequence[float], clients: int
) -> list[Made]:
    """Make the tasks, and wait until all of them have called."""
    started = time.monotonic()
    with ThreadPoolExecutor(clients) as pool:
        made = list(pool.map(lambda offset: make(caller, outside.url(path), offset), offsets))
    if path == "/task":
        seconds = time.monotonic() - started
        print(f"{len(made):,} tasks by {clients} clients in {seconds:.1f} s, {len(made) / seconds:.0f} a second")
    wanted = sum(1 for one in made if one.number)
    wait_for(lambda: len({got.headers["x-task-id"] for got in outside.at(path)}) >= wanted, MAX_WAIT_SECONDS, 0.5)
    wait_for(lambda: total(stack, "completed") + total(stack, "failed") >= total(stack), MAX_WAIT_SECONDS, 0.5)
    return made


def make(caller: Caller, url: str, offset: float) -> Made:
    """Ask for one task that is due that many seconds from now."""
    execute_at = datetime.now(UTC) + timedelta(seconds=offset)
    body = {"execute_at": execute_at.isoformat(), "task_type": "http_callback", "payload": {"url": url, "data": {}}}
    began = time.monotonic()
    status, answer = caller.call("POST", "/api/v1/tasks", body)
    seconds = time.monotonic() - began
    return Made(status, seconds, answer["task"]["id"] if status == 201 else None, execute_at)


def show(stack: Stack, outside: Receiver, made: Sequence[Made], seconds: float) -> None:
    """Check that nothing was lost, doubled or early, and print how long things took."""
    due = {str(one.number): one.execute_at.timestamp() for one in made if one.number}
    calls = [(got.headers["x-task-id"], got.at) for got in outside.at("/task")]
    often = Counter(number for number, _ in calls)
    assert set(often) == set(due), f"lost: {set(due) - set(often)}"
    late = [at - due[number] for number, at in calls]
    assert min(late) >= 0, f"early by {-min(late):.3f} s"
    refused = Counter(one.status for one in made if not one.number)
    print(f"all run after {seconds:.1f} s; refused {dict(refused)}; lost 0; early 0; ", end="")
    print(f"called twice {sum(often.values()) - len(often)}; completed {total(stack, 'completed') - WARM:,}")
    print(f"{'':24}{'p50, s':>10}{'p95, s':>10}{'p99, s':>10}{'most, s':>10}")
    line("create", [one.seconds for one in made])
    line("late", late)


def line(name: str, times: Sequence[float]) -> None:
    """A line of the table."""
    cuts = statistics.quantiles(times, n=100)
    print(f"{name:24}{cuts[49]:>10.3f}{cuts[94]:>10.3f}{cuts[98]:>10.3f}{max(times):>10.3f}", flush=True)


def total(stack: Stack, status: str = "") -> int:
    """How many tasks there are."""
    asked = f"/api/v1/tasks?limit=1&status={status}"
    answer = wait_for(lambda: (found := stack.call("GET", asked)).ok and found, MAX_WAIT_SECONDS, 0.5)
    return int(answer.json()["total"])


if __name__ == "__main__":
    main()
