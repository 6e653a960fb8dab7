"""Programs that a machine may lack: tests that need one are skipped there, and the end of the run says so (`-rfEs`)."""

import shutil

import pytest


def needed(*names: str, package: str) -> str:
    """The path of the first of these programs that is there; `package` is Debian's, for who wants it."""
    for name in names:
        path = shutil.which(name)
        if path:
            return path
    pytest.skip(f"NOT RUN: this machine has no {names[0]} (apt-get install {package})")
