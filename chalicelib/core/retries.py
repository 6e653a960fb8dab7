"""The retry settings, one row each: how often something is attempted, and how long the pauses between attempts are.

The `Retry` blocks of the state machines, the queues' redrive policies and the AWS clients are made from these rows.
"""

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class RetrySetting:
    """A row. `max_attempts` counts the first attempt too; 0 where another bound applies. `max_crashes` bounds the
    attempts whose process died (later_work.py). `jitter` is the range of the random factor of a pause.
    """

    max_attempts: int = 0
    base_seconds: float = 0.0
    max_seconds: float = 0.0
    jitter: tuple[float, float] = (1.0, 1.0)
    max_crashes: int = 0

    def random_factor(self) -> float:
        """Return a random factor out of `jitter`."""
        return random.uniform(*self.jitter)

    def backoff(self, attempt: int, factor: float = 1.0) -> float:
        """Return the seconds to wait after attempt number `attempt`, the first being 1: base, 2 base, 4 base, ...
        times `factor`, at most `max_seconds`.
        """
        return float(min(self.max_seconds, self.base_seconds * 2 ** min(attempt - 1, 30) * factor))

    def random_backoff(self, attempt: int) -> float:
        """Return the backoff times a random factor, which is at most 1 where this is used."""
        return self.random_factor() * self.backoff(attempt)


# Calls of AWS
AWS_CALL = RetrySetting(max_attempts=5)  # with the pauses of botocore
OPERATOR_CALL = RetrySetting(max_attempts=15)  # of a command that takes minutes anyway
LAMBDA_CALL = RetrySetting(max_attempts=1)
DYNAMODB_CALL = RetrySetting(max_attempts=4)  # with the pauses of botocore at most 19 s
DYNAMODB_CONTENTION = RetrySetting(12, 0.02, 0.3, (0.2, 1))  # another writer has the item
DYNAMODB_LOST_ANSWER = RetrySetting(3, 0.02, 0.3, (0.2, 1))  # it is unknown whether the call was carried out
DYNAMODB_THROTTLING = RetrySetting(0, 0.02, 2.0, (0.2, 1))  # until THROTTLING_SECONDS are over
THROTTLING_SECONDS = 10.0

# Use cases
USE_CASE = RetrySetting(12, 0.01, 0.3, (0, 1))  # what it has read was changed before it wrote
INCONSISTENT_READ = RetrySetting(5, 0.01, 0.3, (0, 1))  # a subscription and its key were read while they changed
WRONG_PASSWORD = RetrySetting(0, 1, 900)  # after the guesses without a pause

# Work that is done later
QUEUE_MESSAGE = RetrySetting(5, 60, 900)  # the pauses: of `react`; elsewhere the visibility timeout of the queue
BACKGROUND_TASK = RetrySetting(0, 30, 30, max_crashes=5)  # AWS or other writers refuse its writes
DEFERRED_TASK = RetrySetting(3, 1, 300, (0.5, 1.5), max_crashes=5)  # `max_attempts` where the task names none
DEFERRED_TASK_CONTENTION = RetrySetting(0, 5, 5)  # is no attempt
LONG_TASK = RetrySetting(max_crashes=10)
REPORT_SAGA = RetrySetting(max_crashes=5)  # of one step
WEBHOOK_DELIVERY = RetrySetting(4, 1, 60, (0.5, 1.5))  # `max_attempts` where the subscription names no `retry_count`
WEBHOOK_POSTPONEMENT = RetrySetting(0, 8, 60, (0, 1))  # the circuit of the host is open: is no attempt

# Tasks of the state machines, with full jitter
STATE_MACHINE_TASK = RetrySetting(4, 1, 10, (0, 1))
STATE_MACHINE_UNDO = RetrySetting(6, 1, 10, (0, 1))
STATE_MACHINE_THROTTLE = RetrySetting(9, 5, 120, (0, 1))  # errors of Lambda itself, and lists that are being filled
