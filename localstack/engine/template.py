"""A process with the libraries of the functions loaded; each worker is a copy of it. Started by `worker_start`.

Standard library only, until it is run: it reads requests from the socket that is its standard input.
"""

import contextlib
import gc
import importlib
import json
import os
import signal
import socket
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

LIBRARIES = (
    "botocore.handlers",
    "boto3.session",
    "pydantic.deprecated.decorator",
    "pydantic.json_schema",
    "pydantic.networks",
    "pydantic.root_model",
    "pynamodb.models",
    "pynamodb.connection",
    "pynamodb.transactions",
    "jwt",
    "cryptography.x509",
    "zoneinfo",
)
"""What most functions import first. None of them connects, starts a thread or reads a function's settings."""
MAX_REQUEST = 200_000


def main() -> None:
    """Fork a worker for each request until the emulator is gone."""
    requests = socket.socket(fileno=0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the launcher, which ends this process
    for name in LIBRARIES:
        with contextlib.suppress(ImportError):  # the function that needs it then fails with its own message
            importlib.import_module(name)
    gc.collect()
    gc.freeze()  # a collection in a worker would copy all pages it shares
    while True:
        request, descriptors, _, _ = socket.recv_fds(requests, MAX_REQUEST, 3)
        if not request:
            return
        if pid := _fork_orphan():
            for descriptor in descriptors:
                os.close(descriptor)
            try:
                requests.send(str(pid).encode())
            except BrokenPipeError:  # the emulator is gone; the worker sees that too
                return
        else:
            requests.detach()  # descriptor 0 becomes the worker's
            _become_worker(json.loads(request), descriptors)
            return


def _fork_orphan() -> int:
    """Fork twice and let the one between end, so that the emulator becomes the parent; 0 in the worker."""
    reader, writer = os.pipe()
    between = os.fork()
    if between == 0:
        pid = os.fork()
        if pid:
            os.write(writer, str(pid).encode())
            os._exit(0)
        os.close(reader)
        os.close(writer)
        return 0
    os.close(writer)
    os.waitpid(between, 0)
    pid = int(os.read(reader, 32))
    os.close(reader)
    return pid


def _become_worker(request: dict[str, Any], descriptors: list[int]) -> None:
    """Run MiniStack's worker script as `python <script>` would."""
    for target, descriptor in enumerate(descriptors):
        os.dup2(descriptor, target)
        os.close(descriptor)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    script = request["script"]
    with contextlib.suppress(OSError):
        Path("/proc/self/comm").write_text(request["name"])
    sys.argv[:] = [script]
    sys.path.insert(0, str(Path(script).parent))
    module = ModuleType("__main__")
    module.__file__ = script
    sys.modules["__main__"] = module
    exec(compile(Path(script).read_text(), script, "exec"), module.__dict__)


if __name__ == "__main__":
    main()
