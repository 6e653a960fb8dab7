"""The compose file and the init script for LocalStack fit the template. Nothing here starts LocalStack."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

import app
from infra.api import STAGE_NAME
from infra.package import TEMPLATE
from localstack.config import ROOT
from tests.contract.aws_rules import Stack, new_stack

COMPOSE, SCRIPT = ROOT / "localstack" / "docker-compose.yml", ROOT / "localstack" / "init" / "ready.d" / "deploy.sh"
SERVICE_OF = {"dynamodb": "dynamodb dynamodbstreams", "states": "stepfunctions", "xray": "", "aws": ""}
"""What LocalStack calls a service, where that is not the prefix of its actions. Tracing is off there; `aws:` begins
conditions."""
ALWAYS = {"cloudformation", "sts"}  # the deployment


@pytest.fixture(scope="module")
def service() -> Any:
    """The one container of the compose file."""
    (found,) = yaml.safe_load(COMPOSE.read_text("utf-8"))["services"].values()
    return found


@pytest.fixture(scope="module")
def stack() -> Stack:
    """The stack of the local stage."""
    return new_stack("local")


@pytest.fixture(scope="module")
def script() -> str:
    """The init script."""
    return SCRIPT.read_text("utf-8")


def test_the_image_is_a_version(service: Any) -> None:
    assert re.fullmatch(r"\$\{LOCALSTACK_IMAGE:-localstack/localstack:\d+\.\d+\.\d+\}", service["image"])


def test_the_services_are_those_of_the_template_and_of_the_calls_of_functions(service: Any, stack: Stack) -> None:
    made = {one["Type"].split("::")[1].lower() for one in stack.resources.values()}
    actions = re.findall(r"'([a-z0-9]+):[A-Z]\w+'", str(stack.of_type("AWS::IAM::Role")))
    called = {SERVICE_OF.get(name, name) for name in {*made, *actions}}
    wanted = ALWAYS | {name for names in called for name in names.split()}
    assert {*service["environment"]["SERVICES"].split(",")} == wanted


def test_the_package_is_where_the_script_looks_for_it(service: Any, script: str) -> None:
    mounted = dict(volume.removesuffix(":ro").split(":") for volume in service["volumes"])
    made = re.search(r"^localstack-package:.*\n\t.* --stage local --out (\S+)", (ROOT / "Makefile").read_text(), re.M)
    assert made
    folders = {(COMPOSE.parent / place).resolve(): inside for place, inside in mounted.items() if place[0] == "."}
    assert folders == {
        ROOT / made[1]: "/opt/shopfloor/package",
        SCRIPT.parent: "/etc/localstack/init/ready.d",
    }
    assert "package=/opt/shopfloor/package" in script and f'"$package/{TEMPLATE}"' in script


def test_functions_run_in_containers_of_their_own(service: Any) -> None:
    """LocalStack starts them by Docker, and gives them its address as AWS_ENDPOINT_URL."""
    assert "/var/run/docker.sock:/var/run/docker.sock" in service["volumes"]


def test_ports_are_open_to_this_machine_only(service: Any) -> None:
    assert service["ports"] == ["127.0.0.1:${AWS_PORT:-4566}:4566"]


def test_the_script_is_a_script_that_bash_can_read(script: str) -> None:
    assert script.startswith("#!/usr/bin/env bash\n") and "\nset -euo pipefail\n" in script
    assert SCRIPT.stat().st_mode & 0o111  # LocalStack runs what may be run
    checked = subprocess.run(["bash", "-n", str(SCRIPT)], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_the_script_deploys_the_stack_of_the_local_stage_with_what_the_template_needs(
    script: str, stack: Stack
) -> None:
    assert f"stack={stack.name}\n" in script
    given = {*re.findall(r"\b(\w+)=", _between(script, "--parameter-overrides"))}
    parameters = stack.template["Parameters"]
    assert given <= {*parameters}
    assert {name for name, one in parameters.items() if "Default" not in one} <= given
    assert "CAPABILITY_NAMED_IAM" in script and "CAPABILITY_AUTO_EXPAND" in script


def test_the_script_ends_with_an_address_that_is_there(script: str, stack: Stack) -> None:
    (output,) = re.findall(r"OutputKey=='(\w+)'", script)
    assert output in stack.template["Outputs"]
    (path,) = re.findall(rf"execute-api/\$id/{STAGE_NAME}(/\S+)\"", script)
    assert path in app.app.routes


def _between(script: str, option: str) -> str:
    """The arguments of an option of a command; empty where it is not given."""
    found = re.search(rf"{option}((?: \w+=\S+)*)", script)
    return found[1] if found else ""


def test_the_compose_file_says_what_was_tried() -> None:
    assert "was never started" in Path(COMPOSE).read_text("utf-8")
