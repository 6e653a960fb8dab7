"""The warm workers of one function, shared by requests that wait for a free one.

A further worker costs a third of a second of processor time to start, many times what a request costs. So a request
without a free worker waits for the next one, first come first served, while one further worker at a time is started
beside it. More than `ENOUGH_WORKERS` are started only when a request has waited for long: then the handlers are slow.
"""

import asyncio
import os
import time
from collections import deque
from collections.abc import Callable

from ministack.core import lambda_runtime
from ministack.core.concurrency import run_reentrant
from ministack.services import lambda_svc

from localstack.engine.invocation_end import Worker

ENOUGH_WORKERS = 2 * (os.cpu_count() or 1)
LONG_WAIT_SECONDS = 0.25

Make = Callable[[], Worker]
"""Makes a worker, without its process, of the function as it is now."""


class Pool:
    """The workers that MiniStack keeps under one key. All methods are called in the event loop."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._waiting: deque[tuple[float, asyncio.Future[Worker]]] = deque()
        self._start: asyncio.Task[None] | None = None
        self._recheck: asyncio.TimerHandle | None = None

    async def lease(self, make: Make) -> Worker:
        """A worker with a running process, for one invocation; raises what the start of the process raised."""
        if not self._waiting and (worker := self._take_idle()):
            return worker
        self._make = make
        future: asyncio.Future[Worker] = asyncio.get_running_loop().create_future()
        self._waiting.append((time.monotonic(), future))
        self._start_if_needed()
        try:
            return await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled() and future.exception() is None:
                self.release(future.result())
            raise

    def release(self, worker: Worker) -> None:
        """Take a worker back after its invocation."""
        lambda_runtime.release_worker(worker)
        self.serve()

    def serve(self) -> None:
        """Give free workers to the requests that wait."""
        while self._waiting:
            if self._waiting[0][1].done():
                self._waiting.popleft()  # that request was given up
            elif worker := self._take_idle():
                self._waiting.popleft()[1].set_result(worker)
            else:
                self._start_if_needed()
                return

    def has_waiting(self) -> bool:
        """Whether a request waits for a worker."""
        return bool(self._waiting)

    def _take_idle(self) -> Worker | None:
        with lambda_runtime._lock:
            for worker in lambda_runtime._workers.get(self._key, ()):
                if not worker.in_use and worker.is_alive():
                    return _leased(worker)
        return None

    def _start_if_needed(self) -> None:
        if self._start is not None or not self._waiting:
            return
        workers = lambda_runtime._workers.get(self._key, ())
        wait_seconds = self._waiting[0][0] + LONG_WAIT_SECONDS - time.monotonic()
        if sum(worker.in_use for worker in workers) < ENOUGH_WORKERS or wait_seconds <= 0:
            self._start = asyncio.create_task(self._start_one())
        elif self._recheck is None:
            self._recheck = asyncio.get_running_loop().call_later(wait_seconds, self._check_again)

    def _check_again(self) -> None:
        self._recheck = None
        self._start_if_needed()

    async def _start_one(self) -> None:
        worker = self._take_ended() or self._take_new()
        try:
            start = lambda_svc._run_with_function_config_scope
            await run_reentrant(start, worker.config, lambda_runtime.ensure_spawned, worker, thread_name="lambda-start")
        except Exception as error:
            waiting = [future for _, future in self._waiting if not future.done()]
            if not waiting:
                raise
            waiting[0].set_exception(error)
        finally:
            self._start = None
            self.release(worker)

    def _take_ended(self) -> Worker | None:
        """A worker whose process is gone: it starts another one, as MiniStack's next call would."""
        with lambda_runtime._lock:
            for worker in lambda_runtime._workers.get(self._key, ()):
                if not worker.in_use:
                    return _leased(worker)
        return None

    def _take_new(self) -> Worker:
        worker = self._make()
        with lambda_runtime._lock:
            lambda_runtime._workers.setdefault(self._key, []).append(worker)
            return _leased(worker)


def _leased(worker: Worker) -> Worker:
    worker.in_use = True
    worker.last_used = time.time()
    return worker
