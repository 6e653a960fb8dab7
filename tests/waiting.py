"""Waiting for what happens soon, without sleeping longer than needed."""

import time
from collections.abc import Callable
from threading import Event
from typing import TypeVar

T = TypeVar("T")
_never = Event()


def wait_for(condition: Callable[[], T], timeout: float = 60, every: float = 0.05) -> T:
    """The first truthy answer of `condition`; fails when there is none in time.

    The pause between two questions is `every` seconds at first, later a tenth of the time that has passed.
    """
    began = time.monotonic()
    while not (answer := condition()):
        passed = time.monotonic() - began
        if passed > timeout:
            raise AssertionError(f"did not happen within {timeout} s; last answer: {answer!r}")
        _never.wait(max(every, passed / 10))
    return answer
