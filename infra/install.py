"""`python3 infra/install.py .venv requirements-dev.lock`: make a virtual environment and install the locked packages.

Says how far it is, and what to do where it cannot go on. It runs before anything is installed, under any Python 3, so
that it can tell that the version is too old. uv installs in a fifth of the time of pip; where uv cannot, and where pip
has an index of its own, pip does.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

OLDEST = (3, 11)
NEEDED_GB = 1.0
SHOWN_LINES = 15  # last ones of what pip said
EVERY = 25  # packages, without a terminal
NO_NETWORK = re.compile(
    r"NewConnectionError|NameResolutionError|Failed to establish|Network is unreachable|ConnectTimeout|ReadTimeout"
    r"|name resolution|ProxyError|Connection (?:refused|reset)|MaxRetryError|ConnectionResetError"
)


class CannotInstall(Exception):
    """The installation cannot go on; the text says what to do."""


def check_python(version: "tuple[int, int]") -> None:
    """Raise CannotInstall when this Python is too old, and name a newer one that is there."""
    if version >= OLDEST:
        return
    names = [f"python3.{minor}" for minor in range(20, OLDEST[1] - 1, -1)]
    newer = next((name for name in names if shutil.which(name)), "<a newer one>")
    raise CannotInstall(f"Python 3.11 or later is needed, this is {version[0]}.{version[1]}: make run PYTHON={newer}")


def check_venv() -> None:
    """Raise CannotInstall where the modules for virtual environments are missing: Debian has them in a package."""
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        package = f"python3.{sys.version_info[1]}-venv"
        raise CannotInstall(f"this Python has no module venv: sudo apt install python3-venv (or {package})") from None


def check_disk(free: int) -> None:
    """Raise CannotInstall when the disk is too full."""
    if free < NEEDED_GB * 1e9:
        raise CannotInstall(f"{free / 1e9:.1f} GB are free on this disk, {NEEDED_GB:.0f} GB is needed: make room")


class Progress:
    """One line that changes on a terminal; elsewhere a line now and then."""

    def __init__(self) -> None:
        self._is_terminal = sys.stdout.isatty()
        self._count = 0

    def count(self, text: str) -> None:
        """Show the next of many steps."""
        self._count += 1
        if self._is_terminal:
            width = shutil.get_terminal_size().columns - 1
            self._write(f"\r\x1b[K{text.format(self._count)[:width]}")
        elif self._count % EVERY == 1:
            self._write(text.format(self._count) + "\n")

    def say(self, text: str) -> None:
        """Leave a line, and count from the beginning again."""
        self._count = 0
        self._write(f"{chr(13)}\x1b[K{text}\n" if self._is_terminal else f"{text}\n")

    def _write(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()


def install(environment: Path, lock: Path, progress: Progress) -> None:
    """Install the packages of a lock into a virtual environment; CannotInstall when that fails."""
    python, text = environment / "bin" / "python", lock.read_text()
    total = len(re.findall(r"^[A-Za-z0-9._-]+==", text, re.M))
    progress.say(f"installing {total} packages into {environment.name}: half a minute to two minutes")
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--no-compile", "--progress-bar=off"]
    pip += ["--require-hashes", "--retries=2"]
    own = re.search(r"^uv==.*?(?=^[^\s#])", text + "end", re.M | re.S)
    if own and not has_own_index(python):
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
            file.write(own.group())
            file.flush()
            _run([*pip, "--no-deps", "-r", file.name], progress, "")
        uv = [str(environment / "bin" / "uv"), "pip", "install", "--python", str(python), "--system-certs"]
        try:
            _run([*uv, "--require-hashes", "-r", str(lock)], progress, "")
            return
        except CannotInstall:
            progress.say("uv could not install them; pip does")
    _run([*pip, "-r", str(lock)], progress, f"{{}} of {total}: ")


def has_own_index(python: Path) -> bool:
    """Whether pip is set to another index, which uv would not ask."""
    settings = subprocess.run([str(python), "-m", "pip", "config", "list"], stdout=subprocess.PIPE, check=False)
    return b"index" in settings.stdout


def _run(command: "list[str]", progress: Progress, counted: str) -> None:
    """Run an installer, and show what it is doing; CannotInstall when it fails."""
    said = []
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
    assert child.stdout is not None
    for line in child.stdout:
        said.append(line.rstrip())
        verb, _, rest = line.strip().partition(" ")
        if verb == "Collecting" and counted:
            progress.count(f"downloading {counted}{rest.partition('==')[0]}")
        elif verb == "Downloading" and not counted:
            progress.count(f"downloading {rest.strip()}")
        elif rest.startswith("Retrying"):
            progress.count("the package index does not answer; trying again")
        elif line.startswith("Installing collected"):
            progress.say("unpacking them")
    if child.wait():
        raise CannotInstall(explained("\n".join(said)))


def explained(said: str) -> str:
    """Return in words why the installation failed."""
    if "No space left on device" in said:
        return "the disk is full: make room, and repeat the command"
    if NO_NETWORK.search(said):
        index = " ".join(["the package index", *os.environ.get("PIP_INDEX_URL", "").split()])
        return f"{index} cannot be reached: check the network, HTTPS_PROXY or PIP_INDEX_URL"
    return "pip failed:\n" + "\n".join(said.splitlines()[-SHOWN_LINES:])


def main() -> int:
    """Install; print one line where that is impossible."""
    environment, lock = map(Path, sys.argv[1:3])
    progress = Progress()
    try:
        check_python((sys.version_info[0], sys.version_info[1]))
        check_venv()
        check_disk(shutil.disk_usage(str(environment.absolute().parent)).free)
        progress.say(f"making {environment.name} with Python {sys.version.split()[0]}")
        subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
        install(environment, lock, progress)
    except CannotInstall as reason:
        progress.say(str(reason))
        return 1
    except KeyboardInterrupt:
        progress.say("interrupted: the same command begins again")
        return 130
    progress.say("all packages are installed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
