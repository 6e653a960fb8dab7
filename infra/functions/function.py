"""What an entry of the table is, and the words its sources are told in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from infra.names import Json, arn_of
from infra.rights import Statement


@dataclass(frozen=True)
class Function:
    """What the template says about one function beside its code."""

    memory: int
    timeout: int
    statements: list[Statement]
    events: Json = field(default_factory=dict)


Makers = Mapping[str, Callable[[], Function]]


def from_queue(queue: str, *, batch: int, concurrency: int) -> Json:
    """Messages of a queue start the function; those that fail come again, alone."""
    source = {
        "Queue": arn_of(queue),
        "BatchSize": batch,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": {"MaximumConcurrency": concurrency},
    }
    return {queue: {"Type": "SQS", "Properties": source}}


def every(rate: str) -> Json:
    """A schedule starts the function, e.g. `every("5 minutes")`."""
    return {"Schedule": {"Type": "Schedule", "Properties": {"Schedule": f"rate({rate})"}}}
