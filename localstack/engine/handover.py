"""Lets calls that run end with the code they began with when the code of their function changes, as on AWS.

MiniStack ends all workers of a changed function at once, and the calls that run in them fail. Here busy workers leave
the pool and are ended after their call; new calls start workers with the new code. It is needed at a
start over an older state too: work that has become due runs while the new code is deployed.
"""

import contextvars
import functools
import threading
import time
from collections.abc import Callable
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

INTERVAL_SECONDS = 0.1

_is_update: contextvars.ContextVar[bool] = contextvars.ContextVar("is_update", default=False)
_plain_invalidate = lambda_runtime.invalidate_worker


def install() -> None:
    """Replace what MiniStack does with the workers of a function whose code or configuration is changed."""
    if lambda_svc.invalidate_worker is _invalidate:
        return
    lambda_svc._update_code = _updating(lambda_svc._update_code)
    lambda_svc._update_config = _updating(lambda_svc._update_config)
    lambda_svc.invalidate_worker = _invalidate


def _updating(plain: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(plain)
    def update(*arguments: Any, **more: Any) -> Any:
        token = _is_update.set(True)
        try:
            return plain(*arguments, **more)
        finally:
            _is_update.reset(token)

    return update


def _invalidate(func_name: str, *arguments: Any, **more: Any) -> None:
    """End the workers of a function; in an update those that are busy after their call."""
    if not _is_update.get():  # a worker that does not answer any more
        _plain_invalidate(func_name, *arguments, **more)
        return
    with lambda_runtime._lock:
        keys = [key for key in lambda_runtime._workers if key.split(":")[-2] == func_name]
        workers = [worker for key in keys for worker in lambda_runtime._workers.pop(key)]
    busy = [worker for worker in workers if worker.in_use]
    lambda_runtime.kill_workers([worker for worker in workers if worker not in busy])
    if busy:
        threading.Thread(target=_end, args=(busy,), daemon=True, name=f"handover-{func_name}").start()


def _end(busy: list[Any]) -> None:
    """End each worker when its call has ended."""
    while busy:
        time.sleep(INTERVAL_SECONDS)
        free = [worker for worker in busy if not worker.in_use]
        lambda_runtime.kill_workers(free)
        busy = [worker for worker in busy if worker not in free]
