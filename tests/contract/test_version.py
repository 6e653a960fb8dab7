"""The version: one place in the code, which the changelog and the description of the API repeat."""

import json
import re
import tomllib

import chalicelib
from localstack.config import ROOT


def test_the_newest_release_of_the_changelog_is_the_version() -> None:
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.M)
    releases = [heading for heading in headings if heading != "Unreleased"]
    assert re.fullmatch(rf"{re.escape(chalicelib.VERSION)} - \d{{4}}-\d\d-\d\d", releases[0])


def test_the_description_of_the_api_has_the_version() -> None:
    assert json.loads((ROOT / "docs" / "openapi.json").read_text())["info"]["version"] == chalicelib.VERSION


def test_no_second_place_has_it() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert "version" in project["project"]["dynamic"]
    assert project["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "chalicelib.VERSION"}
