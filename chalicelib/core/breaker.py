"""Circuit breakers: calls of a dependency that fails are refused for a while, so that no caller waits for a timeout.

Each dependency (`webhook:example.com:443`, `users`) has one breaker, an item of the table `breakers` that all instances
share. It counts calls that failed (timeouts, connections, 5xx; never 4xx, which is an answer) and calls that
succeeded, in windows of 30 s. When half of at least five calls have failed, it opens: every call is refused at once.
After 10 s it is half-open: one call is admitted as a probe. A probe that succeeds closes the breaker, one that fails
opens it for another 10 s. When the process of a probe dies, the next one is admitted after 35 s.

Before a breaker opens, a host that does not answer holds each of its callers for a whole timeout. Where callers are few
and shared (deliverers of webhooks), `max_trial_calls` bounds the calls under way to an unproven host: one whose last
counted call has not succeeded, or that was never called. Probes are not counted: a host stays unproven after them.

    permit = breaker.admit(name, breaker.read_items([name]).get(name))      # raises CircuitOpen
    ...
    permit.report(failed=False)

circuits.py guards the parts of the service itself; it reads and reports less often.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Literal

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action
from pynamodb.models import Model

from chalicelib.core import clock
from chalicelib.core.dynamo import batch_get, table, update_if
from chalicelib.core.errors import Unavailable

WINDOW = timedelta(seconds=30)
MIN_CALLS = 5
FAILED_SHARE = 0.5
OPEN_TIME = timedelta(seconds=10)
MAX_CALL_TIME = timedelta(seconds=35)  # a probe or a trial call that is older has died
RETENTION = timedelta(days=1)

_update = partial(update_if, patient=False)  # raises Busy when it meets another writer, a throttled table or no answer

Status = Literal["closed", "open", "half-open"]
State = Literal["closed", "open", "half_open"]
STATES: Mapping[Status, State] = {"closed": "closed", "open": "open", "half-open": "half_open"}
"""A status as the APIs of webhooks and operators name it; only `/health` has the hyphen."""


@table("breakers", ttl="expires_at")
class BreakerItem(Model):
    """A breaker: the calls counted since `window`; `opened_at` while it is not closed; `probe_at` while a probe is
    under way.

    `trusted` while the last counted call has succeeded; otherwise so many `trial_calls` are under way, the last one
    since `trial_started_at`. `fault` belongs to faults.py.
    """

    name = UnicodeAttribute(hash_key=True)
    window = UnicodeAttribute(null=True)
    failures = NumberAttribute(default=0)
    successes = NumberAttribute(default=0)
    opened_at = UnicodeAttribute(null=True)
    probe_at = UnicodeAttribute(null=True)
    trusted = UnicodeAttribute(null=True)
    trial_calls = NumberAttribute(default=0, attr_name="doubters")  # stored items have the old names
    trial_started_at = UnicodeAttribute(null=True, attr_name="doubted_at")
    fault = UnicodeAttribute(null=True)
    fault_until = UnicodeAttribute(null=True)
    expires_at = NumberAttribute(default=0)


@dataclass(frozen=True)
class BreakerView:
    """A breaker as health shows it; `retry_at`: when an open one admits the next call."""

    status: Status = "closed"
    failures: int = 0
    successes: int = 0
    retry_at: datetime | None = None

    @property
    def state(self) -> State:
        """The status as the APIs of webhooks and operators name it."""
        return STATES[self.status]


class CircuitOpen(Unavailable):
    """The call is refused; the next one may be admitted after `retry_after` seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(headers={"Retry-After": str(max(1, math.ceil(retry_after)))})
        self.retry_after = retry_after


@dataclass(frozen=True)
class Permit:
    """One call that was admitted; its outcome is reported once."""

    name: str
    is_probe: bool = False
    is_trial: bool = False

    def report(self, *, failed: bool, successes_before: int = 0) -> None:
        """Count the call, and successes before it that were not reported. A probe opens or closes the breaker; a call
        that began before the breaker opened changes nothing then.
        """
        at = clock.now()
        if self.is_probe:
            _open(self.name, at) if failed else _close(self.name, at)
            return
        item = _count(self, failed, successes_before, at)
        calls = int(item.failures) + int(item.successes)
        if failed and not item.opened_at and calls >= MIN_CALLS and item.failures >= calls * FAILED_SHARE:
            _open(self.name, at)

    def give_back(self) -> None:
        """Return a permit without a report, of a call that was not made or that another circuit has counted: another
        call may be the probe.
        """
        if self.is_probe:
            _update(BreakerItem(self.name), [Path("probe_at").remove()])


