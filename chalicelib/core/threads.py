"""Threads that read side by side."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager


@contextmanager
def readers(count: int) -> Iterator[ThreadPoolExecutor]:
    """A pool for the block. When the block is left by an exception, nobody waits for the threads: a deadline that ends
    a request must not be held up by the very call that was too slow.
    """
    pool, wait = ThreadPoolExecutor(count), False
    try:
        yield pool
        wait = True
    finally:
        pool.shutdown(wait=wait, cancel_futures=True)
