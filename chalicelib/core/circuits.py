"""The circuits of the service itself: every call of `/users` goes through `users`, of `/orders` through `orders`, every
letter through `email`. A part that fails is refused at once for a while, and the others go on.

The rules and the shared state are those of breaker.py. What is added makes a closed circuit cheap, since nearly all
calls meet one: all states are read in one request, at most once a second and process, and successes are counted here
and reported every five seconds, in one write. A failure is reported at once, with the successes before it, so a circuit
opens as soon as it should; other processes learn of it within that second. Where the state cannot be read or written
within a second, the calls themselves show what is the matter.

    with guard("orders"):     # raises Open
        ...

Failures are timeouts, AWS out of reach, and what would be answered with 5xx; never a refusal (4xx), which is an answer,
nor contention: one who fights for an item, or fills a partition, may not shut out all others. Where guards are nested,
a failure is counted by the innermost, and a refused call by none.
"""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal, get_args

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.core import breaker, faults
from chalicelib.core.breaker import BreakerItem, Circuit, Open, Permit
from chalicelib.core.conditional import Outdated
from chalicelib.core.deadline import DeadlineExceeded, deadline
from chalicelib.core.errors import AppError, Busy
from chalicelib.core.outages import is_contention, is_outage, is_temporary

Dependency = Literal["users", "orders", "email"]
DEPENDENCIES: tuple[Dependency, ...] = get_args(Dependency)

READ_INTERVAL_SECONDS = 1.0
REPORT_INTERVAL_SECONDS = 5.0  # of successes
MAX_WAIT_SECONDS = 1.0  # for the table
MAX_HEALTH_WAIT_SECONDS = 2.0


@dataclass
class _Memory:
    """What this process knows of a circuit."""

    closed_until: float = 0.0
    fault: faults.Mode = "none"
    reported_at: float = -REPORT_INTERVAL_SECONDS
    unreported: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


_memories: dict[str, _Memory] = {name: _Memory() for name in DEPENDENCIES}


@contextmanager
def guard(name: Dependency) -> Iterator[None]:
    """Do what the block does as one call of a dependency; raises Open while it is refused."""
    permit, raised = _enter(name), None
    try:
        faults.strike(_memories[name].fault)
        yield
    except BaseException as error:
        raised = error
        raise
    finally:
        with _at_leisure():
            _report(permit, raised)


def look() -> dict[Dependency, Circuit] | None:
    """The state of all circuits; None when it cannot be read."""
    found = look_at(DEPENDENCIES)
    return {name: found[name] for name in DEPENDENCIES} if found else None


def look_at(names: Sequence[str]) -> dict[str, Circuit] | None:
    """The state of breakers, those of others among them; None when it cannot be read."""
    found: dict[str, Circuit] = {}
    with _at_leisure(MAX_HEALTH_WAIT_SECONDS):
        found = breaker.look(names)
    return found or None


def forget() -> None:
    """Know nothing, as a new process does."""
    _memories.update({name: _Memory() for name in DEPENDENCIES})


@contextmanager
def _at_leisure(seconds: float = MAX_WAIT_SECONDS) -> Iterator[None]:
    """What the block does with the table is left when the table does not answer: no call fails, or waits, for that."""
    try:
        with deadline(seconds):
            yield
    except DeadlineExceeded:
        return
    except (Busy, ClientError, BotoCoreError) as error:
        if not is_temporary(error):
            raise


def _enter(name: Dependency) -> Permit:
    """Permission for a call; also when nobody knows the state."""
    memory = _memories[name]
    if time.monotonic() >= memory.closed_until:
        memory.closed_until = time.monotonic() + READ_INTERVAL_SECONDS
        with _at_leisure():
            _remember(found := breaker.read(DEPENDENCIES))
            return breaker.admit(name, found.get(name))
    return Permit(name)


def _remember(found: Mapping[str, BreakerItem]) -> None:
    """What has just been read, for a second."""
    for name, memory in _memories.items():
        item = found.get(name)
        closed = item is None or item.opened_at is None
        memory.closed_until = time.monotonic() + READ_INTERVAL_SECONDS if closed else 0.0
        memory.fault = faults.mode_of(item)


def _report(permit: Permit, error: BaseException | None) -> None:
    """Count how a call ended, here or in the table."""
    if isinstance(error, Open) or getattr(error, "counted", False):
        permit.give_back()
        return
    failed = error is not None and is_failure(error)
    if failed:
        error.counted = True  # type: ignore[union-attr]
    memory = _memories[permit.name]
    with memory.lock:
        if not (failed or permit.probe or time.monotonic() - memory.reported_at >= REPORT_INTERVAL_SECONDS):
            memory.unreported += 1
            return
        before, memory.unreported, memory.reported_at = memory.unreported, 0, time.monotonic()
        if failed:
            memory.closed_until = 0.0
    permit.report(failed=failed, before=before)


def is_failure(error: BaseException) -> bool:
    """Whether an exception speaks against the dependency: what would be a 5xx, but neither what AWS itself calls a 4xx,
    throttling among it, nor what met other writers.
    """
    if isinstance(error, Outdated) or is_contention(error):
        return False
    if isinstance(error, AppError):
        return error.status is not None and error.status >= 500
    if isinstance(error, ClientError):
        return is_outage(error)
    return isinstance(error, DeadlineExceeded | Exception)
