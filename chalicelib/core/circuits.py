"""The circuits of the service itself: each call of `/users` goes through `users`, of `/orders` through `orders`, each
email through `email`. Calls of a part that fails are refused at once for a while; the other parts go on.

The rules and the shared state are those of breaker.py. Nearly all calls meet a closed circuit, so that is cheap here:
all states are read in one request, at most once a second and process (while a circuit is open, before each of its
calls); successes are counted in the process and reported every five seconds, in one write. A failure is reported at
once, with the successes before it, so a circuit opens as soon as it should; other processes see it within a second.
When the table does not answer within a second, calls are made without their circuit.

    with through_circuit("orders"):     # raises CircuitOpen
        ...

Failures are timeouts, AWS out of reach, and what would be answered with 5xx. Not failures: refusals (4xx), which are
answers, and overload: one client that writes the same item too often, or fills a partition, must not exclude all
others. Of nested circuits the innermost counts a failure; a refused call is not counted.
"""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal, get_args

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.core import breaker, faults
from chalicelib.core.breaker import BreakerItem, BreakerView, CircuitOpen, Permit
from chalicelib.core.conditional import Outdated
from chalicelib.core.deadline import DeadlineExceeded, deadline
from chalicelib.core.errors import AppError, Busy
from chalicelib.core.outages import is_outage, is_overload, is_temporary

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
def through_circuit(name: Dependency) -> Iterator[None]:
    """Do the block as one call of a dependency; raises CircuitOpen while its calls are refused."""
    permit, raised = _enter(name), None
    try:
        faults.fail_as_set(_memories[name].fault)
        yield
    except BaseException as error:
        raised = error
        raise
    finally:
        with _optional():
            _report(permit, raised)


def read_circuits_or_none(names: Sequence[str] = DEPENDENCIES) -> dict[str, BreakerView] | None:
    """Read the state of circuits, or of other breakers; None when the table does not answer."""
    found: dict[str, BreakerView] = {}
    with _optional(MAX_HEALTH_WAIT_SECONDS):
        found = breaker.read_circuits(names)
    return found or None


def forget() -> None:
    """Delete what this process knows of the circuits, as in a new process."""
    _memories.update({name: _Memory() for name in DEPENDENCIES})


@contextmanager
def _optional(seconds: float = MAX_WAIT_SECONDS) -> Iterator[None]:
    """Do the block, which uses the table; end it without an error when the table does not answer in time."""
    try:
        with deadline(seconds):
            yield
    except DeadlineExceeded:
        return
    except (Busy, ClientError, BotoCoreError) as error:
        if not is_temporary(error):
            raise


def _enter(name: Dependency) -> Permit:
    """Return the permission for a call; also when the state cannot be read."""
    memory = _memories[name]
    if time.monotonic() >= memory.closed_until:
        memory.closed_until = time.monotonic() + READ_INTERVAL_SECONDS
        with _optional():
            _remember(found := breaker.read_items(DEPENDENCIES))
            return breaker.admit(name, found.get(name))
    return Permit(name)


def _remember(found: Mapping[str, BreakerItem]) -> None:
    """Keep the states that were just read: closed ones for a second, others until the next call."""
    for name, memory in _memories.items():
        item = found.get(name)
        is_closed = item is None or item.opened_at is None
        memory.closed_until = time.monotonic() + READ_INTERVAL_SECONDS if is_closed else 0.0
        memory.fault = faults.mode_of(item)


def _report(permit: Permit, error: BaseException | None) -> None:
    """Count how a call ended, in this process or in the table."""
    if isinstance(error, CircuitOpen) or getattr(error, "counted", False):
        permit.give_back()
        return
    failed = error is not None and is_failure(error)
    if failed:
        error.counted = True  # type: ignore[union-attr]
    memory = _memories[permit.name]
    with memory.lock:
        if not (failed or permit.is_probe or time.monotonic() - memory.reported_at >= REPORT_INTERVAL_SECONDS):
            memory.unreported += 1
            return
        before, memory.unreported, memory.reported_at = memory.unreported, 0, time.monotonic()
        if failed:
            memory.closed_until = 0.0
    permit.report(failed=failed, successes_before=before)


def is_failure(error: BaseException) -> bool:
    """Return whether an exception is a failure of the dependency: what would be a 5xx. Not what AWS itself calls a
    4xx, throttling among it, nor what met other writers.
    """
    if isinstance(error, Outdated) or is_overload(error):
        return False
    if isinstance(error, AppError):
        return error.status is not None and error.status >= 500
    if isinstance(error, ClientError):
        return is_outage(error)
    return isinstance(error, DeadlineExceeded | Exception)
