"""A forked worker is what a started one is, and ends as one does."""

import io
import os
import re
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ministack.core import lambda_runtime

from localstack import memory
from localstack.engine import forks
from localstack.process import children
from tests.unit.localstack.engine.modules import restored
from tests.waiting import wait_for

CODE = """
import os, signal, sys
class Odd(Exception): pass
def handler(event, context):
    if event == "fail": raise Odd("text")
    if event == "exit": os._exit(3)
    if event == "wait": import time; time.sleep(60)
    print("to stdout"); sys.stderr.write("to stderr\\n")
    open_files = sorted(int(n) for n in os.listdir("/proc/self/fd"))[:3]
    signals = [str(signal.getsignal(n)) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)]
    with open("/proc/self/cmdline") as file: shown = file.read().rstrip(chr(0)).split(chr(0))
    return {
        "environment": dict(os.environ), "folder": os.getcwd(), "argv": sys.argv, "name": __name__,
        "path": sys.path, "files": open_files, "signals": signals, "main": sys.modules["__main__"].__file__,
        "shown": shown, "encoding": sys.stdout.encoding, "modules": "localstack" in sys.modules, "event": event,
    }
"""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[forks.Server]:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    with restored(lambda_runtime):
        made: list[forks.Server] = []
        monkeypatch.setattr(forks, "Server", lambda plain=forks.Server: made.append(plain()) or made[0])
        forks.install()
        yield made[0]
        made[0].close()


def worker(**files: str) -> Any:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        for name, text in {"app.py": CODE, **files}.items():
            opened.writestr(name, text)
    arn = "arn:aws:lambda:us-east-1:000000000000:function:some-function"
    config = {"FunctionName": "some-function", "FunctionArn": arn, "Runtime": "python3.11", "Handler": "app.handler"}
    config |= {"Environment": {"Variables": {"TZ": "Asia/Tokyo", "GREETING": "привет"}}, "Timeout": 5}
    return lambda_runtime.Worker("some-function", config, archive.getvalue())


def is_fork(started: Any) -> bool:
    return isinstance(started._proc, forks.Fork)


def comparable(result: dict[str, Any], folder: str) -> Any:
    """A result without what is different in every worker."""
    random = {"AWS_LAMBDA_LOG_STREAM_NAME", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}
    result["result"]["environment"] = {k: v for k, v in result["result"]["environment"].items() if k not in random}
    return eval(repr(result).replace(folder, "FOLDER"))


def test_a_fork_answers_as_a_started_worker(server: forks.Server) -> None:
    results = []
    for plain in (False, True):
        with restored(lambda_runtime):
            if plain:
                lambda_runtime.subprocess = SimpleNamespace(**vars(__import__("subprocess")))
            started = worker()
            results.append(comparable(started.invoke({"имя": 1}, "id"), started._tmpdir))
            assert is_fork(started) is not plain
            started.kill()
    assert results[0] == results[1]
    assert results[0]["result"]["event"] == {"имя": 1}


def test_an_error_and_a_crash_are_told_and_the_next_call_gets_a_new_worker(server: forks.Server) -> None:
    started = worker()
    failed = started.invoke("fail", "id")
    assert (failed["error"], "Odd" in failed["trace"]) == ("text", True)
    assert started.invoke("exit", "id")["error"] == "Worker process died"
    assert started.invoke({}, "id")["status"] == "ok"
    started.kill()


def test_a_worker_that_takes_too_long_is_ended(server: forks.Server) -> None:
    started = worker()
    started.config["Timeout"] = 1
    assert started.invoke({}, "id")["status"] == "ok"
    pid = started._proc.pid
    assert started.invoke("wait", "id")["error"] == "Task timed out after 1.00 seconds"
    wait_for(lambda: not _runs(pid))


def test_workers_are_children_that_the_keeper_of_the_memory_knows(server: forks.Server) -> None:
    started = worker()
    started.invoke({}, "id")
    pid = started._proc.pid
    assert pid in children()
    waiting = wait_for(lambda: memory._waiting(pid))
    assert waiting.function == "some-function"
    started.kill()
    wait_for(lambda: not _runs(pid))
    assert started._proc is None


def test_a_worker_ends_when_the_emulator_is_gone(server: forks.Server) -> None:
    started = worker()
    started.invoke({}, "id")
    pid = started._proc.pid
    server.close()
    started._proc.stdin.close()
    wait_for(lambda: not _runs(pid))


def test_what_a_fork_could_not_be_is_started(server: forks.Server) -> None:
    for files, variables in (({"botocore/__init__.py": ""}, {}), ({}, {"PYTHONHASHSEED": "1"})):
        started = worker(**files)
        started.config["Environment"]["Variables"] |= variables
        started._spawn()
        assert not is_fork(started)
        started.kill()


def test_without_the_server_workers_are_started(server: forks.Server) -> None:
    server.close()
    started = worker()
    assert started.invoke({}, "id")["status"] == "ok"
    assert not is_fork(started)
    started.kill()


def test_a_fork_is_shown_under_its_own_arguments(server: forks.Server) -> None:
    started = worker()
    shown = started.invoke({}, "id")["result"]["shown"]
    assert shown[0] == sys.executable
    assert re.search(r"ministack-lambda-some-function-[^/]+/_worker\.py$", shown[1])
    started.kill()


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
