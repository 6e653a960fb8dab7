"""The pages of the documentation, without running them: nothing in them escapes the tests that do."""

import json
import os
import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES

import app
from chalicelib import VERSION
from infra import configuration
from infra.names import Json
from infra.template import merge_template
from localstack.config import ROOT
from tests.e2e.pages import COMMANDS, ON_AWS, blocks, faults

PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
of_every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@of_every_page
def test_every_fence_is_run_or_compared_or_held_against_a_file(page: Path) -> None:
    assert list(faults(page)) == []


def test_the_readmes_of_both_languages_have_the_same_commands_answers_pictures_and_links() -> None:
    english, russian = (ROOT / "README.md", ROOT / "README.ru.md")
    if os.environ.get("WRITE_DOCS"):
        fence = re.compile(r"^```.*?^```$", re.M | re.S)
        fences = iter(fence.findall(english.read_text()))
        russian.write_text(fence.sub(lambda match: next(fences, match[0]), russian.read_text()))
    assert [block.text for block in blocks(russian)] == [block.text for block in blocks(english)]
    links = [
        re.findall(r"\]\(([^)\s]+)\)", page.read_text().replace("README.ru", "README")) for page in (english, russian)
    ]
    assert links[0] == links[1]


def test_the_badges_of_the_readme_are_true() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    document = json.loads((ROOT / "docs" / "openapi.json").read_text())
    shown = re.findall(r"badge/(.+?)-(?:blue|green)\)", (ROOT / "README.md").read_text())
    python, api = project["requires-python"].removeprefix(">="), document["openapi"].rpartition(".")[0]
    assert shown == [f"version-{VERSION}", f"python-{python}%2B", f"OpenAPI-{api}", "licence-MIT"]
    assert (ROOT / "LICENSE").read_text().startswith("MIT License")


@of_every_page
def test_every_target_of_make_that_a_page_names_is_there(page: Path) -> None:
    named = set(re.findall(r"\bmake ([a-z][a-z-]+)(?=[`\s])", "\n".join(re.findall(r"`[^`\n]+`", page.read_text()))))
    assert named <= TARGETS


@of_every_page
def test_no_number_is_cut_out_of_the_middle_of_a_time(page: Path) -> None:
    assert not re.search(r"date \+%s\S* \| cut -c (?!1-)", page.read_text())  # JSON knows no number with 0 in front


@of_every_page
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", page.read_text()):
        name, _, anchor = target.partition("#")
        there = (page.parent / name) if name else page
        assert there.exists(), target
        assert not anchor or anchor in _anchors(there), target


@of_every_page
def test_commands_on_aws_are_good_shell_and_call_what_is_there(page: Path) -> None:
    for block in blocks(page):
        if block.language == ON_AWS:
            checked = subprocess.run(["bash", "-n"], input=block.text, capture_output=True, text=True, check=False)
            assert checked.returncode == 0, (block.place, checked.stderr)


@of_every_page
def test_every_variable_and_parameter_that_make_is_given_exists(page: Path) -> None:
    recipes = (ROOT / "Makefile").read_text()
    for block in blocks(page):
        commands = block.text if block.language in (COMMANDS, ON_AWS) else ""
        for command in re.findall(r"^(?:\w+=\S+ )*make .*$", commands, re.M):
            named, given = _target(command), re.findall(r"\b([A-Z_]+)=", re.sub(r'"[^"]*"', '""', command))
            assert named in TARGETS, (block.place, command)
            assert [one for one in given if not re.search(rf"\b{one}\b", recipes)] == [], (block.place, command)
            parameters = re.findall(r"(\w+)=", " ".join(re.findall(r'SET="([^"]*)"', command)))
            assert set(parameters) <= set(template("prod")["Parameters"]), (block.place, command)


def _target(command: str) -> str:
    """The target of a call of make."""
    return next(word for word in command.partition("make ")[2].split() if "=" not in word)


@cache
def template(stage: str) -> Json:
    """What is merged into the template of a stage."""
    return merge_template(app.app, stage)


def test_the_configuration_page_is_made_from_the_code() -> None:
    assert (ROOT / "docs" / "configuration.md").read_text() == configuration.document(), "make configuration"


@pytest.mark.parametrize("stage", ["local", "dev", "prod"])
def test_every_parameter_says_what_it_is_for(stage: str) -> None:
    described = {name: one.get("Description", "") for name, one in template(stage)["Parameters"].items()}
    assert {name: text for name, text in described.items() if len(text) < 20 or text.endswith(".")} == {}


def test_every_output_that_a_page_names_is_one() -> None:
    page = (ROOT / "docs" / "deploying.md").read_text()
    named = set(re.findall(r"output `(\w+)`", page)) | {"ApiUrl"}
    assert named <= set(template("prod")["Outputs"])


def test_the_size_of_the_stack_is_what_the_quotas_say() -> None:
    (said,) = re.findall(r"the stack has about (\d+)", (ROOT / "docs" / "deploying.md").read_text())
    assert len(template("prod")["Resources"]) < int(said) < 450  # the transform adds mappings and permissions


def test_the_costs_of_a_plant_are_those_that_the_bench_computes() -> None:
    from bench import plant

    page = (ROOT / "docs" / "deploying.md").read_text()
    for name, usd in [*plant.rows(), ("together", sum(usd for _, usd in plant.rows()))]:
        (said,) = re.findall(rf"^{re.escape(name)} +([\d.]+)$", page, re.M)
        assert float(said) == pytest.approx(usd, rel=0.1, abs=0.05), "python -m bench.plant prints the table"


def test_the_example_workflow_deploys_by_targets_that_exist_and_by_a_role_for_one_environment() -> None:
    import yaml

    folder = ROOT / "docs" / "examples"
    workflow: dict[str, Any] = yaml.safe_load((folder / "github-deploy.yml").read_text())
    job = workflow["jobs"]["deploy"]
    commands = [step["run"] for step in job["steps"] if "run" in step]
    assert [_target(command) for command in commands] == ["check", "deploy"]
    assert "YES=1" in commands[-1]  # nobody can be asked
    assert workflow["permissions"]["id-token"] == "write"
    (trust,) = json.loads((folder / "github-trust.json").read_text())["Statement"]
    claims = trust["Condition"]["StringEquals"]
    assert claims["token.actions.githubusercontent.com:sub"].endswith(f":environment:{job['environment']}")
    assert trust["Action"] == "sts:AssumeRoleWithWebIdentity"


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


@of_every_page
def test_the_region_that_a_page_sets_is_read_by_boto3(page: Path) -> None:
    """`AWS_REGION` is not; only the program `aws` knows it."""
    named = set(re.findall(r"\b(AWS_\w*REGION)=", page.read_text()))
    assert named <= {BOTOCORE_DEFAUT_SESSION_VARIABLES["region"][1]}
