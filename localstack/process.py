"""Processes of the local stack: who holds a state folder, and the children of the launcher."""

import contextlib
import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path


class AlreadyRunning(Exception):
    """Another launcher serves this state."""


@contextlib.contextmanager
def hold(pid_file: Path) -> Iterator[None]:
    """Keep the pid file locked while this process serves; a lock, unlike a number in a file, cannot be stale."""
    with pid_file.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(f"a local stack runs on this state (pid {holder(pid_file)}): make stop") from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def holder(pid_file: Path) -> int | None:
    """The process that holds the file, None when nobody does."""
    if not pid_file.exists():
        return None
    with pid_file.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(file.read() or 0) or None
    return None


def stop(pid_file: Path, patience: float = 30) -> bool:
    """End the process that holds the file, and wait for it; False when nobody holds it."""
    pid = holder(pid_file)
    if pid is None:
        return False
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + patience
    while holder(pid_file) == pid:
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
            break
        time.sleep(0.05)
    return True


def children() -> list[int]:
    """The children of this process, and theirs where the system tells them."""
    found = _children_of("self")
    if found is not None:
        return found + [pid for child in found for pid in _children_of(str(child)) or []]
    table = subprocess.run(["ps", "-axo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [tuple(map(int, line.split())) for line in table.splitlines()]
    return [pid for pid, parent in pairs if parent == os.getpid()]


def _children_of(pid: str) -> list[int] | None:
    """The direct children of a process, None where the system does not tell them."""
    lists = list(Path("/proc", pid, "task").glob("*/children"))
    return [int(child) for one in lists for child in _text(one).split()] if lists else None


def end_children() -> None:
    """Kill the functions' workers: idle ones would leave by themselves, busy ones would outlive the stack."""
    for pid in children():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""  # a thread that has ended
