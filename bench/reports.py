"""What reports asked for at once cost on the deployed local stack: `make bench-reports`.

12 clients ask at the same time, each for one report on a batch of products: a third as PDF, a third as XLSX, a third as
CSV. In the first round no function of the saga has a process yet, in the others some have. The time runs from the first
request until the API says that all are completed, and is taken for each report from its own request; in the end every
file is fetched.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import requests

from bench.http import Caller
from tests.e2e.production import new_batch
from tests.e2e.stack import Stack, start

FORMATS = ("pdf", "xlsx", "csv")
MAX_WAIT_SECONDS = 120
POLL_SECONDS = 0.1
_never = Event()


def main() -> None:
    """Print a line for each round."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=12)
    parser.add_argument("--products", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        stack = start(Path(folder), {"AUTH": "false"})
        try:
            batch = fill(stack, chosen.products)
            print(f"{chosen.reports} reports at once{'':10}{'all, s':>10}{'p50, s':>10}{'last, s':>10}")
            for number in range(1, chosen.rounds + 1):
                together, each = run(stack, batch, chosen.reports)
                line = f"{together:>10.2f}{statistics.median(each):>10.2f}{max(each):>10.2f}"
                print(f"round {number}{'':20}{line}", flush=True)
        finally:
            stack.stop()


def fill(stack: Stack, products: int) -> str:
    """A batch of so many products."""
    batch = str(new_batch(stack)["uuid"])
    codes = [f"R-{number:05d}" for number in range(products)]
    caller = Caller(stack.url)
    for code in codes:
        caller.ok("POST", f"/api/batches/{batch}/products", {"unique_code": code})
    return batch


def run(stack: Stack, batch: str, count: int) -> tuple[float, list[float]]:
    """Ask for so many reports and wait for all: the seconds until the last one, and those of each."""
    caller, started = Caller(stack.url), time.monotonic()

    def ask(number: int) -> tuple[int, float]:
        body = {"name": f"Отчет {number}", "template_id": 3, "parameters": {"batch_id": batch}}
        began = time.monotonic()
        made = caller.ok("POST", "/api/v1/reports/", {**body, "format": FORMATS[number % len(FORMATS)]})
        return int(made["id"]), began

    with ThreadPoolExecutor(count) as pool:
        began = dict(pool.map(ask, range(count)))
    ended = wait(caller, sorted(began))
    check(stack, caller, sorted(began))
    return max(ended.values()) - started, [ended[number] - at for number, at in began.items()]


def wait(caller: Caller, numbers: Sequence[int]) -> dict[int, float]:
    """When each of these reports was completed."""
    ended: dict[int, float] = {}
    deadline = time.monotonic() + MAX_WAIT_SECONDS
    while len(ended) < len(numbers):
        assert time.monotonic() < deadline, f"not completed: {set(numbers) - set(ended)}"
        for report in caller.ok("GET", f"/api/v1/reports/?limit={len(numbers)}")["reports"]:
            assert report["status"] in ("pending", "processing", "completed"), report
            if report["status"] == "completed" and report["id"] in numbers:
                ended.setdefault(report["id"], time.monotonic())
        _never.wait(POLL_SECONDS)
    return ended


def check(stack: Stack, caller: Caller, numbers: Sequence[int]) -> None:
    """Every file is there, as large as its record says."""
    for number in numbers:
        record: dict[str, Any] = caller.ok("GET", f"/api/v1/reports/{number}")
        file = requests.get(f"{stack.url}/api/v1/reports/{number}/download", timeout=20)
        assert (file.status_code, len(file.content)) == (200, record["file_size"])


if __name__ == "__main__":
    main()
