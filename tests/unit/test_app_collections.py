"""The frequency of garbage collections in a function."""

import subprocess
import sys


def test_request_does_not_collect_garbage_several_times() -> None:
    found = subprocess.run(
        [sys.executable, "-c", "import gc, app; print(gc.get_threshold()[0])"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == "10000"
