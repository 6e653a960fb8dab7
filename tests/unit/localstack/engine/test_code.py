"""Workers of one function share the folder with its code, and keep folders of their own around it."""

import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from ministack.core import lambda_runtime

from localstack.engine import code
from tests.unit.localstack.engine.modules import restored


@pytest.fixture(autouse=True)
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setattr(code, "_unpacked", set())
    with restored(lambda_runtime):
        code.install()
        yield


def worker_folder(tmp_path: Path, number: int, text: str = "x = 1") -> Path:
    """A worker's folder, made as MiniStack makes it; returns the folder with the code."""
    folder = tmp_path / f"worker-{number}"
    (folder / "code").mkdir(parents=True)
    with zipfile.ZipFile(folder / "code.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo("app.py"), text)
    with lambda_runtime.zipfile.ZipFile(folder / "code.zip") as archive:
        archive.extractall(str(folder / "code"))
    return folder / "code"


def test_the_second_worker_finds_what_the_first_has_compiled(tmp_path: Path) -> None:
    first = worker_folder(tmp_path, 1)
    (first / "__pycache__").mkdir()
    second = worker_folder(tmp_path, 2)
    assert (second / "app.py").read_text() == "x = 1"
    assert (second / "__pycache__").exists()


def test_the_code_outlives_the_folder_of_a_worker(tmp_path: Path) -> None:
    first, second = worker_folder(tmp_path, 1), worker_folder(tmp_path, 2)
    shutil.rmtree(first.parent)
    assert (second / "app.py").exists()


def test_other_code_is_in_another_folder_and_that_of_an_earlier_run_is_removed(tmp_path: Path) -> None:
    old = tmp_path / "state" / "code" / "old"
    old.mkdir(parents=True)
    first = worker_folder(tmp_path, 1)
    second = worker_folder(tmp_path, 2, "x = 2")
    assert [(first / "app.py").read_text(), (second / "app.py").read_text()] == ["x = 1", "x = 2"]
    assert not old.exists()


def test_other_archives_are_unpacked_as_ever(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "layer_0.zip", "w") as archive:
        archive.writestr("python/a.py", "")
    with lambda_runtime.zipfile.ZipFile(tmp_path / "layer_0.zip") as archive:
        assert archive.namelist() == ["python/a.py"]
        archive.extractall(tmp_path / "layer_0")
    assert not (tmp_path / "layer_0").is_symlink()
    assert (tmp_path / "layer_0" / "python" / "a.py").exists()
