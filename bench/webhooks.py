"""What webhooks cost on the deployed local stack, to a real receiver: `make bench-webhooks`.

1. At rest: one event at a time to three subscriptions; the time from the commit to the receiver.
2. Many: 1,000 events to three subscriptions, by four clients at once; what arrived, how often, under which ids.
3. A dead endpoint beside two live ones: blocks of events during which the third endpoint lives and such during which it
   is dead take turns, so that whatever else the machine does meets both; the ratio of the medians of the other two is
   what counts. Once the dead one refuses connections, once it takes them and says nothing.

The time of the commit is that of the event itself, taken just before the transaction, so the figures include it.
"""

import argparse
import socket
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Any

from bench.http import Caller
from tests.e2e.production import new_batch, new_center, ok
from tests.e2e.receiver import HANGS, Got, Receiver, receiver
from tests.e2e.stack import Stack, start
from tests.production import batch_body
from tests.waiting import wait_for

LIVE = ("/one", "/two", "/three")
PACE = 0.3  # seconds from event to event beside a dead endpoint
CLIENTS = 4
FIRST_NUMBER = 500_000  # of the batches that are made at once: above those that are made one by one
MAX_WAIT_SECONDS = 600
_never = Event()


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000)
    parser.add_argument("--rest", type=int, default=40)
    parser.add_argument("--block", type=int, default=20)
    parser.add_argument("--blocks", type=int, default=4)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, receiver() as outside, receiver() as mute:
        mute.answers["/"] = [HANGS]
        stack = start(Path(folder), {"AUTH": "false"})
        try:
            center = new_center(stack)
            subscriptions = [subscribe(stack, outside.url(path)) for path in LIVE]
            at_rest(stack, outside, center, chosen.rest)
            many(stack, outside, center, chosen.events, subscriptions)
            third = f"/api/webhooks/{subscriptions[-1]['uuid']}"
            for kind, url in (("refuses", _nobody()), ("hangs", mute.url("/"))):
                urls = (outside.url(LIVE[-1]), url)
                beside_dead(stack, outside, center, kind, third, urls, chosen.blocks, chosen.block)
        finally:
            stack.stop()


def at_rest(stack: Stack, outside: Receiver, center: str, count: int) -> None:
    """Record one event after the other, each after the arrival of the one before."""
    times = []
    for number in range(count + 3):
        before = len(outside.got)
        new_batch(stack, work_center_id=center)
        wait_for(lambda before=before: len(outside.got) == before + len(LIVE), MAX_WAIT_SECONDS, 0.01)
        if number >= 3:  # the first ones start the workers
            times += [latency(got) for got in outside.got[before:]]
    print(f"{'':34}{'deliveries':>12}{'p50, s':>10}{'p95, s':>10}")
    show("at rest, one event at a time", times)


def many(stack: Stack, outside: Receiver, center: str, count: int, subscriptions: Sequence[dict[str, Any]]) -> None:
    """All at once; then every delivery is looked for."""
    before, started, caller = len(outside.got), time.time(), Caller(stack.url)
    with ThreadPoolExecutor(CLIENTS) as pool:
        bodies = [batch_body(center, batch_number=FIRST_NUMBER + number) for number in range(count)]
        made = {batch["uuid"] for batch in pool.map(lambda body: caller.ok("POST", "/api/batches", body), bodies)}
    committed = time.time() - started
    new = lambda path: [got for got in outside.got[before:] if got.path == path]  # noqa: E731
    wait_for(lambda: all(len({got.id for got in new(path)}) >= count for path in LIVE), MAX_WAIT_SECONDS, 0.2)
    arrived = time.time() - started
    show(f"{count:,} events by {CLIENTS} clients", [latency(got) for path in LIVE for got in new(path)])
    for path, subscription in zip(LIVE, subscriptions, strict=True):
        check(new(path), made)
        wait_for(lambda one=subscription: successes(stack, one) >= count, MAX_WAIT_SECONDS, 0.2)
    twice = sum(sum(Counter(got.id for got in new(path)).values()) - count for path in LIVE)
    print(f"  committed in {committed:.1f} s, all there after {arrived:.1f} s; lost 0, sent more than once {twice}")


def check(got: Sequence[Got], made: set[str]) -> None:
    """Check that every event arrived, each under one id."""
    ids: dict[str, set[str]] = {}
    for one in got:
        ids.setdefault(one.envelope["data"]["batch_id"], set()).add(one.id)
    assert set(ids) == made, f"lost: {made - set(ids)}"
    assert all(len(found) == 1 for found in ids.values())


def beside_dead(
    stack: Stack, outside: Receiver, center: str, kind: str, third: str, urls: tuple[str, str], blocks: int, size: int
) -> None:
    """The third endpoint lives and is dead by turns."""
    ok(stack, "PATCH", third, {"url": urls[0], "is_active": True})
    block(stack, outside, center, size)  # whatever went on before has ended
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(2 * blocks):
        dead = number % 2
        ok(stack, "PATCH", third, {"url": urls[dead], "is_active": True})
        times[dead].extend(block(stack, outside, center, size))
    show("two endpoints beside a live one", times[0])
    show(f"two beside a dead one that {kind}", times[1])
    ratio = statistics.median(times[1]) / statistics.median(times[0])
    print(f"  ratio of the medians {ratio:.3f}")


def block(stack: Stack, outside: Receiver, center: str, size: int) -> list[float]:
    """The times of events at an even pace to those who live."""
    before = len(outside.got)
    live: Callable[[], list[Got]] = lambda: [got for got in outside.got[before:] if got.path in LIVE[:2]]  # noqa: E731
    for _ in range(size):
        new_batch(stack, work_center_id=center)
        _never.wait(PACE)
    wait_for(lambda: len(live()) >= 2 * size, MAX_WAIT_SECONDS, 0.05)
    return [latency(got) for got in live()]


def subscribe(stack: Stack, url: str) -> dict[str, Any]:
    """A subscription to new batches."""
    body = {"url": url, "events": ["batch.created"], "secret_key": "webhook_secret_key"}
    made: dict[str, Any] = ok(stack, "POST", "/api/webhooks", body)
    return made


def successes(stack: Stack, subscription: dict[str, Any]) -> int:
    """How many deliveries of a subscription are noted as done."""
    page = ok(stack, "GET", f"/api/webhooks/{subscription['uuid']}/deliveries?limit=1&status=success")
    return int(page["total"])


def latency(got: Got) -> float:
    """Seconds from the commit to the receiver."""
    return got.at - datetime.fromisoformat(got.envelope["timestamp"]).timestamp()


def show(name: str, times: list[float]) -> None:
    """A line of the table."""
    p95 = statistics.quantiles(times, n=20)[-1]
    print(f"{name:34}{len(times):>12,}{statistics.median(times):>10.3f}{p95:>10.3f}", flush=True)


def _nobody() -> str:
    """Return the address of a port at which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as gone:
        return f"http://127.0.0.1:{gone.getsockname()[1]}/"


if __name__ == "__main__":
    main()
