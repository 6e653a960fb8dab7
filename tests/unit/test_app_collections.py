"""How often a function collects garbage."""

import subprocess
import sys


def test_a_function_does_not_collect_garbage_several_times_in_a_request() -> None:
    found = subprocess.run(
        [sys.executable, "-c", "import gc, app; print(gc.get_threshold()[0])"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == "10000"
