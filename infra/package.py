"""`chalice package --merge-template`, called in process, into a folder with `sam.json` and `deployment.zip`.

The thin package has the code only: functions of the local stack use the packages of this interpreter. The full package
also has the requirements, as wheels for the runtime of Lambda, and the built console. An unchanged tree is not packaged
again.
"""

import compileall
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from py_compile import PycInvalidationMode

from infra import console
from infra.names import RUNTIME, Json

ROOT = Path(__file__).parent.parent
LOCK = "requirements.lock"
SOURCES = ("app.py", LOCK, ".chalice/config.json", "chalicelib", "infra")
CODE = ("app.py", "chalicelib")
TEMPLATE = "sam.json"
FINGERPRINT = "fingerprint"
# Wheels that the operating system of that runtime (glibc 2.34) can load.
WHEELS = ("manylinux2014_x86_64", "manylinux_2_17_x86_64", "manylinux_2_28_x86_64")


def fingerprint(stage: str, thin: bool) -> str:
    """Return a hash of all inputs of a package."""
    digest = hashlib.sha256(f"{stage} {thin} {'' if thin else console.fingerprint()}".encode())
    for path in sorted(_files()):
        digest.update(str(path.relative_to(ROOT)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def package(stage: str, out: Path, *, thin: bool) -> bool:
    """Make the package in `out`; return False when it is there, made from the same tree."""
    print_of_tree = fingerprint(stage, thin)
    mark = out / FINGERPRINT
    if mark.exists() and mark.read_text() == print_of_tree and (out / TEMPLATE).exists():
        return False
    shutil.rmtree(out, ignore_errors=True)
    project = _staged(out / "project", thin)
    _run_chalice(project, stage, out)
    shutil.rmtree(project)
    mark.write_text(print_of_tree)
    return True


def load(out: Path) -> Json:
    """Return the packaged template."""
    template: Json = json.loads((out / TEMPLATE).read_text("utf-8"))
    return template


def _files() -> Iterator[Path]:
    for name in SOURCES:
        path = ROOT / name
        if path.is_file():
            yield path
        else:
            yield from (file for file in path.rglob("*") if file.is_file() and "__pycache__" not in file.parts)


def _staged(project: Path, thin: bool) -> Path:
    """Copy the deployed files, because Chalice writes into its project folder; the thin package has no requirements."""
    project.mkdir(parents=True)
    for name in (*CODE, ".chalice"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, project / name, ignore=shutil.ignore_patterns("__pycache__", "deploy*"))
        else:
            shutil.copy(source, project / name)
    (project / "requirements.txt").touch()  # empty: Chalice's own resolver would build unknown wheels
    if thin:
        # Compiled once here instead of at every cold start; the bytecode is valid beside its source.
        unchecked = PycInvalidationMode.UNCHECKED_HASH
        compileall.compile_dir(project, quiet=1, stripdir=str(project), invalidation_mode=unchecked)
    else:
        _install_requirements(project / "vendor")
        shutil.copytree(console.build(), project / "chalicelib" / "assets" / "console")
    return project


def _install_requirements(vendor: Path) -> None:
    """Download the requirements as wheels for Lambda; Chalice packages the folder `vendor` and itself."""
    wanted = ["--require-hashes", "--requirement", str(ROOT / LOCK)]
    platforms = [f"--platform={name}" for name in WHEELS]
    target = [f"--python-version={RUNTIME.removeprefix('python')}", "--only-binary=:all:", *platforms]
    quiet = ["--quiet", "--disable-pip-version-check", "--no-warn-conflicts", "--no-compile"]
    pip = [sys.executable, "-m", "pip", "install", *quiet]
    subprocess.run([*pip, "--target", str(vendor), *target, *wanted], check=True)


def _run_chalice(project: Path, stage: str, out: Path) -> None:
    from chalice.cli.factory import CLIFactory

    import app
    from infra.template import merge_template

    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    merge = out / "merge.json"
    merge.write_text(json.dumps(merge_template(app.app, stage), ensure_ascii=False), "utf-8")
    factory = CLIFactory(str(project))
    config = factory.create_config_obj(stage)
    options = factory.create_package_options()
    packager = factory.create_app_packager(config, options, "cloudformation", "json", str(merge))
    packager.package_app(config, str(out), stage)
