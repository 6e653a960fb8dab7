"""The folder of a worker's code has what is in the package."""

import os
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ministack.core import lambda_runtime

from localstack.engine import code_folder
from localstack.engine.invocation_end import Worker
from tests.unit.localstack.engine.functions import code, config

NAMES = st.text(st.sampled_from("abä. "), min_size=1, max_size=4).filter(lambda name: name.strip(". ") == name)
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)


@pytest.fixture(autouse=True)
def shared(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(lambda_runtime, "zipfile", lambda_runtime.zipfile)
    monkeypatch.setattr(code_folder, "_unpacked", {})
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def content(folder: Path) -> dict[str, Any]:
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


@settings(max_examples=60, deadline=None)
@given(files=st.dictionaries(PATHS, st.binary(max_size=9), max_size=6), empty=PATHS)
def test_any_package_is_unpacked_alike(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes], empty: str
) -> None:
    files = {name: text for name, text in files.items() if not any(other.startswith(name + "/") for other in files)}
    root = tmp_path_factory.mktemp("worker")
    (root / "1").mkdir()
    package = root / "1" / "code.zip"
    with zipfile.ZipFile(package, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
        if not any(name == empty or empty.startswith(name + "/") for name in files):
            archive.writestr(empty + "/", b"")
    with zipfile.ZipFile(package) as archive:
        archive.extractall(root / "plain")
    (root / "plain").mkdir(exist_ok=True)
    for name in ("first", "second"):
        (root / name).mkdir()
        with code_folder.open_package(str(package)) as archive:
            archive.extractall(str(root / name))
        assert content(root / name) == content(root / "plain")
    shutil.rmtree(root)


def test_workers_of_one_package_share_files_and_each_ends_alone() -> None:
    code_folder.install()
    workers = [Worker("echo", config(), code()) for _ in range(2)]
    for worker in workers:
        assert worker.invoke({"answer": 1}, "r")["result"] == 1
    files = [Path(worker._tmpdir, "code", "echo.py") for worker in workers]
    assert files[0].samefile(files[1])
    lambda_runtime.kill_workers(workers[:1])
    assert not files[0].exists()
    assert workers[1].invoke({"answer": 2}, "r")["result"] == 2
    lambda_runtime.kill_workers(workers)


def test_new_code_is_unpacked_and_the_oldest_is_removed(tmp_path: Path) -> None:
    code_folder.install()
    for number in range(code_folder.KEPT + 2):
        worker = Worker("echo", config(), code(f"def handler(event, context): return {number}"))
        assert worker.invoke({}, "r")["result"] == number
        lambda_runtime.kill_workers([worker])
    assert len(list(tmp_path.glob("ministack-code-*"))) == code_folder.KEPT


def test_where_files_cannot_be_linked_they_are_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise OSError

    monkeypatch.setattr(os, "link", refuse)
    code_folder.install()
    worker = Worker("echo", config(), code())
    assert worker.invoke({"answer": 1}, "r")["result"] == 1
    lambda_runtime.kill_workers([worker])


def test_layers_are_unpacked_as_before(tmp_path: Path) -> None:
    file = tmp_path / "layer_0.zip"
    file.write_bytes(code())
    assert isinstance(code_folder.open_package(str(file)), zipfile.ZipFile)


def test_a_broken_package_fails_as_before() -> None:
    code_folder.install()
    with pytest.raises(zipfile.BadZipFile, match="File is not a zip file"):
        Worker("echo", config(), b"nothing").invoke({}, "r")
