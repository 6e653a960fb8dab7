"""The locks name all that is installed, each with its hashes, and fit the requirements that they are made from."""

import json
import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
SOURCES = {
    "requirements.lock": ["requirements.txt"],
    "requirements-dev.lock": ["requirements.txt", "requirements-dev.txt"],
    "bench/peer/requirements.lock": ["bench/peer/requirements.txt"],
}
BY_CHALICE = "chalice"  # Chalice's packager adds it, and what it needs there


def locked(lock: str) -> Iterator[tuple[Requirement, list[str]]]:
    """The requirements of a lock, with the hashes of each."""
    joined = (ROOT / lock).read_text("utf-8").replace("\\\n", " ")
    for line in joined.splitlines():
        if line and not line.lstrip().startswith("#"):
            requirement, *hashes = re.split(r"\s+--hash=", line.strip())
            yield Requirement(requirement), hashes


def asked(lock: str) -> Iterator[Requirement]:
    """The requirements that a lock is made from."""
    for source in SOURCES[lock]:
        for line in (ROOT / source).read_text("utf-8").splitlines():
            text = line.partition("#")[0].strip()
            if text and not text.startswith("-r"):
                yield Requirement(text)


def versions(lock: str) -> dict[str, str]:
    """The version of each package that a lock names, on this machine."""
    here = default_environment()
    found = [one for one, _ in locked(lock) if one.marker is None or one.marker.evaluate(here)]  # type: ignore[arg-type]
    return {canonicalize_name(one.name): str(one.specifier).removeprefix("==") for one in found}


@pytest.mark.parametrize("lock", SOURCES)
def test_each_package_is_pinned_with_hashes(lock: str) -> None:
    for requirement, hashes in locked(lock):
        assert re.fullmatch(r"==[^,*]+", str(requirement.specifier)), requirement
        assert hashes, requirement
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", one) for one in hashes), requirement


@pytest.mark.parametrize("lock", SOURCES)
def test_the_lock_is_made_from_the_requirements_as_they_are(lock: str) -> None:
    """A requirement that was changed without `make lock` is installed in its old version."""
    names = versions(lock)
    missing = [
        str(one)
        for one in asked(lock)
        if not one.specifier.contains(names.get(canonicalize_name(one.name), "0"))
        and not (lock == "requirements.lock" and one.name == BY_CHALICE)
    ]
    assert not missing, f"make lock: {missing} do not fit {lock}"


def test_what_the_locked_packages_need_is_locked_too() -> None:
    names = versions("requirements-dev.lock")
    for name, version in names.items():
        installed = metadata.distribution(name)
        assert installed.version == version, f"{name}: rm .venv/.installed, then make"
        for text in installed.requires or []:
            needed = Requirement(text)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                found = names.get(canonicalize_name(needed.name), "0")
                assert needed.specifier.contains(found, prereleases=True), f"{name} needs {needed}: make lock"


def test_functions_run_on_the_versions_that_are_tested() -> None:
    tested = versions("requirements-dev.lock")
    assert {name: tested.get(name) for name in versions("requirements.lock")} == versions("requirements.lock")


def test_the_lock_of_the_console_fits_its_packages_and_names_no_place_to_load_them_from() -> None:
    """npm takes them from the registry that the machine is told; every one has its hash."""
    console = ROOT / "console"
    declared = json.loads((console / "package.json").read_text("utf-8"))
    lock = json.loads((console / "package-lock.json").read_text("utf-8"))
    for kind in ("dependencies", "devDependencies"):
        assert lock["packages"][""][kind] == declared[kind]
        assert all(re.fullmatch(r"(npm:[\w@/-]+@)?\d+\.\d+\.\d+", version) for version in declared[kind].values()), kind
    installed = {path: package for path, package in lock["packages"].items() if path}
    assert [path for path, package in installed.items() if "resolved" in package] == []
    assert [path for path, package in installed.items() if "integrity" not in package] == []
    assert "omit-lockfile-registry-resolved=true" in (console / ".npmrc").read_text("utf-8").splitlines()


def test_what_the_console_may_install_is_locked_for_every_platform() -> None:
    """`npm ci` refuses a lock that leaves out an optional package, e.g. one that the registry did not have."""
    packages = json.loads((ROOT / "console" / "package-lock.json").read_text("utf-8"))["packages"]
    wanted = {name for package in packages.values() for name in package.get("optionalDependencies", {})}
    assert {name for name in wanted if not any(path.endswith(f"node_modules/{name}") for path in packages)} == set()
