"""What a page of the batch list costs at 1 k, 10 k and 100 k batches, against a naive Scan: `make bench-listing`.

Capacity is counted from the answers by DynamoDB's published arithmetic (a Query: the bytes of its items rounded up to
4 KB; a BatchGetItem: each item rounded up; half for eventually consistent reads), because the emulator reports a
constant. Times are the emulator's, which reads a whole partition for each query: compare them within one table only.
"""

import argparse
import math
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

from bench.emulator import emulator

DAYS, SHIFTS, TEAMS, WORK_CENTERS = 20, 4, 10, 20
START = datetime(2026, 1, 1, tzinfo=UTC)


class Meter:
    """Counts requests and read units of the calls of a client of DynamoDB."""

    def __init__(self, client: Any) -> None:
        self.requests, self.units = 0, 0.0
        self._call, client.call = client.call, self._counted

    def _counted(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        parsed: dict[str, Any] = self._call(operation, asked)
        self.requests += 1
        if operation in ("Query", "Scan"):
            size = sum(item_bytes(item) for item in parsed["Items"])
            self.units += max(1, math.ceil(size / 4096)) * (1 if asked.get("ConsistentRead") else 0.5)
        elif operation == "BatchGetItem":
            for table, request in asked["RequestItems"].items():
                found = parsed["Responses"].get(table, [])
                rate = 1 if request.get("ConsistentRead") else 0.5
                whole = sum(max(1, math.ceil(item_bytes(item) / 4096)) for item in found)
                self.units += rate * (whole + len(request["Keys"]) - len(found))
        return parsed


def item_bytes(item: dict[str, Any]) -> int:
    """The size of an item as DynamoDB counts it: names and values in UTF-8, numbers at half a byte a digit."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def _value_bytes(value: dict[str, Any]) -> int:
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "N":
            return len(content) // 2 + 2
        case "B":
            return len(content)
        case "M":
            return 3 + item_bytes(content) + len(content)
        case "L":
            return 3 + sum(1 + _value_bytes(one) for one in content)
        case "SS":
            return sum(len(one.encode()) for one in content)
    return 1


def load(count: int) -> None:
    """Fill the tables, indexes and counters with `count` batches of three products each."""
    from chalicelib.batches.store import BATCHES, BatchItem
    from chalicelib.core import clock
    from chalicelib.core.aws import client
    from chalicelib.core.counters import CounterItem
    from chalicelib.core.dynamo import table_name

    counters: Counter[str] = Counter()

    def rows() -> Iterator[dict[str, Any]]:
        for n in range(count):
            at = START + timedelta(seconds=n)
            day = date(2026, 1, 1) + timedelta(days=n % DAYS)
            item = BatchItem(
                str(uuid.uuid5(uuid.NAMESPACE_OID, str(n))),
                created_at=clock.to_text(at), updated_at=None if n % 3 else clock.to_text(at),
                is_closed=n % 2 == 0, task_description="Собрать узел по чертежу", shift=str(n % SHIFTS + 1),
                team=f"Бригада {n % TEAMS}", batch_number=n // DAYS + 1, batch_date=day.isoformat(),
                nomenclature="Болт М8", ekn_code=f"EKN-{n % 100}", shift_start=clock.to_text(at),
                shift_end=clock.to_text(at), work_center_id=work_center(n % WORK_CENTERS),
                products_seq=3, products_total=3,
            )  # fmt: skip
            counters["batches"] += 1
            for name in BATCHES.counted:
                counters[BATCHES.counter(name, getattr(item, name))] += 1
            yield item.serialize() | BATCHES.index(item)

    source = rows()
    while chunk := list(islice(source, 25)):
        puts = [{"PutRequest": {"Item": row}} for row in chunk]
        pages = [{"PutRequest": {"Item": shown_products(row["uuid"]["S"])}} for row in chunk]
        client("dynamodb").batch_write_item(RequestItems={table_name("batches"): puts})
        client("dynamodb").batch_write_item(RequestItems={table_name("products"): pages})
    for name, amount in counters.items():
        CounterItem(f"{name}#0", n=amount).save()


def shown_products(batch_id: str) -> dict[str, Any]:
    """The item from which lists show the products of a batch."""
    from chalicelib.products import pages, store
    from chalicelib.products.schemas import Product

    products = [store.new(batch_id, number, f"PROD-{number}", START) for number in range(3)]
    texts = {f"p{item.number:03d}": {"S": Product.model_validate(item).model_dump_json()} for item in products}
    return pages.PageItem(batch_id, "shown#000").serialize() | texts


def work_center(number: int) -> str:
    """The id of one of the work centres."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, str(number)))


def cases() -> list[tuple[str, dict[str, Any]]]:
    """The pages that are asked for: sorts, single filters, combinations, deep pages."""
    from chalicelib.batches.store import BATCHES

    day = START.date() + timedelta(days=3)
    single = {
        "is_closed": False, "batch_number": 3, "batch_date": day, "work_center_id": work_center(3), "shift": "4",
    }  # fmt: skip
    found: list[tuple[str, dict[str, Any]]] = [(f"sort {name}", {"sort_field": name}) for name in BATCHES.sorts]
    found += [(f"{name} = …", {"filters": {name: value}}) for name, value in single.items()]
    found += [
        ("limit 100", {"limit": 100}),
        ("batch_date = … sort team", {"filters": {"batch_date": day}, "sort_field": "team"}),
        ("shift = … sort batch_date", {"filters": {"shift": "4"}, "sort_field": "batch_date"}),
        ("shift, batch_date", {"filters": {"shift": "4", "batch_date": day}}),
        ("batch_date_from … to, 2 days", {"filters": {"batch_date_from": day, "batch_date_to": day + timedelta(1)}}),
        ("offset 10,000", {"offset": 10_000}),
        ("cursor at 10,000", {"offset": 10_000, "then": True}),
    ]
    return found


def measure(meter: Meter, ask: Callable[[], Any]) -> tuple[int, float, float]:
    """Requests, read units and milliseconds of one page."""
    meter.requests, meter.units = 0, 0.0
    started = time.perf_counter()
    ask()
    return meter.requests, meter.units, (time.perf_counter() - started) * 1000


def page_of(arguments: dict[str, Any]) -> Callable[[], Any]:
    """The whole answer of the list endpoint: the page, and the first products of its batches."""
    from chalicelib.batches import view
    from chalicelib.batches.store import BATCHES
    from chalicelib.core.paging import PageRequest

    arguments = dict(arguments)
    if arguments.pop("then", False):
        cursor = BATCHES.page(PageRequest(**arguments)).next_cursor
        arguments |= {"cursor": cursor, "offset": 0}
    return lambda: view.page(PageRequest(**arguments), with_products=True)


def naive_scan() -> None:
    """The baseline: read all items, sort them, take a page."""
    from chalicelib.core.aws import client
    from chalicelib.core.dynamo import table_name

    arguments, items = {"TableName": table_name("batches")}, []
    while True:
        page = client("dynamodb").scan(**arguments)
        items += page["Items"]
        if "LastEvaluatedKey" not in page:
            break
        arguments["ExclusiveStartKey"] = page["LastEvaluatedKey"]
    items.sort(key=lambda item: str(item["created_at"]["S"]), reverse=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    sizes = parser.parse_args().sizes
    results: dict[str, dict[int, tuple[int, float, float]]] = {}
    meter = None
    for size in sizes:
        with emulator():
            from chalicelib.core.aws import client

            load(size)
            meter = meter or Meter(client("dynamodb"))
            for name, arguments in cases():
                if arguments.get("offset", 0) < size:
                    results.setdefault(name, {})[size] = measure(meter, page_of(arguments))
            results.setdefault("naive Scan", {})[size] = measure(meter, naive_scan)
    print(f"{'page of 25 batches':32}" + "".join(f"{f'{size:,} batches':>30}" for size in sizes))
    print(f"{'':32}" + f"{'requests':>10}{'units':>10}{'ms':>10}" * len(sizes))
    for name, row in results.items():
        cells = [row.get(size) for size in sizes]
        text = [f"{c[0]:>10}{c[1]:>10.1f}{c[2]:>10.0f}" if c else f"{'-':>10}" * 3 for c in cells]
        print(f"{name:32}" + "".join(text))


if __name__ == "__main__":
    main()
