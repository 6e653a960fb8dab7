"""Words that were replaced stay out of the tree: one word for one meaning, and it is the word of docs/glossary.md."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from localstack.config import ROOT

FOLDERS = (
    "app.py", "chalicelib", "infra", "localstack", "tests", "bench", "clients", "docs", "console/src", "README.md",
    "Makefile",
)  # fmt: skip
SUFFIXES = ("", ".py", ".md", ".ts", ".tsx", ".css", ".sh", ".yml")
REPLACED = {
    r"At three in the morning": "When you are paged",
    r"\b[Dd]oors?\b|\bdoor_of\b": "API area, area_of_path",
    r"\bplace_of\b|\bPLACES\b": "routes_of",
    r"\bconditional\.pins?\b|\bunpin": "read_snapshot, release",
    r"\b(first_)?[Kk]nock(s|ed|ing)?\b": "trigger, check; first_sequence_number",
    r"\b[Hh]eed(s|ed|ing)?\b": "record",
    r"\bTELLING\b|\buntold\b": "REPORT_INTERVAL_SECONDS, unreported",
    r"\b[Ww]hoever\b|\b[Ss]omebody\b": "name the role",
    r"\bPATIENCE\b": "a name with a unit: MAX_WAIT_SECONDS",
    r"\bdoubt(ful)?\b|\bdoubter\b|\bDOUBTFUL\b": "unproven host, trial call",
    r"\bTIRED\b": "DISABLED_REASON",
    r"\b[Dd]oomed\b": "out of attempts",
    r"\blet_go\b|\blets? go of\b|\btake_out\b": "release, remove",
    r"\b[Ee]-mails?\b": "email",
    r"\b[Ll]ook(s|ed|ing)? after\b": "run, maintain",
    r"\bheld against\b": "compared with",
    r"\bset_going\b|\bset going\b": "start",
    r"\.fruitless\b": "runs_without_progress",
    r"What travels": "Request and response models of",
    r"\bclass Who\b": "Actor",
    r"\botherwise=": "error=",
    r"\btx\.add\(": "tx.increment(",
    r"\bwork_off\b": "process_batch",
    r"\b_carried\b": "_projected",
    r"\bGLANCE\b": "MAX_KEYS_PER_QUERY",
    r"\bReportUnderway\b|\bReportMissed\b": "ReportInProgress, ReportFailed",
    r"\bclass (Kept|Finding)\b": "StoredCount, Mismatch",
    r"\btally\b|\bshelf\b": "totals bucket, write count",
    r"\bNOT_NOW\b|\b_apart\b|\b_insist\b": "RETRYABLE, _apply_individually, _retry_until_applied",
    r"\bDesk\b|\bclass World\b|\bunlucky\b|\bclass Somebody\b": "ApiClient, FakeAws, faults, UserClient",
}


REGISTRIES = r"pypi\.org|pythonhosted|registry\.npmjs|crates\.io|maven\.org|deb\.debian"
PACKAGE_LOCK = "console/package-lock.json"  # npm writes it


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """The text of every file that is looked through, by its path."""
    listed = subprocess.run(["git", "ls-files", *FOLDERS], cwd=ROOT, capture_output=True, text=True, check=True)
    paths = [path for path in listed.stdout.splitlines() if Path(path).suffix in SUFFIXES and "/assets/" not in path]
    own = str(Path(__file__).relative_to(ROOT))
    return {path: (ROOT / path).read_text() for path in paths if path != own and (ROOT / path).is_file()}


def find_uses(pattern: str, texts: dict[str, str]) -> Iterator[str]:
    """Yield the places where a pattern stands in a path or in a line."""
    search = re.compile(pattern).search
    for path, text in texts.items():
        if search(path):
            yield path
        for number, line in enumerate(text.splitlines(), 1):
            if search(line):
                yield f"{path}:{number}: {line.strip()}"


@pytest.mark.parametrize("pattern", REPLACED)
def test_a_replaced_word_is_not_used(texts: dict[str, str], pattern: str) -> None:
    assert not list(find_uses(pattern, texts)), f"use: {REPLACED[pattern]}"


def test_every_folder_is_searched(texts: dict[str, str]) -> None:
    assert not [folder for folder in FOLDERS if not any(path.startswith(folder) for path in texts)]


def test_a_word_is_found_in_paths_and_lines() -> None:
    found = find_uses(r"\bknock(s|ed)?\b", {"a/knock.py": "def f():\n    knocks()\n", "b.py": "knockout\n"})
    assert list(found) == ["a/knock.py", "a/knock.py:2: knocks()"]


def test_no_file_names_the_host_of_a_package_registry() -> None:
    """Who installs chooses the registry, by the settings of pip and npm."""
    listed = subprocess.run(["git", "grep", "-lIE", REGISTRIES], cwd=ROOT, capture_output=True, text=True, check=False)
    assert {*listed.stdout.split()} <= {PACKAGE_LOCK, str(Path(__file__).relative_to(ROOT))}
