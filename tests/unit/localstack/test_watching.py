"""A change of the sources is made live once, and a line tells what became of it."""

import os
from pathlib import Path

import pytest

from localstack.watching import Watcher, files


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A tree with two modules."""
    for name in ("app.py", "chalicelib/core/logs.py", "chalicelib/__pycache__/logs.cpython-311.pyc", "docs/roles.md"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("1")
    return tmp_path


def test_sources_are_what_the_package_is_made_from(root: Path) -> None:
    assert set(files(root)) == {"app.py", "chalicelib/core/logs.py"}


def test_a_change_is_made_live_once_with_all_files_that_differ(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[list[str]] = []
    watcher = Watcher(lambda changed: asked.append(changed), root)
    watcher.check()
    assert asked == []
    (root / "app.py").write_text("22")
    (root / "chalicelib" / "new.py").write_text("1")
    (root / "chalicelib" / "core" / "logs.py").unlink()
    (root / "docs" / "roles.md").write_text("22")
    watcher.check()
    watcher.check()
    assert asked == [["app.py", "chalicelib/core/logs.py", "chalicelib/new.py"]]
    line = capsys.readouterr().out
    assert line.startswith("changed: app.py, chalicelib/core/logs.py, chalicelib/new.py - live in ")
    assert line.endswith(" s\n")


def test_a_file_of_the_same_size_that_was_written_again_is_a_change(root: Path) -> None:
    asked: list[list[str]] = []
    watcher = Watcher(lambda changed: asked.append(changed), root)
    os.utime(root / "app.py", (1, 1))
    watcher.check()
    assert asked == [["app.py"]]


def test_a_switch_to_another_branch_is_one_short_line(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    watcher = Watcher(lambda changed: None, root)
    for number in range(9):
        (root / "chalicelib" / f"m{number}.py").write_text("1")
    watcher.check()
    assert "m0.py, chalicelib/m1.py, chalicelib/m2.py and 6 more - live" in capsys.readouterr().out


def test_broken_code_is_told_and_the_next_change_is_tried(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    errors = iter(["app.py:1: invalid syntax", None])
    watcher = Watcher(lambda changed: next(errors), root)
    for text in ("22", "333"):
        (root / "app.py").write_text(text)
        watcher.check()
    broken, mended = capsys.readouterr().out.splitlines()
    assert broken == "changed: app.py - not live, the code before goes on: app.py:1: invalid syntax"
    assert mended.startswith("changed: app.py - live in ")


def test_an_update_that_fails_does_not_end_the_watch(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(changed: list[str]) -> str | None:
        raise OSError("no room")

    watcher = Watcher(fail, root)
    (root / "app.py").write_text("22")
    watcher.check()
    assert "not live, the code before goes on: OSError: no room" in capsys.readouterr().out
