"""The consumer of the queue `react`: calls the listeners of events (wiring/listeners.py).

A message whose listener fails is delivered again alone, after a pause; after five attempts it is moved to the dead
letter queue.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from chalicelib.core import queues
from chalicelib.core.logs import log

Listener = Callable[[dict[str, Any]], Any]


def handle(queue_event: dict[str, Any], listeners: Mapping[str, Sequence[Listener]]) -> dict[str, Any]:
    """Call the listeners of each message of an SQS batch; returns the messages to be delivered again."""
    # imported here because it takes 140 ms, which other functions do not need
    from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType

    def process(record: Any) -> None:
        detail = json.loads(record["body"])["detail"]
        for event in detail["events"]:
            for listener in listeners.get(detail["event"], ()):
                listener(event["data"])

    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    with processor(queue_event["Records"], process):
        processor.process()
    response: dict[str, Any] = dict(processor.response())
    for (_, failure, _), one in zip(processor.exceptions, response["batchItemFailures"], strict=True):
        log.error("a listener failed", exc_info=failure, extra={"message_id": one["itemIdentifier"]})
    failed = {one["itemIdentifier"] for one in response["batchItemFailures"]}
    for record in queue_event["Records"]:
        if record["messageId"] in failed:
            queues.deliver_again_soon(record)
    return response
