"""Processes of the local stack: the owner of a state folder, and the children of the launcher."""

import contextlib
import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path


class AlreadyRunning(Exception):
    """Another launcher uses this state folder."""


@contextlib.contextmanager
def lock_state(pid_file: Path) -> Iterator[None]:
    """Lock the pid file while this process serves; a lock, unlike a pid in a file, cannot be stale."""
    with pid_file.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(
                f"a local stack runs on this state (pid {serving_pid(pid_file)}): make stop"
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def serving_pid(pid_file: Path) -> int | None:
    """Return the pid of the process that has locked the file, or None."""
    if not pid_file.exists():
        return None
    with pid_file.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(file.read() or 0) or None
    return None


def stop(pid_file: Path, timeout_seconds: float = 30) -> bool:
    """End the process that has locked the file and wait for it; return False when there is none."""
    pid = serving_pid(pid_file)
    if pid is None:
        return False
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + timeout_seconds
    while serving_pid(pid_file) == pid:
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
            break
        time.sleep(0.05)
    return True


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
