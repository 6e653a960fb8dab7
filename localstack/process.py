"""Processes of the local stack: the end of the one that serves a state folder, and the children of the launcher."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from infra.local_stack import ROOT, running

STOP_SECONDS = 120.0
"""After which a process that was told to end is killed: it waits for running requests and a snapshot, then saves."""

_helpers: list["subprocess.Popen[str]"] = []


def stop(state: Path, timeout_seconds: float = STOP_SECONDS) -> bool:
    """End the process that serves a state folder and wait for it; return False when there is none."""
    serving = running(state)
    if serving is None:
        return False
    os.kill(serving.pid, signal.SIGTERM)
    deadline = time.monotonic() + timeout_seconds
    while running(state) == serving:
        if time.monotonic() > deadline:
            os.kill(serving.pid, signal.SIGKILL)
            break
        time.sleep(0.05)
    return True


def start_helper(module: str, *arguments: str, environment: Mapping[str, str]) -> "subprocess.Popen[str]":
    """Start `python -m <module>` with pipes to its input and from its output. Ctrl-C does not reach it."""
    command, pipe = [sys.executable, "-m", module, *arguments], subprocess.PIPE
    child = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=pipe, stdout=pipe, text=True, start_new_session=True
    )
    _helpers.append(child)
    return child


def end_helpers() -> None:
    """End the helpers that still run."""
    for child in _helpers:
        if child.poll() is None:
            child.kill()


def children() -> list[int]:
    """Return the pids of the children of this process."""
    lists = list(Path("/proc/self/task").glob("*/children"))
    if lists:
        return [int(pid) for one in lists for pid in _text(one).split()]
    table = subprocess.run(["ps", "-axo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [tuple(map(int, line.split())) for line in table.splitlines()]
    return [pid for pid, parent in pairs if parent == os.getpid()]


def memory_mb() -> tuple[int, int]:
    """Return how many processes the stack has, and their memory in MB; pages that they share are counted once."""
    sizes = [_proportional_mb(pid) for pid in (os.getpid(), *children())]
    return len([size for size in sizes if size]), round(sum(sizes))


def end_children() -> None:
    """Kill the workers of the functions; busy ones would outlive the stack."""
    for pid in children():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _proportional_mb(pid: int) -> float:
    """Return the proportional set size of a process (Linux only); 0 when it has ended."""
    lines = _text(Path("/proc", str(pid), "smaps_rollup")).splitlines()
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0)


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""  # a thread that has ended
