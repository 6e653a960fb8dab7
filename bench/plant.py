"""What a plant of 5,000 codes a day pays AWS in a month: `python -m bench.plant` prints the table of docs/deploying.md.

Work is priced by the table of docs/operations.md (`make bench-costs`), the rest by the list prices of us-east-1. Not in
it: traffic to the internet (0.09 USD a GB after the first 100), SMS, the free tier.
"""

import re
import sys
from collections.abc import Iterator

from localstack.config import ROOT

DAYS = 30
DAILY = {  # times a day
    "create a batch": 60,
    "add a product": 5_000,
    "aggregate a product": 5_000,
    "webhook delivery, with its event": 10_000,
    "list 25 batches": 20_000,
    "read a batch": 10_000,
    "report on a batch, pdf": 60,
    "deferred task": 100,
    "import of 100 rows": 2,
}
GB_STORED = 4.5  # after a year: 2.5 kB a code, with its events
GB_OF_LOGS = 1.5  # a month: about 300 bytes a call of a function
FIXED = {  # USD a month
    "idle: schedules and the polling of queues": 1.50,
    f"{GB_STORED} GB in DynamoDB, with point-in-time recovery": GB_STORED * 0.45,
    f"{GB_OF_LOGS} GB of logs, kept for 30 days": GB_OF_LOGS * 0.53,
    "secret of the signing key": 0.40,
}


def prices() -> dict[str, float]:
    """Return the USD of a thousand times each operation, as docs/operations.md has them."""
    page = (ROOT / "docs" / "operations.md").read_text()
    rows = re.findall(r"^(\S.*?)  +(?:[\d,]+ +)+(\d+\.\d{3})$", page, re.M)
    return {name: float(usd) for name, usd in rows}


def alarms() -> int:
    """Return the number of alarms of a stack with an alarm topic."""
    from infra.alarms import resources

    return len(resources())


def rows() -> Iterator[tuple[str, float]]:
    """Yield each cost with its USD a month."""
    costs = prices()
    for name, times in DAILY.items():
        yield f"{name}, {times:,} a day", costs[name] / 1_000 * times * DAYS
    yield from FIXED.items()
    yield f"{alarms()} alarms, 0.10 USD each", alarms() * 0.10


def table() -> str:
    """Return the costs and their sum as lines."""
    listed = [*rows(), ("together", sum(usd for _, usd in rows()))]
    return "\n".join(f"{name:<58}{usd:>8.2f}" for name, usd in listed)


if __name__ == "__main__":
    sys.stdout.write(table() + "\n")
