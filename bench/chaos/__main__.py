"""`make chaos`: every kind of work by clients at once while function workers are killed at random.

Starts a local stack of its own. KILLS (300) workers are killed, one each PACE (0.8) seconds on average, while CLIENTS
(12) work; SEED determines the random choices, not their timing. After that all work has to end, and everything
that was acknowledged is checked. SECONDS (1800) is the longest time of work. Exit code 1 when anything is broken:
the table has the details, and `.shopfloor/chaos/` the logs of the functions.
"""

import json
import os
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from bench.chaos.aftermath import DELIVERED, QUIET_SECONDS, Aftermath, Table
from bench.chaos.client import Client
from bench.chaos.killer import Killer
from bench.chaos.ledger import Ledger
from bench.chaos.work import SCHEDULES, Worker
from infra.alarms import QUEUES
from localstack.config import ROOT
from tests.e2e.receiver import Receiver, receiver
from tests.e2e.stack import Stack, start

LOGS = ROOT / ".shopfloor" / "chaos"
CENTERS = 4
SHOWN = 15  # of what is wrong with one thing
HIDDEN_SECONDS = 60  # a message whose function was killed comes back within the run, not after six timeouts


def main() -> int:
    """Run the work and the killer, wait for the end of all work, check it; return 0 when nothing is broken."""
    kills, clients = int(os.environ.get("KILLS") or 300), int(os.environ.get("CLIENTS") or 12)
    seed = int(os.environ.get("SEED") or random.randrange(10**6))
    pace, seconds = float(os.environ.get("PACE") or 0.8), float(os.environ.get("SECONDS") or 1_800)
    say(f"SEED={seed} KILLS={kills} CLIENTS={clients}")
    with tempfile.TemporaryDirectory(prefix="chaos") as folder, receiver() as outside:
        stack = start(Path(folder), {"MEMORY_MB": "2000"})
        try:
            bring_messages_back_soon(stack)
            rows = run(stack, outside, Killer(stack.process.pid, kills, pace, seed), clients, seed, seconds)
            broken = show(rows)
            if broken:
                write_logs(stack)
        finally:
            stack.stop()
    return int(broken)


def run(stack: Stack, outside: Receiver, killer: Killer, clients: int, seed: int, seconds: float) -> Table:
    """Return the table of the checks."""
    ledger, client, began = Ledger(), Client(stack.url, f"main {seed}"), time.monotonic()
    body = {"url": outside.url("/all"), "events": DELIVERED, "secret_key": "webhook_secret_key", "retry_count": 10}
    ledger.made["webhooks"][body["url"]] = client.post("/api/webhooks", body)["uuid"]
    bodies = [{"identifier": f"WC-CHAOS-{number}", "name": "Цех"} for number in range(CENTERS)]
    centers = [client.post("/api/work_centers", body)["uuid"] for body in bodies]
    workers = [Client(stack.url, f"{seed} {number}") for number in range(clients)]
    work(killer, [Worker(one, outside, ledger, centers, f"{seed} {n}") for n, one in enumerate(workers)], seconds)
    say(f"{killer.killed.total()} workers killed in {time.monotonic() - began:.0f} s: {counted(killer.killed)}")
    answers = sum((one.answers for one in workers), Counter[int]())
    say(f"answers by status (0: none): {counted(answers)}")
    say(f"work done: {counted(ledger.done)}")
    for schedule in client.every(f"{SCHEDULES}?limit=100"):
        client.change("PATCH", f"{SCHEDULES}/{schedule['id']}", {"paused": True}, lambda: False)
    aftermath = Aftermath(stack, client, ledger, outside)
    left = wait_for_quiet(aftermath)
    say(f"quiet after {time.monotonic() - began:.0f} s" if not left else "not quiet")
    return [("quiet", 1, [left] if left else []), *aftermath.table()]


def bring_messages_back_soon(stack: Stack) -> None:
    """Also to functions that still work: whatever comes twice has to do no harm."""
    sqs = stack.client("sqs")
    for name in QUEUES:
        url = sqs.get_queue_url(QueueName=f"{stack.name}-{name}")["QueueUrl"]
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": str(HIDDEN_SECONDS)})


def work(killer: Killer, workers: list[Worker], seconds: float) -> None:
    """All workers work until enough are killed, and end what they have begun."""
    stop = threading.Event()
    threads = [threading.Thread(target=worker.run, args=(stop,)) for worker in workers]
    for thread in (*threads, killer):
        thread.start()
    killer.join(seconds)
    killer.stop()
    stop.set()
    for thread in threads:
        thread.join()


def wait_for_quiet(aftermath: Aftermath) -> str:
    """Wait until all work has ended; what has not after a long time, empty when all has."""
    told, deadline = "", time.monotonic() + QUIET_SECONDS
    while (left := aftermath.unfinished()) and time.monotonic() < deadline:
        if left != told:
            say(f"still going on: {left}")
        told = left
        _never.wait(5)
    return left


def show(rows: Table) -> bool:
    """Print the table; whether anything is broken."""
    say(f"{'':44}{'checked':>9}{'broken':>9}")
    for name, checked, wrong in rows:
        say(f"{name:44}{checked:>9,}{len(wrong):>9,}")
    for name, _, wrong in rows:
        for line in wrong[:SHOWN]:
            say(f"BROKEN {name}: {line}")
    return any(wrong for _, _, wrong in rows)


def write_logs(stack: Stack) -> None:
    """The logs of all functions, which go with the stack."""
    LOGS.mkdir(parents=True, exist_ok=True)
    groups = stack.client("logs").get_paginator("describe_log_groups").paginate()
    names = [group["logGroupName"].rpartition(f"{stack.name}-")[2] for page in groups for group in page["logGroups"]]
    for name in names:
        lines = (json.dumps(line, ensure_ascii=False) + "\n" for line in stack.log_lines(name))
        (LOGS / f"{name}.log").write_text("".join(lines))
    say(f"the logs are in {LOGS}")


def counted(counts: Counter[str] | Counter[int]) -> str:
    """Return counts as text, the most frequent first."""
    return ", ".join(f"{name} {number}" for name, number in counts.most_common())


_never = threading.Event()


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
