"""A worker that is forked from the template is what a new interpreter would be."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ministack.core import lambda_runtime

from bench.chaos.killer import busy_workers
from localstack.engine import worker_start
from localstack.engine.invocation_end import Worker
from localstack.engine.worker_start import Forked, Starter
from localstack.process import children
from tests.unit.localstack.engine.functions import code, config
from tests.waiting import wait_for

HANDLER = """
    import os, sys, signal, random, time
    def handler(event, context):
        if "exit" in event:
            sys.exit(event["exit"])
        if "modules" in event:
            return sorted(set(event["modules"]) & set(sys.modules))
        if "log" in event:
            print("printed"); os.write(2, b"written\\n")
        signals = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
        return {
            "argv": sys.argv, "path": sys.path[:2], "cwd": os.getcwd(), "environment": dict(os.environ),
            "main": [__import__("__main__").__file__, __import__("__main__").__name__], "signals": [str(one) for one in signals],
            "streams": [[one.encoding, one.errors, one.line_buffering] for one in (sys.stdin, sys.stderr, sys.__stdout__)],
            "open": sorted(os.listdir("/proc/self/fd")), "parent": os.getppid(), "random": random.random(),
            "zone": [time.tzname, time.localtime(0).tm_hour],
        }
"""  # noqa: E501


@pytest.fixture(scope="module")
def starter() -> Iterator[Starter]:
    worker_start.ctypes.CDLL(None).prctl(worker_start.SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    made = Starter()
    yield made
    made.close()


@pytest.fixture(autouse=True)
def interrupts() -> Iterator[None]:
    """SIGINT as a terminal's programs have it: a test run in the background would hand on that it is ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def forked(starter: Starter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lambda_runtime, "subprocess", SimpleNamespace(**{**vars(subprocess), "Popen": starter.popen}))


def new_worker(text: str = HANDLER, **changes: Any) -> Worker:
    return Worker("echo", config(**changes), code(text))


def seen_by(worker: Worker) -> dict[str, Any]:
    """What a handler sees of its process, without what is another's for every process."""
    folder = worker.invoke({}, "r")["result"]
    text = json.dumps(folder).replace(str(worker._tmpdir), "FOLDER")
    seen: dict[str, Any] = json.loads(text)
    for name in ("AWS_LAMBDA_LOG_STREAM_NAME", "LC_CTYPE"):
        seen["environment"].pop(name, None)
    seen.pop("random")
    return seen


def test_the_handler_sees_the_same_process(forked: None, monkeypatch: pytest.MonkeyPatch) -> None:
    variables = {"Environment": {"Variables": {"TZ": "Asia/Yekaterinburg", "COLOUR": "red"}}}
    worker = new_worker(**variables)
    seen = seen_by(worker)
    assert isinstance(worker._proc, Forked)
    monkeypatch.undo()
    plain = new_worker(**variables)
    assert seen == seen_by(plain)
    assert seen["zone"][1] == 5
    assert seen["parent"] == os.getpid()
    lambda_runtime.kill_workers([worker, plain])


def test_libraries_are_there_and_the_functions_own_modules_are_not(forked: None) -> None:
    worker = new_worker()
    found = worker.invoke({"modules": ["boto3", "pydantic", "chalicelib", "localstack", "template"]}, "r")["result"]
    assert found == ["boto3", "pydantic"]
    lambda_runtime.kill_workers([worker])


def test_workers_do_not_share_their_chance(forked: None) -> None:
    workers = [new_worker(), new_worker()]
    first, second = (worker.invoke({}, "r")["result"]["random"] for worker in workers)
    assert first != second
    lambda_runtime.kill_workers(workers)


def test_its_log_its_end_and_its_exit_code_are_seen(forked: None) -> None:
    worker = new_worker()
    assert worker.invoke({"log": True}, "r")["log"] == "printed\nwritten"
    process = worker._proc
    assert worker.invoke({"exit": 3}, "r")["error"] == "Worker process died"
    assert process.wait(60) == 3
    worker.invoke({}, "r")
    process = worker._proc
    lambda_runtime.kill_workers([worker])
    assert process.poll() == -15
    assert not Path("/proc", str(process.pid)).exists()


def test_waiting_for_an_end_that_does_not_come_is_a_timeout(forked: None) -> None:
    worker = new_worker()
    worker.invoke({}, "r")
    with pytest.raises(subprocess.TimeoutExpired):
        worker._proc.wait(0.05)
    lambda_runtime.kill_workers([worker])


def test_without_its_emulator_a_worker_ends(forked: None) -> None:
    worker = new_worker()
    worker.invoke({}, "r")
    process = worker._proc
    process.stdin.close()
    assert process.wait(60) == 0


def test_ctrl_c_reaches_the_emulator_and_no_worker(starter: Starter, forked: None) -> None:
    worker = new_worker()
    worker.invoke({}, "r")
    assert os.getpgid(worker._proc.pid) == starter._template.pid != os.getpgid(0)
    lambda_runtime.kill_workers([worker])


def test_a_template_that_is_gone_is_replaced(starter: Starter, forked: None) -> None:
    starter.prepare()
    assert starter._template is not None
    starter._template.kill()
    starter._template.wait()
    worker = new_worker()
    assert worker.invoke({}, "r")["status"] == "ok"
    assert isinstance(worker._proc, Forked)
    lambda_runtime.kill_workers([worker])


def test_the_template_ends_with_the_emulator() -> None:
    starter = Starter()
    starter.prepare()
    template = starter._template
    assert starter._socket is not None
    assert template is not None
    starter._socket.close()
    wait_for(lambda: template.poll() is not None)
    assert template.returncode == 0


@pytest.mark.parametrize(
    ("variables", "files"),
    [
        ({"PYTHONOPTIMIZE": "1"}, {}),
        ({"LC_ALL": "C"}, {}),
        ({"PYNAMODB_CONFIG": "/x"}, {}),
        ({}, {"pydantic/__init__.py": ""}),
        ({}, {"jwt.py": ""}),
    ],
)
def test_what_a_copy_would_not_be_equal_to_is_started_anew(
    forked: None, tmp_path: Path, variables: dict[str, str], files: dict[str, str]
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    command = [sys.executable, str(tmp_path / "_worker.py")]
    assert not worker_start._is_covered(command, {"env": {**os.environ, **variables}, "cwd": str(tmp_path)})
    assert worker_start._is_covered(command, {"env": dict(os.environ), "cwd": str(Path(__file__).parent)})


def test_a_copy_is_a_child_of_this_process_and_is_seen_to_wait_for_its_next_event(forked: None) -> None:
    worker = new_worker()
    worker.invoke({}, "r")
    assert worker._proc.pid in children()
    wait_for(lambda: not busy_workers(os.getpid()))
    lambda_runtime.kill_workers([worker])
