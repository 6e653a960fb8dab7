"""The operations that are raced, as requests with what their answers have to be."""

import itertools
import json
from dataclasses import dataclass

from bench.race import data
from bench.race.load import Ask

CLIENTS = (1, 4, 16)
READS = ("one batch", "list of 25", "filtered and sorted list")
WRITES = ("create a batch", "add a product")
AGGREGATE, EXPORT = "aggregate 1,000 products", "export, 10,000 at most"
AGGREGATIONS = {1: 3, 4: 4}  # requests of a round, by clients
PAGE, TARGETS, RACE_DAY = 25, 1_000, "2027-01-01"


@dataclass(frozen=True)
class Operation:
    """A kind of request; each of its requests is sent once when it is not `timed`."""

    name: str
    asks: list[Ask]
    timed: bool = True


def large_batches(rounds: int) -> int:
    """How many batches of 1,000 products a race needs."""
    return rounds * sum(AGGREGATIONS.values())


def reads(size: int) -> list[Operation]:
    """One batch, chosen evenly over all; the newest; a filter with another order."""
    step = max(1, size // TARGETS)
    ids = [data.batch_id(number) for number in range(0, size, step)]
    page, filtered = f"/api/batches?limit={PAGE}", "/api/batches?shift=1&sort_field=batch_date"
    asks = [
        [Ask("GET", f"/api/batches/{one}", "", 200, f'{{"uuid":"{one}"') for one in ids],
        [Ask("GET", page, "", 200, '"batch_number":', PAGE)],
        [Ask("GET", filtered, "", 200, '"shift":"1"', PAGE)],
    ]
    return [Operation(*pair) for pair in zip(READS, asks, strict=True)]


def writes(size: int) -> list[Operation]:
    """A new batch at one of the work centres; a product for one of the open batches."""
    open_batches = (batch.uuid for batch in data.batches(size, 0) if not batch.is_closed)
    places = enumerate(center.uuid for center in data.work_centers())
    bodies = (_new_batch(center, str(1 + number % data.SHIFTS)) for number, center in places)
    asks = [
        [Ask("POST", "/api/batches", body, 201, '"batch_number":{n},') for body in bodies],
        [
            Ask("POST", f"/api/batches/{one}/products", '{"unique_code":"RACE-{n}"}', 200, '"unique_code":"RACE-{n}"')
            for one in itertools.islice(open_batches, TARGETS)
        ],
    ]
    return [Operation(*pair) for pair in zip(WRITES, asks, strict=True)]


def aggregation(clients: int, round: int) -> Operation:
    """Batches of 1,000 products, each aggregated once."""
    before = [count for other, count in AGGREGATIONS.items() if other < clients]
    first = round * sum(AGGREGATIONS.values()) + sum(before) + 1
    paths = [f"/api/batches/{data.batch_id(-first - more)}/aggregate" for more in range(AGGREGATIONS[clients])]
    marker = '"is_aggregated":true'
    return Operation(AGGREGATE, [Ask("PATCH", path, "{}", 202, marker, data.LARGE) for path in paths], timed=False)


def _new_batch(center: str, shift: str) -> str:
    text = json.dumps(
        {
            "task_description": "Собрать узел по чертежу", "shift": shift, "team": "Бригада 1", "batch_number": 0,
            "batch_date": RACE_DAY, "nomenclature": "Болт М8", "ekn_code": "EKN-1", "work_center_id": center,
            "shift_start": f"{RACE_DAY}T08:00:00Z", "shift_end": f"{RACE_DAY}T20:00:00Z",
        },
        ensure_ascii=False,
    )  # fmt: skip
    return text.replace('"batch_number": 0', '"batch_number": {n}')
