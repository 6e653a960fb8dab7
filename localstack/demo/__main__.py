"""`python -m localstack.demo`: load the demo into the stack described by stdin; print the number of the first report.

The launcher runs it as a child process, whose memory is free after its end.
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from localstack.client import Api, ApiFailed
from localstack.demo import construction, exchange, hooks, orders, people, production, reports, work


def main() -> None:
    """Load the missing parts of the demo."""
    stack = json.load(sys.stdin)
    try:
        number = _load(Api(stack["url"], stack["token"]), stack["password"])
    except ApiFailed as failed:
        sys.exit(str(failed))
    sys.stdout.write(json.dumps({"report": number}) + "\n")


def _load(api: Api, password: str) -> int:
    """Load production in this thread and the work of users in another one."""
    now = datetime.now(UTC)
    hooks.make(api)  # before the first event
    with ThreadPoolExecutor() as threads:
        others = threads.submit(_people, api, password)
        production.make(api, now)
        files = threads.submit(exchange.make, api)
        number = reports.make(api, production.first_of(api, now.date()))
        files.result()
        others.result()
    return number


def _people(api: Api, password: str) -> None:
    users = people.make(api, password)
    construction.make(api, users, password)
    orders.make(api, users)
    work.make(api, users["manager"]["number"])


if __name__ == "__main__":
    main()
