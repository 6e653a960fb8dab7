"""An entry of the function table, and functions that describe its event sources."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from infra.names import Json, arn_of
from infra.rights import Statement

TICK_SECONDS = 60  # after which a call by a schedule is given up: the next one does its work. The least that AWS takes


@dataclass(frozen=True)
class Function:
    """The properties of one function in the template, without its code."""

    memory: int
    timeout: int
    statements: list[Statement]
    events: Json = field(default_factory=dict)
    sends_to_itself: bool = False
    """Its messages start it again, directly or by another function: Lambda ends such a chain after 16 calls, unless it
    is told that the loop is meant (https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html).
    """

    @property
    def is_scheduled(self) -> bool:
        """Whether a schedule starts it."""
        return any(event["Type"] == "Schedule" for event in self.events.values())


Makers = Mapping[str, Callable[[], Function]]


def from_queue(queue: str, *, batch: int, concurrency: int) -> Json:
    """Start the function by messages of a queue; only failed messages are delivered again."""
    source = {
        "Queue": arn_of(queue),
        "BatchSize": batch,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": {"MaximumConcurrency": concurrency},
    }
    return {queue: {"Type": "SQS", "Properties": source}}


def every(rate: str) -> Json:
    """Start the function by a schedule, e.g. `every("5 minutes")`."""
    retry = {"MaximumEventAgeInSeconds": TICK_SECONDS, "MaximumRetryAttempts": 2}
    return {"Schedule": {"Type": "Schedule", "Properties": {"Schedule": f"rate({rate})", "RetryPolicy": retry}}}
