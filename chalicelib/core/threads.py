"""Threads that read side by side. They are kept: to start new ones takes more of the processor than the reading."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

MOST = 32
T = TypeVar("T")
R = TypeVar("R")


def side_by_side(work: Callable[[T], R], inputs: Iterable[T]) -> list[R]:
    """What `work` makes of each input, in their order; `work` itself may not call this.

    When one raises, or the caller is interrupted, nobody waits for the others: a deadline that ends a request must not
    be held up by the very call that was too slow. A single input needs no thread.
    """
    waiting = list(inputs)
    if len(waiting) == 1:
        return [work(waiting[0])]
    running = [_pool().submit(work, one) for one in waiting]
    try:
        return [one.result() for one in running]
    finally:
        for one in running:
            one.cancel()


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(MOST, "reader")
