"""Changed code becomes a package by what differs from the live one, or the place of its error is told."""

import json
import marshal
import shutil
from pathlib import Path
from typing import Any

import pytest

from infra import package as packaging
from infra.package import CODE, MERGED, TEMPLATE
from localstack import update
from localstack.update import NotLive

pytestmark = pytest.mark.slow  # it makes a package
OF_ROOT = "__pycache__/app.cpython-"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of this tree, as the first deployment makes it."""
    out = tmp_path_factory.mktemp("package") / "live"
    packaging.package("local", out, thin=True)
    return out


def test_what_differs_is_compiled_to_what_a_whole_package_has(live: Path) -> None:
    whole = update.read_members(live / CODE)
    assert update.members(whole) == whole
    (of_app,) = [name for name in whole if name.startswith(OF_ROOT)]
    other = whole | {"app.py": b"another", of_app: b"its bytecode", "chalicelib/gone.py": b"removed since"}
    assert _loaded(update.members(other)) == _loaded(whole)


def _loaded(members: update.Members) -> dict[str, Any]:
    """The files, bytecode as the code that it is: the same code may be written in more than one way."""
    return {name: marshal.loads(one[16:]) if name.endswith(".pyc") else one for name, one in members.items()}


def test_an_error_of_syntax_is_told_with_its_line(live: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = update.read_members(live / CODE)
    shutil.copy(packaging.ROOT / "app.py", tmp_path)
    (tmp_path / "chalicelib" / "batches").mkdir(parents=True)
    (tmp_path / "chalicelib" / "batches" / "view.py").write_text("x = 1\ndef of(:\n")
    monkeypatch.setattr(update, "ROOT", tmp_path)
    with pytest.raises(NotLive, match=r"^chalicelib/batches/view\.py:2: invalid syntax$"):
        update.members(whole)


def test_an_error_of_an_import_is_told_with_its_line(live: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise NameError("name 'x' is not defined")

    monkeypatch.setattr("infra.template.merge_template", broken)
    with pytest.raises(NotLive, match=r"test_update\.py:\d+: NameError: name 'x' is not defined"):
        update.has_same_template(live)


def test_another_template_or_route_needs_a_deployment(live: Path, tmp_path: Path) -> None:
    assert update.has_same_template(live)
    shutil.copytree(live, tmp_path / "old")
    merged = json.loads((live / MERGED).read_text())
    merged["Resources"].popitem()
    (tmp_path / "old" / MERGED).write_text(json.dumps(merged))
    assert not update.has_same_template(tmp_path / "old")
    shutil.copy(live / MERGED, tmp_path / "old")
    template = json.loads((live / TEMPLATE).read_text())
    del template["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]["paths"]["/orders"]["get"]
    (tmp_path / "old" / TEMPLATE).write_text(json.dumps(template))
    assert not update.has_same_template(tmp_path / "old")


def test_a_package_is_stored_under_its_tree_and_the_next_start_finds_it(live: Path, tmp_path: Path) -> None:
    tree = packaging.fingerprint("local", thin=True)
    out = update.store(live, tmp_path / "packages", tree, update.read_members(live / CODE))
    assert out.name == tree[:16]
    assert (out / CODE).read_bytes() == (live / CODE).read_bytes()
    assert packaging.package("local", out, thin=True) is False
