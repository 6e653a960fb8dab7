"""How a step of a state machine fails: for good, or only for now.

An exception of a step means: try again. After its last attempt a machine cannot tell a function that was killed or
throttled from one with a bug, so the function says it: what its work raises in the last attempt becomes Broken, which
the step records as the end of its work. Everything else is bad luck: the machine leaves the work to the sweep, which
starts it again.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from chalicelib.core.errors import AppError
from chalicelib.core.logs import log
from chalicelib.core.outages import is_temporary
from chalicelib.core.retries import STATE_MACHINE_TASK


class Broken(AppError):
    """A step has failed in all its attempts, in the last one by an unforeseen error of its work."""

    code = "INTERNAL_ERROR"
    default_status = 500


def is_last_attempt(event: Mapping[str, Any]) -> bool:
    """Whether the machine gives a step up that fails now."""
    return int(event.get("retries", 0)) >= STATE_MACHINE_TASK.max_attempts - 1


@contextmanager
def attempt(event: Mapping[str, Any], reason: str, *expected: type[Exception]) -> Iterator[None]:
    """One attempt of a step, whose event says in `retries` how many there were. Refusals and `expected` pass as they
    are; any other error is raised again, or becomes Broken with the reason (Russian) when it was the last attempt.
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, (AppError, *expected)) or not is_last_attempt(event) or is_temporary(error):
            raise
        log.error("a step is broken", exc_info=error)
        raise Broken(reason) from error
