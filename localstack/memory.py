"""Keeps the local stack small: ends workers that nobody calls, and, over the memory budget, others that wait for work.

The emulator keeps one worker process per function for ever. It starts a new one when it finds the old one gone, which
costs the next call up to half a second. Only Linux tells which process waits for input; elsewhere nothing is ended.
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
UNUSED_LOOKS = 35  # 70 s: what is called every minute stays
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
        """End workers unused for 70 s, then waiting ones, the largest first, until the rest fits the budget.

        Unless `sure`, those must have been idle for ten seconds. One worker of the API always stays.
        """
        waiting = [worker for pid in children() if (worker := _waiting(pid))]
        before, self._seen = self._seen, {}
        for worker in waiting:
            cpu, looks = before.get(worker.pid, ("", 0))
            self._seen[worker.pid] = (worker.cpu, looks + 1 if cpu == worker.cpu else 0)
        ending = _Ending(waiting)
        for worker in waiting:
            if self._seen[worker.pid][1] >= UNUSED_LOOKS:
                ending.end(worker)
        idle = [worker for worker in waiting if sure or self._seen[worker.pid][1] >= IDLE_LOOKS]
        if not idle or _resident_mb() <= self._budget:
            return  # the exact measure below holds up the processes it looks at
        over = memory_mb()[1] - self._budget
        sizes = {worker: _pss_mb(worker.pid) for worker in idle} if over > 0 else {}
        for worker, megabytes in sorted(sizes.items(), key=lambda pair: -pair[1]):
            if over <= 0:
                return
            if ending.end(worker):
                over -= megabytes


class _Ending:
    """Ends workers, all but the last of the API: somebody waits for the answer of the next call."""

    def __init__(self, waiting: list[Worker]) -> None:
        self._apis = {worker.pid for worker in waiting if worker.function.endswith("-api")}

    def end(self, worker: Worker) -> bool:
        """Whether it was ended; one that has got a call since it was looked at goes on."""
        if self._apis == {worker.pid}:
            return False
        self._apis.discard(worker.pid)
        if _waiting(worker.pid) != worker:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker.pid, signal.SIGTERM)
        return True


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
