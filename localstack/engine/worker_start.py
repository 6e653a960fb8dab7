"""Fast path: starts a worker as a fork of a process that has loaded the libraries of the functions.

MiniStack starts a new interpreter for every worker, which imports boto3, pydantic and the rest again: a third of a
second of processor time and 40 MB each, for the same modules. Here one process (`template.py`) imports them once and is
forked: the worker runs MiniStack's own script in its own folder, environment and pipes, and shares that memory.

The module of the handler is imported by the worker itself, in the function's environment, as before. A function that
brings one of the libraries along, has layers, or sets variables that the interpreter reads at its start, and another
system than Linux, go MiniStack's way.
"""

import contextlib
import ctypes
import json
import logging
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ministack.core import lambda_runtime

from localstack.engine import template

SET_CHILD_SUBREAPER = 36  # option of prctl(2)
EXTERNAL = ("PYTHON", "LD_", "MALLOC_", "LC_", "LANG", "OPENSSL_", "CRYPTOGRAPHY_", "PYDANTIC_", "PYNAMODB_")
"""Beginnings of the names of variables that are read when an interpreter starts or a library is imported."""


def install() -> None:
    """Let MiniStack start its Python workers here."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # the workers become children of this process
    starter = Starter()
    lambda_runtime.subprocess = SimpleNamespace(**{**vars(subprocess), "Popen": starter.popen})
    threading.Thread(target=starter.prepare, name="worker-template", daemon=True).start()


class Starter:
    """Starts workers through the template, which it starts when it is needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._template: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None

    def prepare(self) -> None:
        """Start the template."""
        with self._lock:
            self._connection()

    def popen(self, command: list[str], **arguments: Any) -> Any:
        """What MiniStack calls `subprocess.Popen` for."""
        if _is_covered(command, arguments):
            with self._lock:
                for _ in range(2):  # the second time with a new template
                    with contextlib.suppress(OSError, ValueError):
                        return self._fork(command[1], arguments)
                    self.close()
            logging.getLogger(__name__).warning("a worker is started without its template: %s", command[1])
        plain: Callable[..., Any] = subprocess.Popen
        return plain(command, **arguments)

    def close(self) -> None:
        """End the template."""
        if self._template is not None and self._socket is not None:
            self._socket.close()
            self._template.wait()
        self._template = self._socket = None

    def _connection(self) -> socket.socket:
        if self._socket is None:
            self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            command = [sys.executable, "-P", template.__file__]  # no module beside it is taken for a library
            # in a session of its own: Ctrl-C is for the launcher, which lets running calls end
            null, socket_in = subprocess.DEVNULL, theirs.fileno()
            self._template = subprocess.Popen(command, stdin=socket_in, stdout=null, start_new_session=True)
            theirs.close()
        return self._socket

    def _fork(self, script: str, arguments: Mapping[str, Any]) -> "Forked":
        connection = self._connection()
        name = Path(script).parent.name.removeprefix("ministack-lambda-").rpartition("-")[0]
        request = {"script": script, "cwd": arguments["cwd"], "environment": arguments["env"], "name": name[-15:]}
        (their_in, stdin), (stdout, their_out), (stderr, their_error) = os.pipe(), os.pipe(), os.pipe()
        theirs = [their_in, their_out, their_error]
        try:
            socket.send_fds(connection, [json.dumps(request).encode()], theirs)
            pid = int(connection.recv(32))
        except BaseException:
            for descriptor in (stdin, stdout, stderr):
                os.close(descriptor)
            raise
        finally:
            for descriptor in theirs:
                os.close(descriptor)
        return Forked(pid, stdin, stdout, stderr)


def _is_covered(command: list[str], arguments: Mapping[str, Any]) -> bool:
    """Whether a copy of the template would be what this command starts."""
    environment, folder = arguments.get("env") or {}, Path(arguments.get("cwd") or ".")
    libraries = {name.partition(".")[0] for name in template.LIBRARIES}
    return (
        command[0] == sys.executable
        and len(command) == 2
        and command[1].endswith("/_worker.py")
        and "_LAMBDA_LAYERS_DIRS" not in environment
        and _external(environment) == _external(os.environ)
        and not any((folder / name).exists() or (folder / f"{name}.py").exists() for name in libraries)
    )


def _external(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(EXTERNAL)}


class Forked:
    """A process that was forked for this one: what MiniStack uses of `subprocess.Popen`."""

    def __init__(self, pid: int, stdin: int, stdout: int, stderr: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.stdin = os.fdopen(stdin, "w", 1)
        self.stdout = os.fdopen(stdout)
        self.stderr = os.fdopen(stderr)
        self._lock = threading.Lock()

    def poll(self) -> int | None:
        """The exit code once it has ended."""
        with self._lock:
            if self.returncode is None:
                try:
                    pid, status = os.waitpid(self.pid, os.WNOHANG)
                except ChildProcessError:  # another thread has waited for it
                    pid, status = self.pid, 0
                if pid:
                    self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end; raises subprocess.TimeoutExpired."""
        deadline = None if timeout is None else time.monotonic() + timeout
        if self.poll() is None:
            ended = os.pidfd_open(self.pid)
            try:
                poll = select.poll()
                poll.register(ended, select.POLLIN)
                poll.poll(None if deadline is None else max(0, 1000 * (deadline - time.monotonic())))
            finally:
                os.close(ended)
        if (code := self.poll()) is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        return code

    def terminate(self) -> None:
        """Send SIGTERM."""
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL."""
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        if self.poll() is None:  # not waited for yet: the pid is still its own
            os.kill(self.pid, number)
