"""The console is built beside the stack: its start waits for nothing, a failure is told, a stop ends the build."""

import os
import sys
from pathlib import Path

import pytest

from infra import console as building
from localstack import console
from localstack.console import ConsoleBuild
from tests.waiting import wait_for

URL = "http://127.0.0.1:8000"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the console is built; nothing is there."""
    monkeypatch.setattr(building, "BUILT", tmp_path / "built")
    monkeypatch.setattr(building, "FAILED", tmp_path / "failed.txt")
    return tmp_path


def start(monkeypatch: pytest.MonkeyPatch, program: str) -> ConsoleBuild:
    monkeypatch.setattr(console, "COMMAND", [sys.executable, "-c", program])
    build = ConsoleBuild(URL, os.environ)
    build.start()
    return build


def test_what_has_become_of_it_is_told_after_the_stack_is_announced(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    go = folder / "go"
    build = start(monkeypatch, f"import os, time\nwhile not os.path.exists({str(go)!r}): time.sleep(0.01)")
    assert build.line() == f"{URL}/console  (still being built, opens by itself)"
    go.touch()
    wait_for(lambda: build.line() == f"{URL}/console")
    assert "ready" not in capfd.readouterr().out
    build.announced()
    told: list[str] = []  # the thread that prints writes the end of the line on its own
    wait_for(lambda: told.append(capfd.readouterr().out) or "".join(told).endswith("\n"))  # type: ignore[func-returns-value]
    assert "".join(told) == f"console {URL}/console is ready\n"


def test_a_failure_is_told_with_its_reason(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    build = start(monkeypatch, "import sys; sys.exit('console: npm ci failed (1): no network')")
    build.announced()
    told = wait_for(lambda: capfd.readouterr().err)
    assert "npm ci failed (1): no network" in told and "make console" in told


def test_nothing_is_built_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    building.BUILT.mkdir()
    (building.BUILT / building.FINGERPRINT).write_text(building.fingerprint())
    build = start(monkeypatch, "raise SystemExit('built again')")
    build.announced()
    assert build.line() == f"{URL}/console"
    assert capfd.readouterr() == ("", "")


def test_a_stop_ends_all_processes_of_the_build(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pid = folder / "pid"
    program = f"""
import pathlib, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
pathlib.Path({str(pid)!r}).write_text(str(child.pid))
child.wait()"""
    build = start(monkeypatch, program)
    child = int(wait_for(lambda: pid.exists() and pid.read_text()))
    build.stop()
    wait_for(lambda: not _runs(child))


def _runs(pid: int) -> bool:
    """Whether a process is there and no zombie, which nobody may wait for in a container."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
