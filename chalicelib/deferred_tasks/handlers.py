"""The Lambda functions that run deferred tasks when they are due: `run_outside` those that call hosts of others,
`run_deferred` all others, and schedules.

The tasks of a batch that are due are taken with one transaction, work side by side in threads, and those that end at
about the same time are concluded with one transaction. A task that is slow holds up neither the start of the others nor
the record of their end.
"""

import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

from chalicelib.core import clock, logs, queues
from chalicelib.core.threads import own_threads
from chalicelib.deferred_tasks import dispatch, firing, running, taking
from chalicelib.deferred_tasks.admission import Admission
from chalicelib.deferred_tasks.taking import Run

THREADS = 10  # a whole SQS batch
MOMENT = timedelta(seconds=0.1)
MAX_EARLY_WAIT_SECONDS = 1.5  # waited for here: the delay of a queue is counted in whole seconds

Outcome = str | BaseException


def work(queue_event: Mapping[str, Any]) -> dict[str, Any]:
    """Messages of the queue `deferred`; the answer names those to be delivered again."""
    return _work(queue_event, None)


def work_outside(queue_event: Mapping[str, Any]) -> dict[str, Any]:
    """Messages of the queue `outside`; the answer names those to be delivered again."""
    return _work(queue_event, Admission())


def _work(queue_event: Mapping[str, Any], admission: Admission | None) -> dict[str, Any]:
    answer, outcomes = queues.process_batch(queue_event, lambda messages: _process(messages, admission))
    logs.note(**{outcome: outcomes.count(outcome) for outcome in sorted(set(outcomes))})
    return answer


def _process(messages: list[dict[str, Any]], admission: Admission | None) -> list[Outcome]:
    """Do what messages say is due; one that comes early waits here for a moment, or in the queue for longer."""
    with own_threads(THREADS) as pool:
        batch = _Batch(messages, pool, admission)
        batch.postpone_early()
        while batch.unfinished:
            batch.start_due()
            batch.conclude_ended()
    return [batch.outcomes[place] for place in range(len(messages))]


class _Batch:
    """Messages by their place in an SQS batch: those that wait, those that are worked on, what came of the others."""

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
        """Put what comes too early to be waited for back into the queue."""
        early = [place for place in self._due_at if self._seconds_to(place) > MAX_EARLY_WAIT_SECONDS]
        if early:
            dispatch.wake([(self._messages[place], self._due_at[place]) for place in early])
        self._end(dict.fromkeys(early, "early"))

    def start_due(self) -> None:
        """Start what is due; when nothing is and nothing runs, wait for what comes next."""
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
            run = taken.pop(self._messages[place]["task"], None)  # of two messages for one task the first has it
            if isinstance(run, Run):
                self._tasks[self._pool.submit(running.attempt, run.task, run.owner)] = place, run
            elif run == "in a moment":
                again[place] = clock.now() + MOMENT
            else:
                self._end({place: run or "skipped"})
        self._due_at = {place: at for place, at in self._due_at.items() if place not in due} | again

    def conclude_ended(self) -> None:
        """Record the end of what has ended; waits for that no longer than something else becomes due."""
        going = [*self._tasks, *self._schedules]
        until_next = max(0.0, min(map(self._seconds_to, self._due_at))) if self._due_at else None
        ended = queues.end_together(going, until_next)
        for future in [future for future in self._schedules if future in ended]:
            self._end({self._schedules.pop(future): future.exception() or future.result()})
        runs = [(*self._tasks.pop(future), future.result()) for future in list(self._tasks) if future in ended]
        outcomes = running.conclude([(run.task, came_of_it) for _, run, came_of_it in runs]) if runs else []
        if self._admission:
            self._admission.ended([(run.task, run.permit, came_of_it) for _, run, came_of_it in runs])
        self._end({place: outcome for (place, _, _), outcome in zip(runs, outcomes, strict=True)})

    def _end(self, outcomes: Mapping[int, Outcome]) -> None:
        self.outcomes.update(outcomes)
        for place in outcomes:
            self._due_at.pop(place, None)

    def _seconds_to(self, place: int) -> float:
        return (self._due_at[place] - clock.now()).total_seconds()
