"""A request answers before the gateway gives up on it: API Gateway waits 29 s, the function ends itself a bit earlier.

The alarm of the process interrupts whatever runs, also a call that waits on the network. It can only be set in the main
thread, where Lambda runs handlers; elsewhere (a test with threads) only the function's own timeout is left.
"""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

LONGEST_SECONDS = 28.0
MARGIN_SECONDS = 1.0
_SHORTEST_SECONDS = 0.05


class DeadlineExceeded(BaseException):
    """The time is up. Not an Exception: no retry loop or cleanup on the way may take it for an ordinary failure."""


def budget(remaining_ms: int) -> float:
    """How many seconds a request may take, given what is left of the function's own time."""
    return max(_SHORTEST_SECONDS, min(LONGEST_SECONDS, remaining_ms / 1000 - MARGIN_SECONDS))


class _Held:
    """What must be whole is under way: the alarm waits for its end."""

    depth = 0
    has_rung = False


def _ring(_signal: int, _frame: FrameType | None) -> None:
    if not _Held.depth:
        raise DeadlineExceeded
    _Held.has_rung = True


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Raises DeadlineExceeded after the block, not inside it: for what the process could not do again."""
    _Held.depth += 1
    try:
        yield
    finally:
        _Held.depth -= 1
        if _Held.has_rung and not _Held.depth:
            _Held.has_rung = False
            raise DeadlineExceeded


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Raises DeadlineExceeded inside the block when it takes longer than `seconds`. One inside another ends a part of
    the work early; the outer one goes on.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGALRM, _ring)
    outer, started = signal.getitimer(signal.ITIMER_REAL)[0], time.monotonic()
    signal.setitimer(signal.ITIMER_REAL, min(seconds, outer) if outer else seconds)
    try:
        yield
    finally:
        left = max(_SHORTEST_SECONDS, outer - (time.monotonic() - started)) if outer else 0
        signal.setitimer(signal.ITIMER_REAL, left)
        signal.signal(signal.SIGALRM, before)
