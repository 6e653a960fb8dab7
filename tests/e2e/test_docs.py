"""Every command in README and docs is run, as it stands there, and prints what stands behind it.

Each page by a shell of its own, whose variables last to its end (tests/e2e/pages.py says how pages are read). With
WRITE_DOCS=1 (`make docs`) the answers of the run are written into the pages instead of compared.
"""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from localstack.config import ROOT
from tests.e2e.pages import COMMANDS, Shell, blocks, differs, written
from tests.e2e.people import administrator, person, signed_in
from tests.e2e.stack import Stack, start

SCENARIOS = sorted((ROOT / "docs" / "scenarios").glob("*.md"))
WRITTEN = [ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")), *SCENARIOS]
PAGES = [page for page in WRITTEN if any(b.language == COMMANDS for b in blocks(page))]
LOCKED = ("users.md", "clients.md", "deploying.md", *(page.name for page in SCENARIOS))  # where calls need a token
PAGES_AND_STACKS = [(page, "locked_stack" if page.name in LOCKED else "stack") for page in PAGES]


@pytest.fixture(scope="module")
def first_start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """What a user has who cloned the repository and typed `make run`: nothing but the data of the demo."""
    running = start(tmp_path_factory.mktemp("first"), {"DEMO": "1", "AUTH": "false", "ENGINE_FAST": "1"})
    yield running
    running.stop()


def test_the_readme_works_from_a_first_start_on_and_again(first_start: Stack, tmp_path: Path) -> None:
    for walk in ("first", "second"):
        folder = tmp_path / walk
        folder.mkdir()
        read(ROOT / "README.md", Shell(first_start, folder))
    kept = requests.get(f"{first_start.url}/api/batches?limit=100").json()["items"]
    assert not [batch for batch in kept if batch["nomenclature"] == "Болт М8" and batch["ekn_code"] == "EKN-001"]


@pytest.mark.parametrize(("page", "where"), PAGES_AND_STACKS, ids=[page.stem for page in PAGES])
def test_a_page_does_what_it_says(page: Path, where: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    stack: Stack = request.getfixturevalue(where)
    read(page, Shell(stack, tmp_path, **known(stack, page.name)))


def test_a_machine_without_curl_can_run_them_too(stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    read(ROOT / "docs" / "conventions.md", Shell(stack, tmp_path))


def read(page: Path, shell: Shell) -> None:
    """Run a page and compare."""
    printed = shell.runs(page)
    if os.environ.get("WRITE_DOCS"):
        page.write_text(written(page, printed))
        return
    wrong = [
        difference
        for block in blocks(page)
        if block.answers and block.answers.line in printed
        if (difference := differs(block, printed[block.answers.line]))
    ]
    assert not wrong, "\n\n".join(wrong)
    if shell.missed:
        pytest.skip(f"NOT RUN in {page.name}: what needs {', '.join(sorted(shell.missed))}, which this machine lacks")


def known(stack: Stack, page: str) -> dict[str, str]:
    """Variables that a page says its reader has: tokens of people with different roles, and their ids."""
    if page in ("deploying.md", "clients.md"):
        known: dict[str, str] = json.loads((stack.state / "administrator.json").read_text())
        return {name.upper(): known[name] for name in ("email", "password")}
    if page in LOCKED:
        return {"TOKEN": administrator(stack)["Authorization"].removeprefix("Bearer ")}
    if page != "construction.md":
        return {}
    people = {role: person(stack, role) for role in ("manager", "engineer", "customer")}
    people["inspector"] = person(stack, "engineer")
    tokens = {role: signed_in(stack, who)["Authorization"].removeprefix("Bearer ") for role, who in people.items()}
    return {name.upper(): token for name, token in tokens.items()} | {
        f"{name.upper()}_ID": who["id"] for name, who in people.items()
    }
