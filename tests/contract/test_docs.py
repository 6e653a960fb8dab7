"""The pages of the documentation, without running them: nothing in them escapes the tests that do."""

import re
from pathlib import Path

import pytest

from localstack.config import ROOT
from tests.e2e.pages import faults

PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
of_every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@of_every_page
def test_every_fence_is_run_or_compared_or_held_against_a_file(page: Path) -> None:
    assert list(faults(page)) == []


@of_every_page
def test_every_target_of_make_that_a_page_names_is_there(page: Path) -> None:
    named = set(re.findall(r"\bmake ([a-z][a-z-]+)(?=[`\s])", "\n".join(re.findall(r"`[^`\n]+`", page.read_text()))))
    assert named <= TARGETS


@of_every_page
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", page.read_text()):
        name, _, anchor = target.partition("#")
        there = (page.parent / name) if name else page
        assert there.exists(), target
        assert not anchor or anchor in _anchors(there), target


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_table_of_errors_has_every_code_with_its_status() -> None:
    rows = re.findall(r"^\| ([A-Z_]+) \| ([^|]+) \|", (ROOT / "docs" / "errors.md").read_text(), re.M)
    documented = {code: {int(number) for number in re.findall(r"\d{3}", status)} for code, status in rows}
    assert documented == _raised()


def _raised() -> dict[str, set[int]]:
    """Every code that can be answered, and its statuses on the areas."""
    import chalicelib.reports.model  # noqa: F401 - loads its errors
    import chalicelib.wiring.routes  # noqa: F401 - registers all routes and tables
    from chalicelib.core.areas import PREFIXES
    from chalicelib.core.errors import AppError, internal_error
    from chalicelib.users import model

    kinds = [AppError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    invalid = {area.invalid_status for area in PREFIXES.values()}
    found = {kind.code: {kind.default_status} if kind.default_status else invalid for kind in kinds[1:]}
    made = (internal_error("1"), model.email_taken(), model.wrong_credentials())
    return found | {error.error_code: {error.status} for error in made}
