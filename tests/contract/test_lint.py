"""The kept document under a public ruleset: Spectral's own rules for OpenAPI. Spectral is installed once, by npm."""

import os
import subprocess
from pathlib import Path

import pytest

from infra.console import PROGRAMS
from localstack.config import ROOT
from tests.one_at_a_time import one_at_a_time

VERSION = "6.16.3"
HOME = ROOT / ".shopfloor" / f"spectral-{VERSION}"
NODE = {**os.environ, "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"}
RULES = 'extends: ["spectral:oas"]\n'


@pytest.fixture(scope="module")
def spectral() -> Path:
    """The program, out of npm's packages."""
    program = HOME / "node_modules" / ".bin" / "spectral"
    with one_at_a_time("spectral"):
        if not program.exists():
            options = ["--prefix", str(HOME), "--ignore-scripts", "--no-audit", "--no-fund", "--no-progress"]
            command = ["npm", "install", *options, f"@stoplight/spectral-cli@{VERSION}"]
            done = subprocess.run(command, env=NODE, capture_output=True, text=True)
            assert done.returncode == 0, f"npm cannot install Spectral: {done.stderr[-500:]}"
    return program


@pytest.mark.slow
def test_a_public_ruleset_finds_nothing(spectral: Path, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES)
    command = [str(spectral), "lint", "--ruleset", str(rules), "--fail-severity", "hint", "docs/openapi.json"]
    done = subprocess.run(command, cwd=ROOT, env=NODE, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
