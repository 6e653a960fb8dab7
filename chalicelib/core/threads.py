"""Threads that read side by side. They are kept: to start new ones takes more of the processor than the reading."""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import TypeVar

from chalicelib.core.deadline import DeadlineExceeded

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


def ahead(work: Callable[[T], R], inputs: Iterable[T], count: int) -> Iterator[R]:
    """What `work` makes of each input, in their order; up to `count` of them are under way while one is looked at.

    The threads are its own, so `work` may call `side_by_side`.
    """
    with own_threads(count) as pool:
        running = deque[Future[R]]()
        for one in inputs:
            running.append(pool.submit(work, one))
            if len(running) > count:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()


@contextmanager
def own_threads(count: int) -> Generator[ThreadPoolExecutor, None, None]:
    """Threads for the work of the block, which is waited for at its end; but not when its time is up, or when nobody
    wants the rest any more: a call that hangs must not hold up the answer that it hangs.
    """
    pool, is_over = ThreadPoolExecutor(count, "own"), False
    try:
        yield pool
    except (DeadlineExceeded, GeneratorExit):
        is_over = True
        raise
    finally:
        pool.shutdown(wait=not is_over, cancel_futures=is_over)


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(MOST, "reader")
