"""The package of a tree is made once, whichever stack needs it first."""

import os
from pathlib import Path

import pytest

from localstack import deploy


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The packages that were asked for, none of which is really made."""
    folders: list[Path] = []

    def package(stage: str, out: Path, *, thin: bool) -> bool:
        folders.append(out)
        out.mkdir(exist_ok=True)
        return True

    monkeypatch.setattr(deploy, "package", package)
    return folders


def test_a_tree_has_one_package(tmp_path: Path, made: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = deploy.packaged(tmp_path), deploy.packaged(tmp_path)
    monkeypatch.setattr(deploy, "fingerprint", lambda stage, thin: "another tree of these sources")
    third = deploy.packaged(tmp_path)
    assert first == second == made[0]
    assert third == tmp_path / "another tree of "


def test_packages_of_older_trees_are_removed_and_those_used_last_stay(
    tmp_path: Path, made: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        monkeypatch.setattr(deploy, "fingerprint", lambda stage, thin, number=number: f"tree-{number}")
        folder = deploy.packaged(tmp_path)
        os.utime(folder, (number, number))
    assert sorted(folder.name for folder in tmp_path.glob("*/")) == ["tree-2", "tree-3", "tree-4", "tree-5"]
