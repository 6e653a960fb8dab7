"""An entry of the function table, and functions that describe its event sources."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from infra.names import Json, arn_of
from infra.rights import Statement


@dataclass(frozen=True)
class Function:
    """The properties of one function in the template, without its code."""

    memory: int
    timeout: int
    statements: list[Statement]
    events: Json = field(default_factory=dict)


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
    return {"Schedule": {"Type": "Schedule", "Properties": {"Schedule": f"rate({rate})"}}}
