"""A bare DynamoDB for benchmarks: the emulator in a child process on a free port, with the tables of the registry.

It has the engine's fast paths, those that `ENGINE_FAST` names (bench/serve.py).
"""

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from bench.http import wait_for_port
from localstack.config import CREDENTIALS, HOST, ROOT, Config, emulator_environment

STACK = "shopfloor-bench"


@contextmanager
def emulator() -> Iterator[None]:
    """Start it, point this process at it, make the tables; stop it at the end."""
    port = _free_port()
    with tempfile.TemporaryDirectory() as folder:
        config = Config(port, port, Path(folder), demo=False, auth=False, auth_required=False)
        (config.state / "tmp").mkdir()
        environment = emulator_environment(config) | {"PERSIST_STATE": "0", "S3_PERSIST": "0"}
        environment["ENGINE_FAST"] = os.environ.get("ENGINE_FAST", "1")
        command = [sys.executable, "-m", "bench.serve", str(port)]
        log = (config.state / "log").open("w")
        child = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            wait_for_port(HOST, port)
            os.environ.update(CREDENTIALS, AWS_ENDPOINT_URL=config.aws_url, STACK_NAME=STACK, STAGE="local")
            _make_tables()
            yield
        finally:
            child.terminate()
            child.wait()


@cache
def _free_port() -> int:
    """One port for all emulators of a process: the clients of the code under test are made once."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _make_tables() -> None:
    import chalicelib.wiring.routes  # noqa: F401 - registers all routes and tables
    from chalicelib.core.aws import client
    from chalicelib.migrations import service as migrations
    from infra.tables import creations

    for arguments in creations():
        client("dynamodb").create_table(**arguments)
    migrations.migrate({}, lambda: 900_000)  # there is nothing to apply, so lists may be read
