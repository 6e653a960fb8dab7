"""The first installation says in one line why it cannot go on, and how far it is."""

import subprocess
import sys
from pathlib import Path

import pytest

from infra import install
from infra.install import CannotInstall, Progress


def test_an_old_python_is_told_with_a_newer_one_that_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: f"/bin/{name}" if name in ("python3.12", "python3.13") else None)
    with pytest.raises(CannotInstall, match=r"is needed, this is 3\.9: make run PYTHON=python3\.13"):
        install.check_python((3, 9))
    install.check_python((3, 11))


def test_a_python_without_the_module_venv_is_told_with_the_package_that_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    install.check_venv()
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(CannotInstall, match="sudo apt install python3-venv"):
        install.check_venv()


def test_a_full_disk_is_told_before_anything_is_written() -> None:
    install.check_disk(2 * 10**9)
    with pytest.raises(CannotInstall, match=r"0\.4 GB are free"):
        install.check_disk(4 * 10**8)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Retrying ... NewConnectionError: [Errno -2]\nERROR: No matching distribution found for chalice", "network"),
        ("Temporary failure in name resolution\nNo matching distribution found", "network"),
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "disk is full"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "DO NOT MATCH THE HASHES"),
    ],
)
def test_what_pip_says_is_put_into_words(said: str, told: str) -> None:
    assert told in install.explained(said)


@pytest.mark.slow
def test_no_network_ends_with_a_line_and_without_a_stack_trace(tmp_path: Path) -> None:
    environment = {
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PATH": "/usr/bin:/bin",
        "PIP_CONFIG_FILE": "/dev/null",
    }
    lock = tmp_path / "lock"
    lock.write_text("absent==1.0 \\\n    --hash=sha256:" + "0" * 64 + "\n")
    (tmp_path / "env" / "bin").mkdir(parents=True)
    (tmp_path / "env" / "bin" / "python").symlink_to(sys.executable)
    program = f"""
import pathlib, sys
from infra import install
try:
    install.install(pathlib.Path({str(tmp_path / "env")!r}), pathlib.Path({str(lock)!r}), install.Progress())
except install.CannotInstall as reason:
    print(reason)"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        cwd=Path(install.__file__).parent.parent,
    )  # noqa: E501
    lines = done.stdout.splitlines()
    assert lines[0].startswith("installing 1 packages")
    assert "the package index does not answer; trying again" in lines
    assert lines[-1].startswith("the package index http://127.0.0.1:9/simple cannot be reached")
    assert done.stderr == ""


def test_without_a_terminal_progress_is_whole_lines_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress()
    for _ in range(60):
        progress.count("downloading {} of 60")
    progress.say("done")
    assert capsys.readouterr().out.splitlines() == [
        *("downloading 1 of 60", "downloading 26 of 60", "downloading 51 of 60", "done")
    ]
