"""Schemathesis against a stack: `run` for tests, `python -m tests.e2e.fuzz` for `make fuzz`.

Which checks there are, and what they are told about the API, is in schemathesis.toml and tests/fuzzing.py.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from localstack.config import ROOT
from tests.e2e.people import administrator
from tests.e2e.stack import start

QUICK = "examples,fuzzing"
ALL = "examples,coverage,fuzzing,stateful"
# With these the owner of a token ends his own account; they are tried where no token is needed.
ENDING = ("delete_user", "reset_password", "update_user")


def run(
    url: str, *, seed: int, examples: int, phases: str, headers: Mapping[str, str] | None = None, echo: bool = False
) -> "subprocess.CompletedProcess[str]":
    """Try all operations, `examples` times each in every phase that invents values. What is found stands in stdout,
    with the curl that shows it again; `echo` shows it while it runs. `headers` are those of a user signed in.
    """
    command = [str(Path(sys.executable).parent / "schemathesis"), "run", f"{url}/openapi.json", "--no-color"]
    command += ["--seed", str(seed), "-n", str(examples), "--phases", phases, "--generation-database", "none"]
    command += ["--continue-on-failure", "--warnings", "off"]
    if headers:
        command += [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
        command += [word for name in ENDING for word in ("--exclude-operation-id", name)]
    with tempfile.TemporaryDirectory() as folder:
        reports = [] if echo else ["--report-dir", folder]
        return subprocess.run([*command, *reports], cwd=ROOT, text=True, capture_output=not echo)


def main() -> int:
    """Settings are SEED, EXAMPLES and URL of the environment; without URL a stack of its own is started."""
    seed, examples = int(os.environ.get("SEED") or 1), int(os.environ.get("EXAMPLES") or 40)
    url = os.environ.get("URL")
    if url:
        return run(url, seed=seed, examples=examples, phases=ALL, echo=True).returncode
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        sys.stderr.write("starting two stacks of its own: one is open, at the other every call needs a token\n")
        opened, locked = start(Path(folder, "open")), start(Path(folder, "locked"), {"AUTH_REQUIRED": "true"})
        try:
            found = run(opened.url, seed=seed, examples=examples, phases=ALL, echo=True).returncode
            token = administrator(locked)
            return found | run(locked.url, seed=seed, examples=1, phases=QUICK, headers=token, echo=True).returncode
        finally:
            opened.stop()
            locked.stop()


if __name__ == "__main__":
    sys.exit(main())
