"""A process that has loaded what functions import, and forks a worker when it is asked to.

Run as a script with a socket as standard input; ends when the other end is closed. A request is one datagram: what the
worker is run with as JSON, and its three pipes. The answer is the worker's process id. `forks.py` is the other side.
"""

import sys

if __name__ == "__main__":
    sys.path.pop(0)  # this folder: its modules are not the workers'

import ctypes
import gc
import importlib
import json
import os
import signal
import socket
import time
import types
from typing import Any

REQUEST_BYTES = 1 << 17
LIBRARIES = (
    *("botocore.handlers", "botocore.session", "botocore.client", "botocore.httpsession", "botocore.signers"),
    *("botocore.auth", "botocore.paginate", "botocore.waiter", "pydantic", "pynamodb.models"),
    *("pynamodb.transactions", "pynamodb.indexes", "jwt", "cronsim", "hmac", "concurrent.futures", "csv", "zipfile"),
    *("html", "email.message", "http.client", "urllib.request", "uuid", "decimal", "statistics", "zoneinfo"),
)
"""What the functions import of libraries. What is not installed, or not wanted any more, is no error."""


def main() -> None:
    """Load, then fork at each request."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for workers by their status
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in LIBRARIES:
        try:
            importlib.import_module(name)
        except ImportError:
            continue
    gc.collect()
    gc.freeze()
    place = _arguments_place()
    requests = socket.socket(fileno=os.dup(0))
    while True:
        data, pipes, _, _ = socket.recv_fds(requests, REQUEST_BYTES, 3)
        if not data:
            return
        pid = os.fork()
        if pid == 0:
            requests.close()
            _become(json.loads(data), pipes, place)
        for descriptor in pipes:
            os.close(descriptor)
        requests.send(str(pid).encode())


def _become(order: dict[str, Any], pipes: list[int], place: tuple[int, int]) -> None:
    """In the fork: be a worker that was started with these arguments, folder, environment and pipes."""
    code = 1
    try:
        for number, descriptor in enumerate(pipes):
            os.dup2(descriptor, number)
        os.closerange(3, 65536)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.chdir(order["folder"])
        os.environ.clear()
        os.environ.update(order["environment"])
        time.tzset()
        script = order["script"]
        _show_arguments([sys.executable, script], place)
        sys.argv = [script]
        sys.path.insert(0, os.path.dirname(script))  # noqa: PTH120, no need to load pathlib for it
        main = types.ModuleType("__main__")
        main.__file__ = script
        sys.modules["__main__"] = main
        with open(script) as file:  # noqa: PTH123
            source = file.read()
        exec(compile(source, script, "exec"), main.__dict__)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        sys.stdout.flush()
        os._exit(code)


def _arguments_place() -> tuple[int, int]:
    """Where in memory the arguments of this process stand, and how much room there is (Linux)."""
    with open("/proc/self/stat") as file:  # noqa: PTH123
        fields = file.read().rpartition(")")[2].split()
    start, end = int(fields[45]), int(fields[46])
    return start, end - start


def _show_arguments(arguments: list[str], place: tuple[int, int]) -> None:
    """Let the list of processes show the worker's own arguments: the keeper of the memory goes by them."""
    text = "\0".join(arguments).encode() + b"\0"
    if len(text) <= place[1]:
        ctypes.memset(place[0], 0, place[1])
        ctypes.memmove(place[0], text, len(text))


if __name__ == "__main__":
    main()
