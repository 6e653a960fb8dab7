"""Circuit breakers: a dependency that fails is left alone for a while, so that nobody waits for it in vain.

One breaker per dependency (`webhook:example.com:443`, `users`), its state an item of the table `breakers` that all
instances share. It counts calls that failed (timeouts, connections, 5xx; never 4xx, which is an answer) and calls that
did not, in windows of 30 s. Half of at least five failed: open, every call is refused at once. After 10 s it is
half-open: one call is let through as a probe; its success closes the breaker, its failure opens it for another 10 s.
A probe whose process dies lets the next one through after 35 s.

Before it opens, a dependency that does not answer at all can hold everybody who calls it for a whole timeout. Where
callers are few and shared (deliverers of webhooks), `doubtful` bounds how many wait for one whose last call has not
succeeded, or which has not been called yet.

    permit = breaker.enter(name)      # raises Open
    ...
    permit.report(failed=False)

What the service itself is made of is guarded by circuits.py, which asks and reports less often.
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
from chalicelib.core.dynamo import batch_get, fetch, table, update_if
from chalicelib.core.errors import Unavailable

WINDOW = timedelta(seconds=30)
LEAST_CALLS = 5
FAILED_SHARE = 0.5
OPEN_FOR = timedelta(seconds=10)
PROBE_FOR = timedelta(seconds=35)  # longer than any call
KEPT = timedelta(days=1)

_update = partial(update_if, patient=False)  # nobody waits for a count

Status = Literal["closed", "open", "half-open"]
State = Literal["closed", "open", "half_open"]
STATES: Mapping[Status, State] = {"closed": "closed", "open": "open", "half-open": "half_open"}
"""A status as the APIs of webhooks and operators name it; `/health` has the hyphen for good."""


@table("breakers", ttl="expires_at")
class BreakerItem(Model):
    """A breaker: the calls counted since `window`; `opened_at` while it is not closed; `probe_at` while one probes.

    `trusted` while the last call has succeeded; otherwise `doubters` are under way, the last one since `doubted_at`.
    `fault` is for faults.py.
    """

    class Meta:
        pass

    name = UnicodeAttribute(hash_key=True)
    window = UnicodeAttribute(null=True)
    failures = NumberAttribute(default=0)
    successes = NumberAttribute(default=0)
    opened_at = UnicodeAttribute(null=True)
    probe_at = UnicodeAttribute(null=True)
    trusted = UnicodeAttribute(null=True)
    doubters = NumberAttribute(default=0)
    doubted_at = UnicodeAttribute(null=True)
    fault = UnicodeAttribute(null=True)
    fault_until = UnicodeAttribute(null=True)
    expires_at = NumberAttribute(default=0)


@dataclass(frozen=True)
class Circuit:
    """A breaker as health shows it; `retry_at` while it is open: from then on it lets a call through."""

    status: Status = "closed"
    failures: int = 0
    successes: int = 0
    retry_at: datetime | None = None

    @property
    def state(self) -> State:
        """The status as a name."""
        return STATES[self.status]


class Open(Unavailable):
    """The call is refused; it makes sense again after `retry_after` seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(headers={"Retry-After": str(max(1, math.ceil(retry_after)))})
        self.retry_after = retry_after


@dataclass(frozen=True)
class Permit:
    """One call that was let through; its outcome is reported once."""

    name: str
    probe: bool = False
    doubter: bool = False

    def report(self, *, failed: bool, before: int = 0) -> None:
        """Count the call, and so many successes `before` it that were not told yet.

        A probe decides; a call that began before the breaker opened changes nothing then.
        """
        at = clock.now()
        if self.probe:
            _open(self.name, at) if failed else _close(self.name, at)
            return
        item = _count(self, failed, before, at)
        calls = int(item.failures) + int(item.successes)
        if failed and not item.opened_at and calls >= LEAST_CALLS and item.failures >= calls * FAILED_SHARE:
            _open(self.name, at)

    def give_back(self) -> None:
        """The call did not get to the dependency: a probe makes room for another."""
        if self.probe:
            _update(BreakerItem(self.name), [Path("probe_at").remove()])


def enter(name: str, *, doubtful: int | None = None) -> Permit:
    """Permission for one call; raises Open while there is none. For `doubtful` see above."""
    return admit(name, fetch(BreakerItem, name), doubtful=doubtful)


