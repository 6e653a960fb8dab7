"""What is installed or made once for all processes of a test run is made by one of them, while the others wait."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from localstack.config import ROOT


@contextmanager
def one_at_a_time(name: str) -> Iterator[None]:
    """Let one process of this machine at a time into the block; `name` says for what."""
    file = ROOT / ".shopfloor" / f"{name}.busy"
    file.parent.mkdir(exist_ok=True)
    with file.open("w") as busy:
        fcntl.flock(busy, fcntl.LOCK_EX)
        yield
