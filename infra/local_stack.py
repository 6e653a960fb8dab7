"""The running local stack of a state folder: its process and ports, so that no command has to be told them.

The launcher (`localstack/`) locks the pid file while it serves and writes them into it; a lock, unlike a number in a
file, cannot be stale.
"""

import contextlib
import fcntl
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from infra.deploying.failures import DeployFailed, no_local_stack

ROOT = Path(__file__).parent.parent
HOST = "127.0.0.1"
PID_FILE = "pid"
PORT, AWS_PORT = 8000, 4566  # without another choice
MAX_PROBE_SECONDS = 2.0


class AlreadyRunning(Exception):
    """Another launcher uses this state folder."""


@dataclass(frozen=True)
class Running:
    """The process that serves a state folder, and its ports."""

    pid: int
    port: int
    aws_port: int


def state_folder() -> Path:
    """Return the state folder that the environment names (STATE_DIR)."""
    return Path(os.environ.get("STATE_DIR") or ROOT / ".shopfloor" / "state").absolute()


def running(state: Path) -> Running | None:
    """Return who serves a state folder, or None."""
    try:
        with (state / PID_FILE).open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read(state / PID_FILE)
    except FileNotFoundError:
        return None
    return None


@contextlib.contextmanager
def serving(state: Path, port: int, aws_port: int) -> Iterator[None]:
    """Be the one who serves a state folder; AlreadyRunning when there is another one."""
    with (state / PID_FILE).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            other = _read(state / PID_FILE)
            where = f" (pid {other.pid}, {api_url(other.port)})" if other else ""
            raise AlreadyRunning(f"a local stack runs on this state{where}: make stop ends it") from error
        file.truncate(0)
        file.write(f"{os.getpid()} {port} {aws_port}")
        file.flush()
        yield


def api_url(port: int | None = None) -> str:
    """Return the address of the API: at this port, at PORT, or of the running stack."""
    chosen = port or os.environ.get("PORT") or _of_running("port", PORT)
    return f"http://{HOST}:{chosen}"


def aws_url() -> str:
    """Return the address of the emulated AWS of the running stack; DeployFailed, in one line, when none answers.

    AWS_PORT names a stack with another state folder.
    """
    port = int(os.environ.get("AWS_PORT") or _of_running("aws_port", AWS_PORT))
    try:
        socket.create_connection((HOST, port), timeout=MAX_PROBE_SECONDS).close()
    except OSError:
        raise DeployFailed(no_local_stack(f"http://{HOST}:{port}")) from None
    return f"http://{HOST}:{port}"


def _of_running(name: str, otherwise: int) -> int:
    found = running(state_folder())
    return int(getattr(found, name)) if found else otherwise


def _read(file: Path) -> Running | None:
    """Return what the file says; None while its owner writes it."""
    numbers = file.read_text().split()
    return Running(*map(int, numbers)) if len(numbers) == 3 else None
