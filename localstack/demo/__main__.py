"""`python -m localstack.demo`: load the demo into the stack that stdin names; prints the number of the first report.

A child of the launcher: it draws and waits in a process of its own, and its memory goes with it.
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from localstack.client import Api, ApiFailed
from localstack.demo import construction, exchange, hooks, orders, people, production, reports, work


def main() -> None:
    """Load what is missing of it."""
    told = json.load(sys.stdin)
    try:
        number = _load(Api(told["url"], told["token"]), told["password"])
    except ApiFailed as failed:
        sys.exit(str(failed))
    sys.stdout.write(json.dumps({"report": number}) + "\n")


def _load(api: Api, password: str) -> int:
    """The plant on one side, people and what they do on the other."""
    now = datetime.now(UTC)
    hooks.make(api)  # before there is anything to tell of
    with ThreadPoolExecutor() as sides:
        others = sides.submit(_people, api, password)
        production.make(api, now)
        files = sides.submit(exchange.make, api)
        number = reports.make(api, production.first_of(api, now.date()))
        files.result()
        others.result()
    return number


def _people(api: Api, password: str) -> None:
    there = people.make(api, password)
    construction.make(api, there, password)
    orders.make(api, there)
    work.make(api, there["manager"]["number"])


if __name__ == "__main__":
    main()
