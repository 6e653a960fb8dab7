"""The Lambda functions for deferred tasks that are due: `run_outside` for those that call external hosts,
`run_deferred` for all others and for schedules.

One transaction starts the tasks of a batch, they run in parallel threads, and one transaction writes the results of
those that end at about the same time. A slow task delays neither the start nor the result of another.
"""

import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

from chalicelib.core import clock, logs, queues
from chalicelib.core.threads import own_threads, wait_for_some
from chalicelib.deferred_tasks import dispatch, firing, running, taking
from chalicelib.deferred_tasks.admission import Admission
from chalicelib.deferred_tasks.taking import Run

THREADS = 10  # messages of an SQS batch
RECHECK_AFTER = timedelta(seconds=0.1)
MAX_EARLY_WAIT_SECONDS = 1.5  # in the function: the delay of a queue is in whole seconds

Outcome = str | BaseException


def work(queue_event: Mapping[str, Any]) -> dict[str, Any]:
    """Process messages of the queue `deferred`; return those to be delivered again."""
    return _work(queue_event, None)


def work_outside(queue_event: Mapping[str, Any]) -> dict[str, Any]:
    """Process messages of the queue `outside`; return those to be delivered again."""
    return _work(queue_event, Admission())


def _work(queue_event: Mapping[str, Any], admission: Admission | None) -> dict[str, Any]:
    answer, outcomes = queues.process_batch(queue_event, lambda messages: _process(messages, admission))
    logs.note(**{outcome: outcomes.count(outcome) for outcome in sorted(set(outcomes))})
    return answer


def _process(messages: list[dict[str, Any]], admission: Admission | None) -> list[Outcome]:
    """Run what messages name; one that is early waits in the function for up to 1.5 s, longer in the queue."""
    with own_threads(THREADS) as pool:
        batch = _Batch(messages, pool, admission)
        batch.postpone_early()
        while batch.unfinished:
            batch.start_due()
            batch.conclude_ended()
    return [batch.outcomes[place] for place in range(len(messages))]


class _Batch:
    """Messages by their position in an SQS batch: those that wait, those that run, and the outcomes of the others."""

    def __init__(self, messages: list[dict[str, Any]], pool: ThreadPoolExecutor, admission: Admission | None) -> None:
        self.outcomes: dict[int, Outcome] = {}
        self._messages, self._pool, self._admission = messages, pool, admission
        self._due_at = {place: clock.from_text(message.pop("due")) for place, message in enumerate(messages)}
        self._tasks: dict[Future[Any], tuple[int, Run]] = {}
        self._schedules: dict[Future[Any], int] = {}

    @property
    def unfinished(self) -> bool:
        return len(self.outcomes) < len(self._messages)

    def postpone_early(self) -> None:
        """Send messages again that are too early to wait for."""
        early = [place for place in self._due_at if self._seconds_to(place) > MAX_EARLY_WAIT_SECONDS]
        if early:
            dispatch.wake([(self._messages[place], self._due_at[place]) for place in early])
        self._end(dict.fromkeys(early, "early"))

    def start_due(self) -> None:
        """Start what is due; wait for the next due time when nothing is due and nothing runs."""
        due = [place for place in self._due_at if self._seconds_to(place) <= 0]
        if not due and self._due_at and not (self._tasks or self._schedules):
            time.sleep(min(map(self._seconds_to, self._due_at)))
            return
        for place in due:
            if "schedule" in self._messages[place]:
                self._schedules[self._pool.submit(firing.fire, self._messages[place]["schedule"])] = place
        places = [place for place in due if "task" in self._messages[place]]
        numbers = [self._messages[place]["task"] for place in places]
        taken = taking.take(numbers, self._admission) if places else {}
        again: dict[int, datetime] = {}
        for place in places:
            run = taken.pop(self._messages[place]["task"], None)  # the first of two messages for one task
            if isinstance(run, Run):
                self._tasks[self._pool.submit(running.attempt, run.task, run.owner)] = place, run
            elif run == "wait here":
                again[place] = clock.now() + RECHECK_AFTER
            else:
                self._end({place: run or "skipped"})
        self._due_at = {place: at for place, at in self._due_at.items() if place not in due} | again

    def conclude_ended(self) -> None:
        """Write the results of what has ended; wait for that at most until something is due."""
        futures = [*self._tasks, *self._schedules]
        until_next = max(0.0, min(map(self._seconds_to, self._due_at))) if self._due_at else None
        ended = wait_for_some(futures, until_next)
        for future in [future for future in self._schedules if future in ended]:
            self._end({self._schedules.pop(future): future.exception() or future.result()})
        runs = [(*self._tasks.pop(future), future.result()) for future in list(self._tasks) if future in ended]
        outcomes = running.conclude([(run.task, result) for _, run, result in runs]) if runs else []
        if self._admission:
            self._admission.end([(run.task, run.permit, result) for _, run, result in runs])
        self._end({place: outcome for (place, _, _), outcome in zip(runs, outcomes, strict=True)})

    def _end(self, outcomes: Mapping[int, Outcome]) -> None:
        self.outcomes.update(outcomes)
        for place in outcomes:
            self._due_at.pop(place, None)

    def _seconds_to(self, place: int) -> float:
        return (self._due_at[place] - clock.now()).total_seconds()
