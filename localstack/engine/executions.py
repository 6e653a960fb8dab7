"""Starts executions of state machines at once, and keeps a bounded number of ended ones.

MiniStack sleeps for 0.15 s before the first state of every execution. It keeps every execution with its history, its
inputs and outputs in memory, in a table that grows until the next reset; an aggregation alone leaves some hundred KB.
Here the first state starts as soon as the thread does, and of the executions that ended the oldest are dropped,
long after any client reads them.
"""

import contextvars
import time
from types import SimpleNamespace
from typing import Any

from ministack.services import stepfunctions

ENDED_KEPT = 2000
_starting: contextvars.ContextVar[bool] = contextvars.ContextVar("starting", default=False)
_starts = 0


def install() -> None:
    """Leave out the delay, and drop old executions as new ones start."""
    plain_run = stepfunctions._run_execution

    def run(arn: str) -> None:
        global _starts
        _starts += 1
        if _starts % (ENDED_KEPT // 10) == 0:
            drop_old()
        _starting.set(True)
        plain_run(arn)

    stepfunctions._run_execution = run
    stepfunctions.time = SimpleNamespace(**{**vars(time), "sleep": _sleep})


def _sleep(seconds: float) -> None:
    """`time.sleep` of the module: the first sleep of an execution's thread is the delay, all others are states."""
    if _starting.get():
        _starting.set(False)
    else:
        time.sleep(seconds)


def drop_old() -> None:
    """Remove ended executions, all but the last two thousand."""
    executions: dict[Any, dict[str, Any]] = stepfunctions._executions._data
    ended = [key for key, execution in list(executions.items()) if execution.get("status") != "RUNNING"]
    for key in ended[:-ENDED_KEPT]:
        executions.pop(key, None)
