"""Ends workers of functions that have had no call for a while, and more of them above the memory limit of the stack.

MiniStack keeps the first worker of each function for ever. It starts a new one for the next call, which then takes up
to half a second longer. Workers of the API are left to MiniStack, which ends all of them but one after a minute.
"""

import threading
import time
from typing import Any

from ministack.core import lambda_runtime

from localstack.process import memory_mb

UNUSED_SECONDS = 70  # functions that are called every minute keep their worker
IDLE_SECONDS = 10  # a worker that has just worked is likely to get the next call
INTERVAL_SECONDS = 10


def start(limit_mb: float) -> None:
    """End idle workers now, then every ten seconds in a thread."""
    end_idle_workers(limit_mb, idle_seconds=0)

    def repeat() -> None:
        while True:
            time.sleep(INTERVAL_SECONDS)
            end_idle_workers(limit_mb)

    threading.Thread(target=repeat, daemon=True, name="idle-workers").start()


def end_idle_workers(limit_mb: float, idle_seconds: float = IDLE_SECONDS) -> None:
    """End unused workers; then, while the stack is above the limit, those idle longest, down to `idle_seconds`."""
    lambda_runtime.kill_workers([worker for worker in _idle(UNUSED_SECONDS) if _take(worker)])
    for worker in _idle(idle_seconds):
        if memory_mb()[1] <= limit_mb:
            return
        if _take(worker):
            lambda_runtime.kill_workers([worker])


def _idle(seconds: float) -> list[Any]:
    """Return the workers that have been idle for so long, the one idle longest first, without those of the API."""
    before = time.time() - seconds
    with lambda_runtime._lock:
        workers = [worker for entries in lambda_runtime._workers.values() for worker in entries]
        idle = [worker for worker in workers if not worker.in_use and worker.last_used <= before]
    return sorted((worker for worker in idle if not worker.func_name.endswith("-api")), key=lambda one: one.last_used)


def _take(worker: Any) -> bool:
    """Take a worker out of its pool; False when it has got a call meanwhile."""
    with lambda_runtime._lock:
        for entries in lambda_runtime._workers.values():
            if worker in entries and not worker.in_use:
                entries.remove(worker)
                return True
    return False
