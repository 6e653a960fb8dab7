"""Fires schedules and rules when they are due.

MiniStack looks at all schedules of EventBridge Scheduler, and at all rules, every ten seconds, so both are up to ten
seconds late. Here each of the two threads sleeps until the first of its schedules is due, or until one is made that
is due earlier; what is due and what firing means stays MiniStack's own code (`_tick_schedules`,
`_tick_scheduled_rules`). Each expression is parsed once.
"""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from types import ModuleType
from typing import Any

from ministack.core.responses import AccountRegionScopedDict
from ministack.services import eventbridge, scheduler

LONGEST_SLEEP_SECONDS = 10.0
SHORTEST_SLEEP_SECONDS = 0.02
Schedule = dict[str, Any]


def install() -> None:
    """Replace both loops."""
    for module, name in ((scheduler, "_at_time_epoch"), (eventbridge, "_parse_rate_seconds")):
        setattr(module, name, lru_cache(8192)(getattr(module, name)))
    schedules = Ticker(scheduler, "_tick_schedules", "_schedules", "_schedule_last_fired")
    rules = Ticker(eventbridge, "_tick_scheduled_rules", "_rules", "_rule_last_fired")
    scheduler._schedules = Watched(scheduler._schedules, schedules)
    eventbridge._rules = Watched(eventbridge._rules, rules)
    scheduler._ticker_loop = schedules.run
    eventbridge._scheduler_loop = rules.run


class Ticker:
    """Calls a tick of a module whenever one of the module's schedules is due."""

    def __init__(self, module: ModuleType, tick: str, schedules: str, last_fired: str) -> None:
        self._module = module
        self._tick = tick
        self._names = schedules, last_fired
        self._changed = threading.Condition()
        self._wakes_at = 0.0
        self._early = False

    def run(self) -> None:
        """Tick for ever."""
        while True:
            try:
                getattr(self._module, self._tick)()
            except Exception:  # as in MiniStack: one broken schedule does not stop the others
                self._module.logger.exception("%s failed", self._tick)
            self.sleep()

    def sleep(self) -> None:
        """Return when the next schedule is due."""
        with self._changed:
            self._early = False
            seconds = self.seconds()
            self._wakes_at = time.time() + seconds
            self._changed.wait_for(lambda: self._early, seconds)

    def seconds(self) -> float:
        """How long nothing is due."""
        now = time.time()
        first = min(self._due(), default=now + LONGEST_SLEEP_SECONDS)
        return min(LONGEST_SLEEP_SECONDS, max(SHORTEST_SLEEP_SECONDS, first - now))

    def note(self, schedule: Schedule) -> None:
        """Wake earlier if this new or changed schedule asks for it."""
        moment = next_fire(schedule, None)
        if moment is not None and moment < self._wakes_at:
            with self._changed:
                self._early = True
                self._changed.notify()

    def _due(self) -> Iterator[float]:
        """When each schedule fires next."""
        schedules, last_fired = (getattr(self._module, name) for name in self._names)
        for key, schedule in list(schedules._data.items()):
            moment = next_fire(schedule, last_fired.get(key))
            if moment is not None:
                yield moment


class Watched(AccountRegionScopedDict):  # type: ignore[misc]
    """Schedules whose ticker learns of each that is set."""

    def __init__(self, schedules: AccountRegionScopedDict, ticker: Ticker) -> None:
        super().__init__()
        self._data = schedules._data
        self._ticker = ticker

    def __setitem__(self, key: str, schedule: Schedule) -> None:
        super().__setitem__(key, schedule)
        self._ticker.note(schedule)

    def __deepcopy__(self, memo: Any) -> AccountRegionScopedDict:
        plain = AccountRegionScopedDict()
        plain._data = {key: dict(schedule) for key, schedule in list(self._data.items())}
        return plain


def next_fire(schedule: Schedule, last_fired: float | None) -> float | None:
    """When this schedule or rule fires next by MiniStack's rules; None for never."""
    if schedule.get("State") != "ENABLED":
        return None
    moment = _next_of_expression(schedule, last_fired)
    end = scheduler._to_epoch(schedule.get("EndDate"))
    if moment is None:
        return None
    moment = max(moment, scheduler._to_epoch(schedule.get("StartDate")) or 0.0)
    if end is None or moment <= end:
        return moment
    return end if schedule.get("ActionAfterCompletion") == "DELETE" else None


def _next_of_expression(schedule: Schedule, last_fired: float | None) -> float | None:
    expression = schedule.get("ScheduleExpression", "")
    at: float | None = scheduler._at_time_epoch(expression)
    if at is not None:
        return at if last_fired is None else None
    interval = eventbridge._parse_rate_seconds(expression)
    if interval is not None:
        made = schedule.get("CreationDate", schedule.get("CreationTime", time.time()))
        return float((made if last_fired is None else last_fired) + interval)
    fields = eventbridge._parse_cron_fields(expression)
    if fields is None:
        return None
    if last_fired is None:
        return time.time()  # the first tick notes from when on the expression counts
    following = eventbridge._cron_next_fire(fields, datetime.fromtimestamp(last_fired, tz=UTC))
    return None if following is None else float(following.timestamp())
