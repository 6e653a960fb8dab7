"""Waiting for what happens soon, without sleeping longer than needed."""

import time
from collections.abc import Callable
from threading import Event
from typing import TypeVar

T = TypeVar("T")
_never = Event()


def wait_for(condition: Callable[[], T], timeout: float = 10, every: float = 0.05) -> T:
    """The first truthy answer of `condition`; fails when there is none in time."""
    deadline = time.monotonic() + timeout
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"did not happen within {timeout} s; last answer: {answer!r}")
        _never.wait(every)
    return answer
