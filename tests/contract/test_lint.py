"""The kept document under a public ruleset: Spectral's own rules for OpenAPI. Spectral is installed once, by npm."""

import subprocess
from pathlib import Path

import pytest

from localstack.config import ROOT
from tests.programs import needed

VERSION = "6.16.3"
HOME = ROOT / ".shopfloor" / f"spectral-{VERSION}"
RULES = 'extends: ["spectral:oas"]\n'


@pytest.fixture(scope="module")
def spectral() -> Path:
    """The program, where npm can get it."""
    npm = needed("npm", package="npm")
    program = HOME / "node_modules" / ".bin" / "spectral"
    if not program.exists():
        options = ["--prefix", str(HOME), "--ignore-scripts", "--no-audit", "--no-fund", "--no-progress"]
        command = [npm, "install", *options, f"@stoplight/spectral-cli@{VERSION}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, f"npm cannot install Spectral: {done.stderr[-500:]}"
    return program


@pytest.mark.slow
def test_a_public_ruleset_finds_nothing(spectral: Path, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES)
    command = [str(spectral), "lint", "--ruleset", str(rules), "--fail-severity", "hint", "docs/openapi.json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
