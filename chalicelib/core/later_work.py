"""Work that is done later: finding it when it is due, running it once, and finding what was left.

Background tasks, deferred tasks, schedules, long tasks, webhook deliveries and report sagas use it. An item of work has

- a due time, in a sparse index in the order of time, until it has ended. From that time on it may be taken.
- a lease: a worker that takes the item moves its due time forward. When the worker dies, the item is due again at the
  end of the lease. Work with `max_crashes` (retries.py) fails after so many runs: of deferred tasks and steps of sagas
  crashes in a row, of background tasks runs without progress, of long tasks all runs. Deliveries and schedules have no
  such limit.
- a fence: each write of a worker requires the `version`, the run or the end of the lease that the worker has read, so a
  worker that has lost its lease changes nothing.

State is written before its message is sent or its execution is started. When that fails, the sweep, which runs every
minute, finds the item by its due time.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from typing import Any, Literal, Protocol, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.expressions.operand import Path
from pynamodb.models import Model

from chalicelib.core import clock
from chalicelib.core.aws import client
from chalicelib.core.conversion import key_names
from chalicelib.core.dynamo import IndexSpec, batch_get, query_index
from chalicelib.core.errors import AppError
from chalicelib.core.index_reads import IndexEntry
from chalicelib.core.listing import Listing
from chalicelib.core.logs import log, note
from chalicelib.core.outages import is_temporary
from chalicelib.core.reads import MAX_KEYS
from chalicelib.core.retries import STATE_MACHINE_TASK
from chalicelib.core.settings import settings
from chalicelib.core.threads import map_in_parallel, own_threads
from chalicelib.core.transactions import Changed, Transaction

INDEX = "due"

M = TypeVar("M", bound=Model)

# -- the index of due work ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DueIndex:
    """The index `due` of a table: the items that have the attribute `time`, in its order, in partitions `lshard`."""

    table: str
    time: str = "due_at"
    include: tuple[str, ...] = ()

    @property
    def spec(self) -> IndexSpec:
        """The index as the table declares it."""
        return IndexSpec(INDEX, "lshard", self.time, self.include)

    def keys(self, until: datetime | None, limit: int) -> list[IndexEntry]:
        """Return up to `limit` index entries of each partition that are due by `until` (None: at any time), the oldest
        first.
        """
        partitions = map(str, range(settings().listing_shards))
        found = map_in_parallel(lambda shard: self._of_partition(shard, until, limit), partitions)
        return sorted(chain.from_iterable(found), key=lambda key: str(key[self.time]["S"]))

    def items(self, model: type[M], until: datetime, limit: int) -> Iterator[M]:
        """Yield the items that are due by `until`, the oldest first, up to `limit` of each partition. The index may lag
        behind its table, so the due times of the items are compared again.
        """
        names = [name for name in key_names(model) if name]
        keys = iter([tuple(key[name]["S"] for name in names) for key in self.keys(until, limit)])
        while chunk := list(islice(keys, MAX_KEYS)):
            found = [(getattr(item, self.time) or "", item) for item in batch_get(model, chunk)]
            due = [(time, item) for time, item in found if "" < time <= clock.to_text(until)]
            yield from (item for _, item in sorted(due, key=lambda pair: str(pair[0])))

    def _of_partition(self, shard: str, until: datetime | None, limit: int) -> list[IndexEntry]:
        sort = ("<=", clock.to_text(until)) if until else None
        found: list[IndexEntry] = next(query_index(self.table, self.spec, shard, sort=sort, limit=limit))["Items"]
        return found


# -- the fence ------------------------------------------------------------------------------------------------------


class Versioned(Protocol):
    """What is saved only as it was read: `version` grows with every change."""

    version: int


V = TypeVar("V", bound=Versioned)


def save(tx: Transaction, listing: Listing[M], work: V, item_of: Callable[[V], M]) -> None:
    """Write work that was read and changed. The transaction raises Changed when it was written meanwhile."""
    seen, work.version = work.version, work.version + 1
    item = item_of(work)
    tx.put(item, index=listing.index(item), condition=Path("version") == seen, error=Changed())


class Heartbeat:
    """Decides when a worker writes its progress: after `seconds`, or when `step` more of the work is done. The write
    also renews the lease, or fails if the lease is lost. Without a `share` from before, the first one is written.
    """

    def __init__(self, seconds: float, step: float, share: float | None = None) -> None:
        self.share = share
        self._seconds, self._step, self._written_at = seconds, step, time.monotonic()

    @property
    def age(self) -> float:
        """The seconds since the last write."""
        return time.monotonic() - self._written_at

    def is_due(self, share: float) -> bool:
        """Return whether `share` (0 to 1) of the work done is to be written now."""
        return self.share is None or share - self.share >= self._step or self.age >= self._seconds

    def written(self, share: float | None = None) -> None:
        """Note that the worker has just written, and the share of the work that it has reported."""
        self._written_at = time.monotonic()
        self.share = self.share if share is None else share


# -- executions of state machines -----------------------------------------------------------------------------------

ExecutionState = Literal["running", "ended", "never started"]


def start_execution(machine_arn: str, name: str, data: Mapping[str, Any]) -> None:
    """Start an execution of a state machine. Its name identifies it: a second start changes nothing."""
    states = client("stepfunctions")
    try:
        states.start_execution(stateMachineArn=machine_arn, name=name, input=json.dumps(data))
    except states.exceptions.ExecutionAlreadyExists:
        return


def start_execution_or_leave(machine_arn: str, name: str, data: Mapping[str, Any]) -> None:
    """Start an execution. When AWS does not accept it, the sweep starts it later."""
    try:
        start_execution(machine_arn, name, data)
    except (ClientError, BotoCoreError) as error:
        log.error("an execution waits for the sweep", extra={"execution": name, "reason": str(error)})


def stop_execution(machine_arn: str, name: str) -> None:
    """Stop an execution, if it runs."""
    try:
        client("stepfunctions").stop_execution(executionArn=_execution_arn(machine_arn, name), cause="cancelled")
    except (ClientError, BotoCoreError) as error:
        log.info("nothing to stop", extra={"execution": name, "reason": str(error)})


def execution_state(machine_arn: str, name: str) -> ExecutionState:
    """Return whether an execution runs, has ended (in any way), or was never started."""
    states = client("stepfunctions")
    try:
        status = states.describe_execution(executionArn=_execution_arn(machine_arn, name))["status"]
    except states.exceptions.ExecutionDoesNotExist:
        return "never started"
    return "running" if status == "RUNNING" else "ended"


def _execution_arn(machine_arn: str, name: str) -> str:
    return f"{machine_arn.replace(':stateMachine:', ':execution:')}:{name}"


class Broken(AppError):
    """A step has failed in all its attempts, in the last one by an unforeseen error of its work."""

    code = "INTERNAL_ERROR"
    default_status = 500


def is_last_attempt(event: Mapping[str, Any]) -> bool:
    """Return whether the state machine may not repeat this step if it fails. Calls that Lambda refused count among the
    `retries` too (the machine knows no other number), so after some of them it may be repeated nevertheless.
    """
    return int(event.get("retries", 0)) >= STATE_MACHINE_TASK.max_attempts - 1


@contextmanager
def attempt(event: Mapping[str, Any], reason: str, *expected: type[Exception]) -> Iterator[None]:
    """Do the block as one attempt of a step of a state machine, whose event has the number of `retries`.

    A state machine cannot distinguish a function that was killed or throttled from one with a bug. So an unforeseen
    error of the last attempt becomes Broken with the reason, which the step records as the end of its work.
    Refusals, `expected` errors, temporary ones and those of earlier attempts pass as they are: the machine repeats the
    step, then leaves the work to the sweep.
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, (AppError, *expected)) or not is_last_attempt(event) or is_temporary(error):
            raise
        log.error("a step is broken", exc_info=error)
        raise Broken(reason) from error


