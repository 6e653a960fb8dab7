"""What the list of a user's long tasks costs on the deployed local stack: `python -m bench.long_tasks`.

The tasks are written to the tables; then the list is asked for over HTTP, whole and in parts, and once in this process,
where the requests to DynamoDB are counted. Times are the emulator's, which is this machine's too.
"""

import argparse
import os
import statistics
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from bench.listing import Meter
from tests.e2e.production import ok
from tests.e2e.stack import Stack, start

TOGETHER = 30  # tasks of one transaction
ROUNDS = 7


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, nargs="*", default=[100, 1_000, 10_000])
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        stack = start(Path(folder), {"AUTH": "false"})
        try:
            settle(stack)
            print(f"{'tasks':>8}{'part':>26}{'ms median':>11}{'ms max':>8}{'KB':>8}{'requests':>10}")
            for amount in chosen.tasks:
                user = ok(stack, "POST", "/user", {"name": f"{amount} задач"})["id"]
                load(user, amount)
                for part in ("", f"?limit=100&offset={amount - 100}", "?limit=100"):
                    measure(stack, user, amount, part)
        finally:
            stack.stop()


def settle(stack: Stack) -> None:
    """This process works with the tables of the stack."""
    os.environ |= {"AWS_ENDPOINT_URL": stack.aws_url, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    os.environ |= {"STACK_NAME": stack.name, "STAGE": "local", "AUTH_REQUIRED": "false", **stack.shards()}


def load(user: int, amount: int) -> None:
    """Give a user tasks that are done."""
    from chalicelib.core import clock
    from chalicelib.core.counters import next_id
    from chalicelib.core.transactions import transaction
    from chalicelib.long_tasks import store
    from chalicelib.long_tasks.model import Task

    for first in range(0, amount, TOGETHER):
        with transaction() as tx:
            for number in range(first, min(first + TOGETHER, amount)):
                at = clock.now()
                task = Task(next_id("long_tasks"), user, f"Обработка данных {number}", at, None)
                task.begin(at, timedelta(minutes=4))
                task.succeed(at + timedelta(minutes=4), "240012")
                store.add(tx, task)


def measure(stack: Stack, user: int, amount: int, part: str) -> None:
    """One line of the table."""
    times, answer = list[float](), None
    for _ in range(ROUNDS):
        started = time.perf_counter()
        answer = stack.call("GET", f"/tasks/{user}{part}")
        times.append((time.perf_counter() - started) * 1000)
    assert answer is not None and answer.status_code == 200, answer
    assert len(answer.json()) == (100 if part else amount)
    shown = f"{statistics.median(times):>11.0f}{max(times):>8.0f}{len(answer.content) / 1000:>8.0f}"
    shown += f"{counted(user, part):>10}"
    print(f"{amount:>8,}{part or 'all':>26}{shown}")


def counted(user: int, part: str) -> int:
    """The requests of the same list, asked for in this process."""
    from urllib.parse import parse_qsl

    from chalicelib.core.actor import ADMINISTRATOR
    from chalicelib.core.aws import client
    from chalicelib.long_tasks import service
    from chalicelib.long_tasks.schemas import LongTaskQuery

    client.cache_clear()
    meter = Meter(client("dynamodb"))
    query = LongTaskQuery.model_validate(dict(parse_qsl(part.lstrip("?"))))
    service.list_of_user(ADMINISTRATOR, user_id=user, query=query)
    return meter.requests


if __name__ == "__main__":
    main()
