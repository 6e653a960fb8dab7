"""Threads for parallel reads. They are kept, since starting threads costs more processor time than the reads.

What runs in a thread speaks the language of who started it (texts.py).
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import cache
from typing import Any, ParamSpec, TypeVar

from chalicelib.core import texts
from chalicelib.core.deadline import DeadlineExceeded

MAX_THREADS = 32
WAIT_FOR_MORE_SECONDS = 0.02  # after the first one has ended
T = TypeVar("T")
R = TypeVar("R")
P = ParamSpec("P")


class _Threads(ThreadPoolExecutor):
    """Threads that speak the language of who gives them work."""

    def submit(self, fn: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        return super().submit(texts.in_this_language(fn), *args, **kwargs)


def map_in_parallel(work: Callable[[T], R], inputs: Iterable[T]) -> list[R]:
    """Return the results of `work` for the inputs, in their order, computed in parallel. `work` may not call this
    function.

    When one call raises, or a deadline interrupts the caller, the other calls are not awaited. A single input needs no
    thread.
    """
    items = list(inputs)
    if len(items) == 1:
        return [work(items[0])]
    running = [_pool().submit(work, item) for item in items]
    try:
        return [call.result() for call in running]
    finally:
        for call in running:
            call.cancel()


def map_ahead(work: Callable[[T], R], inputs: Iterable[T], count: int) -> Iterator[R]:
    """Yield the results of `work` for the inputs, in their order, with up to `count` calls running ahead.

    It has threads of its own, so `work` may call `map_in_parallel`.
    """
    with own_threads(count) as pool:
        running = deque[Future[R]]()
        for item in inputs:
            running.append(pool.submit(work, item))
            if len(running) > count:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()


@contextmanager
def own_threads(count: int) -> Generator[ThreadPoolExecutor, None, None]:
    """Return threads for the block, and await them at its end. They are not awaited after DeadlineExceeded, or when a
    generator is closed, so that a call that hangs does not delay the answer.
    """
    pool, is_over = _Threads(count, "own"), False
    try:
        yield pool
    except (DeadlineExceeded, GeneratorExit):
        is_over = True
        raise
    finally:
        pool.shutdown(wait=not is_over, cancel_futures=is_over)


def wait_for_some(running: Iterable[Future[Any]], timeout: float | None = None) -> set[Future[Any]]:
    """Wait for the first of some futures, up to `timeout` seconds, and a moment longer for others that end at about the
    same time; return all that have ended.
    """
    futures = list(running)
    if not wait(futures, timeout, FIRST_COMPLETED).done:
        return set()
    return wait(futures, WAIT_FOR_MORE_SECONDS).done


def result_or_error(work: Callable[[T], R], subject: T) -> R | Exception:
    """Return what `work` returns, or the exception that it raises."""
    try:
        return work(subject)
    except Exception as error:
        return error


@cache
def _pool() -> ThreadPoolExecutor:
    return _Threads(MAX_THREADS, "reader")
