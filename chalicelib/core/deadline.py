"""The time limit of a request: API Gateway waits 29 s, and the function answers before that.

The alarm signal of the process interrupts any code, also a call that waits for the network. It can be set in the main
thread only, where Lambda runs handlers; in other threads (some tests) only the function's own timeout remains.
"""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

MAX_REQUEST_SECONDS = 28.0
MARGIN_SECONDS = 1.0
_SHORTEST_SECONDS = 0.05
_REPEAT_SECONDS = 0.5  # of the alarm: Python drops an exception that is raised inside a finalizer


class DeadlineExceeded(BaseException):
    """The time is up. Not an Exception, so that no retry loop or cleanup handles it as a failure."""


def budget(remaining_ms: int) -> float:
    """Return the seconds that a request may take, by the milliseconds that the function has left."""
    return max(_SHORTEST_SECONDS, min(MAX_REQUEST_SECONDS, remaining_ms / 1000 - MARGIN_SECONDS))


def _ring(_signal: int, _frame: FrameType | None) -> None:
    raise DeadlineExceeded


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Raise DeadlineExceeded inside the block when it takes longer than `seconds`. Blocks may be nested; the outer
    limit holds too.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGALRM, _ring)
    outer, started = signal.getitimer(signal.ITIMER_REAL)[0], time.monotonic()
    try:
        signal.setitimer(signal.ITIMER_REAL, min(seconds, outer) if outer else seconds, _REPEAT_SECONDS)
        yield
    finally:
        try:
            _restore(before, outer, started)
        except DeadlineExceeded:  # the alarm has rung in between; its next ring is far away
            _restore(before, outer, started)
            raise


def _restore(before: Any, outer: float, started: float) -> None:
    left = max(_SHORTEST_SECONDS, outer - (time.monotonic() - started)) if outer else 0
    signal.setitimer(signal.ITIMER_REAL, left, _REPEAT_SECONDS)
    signal.signal(signal.SIGALRM, before)