# -- the sweep ------------------------------------------------------------------------------------------------------

Sweep = Callable[[], int]
"""A job of the sweep; returns how many items it has acted on."""

SWEEP_THREADS, EXECUTION_THREADS = 4, 8
FAILURES = (AppError, ClientError, BotoCoreError)  # of one item


class SweepFailed(Exception):
    """Some jobs of the sweep have failed; the log has the errors."""


def run_sweeps(jobs: Mapping[str, Sweep]) -> None:
    """Run all jobs, some at a time. A job that fails does not stop the others, but SweepFailed is raised at the end."""
    client("dynamodb")  # made once, not by all threads at the same time
    with own_threads(SWEEP_THREADS) as pool:
        running = {name: pool.submit(job) for name, job in jobs.items()}
    failed = {name: error for name, future in running.items() if (error := future.exception())}
    note(**{name: future.result() for name, future in running.items() if name not in failed})
    for name, error in failed.items():
        log.error("a part of the sweep failed", exc_info=error, extra={"part": name})
    if failed:
        raise SweepFailed(", ".join(failed))


class HasExecution(Protocol):
    """Work of a state machine; `execution` is the name of the execution that does it now."""

    @property
    def execution(self) -> str: ...


W = TypeVar("W", bound=HasExecution)


def sweep_executions(due: Iterable[W], check: Callable[[W], object], postpone: Callable[[W], object]) -> int:
    """Do `check` for each item that is due, some at a time; return how many succeeded. An item that was changed
    meanwhile has a worker and is not counted. One whose check fails is postponed: a sweep reads the items that have
    been due for the longest time, so items that always fail would keep it from the others.
    """

    def is_checked(work: W) -> bool:
        try:
            check(work)
        except Changed:
            return False
        except FAILURES as error:
            log.error("work stays for the next sweep", extra={"execution": work.execution, "reason": str(error)})
            with suppress(*FAILURES):
                postpone(work)
            return False
        return True

    with own_threads(EXECUTION_THREADS) as pool:
        return sum(pool.map(is_checked, due))
