"""What a batch costs as it grows: `python -m bench.large_batch`.

The api function is called in this process, DynamoDB is the emulator in another one. Times are medians of `RUNS` calls;
the emulator reads the whole partition for each query, so what matters is how a column compares to the one before it.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable
from itertools import count
from typing import Any

from bench.emulator import emulator

RUNS = 15
SIZES = [10, 1_000, 100_000]
AGGREGATED = [1_000, 5_000]
_numbers = count(1)


def ask(method: str, path: str, body: Any = None) -> Any:
    """The answer of the api function; a failure ends the benchmark."""
    import app
    from tests.http_events import call

    answer = call(app.app, method, path, body)
    if answer.status >= 300:
        raise SystemExit(f"{method} {path}: {answer.status} {answer.text}")
    return answer.json


def new_batch() -> str:
    """An empty batch at a work centre of its own."""
    from tests.production import batch

    return str(batch(batch_number=next(_numbers))["uuid"])


def median_ms(work: Callable[[], Any]) -> float:
    """Milliseconds of a call, after one to warm up."""
    work()
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        work()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def calls(batch_id: str) -> dict[str, Callable[[], Any]]:
    """What is measured on a batch."""
    place = f"/api/batches/{batch_id}"
    return {
        "add a product": lambda: ask("POST", f"{place}/products", {"unique_code": f"new-{next(_numbers)}"}),
        "read the batch": lambda: ask("GET", place),
        "list batches": lambda: ask("GET", "/api/batches"),
        "its products, page 1": lambda: ask("GET", f"/api/products?batch_id={batch_id}"),
        "find a product by code": lambda: ask("GET", "/api/products?unique_code=N-5"),
        "read a product": lambda: ask("GET", f"/api/products/{first_product(batch_id)}"),
    }


def first_product(batch_id: str) -> str:
    """The id of a product that is there."""
    from chalicelib.products.model import product_id

    return product_id(batch_id, "N-5")


def growth(sizes: list[int]) -> None:
    """Print the table of times by size."""
    from tests.bulk import load_products

    rows: dict[str, list[float]] = {}
    for size in sizes:
        with emulator():
            batch_id = new_batch()
            load_products(batch_id, size)
            for name, work in calls(batch_id).items():
                rows.setdefault(name, []).append(median_ms(work))
    print(f"{'ms, median of ' + str(RUNS):26}" + "".join(f"{f'{size:,} products':>18}" for size in sizes))
    for name, times in rows.items():
        print(f"{name:26}" + "".join(f"{ms:>18.1f}" for ms in times) + f"{times[-1] / times[0]:>8.1f} x")


def aggregation(amounts: list[int]) -> None:
    """Print how long one request takes to aggregate that many products."""
    from tests.bulk import load_products

    for amount in amounts:
        with emulator():
            batch_id = new_batch()
            load_products(batch_id, amount)
            started = time.perf_counter()
            ask("PATCH", f"/api/batches/{batch_id}/aggregate")
            print(f"aggregate {amount:,} products in one request: {time.perf_counter() - started:.1f} s")


def main() -> None:
    """Print both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--aggregated", type=int, nargs="*", default=AGGREGATED)
    chosen = parser.parse_args()
    os.environ.update(STAGE="local", AUTH_REQUIRED="false", LOG_LEVEL="ERROR")
    if chosen.sizes:
        growth(chosen.sizes)
    aggregation(chosen.aggregated)


if __name__ == "__main__":
    main()
