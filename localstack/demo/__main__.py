"""`python -m localstack.demo`: load the demo into the stack named by stdin; print the number of the first report.

Runs in a child process of the launcher, whose memory is freed at its end.
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from localstack.client import Api, ApiFailed
from localstack.demo import construction, exchange, hooks, orders, people, production, reports, work


def main() -> None:
    """Load the missing parts of the demo."""
    settings = json.load(sys.stdin)
    try:
        number = _load(Api(settings["url"], settings["token"]), settings["password"])
    except ApiFailed as failed:
        sys.exit(str(failed))
    sys.stdout.write(json.dumps({"report": number}) + "\n")


def _load(api: Api, password: str) -> int:
    """Load production in one thread, and people with their work in another."""
    now = datetime.now(UTC)
    hooks.make(api)  # first, so that it receives all events
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