def admit(name: str, item: BreakerItem | None, *, max_trial_calls: int | None = None) -> Permit:
    """Return the permission for one call of a dependency, whose breaker has just been read; raise CircuitOpen when its
    calls are refused, or when `max_trial_calls` to an unproven host are under way.
    """
    at = clock.now()
    if item is None or item.opened_at is None:
        if max_trial_calls and not (item and item.trusted):
            _start_trial(name, max_trial_calls, at)
            return Permit(name, is_trial=True)
        return Permit(name)
    left = clock.from_text(item.opened_at) + OPEN_TIME - at
    if left > timedelta(0):
        raise CircuitOpen(left.total_seconds())
    is_free = (Path("opened_at") == item.opened_at) & _has_no_probe(at)
    if _update(item, [Path("probe_at").set(clock.to_text(at))], is_free):
        return Permit(name, is_probe=True)
    raise CircuitOpen(1)


def report_all(calls: Iterable[tuple[Permit, bool]]) -> None:
    """Report calls, each with whether it failed; the successes of one dependency are counted with one write."""
    successes: Counter[str] = Counter()
    for permit, failed in calls:
        if failed or permit.is_probe or permit.is_trial:
            permit.report(failed=failed)
        else:
            successes[permit.name] += 1
    for name, number in successes.items():
        Permit(name).report(failed=False, successes_before=number - 1)


def read_circuits(names: Sequence[str]) -> dict[str, BreakerView]:
    """Read the state of breakers; one that was never used is closed."""
    found, at = read_items(names), clock.now()
    return {name: _circuit(found[name], at) if name in found else BreakerView() for name in names}


def read_items(names: Sequence[str]) -> dict[str, BreakerItem]:
    """Read those of the breakers that were ever used."""
    return {item.name: item for item in batch_get(BreakerItem, [(name,) for name in names], patient=False)}


def _circuit(item: BreakerItem, at: datetime) -> BreakerView:
    counts = int(item.failures), int(item.successes)
    if item.opened_at is None:
        is_recent = bool(item.window) and clock.from_text(item.window) + WINDOW > at
        return BreakerView("closed", *counts) if is_recent else BreakerView()
    retry_at = clock.from_text(item.opened_at) + OPEN_TIME
    return BreakerView("open", *counts, retry_at) if retry_at > at else BreakerView("half-open", *counts)


def _has_no_probe(at: datetime) -> Condition:
    has_died: Condition = Path("probe_at") < clock.to_text(at - MAX_CALL_TIME)
    has_none: Condition = Path("probe_at").does_not_exist() | has_died
    return has_none


def _start_trial(name: str, max_calls: int, at: datetime) -> None:
    """Count one more call to an unproven host; raise CircuitOpen when there are `max_calls`. When the last one began so
    long ago that the processes of all must have died, this is the only one.
    """
    calls, started_at = BreakerItem.trial_calls, BreakerItem.trial_started_at
    item, now = BreakerItem(name), started_at.set(clock.to_text(at))
    if _update(item, [calls.add(1), now], calls.does_not_exist() | (calls < max_calls)):
        return
    if not _update(item, [calls.set(1), now], started_at < clock.to_text(at - MAX_CALL_TIME)):
        raise CircuitOpen(1)


def _count(permit: Permit, failed: bool, successes_before: int, at: datetime) -> BreakerItem:
    """Add a call, and successes before it, to the window of now; the window before is replaced."""
    item, oldest = BreakerItem(permit.name), clock.to_text(at - WINDOW)
    always: list[Action] = [Path("expires_at").set(_expiry(at))]
    always.append(Path("trusted").remove() if failed else Path("trusted").set("yes"))
    if permit.is_trial:
        always.append(BreakerItem.trial_calls.add(-1))
    failures, successes = int(failed), successes_before + int(not failed)
    more = [Path("failures").add(failures), Path("successes").add(successes), *always]
    if _update(item, more, Path("window") > oldest):
        return item
    fresh = [Path("window").set(clock.to_text(at)), *always]
    fresh += [Path("failures").set(failures), Path("successes").set(successes)]
    if not _update(item, fresh, Path("window").does_not_exist() | (Path("window") <= oldest)):
        _update(item, more)  # another call has just begun the window
    return item


def _open(name: str, at: datetime) -> None:
    _update(BreakerItem(name), [Path("opened_at").set(clock.to_text(at)), Path("probe_at").remove()])


def _close(name: str, at: datetime) -> None:
    counts = [Path("failures").set(0), Path("successes").set(1), Path("window").set(clock.to_text(at))]
    _update(BreakerItem(name), [Path("opened_at").remove(), Path("probe_at").remove(), *counts])


def _expiry(at: datetime) -> int:
    return int((at + RETENTION).timestamp())
