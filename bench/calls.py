"""How many requests to DynamoDB each endpoint of production control makes, and how many of them one after the other.

Printed by `make bench-costs`, for the shards of the local stage and for those of AWS. Requests that are sent side by
side are one round trip: a client waits for the longest of them. Reads are in read capacity units, by the rules of
bench/bill.py.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr
from io import StringIO
from typing import Any
from unittest.mock import patch

from bench.bill import READS, read_units
from chalicelib.core.dynamo_transport import DynamoDBClient

STAGES = {"local": ("1", "1"), "AWS": ("6", "16")}  # listing shards, counter shards
BATCHES = 200
Case = Callable[[], Any]


class Calls:
    """Counts the requests of one call of the API."""

    def __init__(self) -> None:
        self.requests = self.round_trips = 0
        self.units = 0.0
        self.operations: list[str] = []
        self._beside = ""  # the operation of those that are sent side by side

    def __str__(self) -> str:
        return f"{self.requests:>10}{self.round_trips:>10}{self.units:>8.1f}"

    def count(self, operation: str, arguments: dict[str, Any], answer: Any) -> None:
        """Count one request that was answered."""
        beside = "" if threading.current_thread() is threading.main_thread() else operation
        self.requests += 1
        self.round_trips += not (beside and beside == self._beside)
        self._beside = beside
        self.operations.append(operation)
        if operation in READS:
            self.units += read_units(operation, arguments, answer)


@contextmanager
def counted() -> Iterator[Calls]:
    """Counts the requests to DynamoDB that are made inside."""
    real = DynamoDBClient.call
    calls = Calls()

    def call(this: Any, operation: str, arguments: Any) -> Any:
        answer = real(this, operation, arguments)
        calls.count(operation, arguments, answer)
        return answer

    with patch.object(DynamoDBClient, "call", call):
        yield calls


def cases() -> dict[str, Case]:
    """By name: what makes one call of an endpoint, on a site with some data."""
    from tests.production import batch, batch_body, batch_with, ok, work_center

    place = work_center()["uuid"]
    filled = batch_with("A", "B", "C", work_center_id=place)
    large = batch_with(*(f"L-{number}" for number in range(60)), work_center_id=place)
    days = [f"2026-01-{day:02d}" for day in range(1, 6)]
    for number in range(BATCHES):
        batch(work_center_id=place, batch_number=number + 1, shift=str(number % 4), batch_date=days[number % 5])
    for _ in range(25):
        batch_with("A", "B", work_center_id=place, batch_date="2026-02-01", shift="9")
    codes, to_aggregate, to_remove = iter(range(10**6)), iter(large["products"]), iter(large["products"][30:])
    empty = [iter([batch(work_center_id=place)["uuid"] for _ in range(4)]) for _ in range(2)]
    waiting = iter([batch_with("A", "B", work_center_id=place)["uuid"] for _ in range(4)])
    closing = iter([True, False] * 100)
    days_query = "batch_date_from=2026-01-02&batch_date_to=2026-01-03"
    return {
        "one batch, 3 products": lambda: ok("GET", f"/api/batches/{filled['uuid']}"),
        "one batch, 60 products": lambda: ok("GET", f"/api/batches/{large['uuid']}"),
        "25 batches, with products": lambda: ok("GET", "/api/batches"),
        "25 batches, at offset 50": lambda: ok("GET", "/api/batches?offset=50"),
        "25 batches, sorted by date": lambda: ok("GET", "/api/batches?sort_field=batch_date"),
        "25 batches of a work centre": lambda: ok("GET", f"/api/batches?work_center_id={place}"),
        "25 batches of a shift, sorted by date": lambda: ok("GET", "/api/batches?shift=1&sort_field=batch_date"),
        "25 batches of 2 days": lambda: ok("GET", f"/api/batches?{days_query}"),
        "25 batches of 2 days, by date": lambda: ok("GET", f"/api/batches?{days_query}&sort_field=batch_date"),
        "25 batches of a shift and 2 days": lambda: ok("GET", f"/api/batches?shift=1&{days_query}"),
        "100 batches": lambda: ok("GET", "/api/batches?limit=100"),
        "create a batch": lambda: ok("POST", "/api/batches", batch_body(place)),
        "change a batch": lambda: ok("PATCH", f"/api/batches/{filled['uuid']}", {"team": f"Б{next(codes)}"}),
        "close or open a batch": lambda: ok("PATCH", f"/api/batches/{filled['uuid']}", {"is_closed": next(closing)}),
        "add a product to a batch of few": lambda: ok(
            "POST", f"/api/batches/{next(empty[0])}/products", {"unique_code": "A"}
        ),
        "add a product to a batch of 60": lambda: ok(
            "POST", f"/api/batches/{large['uuid']}/products", {"unique_code": f"P-{next(codes)}"}
        ),
        "aggregate a product": lambda: ok("PATCH", f"/api/products/{next(to_aggregate)['uuid']}/aggregate", {}),
        "aggregate a batch of 2": lambda: ok("PATCH", f"/api/batches/{next(waiting)}/aggregate", {}),
        "aggregate a batch without products": lambda: ok("PATCH", f"/api/batches/{next(empty[1])}/aggregate", {}),
        "remove a product": lambda: ok("DELETE", f"/api/batches/{large['uuid']}/products/{next(to_remove)['uuid']}"),
        "one product": lambda: ok("GET", f"/api/products/{filled['products'][0]['uuid']}"),
        "25 products": lambda: ok("GET", "/api/products"),
        "25 products of a batch": lambda: ok("GET", f"/api/products?batch_id={large['uuid']}"),
        "one work centre": lambda: ok("GET", f"/api/work_centers/{place}"),
        "25 work centres": lambda: ok("GET", "/api/work_centers"),
        "change a work centre": lambda: ok("PATCH", f"/api/work_centers/{place}", {"name": f"Цех {next(codes)}"}),
    }


def measure(shards: tuple[str, str]) -> dict[str, Calls]:
    """The second call of each endpoint, with so many shards; what a process does once is done by the first."""
    from chalicelib.core.settings import settings
    from tests.production import production

    os.environ["LISTING_SHARDS"], os.environ["COUNTER_SHARDS"] = shards
    settings.cache_clear()
    found = {}
    with redirect_stderr(StringIO()), production():  # the log of the functions
        for name, case in cases().items():
            case()
            with counted() as calls:
                case()
            found[name] = calls
    return found


def print_table() -> None:
    """Requests, round trips and read units of every endpoint, by stage."""
    measured = {stage: measure(shards) for stage, shards in STAGES.items()}
    print(f"{'':40}" + "".join(f"{stage:>28}" for stage in STAGES))
    print(f"{'calls to DynamoDB':40}" + f"{'requests':>10}{'in a row':>10}{'units':>8}" * len(STAGES))
    for name in measured["local"]:
        print(f"{name:40}" + "".join(str(of_stage[name]) for of_stage in measured.values()))


if __name__ == "__main__":
    from tests import conftest  # noqa: F401 - the environment of a function

    print_table()
