"""What moto's interpreter needs beside moto: two packages, which are installed once, into a folder of their own."""

import subprocess
import sys
from pathlib import Path

from localstack.config import ROOT
from tests.one_at_a_time import one_at_a_time

LOCK = Path(__file__).parent / "requirements.lock"
FOLDER = ROOT / ".shopfloor" / "interpreter"


def _install() -> None:
    done = FOLDER / LOCK.name
    if done.exists() and done.read_text() == LOCK.read_text():
        return
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes", "--upgrade"]
    pip = [sys.executable, "-m", "pip", "install", *options, "--target", str(FOLDER), "-r", str(LOCK)]
    subprocess.run(pip, check=True, timeout=600)
    done.write_text(LOCK.read_text())


with one_at_a_time("interpreter"):  # several processes of pytest come here at once
    _install()
sys.path.append(str(FOLDER))
