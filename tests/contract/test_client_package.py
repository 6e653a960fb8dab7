"""`make client` makes a package for publishing: it is built, installed, typed, and has the version of the API."""

import shutil
import subprocess
import sys
from email import message_from_string
from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest

import chalicelib
from localstack.config import ROOT
from tests.one_at_a_time import one_at_a_time

pytestmark = pytest.mark.slow
PIP = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder where the wheel of the package is installed, without what it depends on."""
    folder = tmp_path_factory.mktemp("client")
    with one_at_a_time("client"):  # it removes what it made before
        run("make", "-o", ".venv/.installed", "client")
        shutil.copytree(ROOT / "clients" / "python", folder / "source", symlinks=False)
    run(*PIP, "wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", str(folder), str(folder / "source"))
    (wheel,) = folder.glob("*.whl")
    assert wheel.name == f"shopfloor_client-{chalicelib.VERSION}-py3-none-any.whl"
    run(*PIP, "install", "--no-deps", "--no-index", "--target", str(folder / "installed"), str(wheel))
    return folder / "installed"


def run(*command: str) -> str:
    """The output of a command in the repository."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_wheel_says_what_it_is(installed: Path) -> None:
    package = distribution(installed)
    about = message_from_string(package.read_text("METADATA") or "")
    assert (about["Name"], about["Version"]) == ("shopfloor-client", chalicelib.VERSION)
    assert (about["License-Expression"], about["Requires-Python"]) == ("MIT", ">=3.11")
    assert about.get_payload().startswith("# shopfloor-client")
    files = {str(path) for path in package.files or ()}
    assert "shopfloor_client/py.typed" in files
    assert any(path.endswith("LICENSE") for path in files)


def test_what_it_depends_on_is_what_the_generator_demands(installed: Path) -> None:
    import openapi_python_client

    template = Path(openapi_python_client.__file__).parent / "templates" / "pyproject_uv.toml.jinja"
    demanded = template.read_text().partition("dependencies = [")[2].partition("]")[0]
    wanted = {line.strip(' ",') for line in demanded.splitlines() if line.strip()}
    assert {str(one) for one in distribution(installed).requires or ()} == {_normal(one) for one in wanted}


def _normal(requirement: str) -> str:
    from packaging.requirements import Requirement

    return str(Requirement(requirement))


def test_the_example_and_an_operation_with_two_kinds_of_bodies_have_the_right_types(
    installed: Path, tmp_path: Path
) -> None:
    files = [installed / "shopfloor_client" / "api" / "products" / "add_products.py"]
    files.append(ROOT / "docs" / "examples" / "python_client.py")
    command = [sys.executable, "-m", "mypy", "--strict", "--no-incremental", "--follow-imports=silent"]
    environment = {"MYPYPATH": str(installed), "PATH": ""}
    done = subprocess.run([*command, *map(str, files)], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def distribution(folder: Path) -> Distribution:
    """The distribution in that folder."""
    (found,) = distributions(path=[str(folder)], name="shopfloor-client")
    return found
