"""The package of the functions: `sam.json`, made by Chalice and our own template, and `deployment.zip`, the code.

The thin package has the code only: functions of the local stack use the packages of this interpreter. The full package
also has the requirements, as wheels for the runtime that the template names, and the built console. Its bytecode is
written by a Python of that runtime: Lambda cannot keep what it compiles. An unchanged tree is not packaged again, and
the same tree gives the same bytes, so the code is uploaded under the same name.
"""

import hashlib
import inspect
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from infra import console
from infra.names import RUNTIME, Json

ROOT = Path(__file__).parent.parent
LOCK = "requirements.lock"
SOURCES = ("app.py", LOCK, ".chalice/config.json", "chalicelib", "infra")
CODE = "deployment.zip"
TEMPLATE = "sam.json"
MERGED = "merge.json"
FINGERPRINT = "fingerprint"
# Wheels that the operating system of that runtime (glibc 2.34) can load.
WHEELS = ("manylinux2014_x86_64", "manylinux_2_17_x86_64", "manylinux_2_28_x86_64")
FOR_LAMBDA = (
    f"--python-version={RUNTIME.removeprefix('python')}",
    "--only-binary=:all:",
    *(f"--platform={name}" for name in WHEELS),
)
# Programs, and sources of compiled modules.
UNUSED = ("bin", "**/*.c", "**/*.pyx", "**/*.pyi")
NO_BYTECODE = (
    f"No {RUNTIME} is here: the package has no bytecode, and every cold start takes 0.7 s longer. "
    f"Put one on the PATH (`.venv/bin/uv python install {RUNTIME.removeprefix('python')}`) and run this again.\n"
)


def fingerprint(stage: str, thin: bool, python: str | None = None) -> str:
    """Return a hash of all inputs of a package."""
    inputs = f"{stage} {thin}" if thin else f"{stage} {thin} {console.fingerprint()} {bool(python)}"
    digest = hashlib.sha256(inputs.encode())
    for path in sorted(_files()):
        digest.update(str(path.relative_to(ROOT)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def package(stage: str, out: Path, *, thin: bool) -> bool:
    """Make the package in `out`; return False when it is there, made from the same tree."""
    python = sys.executable if thin else runtime_python()
    print_of_tree = fingerprint(stage, thin, python)
    mark = out / FINGERPRINT
    if mark.exists() and mark.read_text() == print_of_tree and (out / TEMPLATE).exists():
        return False
    shutil.rmtree(out, ignore_errors=True)
    code = out / "code"
    copy_code(code)
    if not thin:
        install_requirements(code, FOR_LAMBDA)
        shutil.copytree(console.build(), code / "chalicelib" / "assets" / "console")
    if python:
        write_bytecode(code, python)
    else:
        sys.stderr.write(NO_BYTECODE)
    _write_template(stage, out)
    write_zip(code, out / CODE)
    shutil.rmtree(code)
    mark.write_text(print_of_tree)
    return True


def load(out: Path) -> Json:
    """Return the packaged template."""
    template: Json = json.loads((out / TEMPLATE).read_text("utf-8"))
    return template


def runtime_python() -> str | None:
    """Return a Python of the version that the functions run on: this one, one on the PATH, or one of pyenv."""
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    installed = sorted(versions.glob(f"{RUNTIME.removeprefix('python')}.*/bin/{RUNTIME}"))
    for program in (sys.executable, shutil.which(RUNTIME), *map(str, installed)):
        if program and _version_of(program) == RUNTIME:
            return program
    return None


def copy_code(folder: Path) -> None:
    """Fill a new folder with the code of the functions and of Chalice, as far as functions need it."""
    import chalice
    import chalice.app

    shutil.copytree(ROOT / "chalicelib", folder / "chalicelib", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "app.py", folder)
    (folder / "chalice").mkdir()
    for module in (chalice, chalice.app):
        shutil.copy(inspect.getfile(module), folder / "chalice")


def install_requirements(folder: Path, target: Sequence[str] = ()) -> None:
    """Install the locked requirements into a folder: for this interpreter, or for what options of pip say."""
    wanted = ["--require-hashes", "--requirement", str(ROOT / LOCK)]
    quiet = ["--quiet", "--disable-pip-version-check", "--no-warn-conflicts", "--no-compile"]
    pip = [sys.executable, "-m", "pip", "install", *quiet]
    subprocess.run([*pip, "--target", str(folder), *target, *wanted], check=True)
    for pattern in UNUSED:
        for path in list(folder.glob(pattern)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def write_bytecode(folder: Path, python: str) -> None:
    """Compile the modules of a folder, for ever valid beside their sources."""
    options = ["-q", "--invalidation-mode", "unchecked-hash", "-s", str(folder)]
    subprocess.run([python, "-m", "compileall", *options, str(folder)], check=True)


def write_zip(folder: Path, target: Path) -> None:
    """Write a zip file of a folder."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    write_members({path.relative_to(folder).as_posix(): path for path in files}, target)


def write_members(members: Mapping[str, Path | bytes], target: Path) -> None:
    """Write a zip file. Order, times and rights are fixed: the same files give the same bytes."""
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for name, content in sorted(members.items(), key=lambda one: one[0].split("/")):
            member = ZipInfo(name)
            member.create_system, member.external_attr, member.compress_type = 3, 0o100644 << 16, ZIP_DEFLATED
            archive.writestr(member, content if isinstance(content, bytes) else content.read_bytes())


def _version_of(program: str) -> str:
    code = "import sys; print('python{}.{}'.format(*sys.version_info))"
    return subprocess.run([program, "-c", code], capture_output=True, text=True, check=False).stdout.strip()


def _files() -> Iterator[Path]:
    for name in SOURCES:
        path = ROOT / name
        if path.is_file():
            yield path
        else:
            yield from (file for file in path.rglob("*") if file.is_file() and "__pycache__" not in file.parts)


def _write_template(stage: str, out: Path) -> None:
    """Let Chalice write the template. It packages a project without code, since the code is ours to pack."""
    from chalice.cli.factory import CLIFactory

    import app
    from infra.template import merge_template

    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    project, merge = out / "project", out / MERGED
    shutil.copytree(ROOT / ".chalice", project / ".chalice", ignore=shutil.ignore_patterns("deploy*"))
    shutil.copy(ROOT / "app.py", project)
    merge.write_text(json.dumps(merge_template(app.app, stage), ensure_ascii=False), "utf-8")
    factory = CLIFactory(str(project))
    config = factory.create_config_obj(stage)
    options = factory.create_package_options()
    packager = factory.create_app_packager(config, options, "cloudformation", "json", str(merge))
    packager.package_app(config, str(out), stage)
    shutil.rmtree(project)