def admit(name: str, item: BreakerItem | None, *, doubtful: int | None = None) -> Permit:
    """The same for a breaker that has just been read."""
    at = clock.now()
    if item is None or item.opened_at is None:
        if doubtful and not (item and item.trusted):
            _doubt(name, doubtful, at)
            return Permit(name, doubter=True)
        return Permit(name)
    closed_for = clock.from_text(item.opened_at) + OPEN_FOR - at
    if closed_for > timedelta(0):
        raise Open(closed_for.total_seconds())
    unseen = (Path("opened_at") == item.opened_at) & _free(at)
    if _update(item, [Path("probe_at").set(clock.to_text(at))], unseen):
        return Permit(name, probe=True)
    raise Open(1)


def report_all(calls: Iterable[tuple[Permit, bool]]) -> None:
    """Report calls, each with whether it failed; the successes of one dependency are counted with one write."""
    successes: Counter[str] = Counter()
    for permit, failed in calls:
        if failed or permit.probe or permit.doubter:
            permit.report(failed=failed)
        else:
            successes[permit.name] += 1
    for name, number in successes.items():
        Permit(name).report(failed=False, before=number - 1)


def look(names: Sequence[str]) -> dict[str, Circuit]:
    """The state of breakers; one that was never asked is closed."""
    found, at = read(names), clock.now()
    return {name: _circuit(found[name], at) if name in found else Circuit() for name in names}


def read(names: Sequence[str]) -> dict[str, BreakerItem]:
    """Those of the breakers that were ever asked."""
    return {item.name: item for item in batch_get(BreakerItem, [(name,) for name in names], patient=False)}


def _circuit(item: BreakerItem, at: datetime) -> Circuit:
    counts = int(item.failures), int(item.successes)
    if item.opened_at is None:
        recent = bool(item.window) and clock.from_text(item.window) + WINDOW > at
        return Circuit("closed", *counts) if recent else Circuit()
    retry_at = clock.from_text(item.opened_at) + OPEN_FOR
    return Circuit("open", *counts, retry_at) if retry_at > at else Circuit("half-open", *counts)


def _free(at: datetime) -> Condition:
    """No probe is under way."""
    late: Condition = Path("probe_at") < clock.to_text(at - PROBE_FOR)
    nobody: Condition = Path("probe_at").does_not_exist() | late
    return nobody


def _doubt(name: str, most: int, at: datetime) -> None:
    """Be one of those who wait for an answer in doubt. Doubters whose process died do not count for ever."""
    item, now = BreakerItem(name), Path("doubted_at").set(clock.to_text(at))
    few = Path("doubters").does_not_exist() | (Path("doubters") < most)
    if _update(item, [Path("doubters").add(1), now], few):
        return
    if not _update(item, [Path("doubters").set(1), now], Path("doubted_at") < clock.to_text(at - PROBE_FOR)):
        raise Open(1)


def _count(permit: Permit, failed: bool, before: int, at: datetime) -> BreakerItem:
    """Add a call, and successes before it, to the window it falls into, which a new one replaces."""
    item, oldest = BreakerItem(permit.name), clock.to_text(at - WINDOW)
    always: list[Action] = [Path("expires_at").set(_expiry(at))]
    always.append(Path("trusted").remove() if failed else Path("trusted").set("yes"))
    if permit.doubter:
        always.append(Path("doubters").add(-1))
    failures, successes = int(failed), before + int(not failed)
    more = [Path("failures").add(failures), Path("successes").add(successes), *always]
    if _update(item, more, Path("window") > oldest):
        return item
    fresh = [Path("window").set(clock.to_text(at)), *always]
    fresh += [Path("failures").set(failures), Path("successes").set(successes)]
    if not _update(item, fresh, Path("window").does_not_exist() | (Path("window") <= oldest)):
        _update(item, more)  # somebody else has just begun the window
    return item


def _open(name: str, at: datetime) -> None:
    _update(BreakerItem(name), [Path("opened_at").set(clock.to_text(at)), Path("probe_at").remove()])


def _close(name: str, at: datetime) -> None:
    counts = [Path("failures").set(0), Path("successes").set(1), Path("window").set(clock.to_text(at))]
    _update(BreakerItem(name), [Path("opened_at").remove(), Path("probe_at").remove(), *counts])


def _expiry(at: datetime) -> int:
    return int((at + KEPT).timestamp())
