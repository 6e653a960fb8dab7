"""The console is built once per change of its sources, packed as it is served, and a failure is told."""

import gzip
import json
from pathlib import Path

import pytest

from chalicelib.console.files import NONCE
from chalicelib.core.answers import MAX_BODY_BYTES
from infra import console

pytestmark = pytest.mark.slow  # each test starts Node
INDEX = f'<meta name="csp-nonce" content="{NONCE}">'
SCRIPT = "console.log('цех')\n" * 500
LOCK = json.dumps({"name": "tiny", "lockfileVersion": 3, "packages": {"": {"name": "tiny"}}})
BUILD = (
    "const fs = require('fs'); fs.mkdirSync('dist', { recursive: true });"
    "fs.copyFileSync('index.html', 'dist/index.html'); fs.writeFileSync('dist/main-AbCd_123.js', process.version);"
    "fs.appendFileSync('runs', 'x')"
)


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose console needs no packages and is built by one script."""
    sources, folder = tmp_path / "console", tmp_path / ".shopfloor" / "console"
    places = {"ROOT": tmp_path, "SOURCES": sources, "FOLDER": folder, "BUILT": folder / "built"}
    places |= {"FAILED": folder / "failed.txt", "INSTALLED": sources / "node_modules" / ".fingerprint"}
    for name, path in places.items():
        monkeypatch.setattr(console, name, path)
    monkeypatch.setattr(console, "GENERATED", console.GENERATED | {"runs"})
    for name in console.DESCRIPTIONS:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}")
    sources.mkdir()
    scripts = {"build": "node build.cjs", "check": "node build.cjs"}
    (sources / "package.json").write_text(json.dumps({"name": "tiny", "private": True, "scripts": scripts}))
    (sources / "package-lock.json").write_text(LOCK)
    (sources / "index.html").write_text(INDEX)
    (sources / "build.cjs").write_text(BUILD)
    (sources / "node_modules").mkdir()
    return tmp_path


def runs(tree: Path) -> int:
    return len((tree / "console" / "runs").read_text())


def test_it_is_built_by_the_node_of_the_wheel_and_once_only(tree: Path) -> None:
    built = console.build()
    script = gzip.decompress((built / "main-AbCd_123.js.gz").read_bytes()).decode()
    assert script.startswith("v24.") and (built / "main-AbCd_123.js.br").exists()
    assert not (built / "main-AbCd_123.js").exists() and (built / "index.html").read_text() == INDEX
    assert console.is_built() and console.build() == built
    assert runs(tree) == 1


@pytest.mark.parametrize("changed", ["console/index.html", "docs/openapi.json"])
def test_a_change_of_what_it_is_made_of_is_built(tree: Path, changed: str) -> None:
    console.build()
    with (tree / changed).open("a") as file:
        file.write(" ")
    assert not console.is_built()
    console.build()
    assert (runs(tree), console.is_built()) == (2, True)


def test_a_failure_is_told_and_kept_for_the_page_until_the_next_try(tree: Path) -> None:
    script = tree / "console" / "build.cjs"
    script.write_text("console.error('no such component'); process.exit(3)")
    with pytest.raises(console.BuildFailed, match="no such component"):
        console.build()
    assert "no such component" in console.FAILED.read_text() and not console.BUILT.exists()
    script.write_text(BUILD)
    console.build()
    assert console.is_built() and not console.FAILED.exists()


def test_a_console_of_other_sources_is_not_served(tree: Path) -> None:
    console.build()
    console.remove_outdated()
    assert console.BUILT.exists()
    (tree / "console" / "index.html").write_text(INDEX + " ")
    console.remove_outdated()
    assert not console.BUILT.exists()


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("main.wasm", b"", "main.wasm is of a type"),
        ("deeper/main.js", b"", "deeper/main.js is of a type"),
        ("large.png", bytes(MAX_BODY_BYTES + 1), "Lambda carries"),
        ("index.html", b"<html>", "has no __CSP_NONCE__"),
    ],
)
def test_what_could_not_be_served_is_not_packed(tmp_path: Path, name: str, content: bytes, told: str) -> None:
    dist = tmp_path / "dist"
    (dist / name).parent.mkdir(parents=True)
    (dist / "index.html").write_text(INDEX)
    (dist / name).write_bytes(content)
    with pytest.raises(console.BuildFailed, match=told):
        console.pack(dist, tmp_path / "out")


def test_a_check_that_passed_is_repeated_when_a_source_has_changed(tree: Path) -> None:
    assert [console.run_if_changed("check") for _ in range(2)] == [0, 0]
    assert runs(tree) == 1
    (tree / "console" / "index.html").write_text(INDEX + " ")
    assert console.run_if_changed("check") == 0
    assert runs(tree) == 2


def test_a_check_that_failed_is_repeated(tree: Path) -> None:
    (tree / "console" / "build.cjs").write_text(BUILD + ";process.exit(3)")
    assert [console.run_if_changed("check") for _ in range(2)] == [3, 3]
    assert runs(tree) == 2
