"""The zip file of a package, and the Python that writes its bytecode."""

import os
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from infra import package
from infra.names import RUNTIME

FILES = {"app.py": "print(1)\n", "chalicelib/core/clock.py": "NOW = 1\n", "chalicelib/__init__.py": ""}


def written(folder: Path, names: list[str], at: float) -> Path:
    """Return a folder with these files, made in this order and at this time."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(FILES[name])
        os.utime(folder / name, (at, at))
    package.write_bytecode(folder, sys.executable)
    return folder


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    first = written(tmp_path / "a", list(FILES), 1_000_000_000)
    second = written(tmp_path / "b", list(reversed(FILES)), 1_700_000_000)
    (second / "app.py").chmod(0o600)
    package.write_zip(first, tmp_path / "a.zip")
    package.write_zip(second, tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with ZipFile(tmp_path / "a.zip") as archive:
        members = archive.infolist()
    assert {oct(member.external_attr >> 16) for member in members} == {"0o100644"}  # Lambda reads as another user
    assert {member.filename for member in members if member.filename.endswith(".py")} == set(FILES)
    assert sum(member.filename.endswith(".pyc") for member in members) == len(FILES)


def test_only_a_python_of_the_runtime_writes_the_bytecode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    own = "python{}.{}".format(*sys.version_info)
    monkeypatch.setattr(package, "RUNTIME", own)
    assert package.runtime_python() == sys.executable
    monkeypatch.setattr(package, "RUNTIME", "python3.99")
    assert package.runtime_python() is None
    imposter = tmp_path / "python3.99"
    imposter.write_text(f"#!/bin/sh\necho {own}\n")
    imposter.chmod(0o755)
    assert package.runtime_python() is None
    installed = tmp_path / "versions" / "3.99.1" / "bin" / "python3.99"
    installed.parent.mkdir(parents=True)
    installed.write_text("#!/bin/sh\necho python3.99\n")
    installed.chmod(0o755)
    assert package.runtime_python() == str(installed)


def test_the_wheels_are_those_of_the_runtime_in_the_template() -> None:
    assert f"--python-version={RUNTIME.removeprefix('python')}" in package.FOR_LAMBDA
