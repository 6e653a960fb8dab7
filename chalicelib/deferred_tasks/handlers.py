"""The Lambda function that runs deferred tasks when they are due."""

import time
from collections.abc import Mapping
from typing import Any

from chalicelib.core import clock, logs, queues
from chalicelib.deferred_tasks import dispatch, firing, running

THREADS = 10  # a whole SQS batch: a slow callback does not hold up the others
PATIENCE = 1.5  # seconds that are waited for here: the delay of a queue is counted in whole ones


def work(queue_event: Mapping[str, Any]) -> dict[str, Any]:
    """Messages of the queue `deferred`; the answer names those to be delivered again."""
    answer, outcomes = queues.work_off(queue_event, _handle, THREADS)
    logs.note(**{outcome: outcomes.count(outcome) for outcome in sorted(set(outcomes))})
    return answer


def _handle(message: dict[str, Any]) -> str:
    """Do what a message says is due; one that comes early waits here for a moment, or in the queue for longer."""
    due_at = clock.from_text(message.pop("due"))
    early = (due_at - clock.now()).total_seconds()
    if early > PATIENCE:
        dispatch.wake([(message, due_at)])
        return "early"
    if early > 0:
        time.sleep(early)
    if "schedule" in message:
        return firing.fire(message["schedule"])
    return running.run(message["task"])
