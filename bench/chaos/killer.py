"""Kills function workers of a local stack while they work: a process of the emulator is what a sandbox is on AWS."""

import os
import platform
import random
import re
import signal
import threading
from collections import Counter
from contextlib import suppress
from pathlib import Path

WORKER_FOLDER = re.compile(r"/ministack-lambda-(.+)-[^-/]+/code")  # in which MiniStack starts a worker
READ_CALL = {"x86_64": "0", "aarch64": "63"}.get(platform.machine())  # number of the system call `read`
LOOK_SECONDS = 0.01  # between two searches for busy workers
API_SHARE = 0.25


class Killer(threading.Thread):
    """Kills `count` busy workers of the launcher with that pid, one each `pace` seconds on average.

    First a function is drawn, then one of its workers; those of the API, which is always busy, are a quarter at most.
    """

    def __init__(self, launcher: int, count: int, pace: float, seed: int) -> None:
        super().__init__(name="killer", daemon=True)
        self._launcher, self._count, self._pace = launcher, count, pace
        self._random, self._stop_early = random.Random(f"killer {seed}"), threading.Event()
        self.killed = Counter[str]()

    def run(self) -> None:
        """Kill workers until the number is reached."""
        while self.killed.total() < self._count and not self._stop_early.is_set():
            self._stop_early.wait(self._random.expovariate(1 / self._pace))
            while not self._kill_one():
                if self._stop_early.wait(LOOK_SECONDS):
                    return

    def stop(self) -> None:
        """Stop killing."""
        self._stop_early.set()
        self.join()

    def _kill_one(self) -> bool:
        by_function: dict[str, list[int]] = {}
        spared = {"api"} if self.killed["api"] >= API_SHARE * self._count else set[str]()
        for pid, function in busy_workers(self._launcher):
            if function in spared:
                continue
            by_function.setdefault(function, []).append(pid)
        if not by_function:
            return False
        function = self._random.choice(sorted(by_function))
        with suppress(ProcessLookupError):
            os.kill(self._random.choice(by_function[function]), signal.SIGKILL)
            self.killed[function] += 1
            return True
        return False


def busy_workers(launcher: int) -> list[tuple[int, str]]:
    """The workers that do not wait for their next event: process and function, without the name of the stack."""
    found = []
    for children in Path("/proc", str(launcher), "task").glob("*/children"):
        with suppress(OSError):
            for pid in map(int, children.read_text().split()):
                if function := _busy(pid):
                    found.append((pid, function))
    return found


def _busy(pid: int) -> str | None:
    place = Path("/proc", str(pid))
    try:
        worker = WORKER_FOLDER.search(str((place / "cwd").readlink()))
        call, descriptor = ((place / "syscall").read_text().split() + ["", ""])[:2]
    except OSError:
        return None
    if worker is None or (call, descriptor) == (READ_CALL, "0x0"):
        return None
    return worker.group(1).removeprefix("shopfloor-local-")
