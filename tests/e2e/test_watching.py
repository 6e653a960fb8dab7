"""A change of the code is live without a restart, and the end of the stack is told."""

import contextlib
import queue
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.changes import copied
from tests.e2e.stack import Stack, start
from tests.waiting import wait_for

HEALTH, MODULE = "/api/healthcheck/service", "chalicelib/core/health.py"
ANSWER = '    return {"status": "ok"}\n\n\n@api.get("/api/healthcheck/database"'
SLOW = "    import pathlib, time\n\n    pathlib.Path({began!r}).touch()\n    time.sleep(2)\n"
MAX_WAIT_SECONDS = 60


@pytest.fixture
def began(tmp_path: Path) -> Path:
    """A file that the health check makes when it begins."""
    return tmp_path / "began"


@pytest.fixture
def tree(tmp_path: Path, began: Path) -> Path:
    """A copy of the code whose health check takes two seconds."""
    folder = copied(tmp_path / "tree", "localstack", ".chalice", "requirements.lock")
    replace(folder, ANSWER, SLOW.format(began=str(began)) + ANSWER.replace('"ok"', '"old"', 1))
    return folder


@pytest.fixture
def running(tree: Path, tmp_path: Path) -> Iterator[Stack]:
    """The stack of that copy; it watches."""
    stack = start(tmp_path / "state", {"WATCH": "1"}, tree=tree)
    yield stack
    stack.process.kill()
    stack.process.wait()


def replace(tree: Path, old: str, new: str) -> None:
    """Change the module of the health check."""
    text = (tree / MODULE).read_text()
    assert old in text
    (tree / MODULE).write_text(text.replace(old, new))


def lines_of(stack: Stack) -> "queue.Queue[str]":
    """What the stack prints from now on."""
    lines: queue.Queue[str] = queue.Queue()
    assert stack.process.stdout is not None
    threading.Thread(target=lambda out=stack.process.stdout: [lines.put(line) for line in out], daemon=True).start()
    return lines


def test_changed_code_is_live_running_calls_end_as_they_began_and_the_end_is_told(
    running: Stack, tree: Path, began: Path
) -> None:
    lines = lines_of(running)
    replace(tree, '{"status": "old"}', '{"status": "new"')
    broken = lines.get(timeout=MAX_WAIT_SECONDS)
    assert broken.startswith(f"changed: {MODULE} - not live, the code before goes on: {MODULE}:")
    assert running.call("GET", HEALTH).json() == {"status": "old"}

    began.unlink()
    with ThreadPoolExecutor(1) as pool:
        calling = pool.submit(running.call, "GET", HEALTH)
        wait_for(began.exists)
        replace(tree, '{"status": "new"', '{"status": "new"}')
        assert lines.get(timeout=MAX_WAIT_SECONDS).startswith(f"changed: {MODULE} - live in ")
        assert running.call("GET", HEALTH).json() == {"status": "new"}
        assert calling.result().json() == {"status": "old"}

    wait_for(lambda: "Z" not in states_of_children(running.process.pid))
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(timeout=MAX_WAIT_SECONDS) == 0
    assert [lines.get(timeout=MAX_WAIT_SECONDS) for _ in range(2)] == [
        *("stopping…\n", f"stopped, state saved in {running.state}\n")
    ]
    assert not (running.state / "tmp").exists()


def states_of_children(pid: int) -> list[str]:
    """The states of the processes that a process has started; Z: it has ended, and nobody has asked how."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            state, parent = path.read_text().rpartition(")")[2].split()[:2]
            found += [state] if parent == str(pid) else []
    return found
