"""A new worker is a fork of a process that has loaded the libraries, not a new Python.

For each worker MiniStack starts an interpreter, which imports botocore, pydantic, pynamodb and the rest before the
function's own code: more than half of the processor time of a cold start, and memory that workers could share. Here
one process (`fork_server.py`) has imported them and forks; the worker then runs MiniStack's own script with its own
folder, environment and pipes. A function that brings one of these libraries itself, and an environment that
means something to the interpreter's start, go the plain way; so do systems other than Linux.
"""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ministack.core import lambda_runtime

from localstack.engine import fork_server

ROOM_FOR_ARGUMENTS = "-" * 400
"""An argument of the server that its forks write over."""
_Variables = dict[str, str]


def install() -> None:
    """Start the server, and fork Python workers from it."""
    if sys.platform == "linux":
        server = Server()
        plain: Callable[..., Any] = subprocess.Popen

        def start(command: list[str], **how: Any) -> Any:
            fork = server.fork(command[1], how["cwd"], how["env"]) if server.covers(command, how) else None
            return fork or plain(command, **how)

        lambda_runtime.subprocess = SimpleNamespace(**{**vars(subprocess), "Popen": start})


class Server:
    """The process that forks workers."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._environment = dict(os.environ)
        command = [sys.executable, fork_server.__file__, ROOM_FOR_ARGUMENTS]
        self._process = subprocess.Popen(command, stdin=theirs.fileno(), env=self._environment)
        theirs.close()
        self._socket = ours
        self._lock = threading.Lock()

    def covers(self, command: list[str], how: dict[str, Any]) -> bool:
        """Whether a fork is what this command would start."""
        if command[0] != sys.executable or not command[1].endswith("_worker.py") or self._process.poll() is not None:
            return False
        folder, environment = Path(how["cwd"]), how["env"]
        brings = any((folder / name).exists() for name in _library_files())
        return not brings and _for_interpreter(environment) == _for_interpreter(self._environment)

    def close(self) -> None:
        """End the process; workers that there are go on."""
        self._socket.close()
        self._process.wait()

    def fork(self, script: str, folder: str, environment: _Variables) -> "Fork | None":
        """A worker that runs this script; None when the server is gone."""
        pipes = [os.pipe() for _ in range(3)]
        theirs = [pipes[0][0], pipes[1][1], pipes[2][1]]
        ours = [pipes[0][1], pipes[1][0], pipes[2][0]]
        order = {"script": script, "folder": folder, "environment": environment}
        with self._lock:
            try:
                socket.send_fds(self._socket, [json.dumps(order).encode()], theirs)
                pid = int(self._socket.recv(64) or 0)
            except OSError:
                pid = 0
        for descriptor in theirs if pid else theirs + ours:
            os.close(descriptor)
        return Fork(pid, ours) if pid else None


class Fork:
    """A forked worker: what is used of `subprocess.Popen`."""

    def __init__(self, pid: int, pipes: list[int]) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._handle = -1
        try:
            self._handle = os.pidfd_open(pid)
        except ProcessLookupError:
            self.returncode = -1
        self.stdin = os.fdopen(pipes[0], "w", buffering=1)
        self.stdout, self.stderr = os.fdopen(pipes[1]), os.fdopen(pipes[2])

    def poll(self) -> int | None:
        """None while it runs; its status is not known afterwards."""
        if self.returncode is None and self._has_ended(0):
            self._ended()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int | None:
        """Return when it has ended."""
        if self.returncode is None:
            if not self._has_ended(timeout):
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0)
            self._ended()
        return self.returncode

    def terminate(self) -> None:
        """Ask it to end."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> None:
        if self.poll() is None:
            signal.pidfd_send_signal(self._handle, number)

    def _has_ended(self, seconds: float | None) -> bool:
        end = select.poll()
        end.register(self._handle, select.POLLIN)
        return bool(end.poll(None if seconds is None else 1000 * seconds))

    def _ended(self) -> None:
        self.returncode = -1
        os.close(self._handle)


def _library_files() -> list[str]:
    """What a function would bring if it brought one of the libraries."""
    names = {name.partition(".")[0] for name in fork_server.LIBRARIES}
    return [*names, *(f"{name}.py" for name in names)]


def _for_interpreter(environment: _Variables) -> _Variables:
    """The variables that an interpreter reads when it starts."""
    return {name: value for name, value in environment.items() if name.startswith(("PYTHON", "LD_", "MALLOC_", "LC_"))}
