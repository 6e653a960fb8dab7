"""Keeps the local stack small: when its processes together pass the budget, workers that wait for work are ended.

The emulator keeps one worker process per function for ever. It starts a new one when it finds the old one gone, which
costs the next call about half a second. Only Linux tells which process waits for input; elsewhere nothing is ended.
"""

import contextlib
import os
import platform
import re
import signal
import threading
from dataclasses import dataclass
from pathlib import Path

from localstack.process import children

EVERY_SECONDS = 2.0
IDLE_LOOKS = 5  # a worker that has just worked is likely to get the next call: ending it then would fail that call
READ = {"x86_64": "0", "aarch64": "63"}.get(platform.machine())  # number of the system call `read`
WORKER = re.compile(r"/ministack-lambda-(.+)-[^-/]+/code")  # the folder in which MiniStack starts it


@dataclass(frozen=True)
class Worker:
    """A function's process that waits for its next call."""

    pid: int
    function: str
    cpu: str


class Keeper:
    """Looks at the processes now and then."""

    def __init__(self, budget_mb: float) -> None:
        self._budget = budget_mb
        self._seen: dict[int, tuple[str, int]] = {}  # pid -> its time on the processor, and for how many looks

    def start(self) -> None:
        """Look every two seconds from now on."""
        threading.Thread(target=self._watch, daemon=True, name="memory").start()

    def _watch(self) -> None:
        pause = threading.Event()
        while not pause.wait(EVERY_SECONDS):
            self.look()

    def look(self, sure: bool = False) -> None:
        """End waiting workers, the largest first, until the rest fits; unless `sure`, those idle for ten seconds."""
        waiting = [worker for pid in children() if (worker := _waiting(pid))]
        before, self._seen = self._seen, {}
        for worker in waiting:
            cpu, looks = before.get(worker.pid, ("", 0))
            self._seen[worker.pid] = (worker.cpu, looks + 1 if cpu == worker.cpu else 0)
        idle = [worker for worker in waiting if sure or self._seen[worker.pid][1] >= IDLE_LOOKS]
        if not idle or _resident_mb() <= self._budget:
            return  # the exact measure below holds up the processes it looks at
        over = memory_mb()[1] - self._budget
        apis = sum(worker.function.endswith("-api") for worker in waiting)
        sizes = {worker: _pss_mb(worker.pid) for worker in idle} if over > 0 else {}
        for worker, megabytes in sorted(sizes.items(), key=lambda pair: -pair[1]):
            if over <= 0:
                return
            if worker.function.endswith("-api"):
                apis -= 1
                if not apis:
                    continue  # somebody waits for the answer of the next call
            if _waiting(worker.pid) != worker:
                continue  # it has got a call meanwhile: to measure them all takes a while
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker.pid, signal.SIGTERM)
            over -= megabytes


def memory_mb() -> tuple[int, int]:
    """How many processes the stack is, and their memory together, pages they share counted once."""
    sizes = [_pss_mb(pid) for pid in (os.getpid(), *children())]
    return len([size for size in sizes if size]), round(sum(sizes))


def _waiting(pid: int) -> Worker | None:
    """The worker, if this is one and it waits for its standard input."""
    place = Path("/proc", str(pid))
    try:
        name = WORKER.search(str((place / "cwd").readlink()))
        call, first = ((place / "syscall").read_text().split() + ["", ""])[:2]
        times = (place / "stat").read_text().rpartition(")")[2].split()[11:13]
    except OSError:
        return None
    if name is None or call != READ or first != "0x0":
        return None
    return Worker(pid, name.group(1), " ".join(times))


def _resident_mb() -> float:
    """The memory of all processes, shared pages counted in each: never less than `memory_mb`, and quickly told."""
    pages = 0
    for pid in (os.getpid(), *children()):
        with contextlib.suppress(OSError):
            pages += int(Path("/proc", str(pid), "statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _pss_mb(pid: int) -> float:
    try:
        lines = Path("/proc", str(pid), "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0)
